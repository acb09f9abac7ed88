// Commits, and the log that they go to (SQLite's write-ahead log).
//
// A synced commit is one fdatasync of the log (synchronous=FULL), which brings all unsynced ones before it to the disk too; one that is not
// only writes to the operating system (NORMAL).
//
// Beyond a limit the log is brought into the database file. That can be many pages and two waits for the disk, so a thread of its own does it
// while the writer goes on. The log begins anew only when all of it has been brought over and somebody commits then: what has come
// meanwhile is small, and the writer brings it over itself.
using Godwit.Broker.Storage;
using Godwit.Storage.Schema;
using Godwit.Storage.Sqlite;

namespace Godwit.Storage;

internal sealed class StoreLog : IDisposable
{
    // The writer brings over itself what is not more than this part of the limit.
    private const int RestPart = 4;

    // After an order it looks again when the log has grown by this part of the limit.
    private const int LookPart = 16;

    // The log may have so many times the limit while the disk is slow.
    private const int HighestLog = 4;

    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _commit;
    private readonly int _limit;
    private readonly LogWriter? _background;

    private bool _isSyncing;
    private int _nextLook;

    // Pages that the log had at the latest order since it began anew; 0 if there was none.
    private int _ordered;

    public StoreLog(SqliteDatabase database, SqliteStoreOptions options)
    {
        _database = database;
        _commit = database.Prepare("COMMIT");
        _limit = (int)Math.Max(options.LogBytes / StoreSchema.PageSize, 1);
        _nextLook = _limit;
        _database.WatchLog();
        SetSyncing(true);
        if (options.CheckpointsInBackground) _background = new LogWriter(options.FilePath);
    }

    /// <summary>Before a transaction: whether its commit is to wait for the disk.</summary>
    public void Prepare(bool isSynced)
    {
        if (isSynced != _isSyncing) SetSyncing(isSynced);
    }

    /// <summary>Ends the transaction.</summary>
    public void Commit()
    {
        _commit.Run();
        KeepBounded();
    }

    /// <summary>Brings the whole log over.</summary>
    public void Dispose()
    {
        _background?.Dispose();
        TryCheckpoint(CheckpointMode.Truncate);
    }

    private void SetSyncing(bool isSyncing)
    {
        _database.Execute(isSyncing ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
        _isSyncing = isSyncing;
    }

    private void KeepBounded()
    {
        int pages = _database.LogPages;
        if (pages < _limit)
        {
            _nextLook = _limit;
            _ordered = 0;
        }
        if (pages < _nextLook) return;
        if (_background is null)
        {
            TryCheckpoint(CheckpointMode.Passive);
            _nextLook = pages + (_limit / RestPart) + 1;
            return;
        }

        if (!_background.IsIdle)
        {
            if (pages < HighestLog * _limit) return;
            // The disk cannot keep up, so the writer has to wait for it.
            _background.Wait();
        }
        if (_ordered > 0 && _background.Done < _ordered)
        {
            // Somebody reads an old state (a backup), and the log has to keep it: nothing can be done until that has ended.
            _nextLook = pages + _limit;
        }
        else if (_ordered > 0 && pages - _background.Done <= _limit / RestPart)
        {
            TryCheckpoint(CheckpointMode.Passive);
            _ordered = 0;
            _nextLook = pages + _limit;
            return;
        }
        else
        {
            _nextLook = pages + (_limit / LookPart) + 1;
        }
        _ordered = pages;
        _background.Start();
    }

    // The transaction has been committed whatever becomes of this; the log is as good a place as the database file, and it is tried again.
    private void TryCheckpoint(CheckpointMode mode)
    {
        try
        {
            _database.Checkpoint(mode);
        }
        catch (StoreException)
        {
        }
    }
}
