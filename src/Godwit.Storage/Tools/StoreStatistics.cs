using System.Text;
using Godwit.Storage.Sqlite;

namespace Godwit.Storage.Tools;

/// <summary>What a store holds, in numbers.</summary>
/// <param name="File">The database file.</param>
/// <param name="Version">The version of its schema.</param>
/// <param name="FileBytes">Bytes of the database file.</param>
/// <param name="LogBytes">Bytes of its log.</param>
/// <param name="FreeBytes">Bytes of the database file that hold nothing and will be used again; <c>godwit store compact</c> gives them back.</param>
/// <param name="Sessions">Sessions.</param>
/// <param name="ConnectedSessions">Those whose client is connected, or was when the broker died.</param>
/// <param name="Subscriptions">Subscriptions of all sessions.</param>
/// <param name="SharedQueues">Shared subscriptions with a queue.</param>
/// <param name="Queued">Places in all queues.</param>
/// <param name="QueuedBytes">What they count for in the queues' limits.</param>
/// <param name="Messages">Messages that stand in queues, each counted once.</param>
/// <param name="Received">QoS 2 messages whose PUBREL is missing.</param>
/// <param name="Wills">Wills.</param>
/// <param name="Retained">Retained messages.</param>
/// <param name="LongestQueues">The longest queues, the longest first; ten at most.</param>
public sealed record StoreStatistics(
    string File, long Version, long FileBytes, long LogBytes, long FreeBytes, long Sessions, long ConnectedSessions, long Subscriptions, long SharedQueues,
    long Queued, long QueuedBytes, long Messages, long Received, long Wills, long Retained, IReadOnlyList<QueueStatistics> LongestQueues)
{
    /// <summary>Reads a directory's store. A broker may be running.</summary>
    /// <exception cref="Godwit.Broker.Storage.StoreException">There is none, or it cannot be read.</exception>
    public static StoreStatistics Read(string directory)
    {
        string file = StoreFile.In(directory);
        using SqliteDatabase database = StoreFile.OpenToRead(file);
        database.Execute("BEGIN");
        long Query(string sql) => database.QueryInteger(sql) ?? 0;
        var log = new FileInfo(file + "-wal");
        return new StoreStatistics(
            file, Query("PRAGMA user_version"), new FileInfo(file).Length, log.Exists ? log.Length : 0,
            Query("SELECT freelist_count * page_size FROM pragma_freelist_count, pragma_page_size"),
            Query("SELECT count(*) FROM session"), Query("SELECT count(*) FROM session WHERE is_connected"), Query("SELECT count(*) FROM subscription"),
            Query("SELECT count(*) FROM shared_queue"), Query("SELECT count(*) FROM delivery"), Query("SELECT sum(size) FROM delivery"),
            Query("SELECT count(*) FROM message"), Query("SELECT count(*) FROM received"), Query("SELECT count(*) FROM will"),
            Query("SELECT count(*) FROM retained"), LongestOf(database));
    }

    private static List<QueueStatistics> LongestOf(SqliteDatabase database)
    {
        using SqliteStatement row = database.Prepare(
            """
            SELECT coalesce(s.client_id, '$share/' || q.share_name || '/' || q.filter, ''), d.queue, d.count, d.bytes
            FROM (SELECT queue, count(*) AS count, sum(size) AS bytes FROM delivery GROUP BY queue ORDER BY count DESC LIMIT 10) d
            LEFT JOIN session s ON s.queue = d.queue LEFT JOIN shared_queue q ON q.queue = d.queue
            ORDER BY d.count DESC, d.queue
            """);
        var queues = new List<QueueStatistics>();
        while (row.Step()) queues.Add(new QueueStatistics(Encoding.UTF8.GetString(row.Text(0)), row.Integer(1), row.Integer(2), row.Integer(3)));
        return queues;
    }
}

/// <summary>A queue in numbers.</summary>
/// <param name="Receiver">The client identifier, or the shared subscription.</param>
/// <param name="Queue">The queue's number.</param>
/// <param name="Count">Its places.</param>
/// <param name="Bytes">What they count for in its limits.</param>
public sealed record QueueStatistics(string Receiver, long Queue, long Count, long Bytes);
