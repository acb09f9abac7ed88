// Opens a directory's store.
using Godwit.Broker.Storage;
using Godwit.Storage.Schema;
using Godwit.Storage.Sqlite;

namespace Godwit.Storage.Opening;

internal static class StoreOpener
{
    // How long another program's lock (an sqlite3 shell, for example) may hold the writer up.
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(2);

    /// <inheritdoc cref="SqliteStore.Open"/>
    public static SqliteStore Open(SqliteStoreOptions options, out StoreOpenReport report)
    {
        CreateDirectory(options.Directory);
        StoreLock storeLock = StoreLock.Take(options.Directory);
        SqliteDatabase? database = null;
        try
        {
            database = new SqliteDatabase(options.FilePath, SqliteAccess.Create, options.Vfs);
            database.SetBusyTimeout(BusyTimeout);
            report = Prepare(database, options);
            return new SqliteStore(storeLock, database, options);
        }
        catch
        {
            database?.Dispose();
            storeLock.Dispose();
            throw;
        }
    }

    private static StoreOpenReport Prepare(SqliteDatabase database, SqliteStoreOptions options)
    {
        // secure_delete would overwrite every message that has been delivered with zeros: Debian's SQLite does that unless told not to.
        database.Execute($"PRAGMA cache_size={-(options.CacheBytes / 1024)}; PRAGMA secure_delete=OFF; PRAGMA temp_store=MEMORY;");
        var report = new StoreOpenReport();
        long version = database.QueryInteger("PRAGMA user_version") ?? 0;
        if (database.QueryInteger("SELECT count(*) FROM sqlite_schema") == 0)
        {
            StoreSchema.Create(database, options.Migrations);
            report = report with { IsNew = true };
        }
        else if (version < options.Migrations.Count)
        {
            StoreSchema.Migrate(database, (int)version, options.Migrations);
            report = report with { MigratedFrom = (int)version };
        }
        return report;
    }

    private static void CreateDirectory(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFailure.Unavailable, $"The directory {directory} cannot be made: {failed.Message}", failed);
        }
    }
}
