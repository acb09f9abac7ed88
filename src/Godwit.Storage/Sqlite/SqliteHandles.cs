using System.Runtime.InteropServices;

namespace Godwit.Storage.Sqlite;

/// <summary>A connection of SQLite's. Closed late if statements are still there (<c>sqlite3_close_v2</c>).</summary>
internal sealed class SqliteDatabaseHandle : SafeHandle
{
    public SqliteDatabaseHandle(nint handle) : base(0, ownsHandle: true) => SetHandle(handle);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => NativeMethods.Close(handle) == ResultCode.Ok;
}

/// <summary>A prepared statement of SQLite's.</summary>
internal sealed class SqliteStatementHandle : SafeHandle
{
    public SqliteStatementHandle(nint handle) : base(0, ownsHandle: true) => SetHandle(handle);

    public override bool IsInvalid => handle == 0;

    // The result repeats the statement's last error, which somebody has been told already.
    protected override bool ReleaseHandle()
    {
        _ = NativeMethods.Finalize(handle);
        return true;
    }
}
