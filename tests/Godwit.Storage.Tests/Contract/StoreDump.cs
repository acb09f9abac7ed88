// All that a store holds, as lines of text: two stores hold the same if their lines are the same.
using System.Text;
using Godwit.Broker.Storage;

namespace Godwit.Storage.Tests.Contract;

internal sealed class StoreDump : IStoreReader, IQueueReader
{
    private readonly List<string> _lines = [];
    private readonly List<StoredQueue> _queues = [];
    private readonly HashSet<long> _sessions = [];

    /// <summary>What a store holds that has just been opened, in a fixed order.</summary>
    public static IReadOnlyList<string> Of(IBrokerStore store) => Of(store, out _);

    public static IReadOnlyList<string> Of(IBrokerStore store, out StoreCounters counters)
    {
        var dump = new StoreDump();
        counters = store.Load(dump);
        foreach (StoredQueue queue in dump._queues) dump.ReadAll(store, queue);
        dump._lines.Sort(StringComparer.Ordinal);
        return dump._lines;
    }

    /// <summary>What stands in a queue.</summary>
    public static IReadOnlyList<string> OfQueue(IBrokerStore store, long queue, long after = 0, int maximumCount = int.MaxValue, long maximumBytes = long.MaxValue)
    {
        var dump = new StoreDump();
        store.ReadQueue(queue, after, maximumCount, maximumBytes, dump);
        return dump._lines;
    }

    public void OnSession(StoredSession session)
    {
        _sessions.Add(session.Queue);
        _lines.Add(session.ToString());
    }

    public void OnSubscription(long queue, ReadOnlySpan<byte> filter, byte options, uint identifier)
    {
        AssertSession(queue);
        _lines.Add($"subscription {queue} {Text(filter)} {options} {identifier}");
    }

    public void OnReceived(long queue, ushort packetId)
    {
        AssertSession(queue);
        _lines.Add($"received {queue} {packetId}");
    }

    public void OnWill(long queue, StoredWill will, in StoredMessage message)
    {
        AssertSession(queue);
        _lines.Add($"will {queue} {will} {Text(message)}");
    }

    public void OnSharedQueue(long queue, string shareName, ReadOnlySpan<byte> filter) => _lines.Add($"shared {queue} {shareName} {Text(filter)}");

    public void OnQueue(StoredQueue queue)
    {
        _queues.Add(queue);
        _lines.Add(queue.ToString());
    }

    public void OnRetained(in StoredMessage message) => _lines.Add($"retained {Text(message)}");

    public void OnDelivery(in StoredDelivery delivery, in StoredMessage message)
    {
        string identifiers = delivery.Identifiers is null ? "-" : string.Join(',', delivery.Identifiers);
        _lines.Add($"delivery {delivery.Queue} {delivery.Sequence} {delivery.QoS} {delivery.Retain} {delivery.Size} {identifiers} {delivery.MessageId} {Text(message)}");
    }

    private static string Text(in StoredMessage m) =>
        $"[{Text(m.Topic)} {Convert.ToHexString(m.Payload)} {Convert.ToHexString(m.Properties)} {m.QoS} {m.Retain} {m.PublisherId ?? "-"} {m.ReceivedAt} {m.ExpiresAt}]";

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    private void AssertSession(long queue) => Assert.Contains(queue, _sessions);

    // In portions, as a broker reads it; the count and the bytes must be what Load said.
    private void ReadAll(IBrokerStore store, StoredQueue queue)
    {
        int before = _lines.Count;
        var portion = new Portion();
        do
        {
            portion.Clear();
            store.ReadQueue(queue.Queue, portion.Last, 50, long.MaxValue, portion);
            _lines.AddRange(portion.Lines);
        }
        while (portion.Lines.Count > 0);
        Assert.Equal(queue, new StoredQueue(queue.Queue, _lines.Count - before, portion.Bytes, portion.Last));
    }

    private sealed class Portion : IQueueReader
    {
        private readonly StoreDump _dump = new();

        public long Last { get; private set; }

        public long Bytes { get; private set; }

        public List<string> Lines => _dump._lines;

        public void Clear() => _dump._lines.Clear();

        public void OnDelivery(in StoredDelivery delivery, in StoredMessage message)
        {
            Assert.True(delivery.Sequence > Last);
            Last = delivery.Sequence;
            Bytes += delivery.Size;
            _dump.OnDelivery(delivery, message);
        }
    }
}
