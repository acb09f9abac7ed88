// What is looked at when a store is opened. A start must not take minutes because a queue is long: every page that the start reads anyway is
// checked, and the bodies of messages only if there is a reason to (SuspicionMark) or the file is small.
using System.Buffers.Binary;
using Godwit.Broker.Storage;
using Godwit.Storage.Schema;
using Godwit.Storage.Sqlite;

namespace Godwit.Storage.Opening;

internal static class StoreCheck
{
    // A second for each GiB in the system's cache.
    private const long SmallFile = 512 << 20;

    private const int LogHeaderSize = 32;

    // Big and small endian checksums: the last bit tells.
    private const uint LogMagic = 0x377F0682;

    /// <summary>
    /// A log whose beginning is garbage is empty for SQLite, without a word; what was in it is lost, and what had been brought over of it
    /// in part may not fit together.
    /// </summary>
    /// <exception cref="StoreException">It is garbage.</exception>
    public static void LogHeader(string file)
    {
        string log = file + "-wal";
        if (!File.Exists(log)) return;
        using var stream = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Span<byte> header = stackalloc byte[LogHeaderSize];
        // A log that has just been made may be shorter.
        if (stream.ReadAtLeast(header, LogHeaderSize, throwOnEndOfStream: false) < LogHeaderSize) return;
        if ((BinaryPrimitives.ReadUInt32BigEndian(header) & ~1u) != LogMagic)
            throw new StoreException(StoreFailure.Damaged, $"the beginning of its log {Path.GetFileName(log)} is garbage");
    }

    /// <summary>The version of a store.</summary>
    /// <exception cref="StoreException">It is newer than this program, or the file is another program's database.</exception>
    public static long Version(SqliteDatabase database, int newest)
    {
        if (database.QueryInteger("PRAGMA application_id") != StoreSchema.ApplicationId &&
            database.QueryInteger("SELECT count(*) FROM sqlite_schema WHERE name IN ('session', 'delivery')") != 2)
        {
            throw new StoreException(StoreFailure.Unavailable,
                $"{database.File} is a SQLite database, but not Godwit's: its tables are {string.Join(", ", database.QueryTexts("SELECT name FROM sqlite_schema WHERE type = 'table'"))}. " +
                "Choose another directory, or move that file.");
        }
        long version = database.QueryInteger("PRAGMA user_version") ?? 0;
        if (version > newest)
        {
            throw new StoreException(StoreFailure.TooNew,
                $"The store {database.File} has version {version}, and this godwit knows versions up to {newest}. " +
                "It has been written by a newer godwit: use that one, or choose another directory.");
        }
        return version;
    }

    /// <summary>Looks at pages and rows.</summary>
    /// <exception cref="StoreException">They are damaged.</exception>
    public static void Content(SqliteDatabase database, bool isThorough)
    {
        bool withBodies = isThorough || database.QueryInteger("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size") <= SmallFile;
        foreach (string table in StoreSchema.TablesOf(database).Where(table => withBodies || table != "message"))
        {
            string result = database.QueryTexts($"PRAGMA quick_check('{table}')").FirstOrDefault("ok");
            if (result != "ok") throw new StoreException(StoreFailure.Damaged, $"table {table}: {result}");
        }
        if (isThorough && StoreConsistency.Check(database) is [{ } problem, ..]) throw new StoreException(StoreFailure.Damaged, problem);
    }
}
