// What the tools have in common: they open a store beside a running broker, or keep brokers out while they change it.
using Godwit.Broker.Storage;
using Godwit.Storage.Opening;
using Godwit.Storage.Sqlite;

namespace Godwit.Storage.Tools;

internal static class StoreFile
{
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The database file of a directory.</summary>
    /// <exception cref="StoreException">There is none.</exception>
    public static string In(string directory)
    {
        string file = Path.Combine(directory, SqliteStoreOptions.FileName);
        return File.Exists(file) ? file : throw new StoreException(StoreFailure.Unavailable, $"There is no store in {directory}: it has no file {SqliteStoreOptions.FileName}.");
    }

    /// <summary>Opens a store to read it; a broker may be running.</summary>
    /// <exception cref="StoreException">It cannot be read, is no store or of a newer version.</exception>
    public static SqliteDatabase OpenToRead(string file) => Open(file, SqliteAccess.Read);

    /// <summary>Opens a store to change it; the lock must have been taken.</summary>
    public static SqliteDatabase OpenToChange(string file) => Open(file, SqliteAccess.ReadWrite);

    private static SqliteDatabase Open(string file, SqliteAccess access)
    {
        var database = new SqliteDatabase(file, access);
        try
        {
            database.SetBusyTimeout(BusyTimeout);
            StoreCheck.Version(database, new SqliteStoreOptions { Directory = "" }.Migrations.Count);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }
}
