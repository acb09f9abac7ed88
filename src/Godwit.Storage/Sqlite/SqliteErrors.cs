// From SQLite's result codes to what people and the broker need to know: what happened, why, and what to do.
using System.Runtime.InteropServices;
using Godwit.Broker.Storage;

namespace Godwit.Storage.Sqlite;

internal static class SqliteErrors
{
    private const int NoSpace = 28;     // ENOSPC
    private const int QuotaReached = 122; // EDQUOT

    /// <summary>The exception for a result code.</summary>
    /// <param name="code">The code, extended or not.</param>
    /// <param name="database">The connection, for SQLite's own words; 0 without one.</param>
    /// <param name="file">The store's file.</param>
    public static Exception Create(int code, nint database, string file)
    {
        string detail = Marshal.PtrToStringUTF8(database == 0 ? NativeMethods.ErrorText(code) : NativeMethods.ErrorMessage(database)) ?? "";
        int systemError = database == 0 ? 0 : NativeMethods.SystemError(database);
        int primary = ResultCode.Primary(code);
        // Some file systems find out late (the wal-index is grown by fallocate, for example): the system's own word for it is the better one.
        if (primary == ResultCode.InputOutput && systemError is NoSpace or QuotaReached) primary = ResultCode.Full;
        string why = $"SQLite says: {detail} (code {code}{(systemError == 0 ? "" : $", {Marshal.GetPInvokeErrorMessage(systemError)}")})";
        return primary switch
        {
            ResultCode.Full => new StoreException(StoreFailure.Full,
                $"There is no room left to write the store {file}. {why}. Free space on that file system; writing goes on by itself then."),
            ResultCode.InputOutput or ResultCode.NoMemory => new StoreException(StoreFailure.InputOutput,
                $"Reading or writing the store {file} failed. {why}. Look for errors of the disk in the system's log."),
            ResultCode.Busy or ResultCode.Locked or ResultCode.Protocol => new StoreException(StoreFailure.Busy,
                $"Another program holds the store {file} locked. {why}. End its transaction (an open sqlite3 shell, for example)."),
            ResultCode.Corrupt or ResultCode.NotADatabase or ResultCode.Format or ResultCode.Error or ResultCode.Schema or ResultCode.Constraint =>
                new StoreException(StoreFailure.Damaged,
                    $"The store {file} is damaged. {why}. At its next start the broker moves it aside and keeps what can be read of it.",
                    new InvalidDataException($"SQLite says: {detail} (code {code})")),
            ResultCode.CannotOpen or ResultCode.Permission or ResultCode.ReadOnly => new StoreException(StoreFailure.Unavailable,
                $"The store {file} cannot be opened for writing. {why}. Check that the directory exists and belongs to the user who runs the broker."),
            _ => new InvalidOperationException($"The store {file} was used wrongly. {why}."),
        };
    }
}
