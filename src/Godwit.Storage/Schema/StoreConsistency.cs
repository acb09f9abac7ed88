// What must hold between the tables. Every transaction of the broker keeps it; only damage, or somebody's own SQL, can break it.
using Godwit.Storage.Sqlite;

namespace Godwit.Storage.Schema;

internal static class StoreConsistency
{
    private const string HasSession = "queue IN (SELECT queue FROM session)";
    private const string IsShared = "queue IN (SELECT queue FROM shared_queue)";
    private const string HasEnded = "queue IN (SELECT queue FROM ended_queue)";

    // What is wrong with rows (with the number in place of {0}), their table, and how they are told.
    private static (string Problem, string Table, string Condition)[] RulesFor(SqliteDatabase database) =>
    [
        ("{0} subscriptions belong to no session", "subscription", $"NOT ({HasSession})"),
        ("{0} packet identifiers belong to no session", "received", $"NOT ({HasSession})"),
        ("{0} wills belong to no session", "will", $"NOT ({HasSession})"),
        ("{0} places in queues belong to no session and no shared subscription", "delivery",
            $"NOT ({HasSession} OR {IsShared}{(StoreSchema.TablesOf(database).Contains("ended_queue") ? $" OR {HasEnded}" : "")})"),
        ("{0} places in queues have lost their message", "delivery", "message IS NOT NULL AND NOT EXISTS (SELECT 1 FROM message m WHERE m.id = delivery.message)"),
        ("{0} messages stand in no queue", "message", "id NOT IN (SELECT message FROM delivery WHERE message IS NOT NULL)"),
    ];

    private const string Counted = "SELECT message, count(*) AS count FROM delivery WHERE message IS NOT NULL GROUP BY message HAVING count(*) > 1";

    /// <summary>What is wrong, a sentence each.</summary>
    public static IReadOnlyList<string> Check(SqliteDatabase database)
    {
        var problems = new List<string>();
        foreach ((string problem, string table, string condition) in RulesFor(database))
            AddIfAny(problems, problem, database.QueryInteger($"SELECT count(*) FROM {table} WHERE {condition}") ?? 0);
        AddIfAny(problems, "{0} messages have a wrong count of references", database.QueryInteger(
            $"SELECT (SELECT count(*) FROM (SELECT message, count FROM message_references EXCEPT {Counted})) + (SELECT count(*) FROM ({Counted} EXCEPT SELECT message, count FROM message_references))") ?? 0);
        return problems;
    }

    /// <summary>Removes what has lost its other half and counts references anew.</summary>
    /// <returns>What was removed, a sentence each.</returns>
    public static IReadOnlyList<string> Repair(SqliteDatabase database)
    {
        var removed = new List<string>();
        foreach ((string problem, string table, string condition) in RulesFor(database))
        {
            using SqliteStatement delete = database.Prepare($"DELETE FROM {table} WHERE {condition}");
            AddIfAny(removed, problem, delete.RunCounting());
        }
        database.Execute($"DELETE FROM message_references; INSERT INTO message_references {Counted}");
        return removed;
    }

    private static void AddIfAny(List<string> list, string problem, long count)
    {
        if (count > 0) list.Add(string.Format(null, problem, count));
    }
}
