// Reads everything but the bodies of queued messages. Queues are counted from their rows: a scan of small rows in order, and no counter to
// be kept in step with them.
using System.Text;
using Godwit.Broker.Storage;
using Godwit.Storage.Sqlite;

namespace Godwit.Storage;

internal sealed class StoreLoader(SqliteDatabase database, MessageColumns messages)
{
    /// <summary>Tells a reader of everything.</summary>
    public StoreCounters Load(IStoreReader reader)
    {
        ReadSessions(reader);
        ReadSubscriptions(reader);
        ReadReceived(reader);
        ReadWills(reader);
        ReadSharedQueues(reader);
        ReadQueues(reader);
        ReadRetained(reader);
        return new StoreCounters(
            database.QueryInteger("SELECT max(queue) FROM (SELECT queue FROM session UNION ALL SELECT queue FROM shared_queue UNION ALL SELECT queue FROM ended_queue)") ?? 0,
            database.QueryInteger("SELECT max(id) FROM message") ?? 0);
    }

    private void ReadSessions(IStoreReader reader)
    {
        using SqliteStatement row = database.Prepare(
            "SELECT queue, client_id, user_name, expiry_interval, created_at, seen_at, is_connected, sent_sequence FROM session ORDER BY queue");
        while (row.Step())
        {
            reader.OnSession(new StoredSession(
                row.Integer(0), Encoding.UTF8.GetString(row.Text(1)), row.IsNull(2) ? null : Encoding.UTF8.GetString(row.Text(2)), (uint)row.Integer(3),
                row.Integer(4), row.Integer(5), row.Integer(6) != 0, row.Integer(7)));
        }
    }

    private void ReadSubscriptions(IStoreReader reader)
    {
        using SqliteStatement row = database.Prepare("SELECT queue, filter, options, identifier FROM subscription");
        while (row.Step()) reader.OnSubscription(row.Integer(0), row.Text(1), (byte)row.Integer(2), (uint)row.Integer(3));
    }

    private void ReadReceived(IStoreReader reader)
    {
        using SqliteStatement row = database.Prepare("SELECT queue, packet_id FROM received");
        while (row.Step()) reader.OnReceived(row.Integer(0), (ushort)row.Integer(1));
    }

    private void ReadWills(IStoreReader reader)
    {
        using SqliteStatement row = database.Prepare($"SELECT queue, delay_seconds, expiry_seconds, due_at, {MessageColumns.Names} FROM will");
        while (row.Step())
        {
            var will = new StoredWill((uint)row.Integer(1), (uint?)row.NullableInteger(2), row.NullableInteger(3));
            reader.OnWill(row.Integer(0), will, messages.Read(row, 4));
        }
    }

    private void ReadSharedQueues(IStoreReader reader)
    {
        using SqliteStatement row = database.Prepare("SELECT queue, share_name, filter FROM shared_queue");
        while (row.Step()) reader.OnSharedQueue(row.Integer(0), Encoding.UTF8.GetString(row.Text(1)), row.Text(2));
    }

    private void ReadQueues(IStoreReader reader)
    {
        // The rows are in the order of the queues already: nothing is sorted.
        using SqliteStatement row = database.Prepare("SELECT queue, count(*), sum(size), max(sequence) FROM delivery WHERE queue NOT IN (SELECT queue FROM ended_queue) GROUP BY queue");
        while (row.Step()) reader.OnQueue(new StoredQueue(row.Integer(0), row.Integer(1), row.Integer(2), row.Integer(3)));
    }

    private void ReadRetained(IStoreReader reader)
    {
        using SqliteStatement row = database.Prepare($"SELECT {MessageColumns.Names} FROM retained");
        while (row.Step()) reader.OnRetained(messages.Read(row, 0));
    }
}
