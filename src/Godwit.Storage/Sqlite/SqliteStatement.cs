// A prepared statement. Spans are bound without a copy: SQLite reads them during Step only, so the caller pins them until then, and every
// parameter is bound anew before the next Step.
namespace Godwit.Storage.Sqlite;

internal sealed unsafe class SqliteStatement : IDisposable
{
    private const int TypeNull = 5;
    private const nint MakeCopy = -1; // SQLITE_TRANSIENT

    private readonly SqliteDatabase _database;
    private readonly SqliteStatementHandle _handle;
    private readonly nint _statement;

    public SqliteStatement(SqliteDatabase database, nint statement)
    {
        _database = database;
        _handle = new SqliteStatementHandle(statement);
        _statement = statement;
    }

    /// <summary>Binds an integer. Parameters and columns of SQLite: parameters count from 1, columns from 0.</summary>
    public void Bind(int index, long value) => Checked(NativeMethods.BindInteger(_statement, index, value));

    /// <summary>Binds an integer or NULL.</summary>
    public void Bind(int index, long? value)
    {
        if (value is { } number) Bind(index, number);
        else BindNull(index);
    }

    public void BindNull(int index) => Checked(NativeMethods.BindNull(_statement, index));

    /// <summary>Binds bytes that stay where they are until the step is over.</summary>
    public void BindBlob(int index, byte* value, int length) => Checked(NativeMethods.BindBlob(_statement, index, NotNull(value), length, 0));

    /// <summary>Binds UTF-8 that stays where it is until the step is over.</summary>
    public void BindText(int index, byte* value, int length) => Checked(NativeMethods.BindText(_statement, index, NotNull(value), length, 0));

    /// <summary>Binds bytes of which SQLite makes a copy.</summary>
    public void BindCopyOfBlob(int index, ReadOnlySpan<byte> value)
    {
        fixed (byte* start = value) Checked(NativeMethods.BindBlob(_statement, index, NotNull(start), value.Length, MakeCopy));
    }

    /// <summary>Binds UTF-8 of which SQLite makes a copy.</summary>
    public void BindCopyOfText(int index, ReadOnlySpan<byte> value)
    {
        fixed (byte* start = value) Checked(NativeMethods.BindText(_statement, index, NotNull(start), value.Length, MakeCopy));
    }

    /// <summary>Goes to the next row.</summary>
    /// <returns>False if there is none; the statement can be run again then.</returns>
    public bool Step()
    {
        int code = NativeMethods.Step(_statement);
        if (code == ResultCode.Row) return true;
        // The connection's error is read before the reset, which may overwrite it.
        Exception? failure = code == ResultCode.Done ? null : _database.CreateError(code);
        Reset();
        return failure is null ? false : throw failure;
    }

    /// <summary>Runs a statement that has no rows.</summary>
    public void Run()
    {
        if (Step()) Reset();
    }

    /// <summary>Runs a statement that writes.</summary>
    /// <returns>How many rows it has written or removed.</returns>
    public int RunCounting()
    {
        Run();
        return _database.Changes;
    }

    /// <summary>Ends a query before its last row.</summary>
    public void Reset() => _ = NativeMethods.Reset(_statement);

    public bool IsNull(int column) => NativeMethods.ColumnType(_statement, column) == TypeNull;

    public long Integer(int column) => NativeMethods.ColumnInteger(_statement, column);

    public long? NullableInteger(int column) => IsNull(column) ? null : Integer(column);

    /// <summary>Bytes of the current row; valid until the next step.</summary>
    public ReadOnlySpan<byte> Blob(int column)
    {
        byte* value = NativeMethods.ColumnBlob(_statement, column);
        return new ReadOnlySpan<byte>(value, NativeMethods.ColumnBytes(_statement, column));
    }

    /// <summary>UTF-8 of the current row; valid until the next step.</summary>
    public ReadOnlySpan<byte> Text(int column)
    {
        byte* value = NativeMethods.ColumnText(_statement, column);
        return new ReadOnlySpan<byte>(value, NativeMethods.ColumnBytes(_statement, column));
    }

    public void Dispose()
    {
        _handle.Dispose();
        _database.Forget(this);
    }

    // SQLite takes a null pointer for NULL, and an empty span's pointer is null. With length 0 nothing is read from where this points to.
    private static byte* NotNull(byte* value) => value is null ? (byte*)1 : value;

    private void Checked(int code)
    {
        if (code != ResultCode.Ok) _database.Check(code);
    }
}
