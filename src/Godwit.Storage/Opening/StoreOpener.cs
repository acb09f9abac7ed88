// Opens a directory's store. What SQLite finds damaged is moved aside, and a new store is made of what can be read of it.
using Godwit.Broker.Storage;
using Godwit.Storage.Salvage;
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
            (database, report) = OpenOrSalvage(options);
            SuspicionMark.Clear(options.Directory);
            database.DamageFound = () => SuspicionMark.Set(options.Directory);
            return new SqliteStore(storeLock, database, options);
        }
        catch
        {
            database?.Dispose();
            storeLock.Dispose();
            throw;
        }
    }

    private static (SqliteDatabase Database, StoreOpenReport Report) OpenOrSalvage(SqliteStoreOptions options)
    {
        string reason;
        try
        {
            // SQLite takes an empty file for a new database, and throws its log away.
            if (options.Vfs is null && File.Exists(options.FilePath) && new FileInfo(options.FilePath).Length == 0)
                throw new StoreException(StoreFailure.Damaged, "the file is empty");
            return OpenSound(options);
        }
        catch (StoreException damaged) when (damaged.Failure == StoreFailure.Damaged)
        {
            reason = damaged.InnerException?.Message ?? damaged.Message;
        }

        string moved = DamagedStore.MoveAside(options.FilePath);
        (SqliteDatabase database, StoreOpenReport report) = OpenSound(options);
        try
        {
            return (database, report with { Damage = Salvager.Run(moved, database, reason) });
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private static (SqliteDatabase Database, StoreOpenReport Report) OpenSound(SqliteStoreOptions options)
    {
        StoreCheck.LogHeader(options.FilePath);
        var database = new SqliteDatabase(options.FilePath, SqliteAccess.Create, options.Vfs);
        try
        {
            database.SetBusyTimeout(BusyTimeout);
            // secure_delete would overwrite every message that has been delivered with zeros: Debian's SQLite does that unless told not to.
            database.Execute($"PRAGMA cache_size={-(options.CacheBytes / 1024)}; PRAGMA secure_delete=OFF; PRAGMA temp_store=MEMORY;" +
                // A log that has grown beside a long reading gives its room back.
                $"PRAGMA journal_size_limit={options.LogBytes};");
            if (database.QueryInteger("SELECT count(*) FROM sqlite_schema") == 0)
            {
                if (database.QueryInteger("PRAGMA page_count") > 1) throw new StoreException(StoreFailure.Damaged, "its table of contents is empty");
                StoreSchema.Create(database, options.Migrations);
                return (database, new StoreOpenReport(IsNew: true));
            }
            long version = StoreCheck.Version(database, options.Migrations.Count);
            int? migratedFrom = null;
            if (version < options.Migrations.Count)
            {
                StoreSchema.Migrate(database, (int)version, options.Migrations);
                migratedFrom = (int)version;
            }
            StoreCheck.Content(database, isThorough: SuspicionMark.IsSet(options.Directory));
            return (database, new StoreOpenReport(MigratedFrom: migratedFrom));
        }
        catch
        {
            database.Dispose();
            throw;
        }
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
