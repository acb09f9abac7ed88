using Godwit.Broker.Storage;
using Godwit.Storage.Sqlite;

namespace Godwit.Storage;

/// <summary>Brings the log into the database file on a thread and a connection of its own, when told to.</summary>
internal sealed class LogWriter : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly Thread _thread;
    private readonly SemaphoreSlim _order = new(0);
    private readonly ManualResetEventSlim _idle = new(true);
    private volatile bool _isEnding;
    private volatile int _done;

    public LogWriter(string file)
    {
        _database = new SqliteDatabase(file, SqliteAccess.ReadWrite);
        // A connection finds out that there is a log when it reads for the first time; until then a checkpoint does nothing.
        _ = _database.QueryInteger("SELECT count(*) FROM sqlite_schema");
        _thread = new Thread(Run) { IsBackground = true, Name = "godwit-store-log" };
        _thread.Start();
    }

    /// <summary>Whether the last order has been carried out.</summary>
    public bool IsIdle => _idle.IsSet;

    /// <summary>How many of the log's pages had been brought over when the latest order had been carried out.</summary>
    public int Done => _done;

    /// <summary>Orders it to bring over what there is. It must be idle.</summary>
    public void Start()
    {
        _idle.Reset();
        _order.Release();
    }

    /// <summary>Waits until the order has been carried out.</summary>
    public void Wait() => _idle.Wait();

    public void Dispose()
    {
        _isEnding = true;
        _order.Release();
        _thread.Join();
        _database.Dispose();
        _order.Dispose();
        _idle.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _order.Wait();
            if (_isEnding) return;
            try
            {
                _done = _database.Checkpoint(CheckpointMode.Passive).Done;
            }
            catch (StoreException)
            {
                // The log keeps what it has; the writer orders again.
            }
            finally
            {
                _idle.Set();
            }
        }
    }
}
