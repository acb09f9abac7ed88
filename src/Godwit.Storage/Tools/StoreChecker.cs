using Godwit.Storage.Opening;
using Godwit.Storage.Schema;
using Godwit.Storage.Sqlite;

namespace Godwit.Storage.Tools;

/// <summary>What a check has found.</summary>
/// <param name="File">The database file.</param>
/// <param name="Version">The version of its schema.</param>
/// <param name="Problems">What is wrong, a sentence each; empty if nothing is.</param>
public sealed record StoreCheckResult(string File, long Version, IReadOnlyList<string> Problems);

/// <summary><c>godwit store check</c>: looks at every page and at what must hold between the tables. A broker may be running.</summary>
public static class StoreChecker
{
    /// <summary>Checks a directory's store. If something is wrong, the broker's next start looks at all of it and saves what can be read.</summary>
    /// <exception cref="Godwit.Broker.Storage.StoreException">There is none, or nothing of it can be read.</exception>
    public static StoreCheckResult Check(string directory)
    {
        string file = StoreFile.In(directory);
        using SqliteDatabase database = StoreFile.OpenToRead(file);
        database.Execute("BEGIN");
        List<string> problems = database.QueryTexts("PRAGMA integrity_check");
        problems.Remove("ok");
        // Rows on pages that are damaged tell nothing about each other.
        if (problems.Count == 0) problems.AddRange(StoreConsistency.Check(database));
        long version = database.QueryInteger("PRAGMA user_version") ?? 0;
        database.Execute("ROLLBACK");
        if (problems.Count > 0) SuspicionMark.Set(directory);
        return new StoreCheckResult(file, version, problems);
    }
}
