using System.Text;
using Godwit.Broker.Storage;
using Godwit.Protocol;

namespace Godwit.Storage.Tests;

/// <summary>Opens stores and puts something in.</summary>
internal static class Stores
{
    public static SqliteStore Open(string directory) => Open(directory, out _);

    public static SqliteStore Open(string directory, out StoreOpenReport report) =>
        SqliteStore.Open(new SqliteStoreOptions { Directory = directory }, out report);

    /// <summary>Opens a store that must be sound.</summary>
    public static SqliteStore OpenSound(string directory)
    {
        SqliteStore store = Open(directory, out StoreOpenReport report);
        Assert.Null(report.Damage);
        return store;
    }

    /// <summary>A session of number 1 with messages first to last in its queue, 1000 bytes each, in one transaction.</summary>
    public static void Fill(SqliteStore store, int first, int last)
    {
        byte[] payload = new byte[1000];
        store.Begin(isSynced: true);
        store.PutSession(new StoredSession(1, "client", null, 3600, 1, 2, false, 0));
        store.PutSubscription(1, "filter/#"u8, 1, 0);
        store.PutRetained(new StoredMessage { Topic = "retained"u8, Payload = payload });
        for (int i = first; i <= last; i++)
        {
            store.AddMessage(i, new StoredMessage { Topic = Encoding.UTF8.GetBytes($"topic/{i}"), Payload = payload, QoS = QoS.AtLeastOnce }, 1);
            store.AddDelivery(new StoredDelivery { Queue = 1, Sequence = i, MessageId = i, QoS = QoS.AtLeastOnce, Size = 1000 });
        }
        store.Commit();
    }

    /// <summary>Makes a store with messages 1 to count and ends it in order.</summary>
    public static void Make(string directory, int count)
    {
        using SqliteStore store = OpenSound(directory);
        Fill(store, 1, count);
    }

    /// <summary>Copies a store as the death of its process would leave it: with its log.</summary>
    public static void CopyAsAfterCrash(string from, string to)
    {
        File.Copy(Path.Combine(from, "godwit.db"), Path.Combine(to, "godwit.db"));
        File.Copy(Path.Combine(from, "godwit.db-wal"), Path.Combine(to, "godwit.db-wal"));
    }
}
