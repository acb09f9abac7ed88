using Godwit.Storage.Schema;

namespace Godwit.Storage;

/// <summary>Where a store is and what it may use.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>The name of the database file in its directory.</summary>
    public const string FileName = "godwit.db";

    /// <summary>The directory; it is made if it is not there. One broker at a time uses it.</summary>
    public required string Directory { get; init; }

    /// <summary>Bytes of pages kept in memory. 64 MiB by default: the ends of some ten thousand queues, and no more however long the queues are.</summary>
    public long CacheBytes { get; init; } = 64 << 20;

    /// <summary>
    /// Bytes the log may have before it is brought into the database file. 64 MiB by default: large enough that a page that changes often is
    /// brought over once for many changes, small enough to be read in a fraction of a second after a crash. While the disk is too slow to
    /// keep up the log can be longer.
    /// </summary>
    public long LogBytes { get; init; } = 64 << 20;

    /// <summary>The database file's path.</summary>
    public string FilePath => Path.Combine(Directory, FileName);

    /// <summary>SQLite's file layer by name; null for the system's own. For tests that simulate the loss of power.</summary>
    internal string? Vfs { get; init; }

    /// <summary>Whether the log is brought over on a thread of its own. Off for tests that must repeat exactly.</summary>
    internal bool CheckpointsInBackground { get; init; } = true;

    /// <summary>The schema's versions. Tests have their own.</summary>
    internal IReadOnlyList<string> Migrations { get; init; } = StoreSchema.Migrations;
}
