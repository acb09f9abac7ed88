// One connection to one file. Used by one thread at a time.
using System.Runtime.InteropServices;
using System.Text;
using Godwit.Broker.Storage;

namespace Godwit.Storage.Sqlite;

/// <summary>How a file is opened.</summary>
internal enum SqliteAccess
{
    Read = 0x1,
    ReadWrite = 0x2,
    Create = 0x2 | 0x4,
}

/// <summary>How much a checkpoint does; the values are SQLite's.</summary>
internal enum CheckpointMode
{
    /// <summary>What can be done without waiting for anybody.</summary>
    Passive = 0,

    /// <summary>All of it, and the log becomes empty.</summary>
    Truncate = 3,
}

internal sealed unsafe class SqliteDatabase : IDisposable
{
    private const int NoMutex = 0x8000;
    private const uint PreparePersistent = 1;

    private readonly SqliteDatabaseHandle _handle;
    private readonly List<SqliteStatement> _statements = [];

    // In native memory, because SQLite writes to it at each commit.
    private int* _logPages;

    /// <summary>Opens a file.</summary>
    /// <param name="file">The path.</param>
    /// <param name="access">For what.</param>
    /// <param name="vfs">SQLite's file layer by name; null for the system's own.</param>
    /// <exception cref="StoreException">It cannot be opened. That the content is not a database shows only when it is read.</exception>
    public SqliteDatabase(string file, SqliteAccess access, string? vfs = null)
    {
        NativeMethods.EnsureAvailable();
        File = file;
        int code = NativeMethods.Open(file, out nint database, (int)access | NoMutex, vfs);
        _handle = new SqliteDatabaseHandle(database);
        Native = database;
        if (code != ResultCode.Ok)
        {
            Exception failure = SqliteErrors.Create(code, database, file);
            Dispose();
            throw failure;
        }
        _ = NativeMethods.UseExtendedCodes(database, 1);
    }

    /// <summary>The path.</summary>
    public string File { get; }

    /// <summary>How many rows the latest statement has written or removed.</summary>
    public int Changes => NativeMethods.Changes(Native);

    /// <summary>Whether a transaction is open.</summary>
    public bool IsInTransaction => NativeMethods.IsOutsideTransaction(Native) == 0;

    /// <summary>Pages in the log after the latest commit of this connection; counted since <see cref="WatchLog"/>.</summary>
    public int LogPages => _logPages is null ? 0 : *_logPages;

    /// <summary>Is called once damage has been found, before the exception is thrown.</summary>
    public Action? DamageFound { get; set; }

    internal nint Native { get; }

    /// <summary>How long to wait for another program's lock before it is an error.</summary>
    public void SetBusyTimeout(TimeSpan time) => Check(NativeMethods.SetBusyTimeout(Native, (int)time.TotalMilliseconds));

    /// <summary>Runs one or several statements whose results nobody wants.</summary>
    public void Execute(string sql) => Check(NativeMethods.Execute(Native, sql, 0, 0, 0));

    /// <summary>Prepares a statement; it lives as long as the connection unless it is disposed of earlier.</summary>
    public SqliteStatement Prepare(string sql)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(sql);
        fixed (byte* text = bytes)
        {
            Check(NativeMethods.Prepare(Native, text, bytes.Length, PreparePersistent, out nint statement, 0));
            var prepared = new SqliteStatement(this, statement);
            _statements.Add(prepared);
            return prepared;
        }
    }

    /// <summary>The integer in the first column of the first row; null if there is no row or it is NULL.</summary>
    public long? QueryInteger(string sql)
    {
        using SqliteStatement statement = Prepare(sql);
        return statement.Step() ? statement.NullableInteger(0) : null;
    }

    /// <summary>The text in the first column of each row.</summary>
    public List<string> QueryTexts(string sql)
    {
        using SqliteStatement statement = Prepare(sql);
        var texts = new List<string>();
        while (statement.Step()) texts.Add(Encoding.UTF8.GetString(statement.Text(0)));
        return texts;
    }

    /// <summary>Counts the log's pages instead of bringing them into the database file by SQLite's own rule.</summary>
    public void WatchLog()
    {
        _logPages = (int*)NativeMemory.AllocZeroed(sizeof(int));
        _ = NativeMethods.SetLogHook(Native, &OnCommitted, (nint)_logPages);
    }

    /// <summary>Brings pages from the log into the database file.</summary>
    /// <returns>How many pages the log has and how many of them have been brought over; both 0 if it is empty.</returns>
    public (int LogPages, int Done) Checkpoint(CheckpointMode mode)
    {
        int code = NativeMethods.Checkpoint(Native, 0, (int)mode, out int frames, out int done);
        // Busy is an answer: somebody is at it already, or reads an old state.
        if (ResultCode.Primary(code) is not (ResultCode.Busy or ResultCode.Locked)) Check(code);
        return (Math.Max(frames, 0), Math.Max(done, 0));
    }

    /// <summary>Copies the whole database into another one, page by page, as it is now: what is written meanwhile is not in it.</summary>
    /// <param name="target">An empty database.</param>
    /// <param name="progress">Is told from 0 to 1.</param>
    /// <param name="stop">Ends it early.</param>
    public void CopyTo(SqliteDatabase target, Action<double>? progress, CancellationToken stop)
    {
        const int pagesAtATime = 1024;
        // The transaction keeps the state; without it the copy would begin anew whenever the broker commits.
        Execute("BEGIN");
        try
        {
            _ = QueryInteger("SELECT count(*) FROM sqlite_schema");
            fixed (byte* main = "main\0"u8)
            {
                nint backup = NativeMethods.BackupInit(target.Native, main, Native, main);
                if (backup == 0) throw target.CreateError(NativeMethods.ExtendedErrorCode(target.Native));
                int code;
                do
                {
                    code = NativeMethods.BackupStep(backup, pagesAtATime);
                    progress?.Invoke(1 - ((double)NativeMethods.BackupRemaining(backup) / Math.Max(NativeMethods.BackupPageCount(backup), 1)));
                }
                while (code == ResultCode.Ok && !stop.IsCancellationRequested);
                // What this answers repeats the error of the step.
                _ = NativeMethods.BackupFinish(backup);
                stop.ThrowIfCancellationRequested();
                target.Check(code);
            }
        }
        finally
        {
            Execute("ROLLBACK");
        }
    }

    /// <summary>Throws if a result code is an error.</summary>
    public void Check(int code)
    {
        if (code is ResultCode.Ok or ResultCode.Row or ResultCode.Done) return;
        throw CreateError(code);
    }

    public void Dispose()
    {
        foreach (SqliteStatement statement in _statements.ToArray()) statement.Dispose();
        _handle.Dispose();
        NativeMemory.Free(_logPages);
        _logPages = null;
    }

    /// <summary>The exception for a result code, while the connection still knows more about it.</summary>
    internal Exception CreateError(int code)
    {
        Exception error = SqliteErrors.Create(code, Native, File);
        if (error is StoreException { Failure: StoreFailure.Damaged }) DamageFound?.Invoke();
        return error;
    }

    internal void Forget(SqliteStatement statement) => _statements.Remove(statement);

    [UnmanagedCallersOnly]
    private static int OnCommitted(nint logPages, nint database, byte* schema, int pages)
    {
        *(int*)logPages = pages;
        return ResultCode.Ok;
    }
}
