using Godwit.Broker.Storage;

namespace Godwit.Storage.Bench;

/// <summary>Counts what a store tells.</summary>
internal sealed class CountingReader : IStoreReader
{
    private long _sessions, _subscriptions, _queues, _queued, _retained;

    public void OnSession(StoredSession session) => _sessions++;

    public void OnSubscription(long queue, ReadOnlySpan<byte> filter, byte options, uint identifier) => _subscriptions++;

    public void OnReceived(long queue, ushort packetId)
    {
    }

    public void OnWill(long queue, StoredWill will, in StoredMessage message)
    {
    }

    public void OnSharedQueue(long queue, string shareName, ReadOnlySpan<byte> filter)
    {
    }

    public void OnQueue(StoredQueue queue)
    {
        _queues++;
        _queued += queue.Count;
    }

    public void OnRetained(in StoredMessage message) => _retained++;

    public override string ToString() =>
        $"{_sessions:N0} sessions, {_subscriptions:N0} subscriptions, {_queued:N0} messages in {_queues:N0} queues, {_retained:N0} retained";
}

/// <summary>Notes what stands in a queue, and that it comes in order.</summary>
internal sealed class DrainReader : IQueueReader
{
    public List<(long Sequence, long Message)> Places { get; } = [];

    public long Last { get; private set; }

    public void Clear() => Places.Clear();

    public void OnDelivery(in StoredDelivery delivery, in StoredMessage message)
    {
        if (delivery.Sequence <= Last || message.Payload.Length != Rows.Payload.Length) throw new InvalidOperationException("Out of order, or not what was written.");
        Last = delivery.Sequence;
        Places.Add((delivery.Sequence, delivery.MessageId));
    }
}
