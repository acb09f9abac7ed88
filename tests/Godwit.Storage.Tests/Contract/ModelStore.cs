// The port as plainly as it can be written: dictionaries, and a copy of them all for a rollback.
using System.Text;
using Godwit.Broker.Storage;
using Godwit.Protocol;

namespace Godwit.Storage.Tests.Contract;

internal sealed class ModelStore : IBrokerStore
{
    private sealed record Message(byte[] Topic, byte[] Properties, byte[] Payload, QoS QoS, bool Retain, string? PublisherId, long ReceivedAt, long? ExpiresAt)
    {
        public static Message Of(in StoredMessage m) =>
            new(m.Topic.ToArray(), m.Properties.ToArray(), m.Payload.ToArray(), m.QoS, m.Retain, m.PublisherId, m.ReceivedAt, m.ExpiresAt);

        public StoredMessage View => new()
        {
            Topic = Topic, Properties = Properties, Payload = Payload, QoS = QoS, Retain = Retain, PublisherId = PublisherId, ReceivedAt = ReceivedAt, ExpiresAt = ExpiresAt,
        };
    }

    private sealed record Content(
        SortedDictionary<long, StoredSession> Sessions,
        SortedDictionary<(long Queue, string Filter), (byte Options, uint Identifier)> Subscriptions,
        SortedSet<(long Queue, ushort PacketId)> Received,
        SortedDictionary<long, (StoredWill Will, Message Message)> Wills,
        SortedDictionary<long, (string Name, string Filter)> SharedQueues,
        SortedDictionary<long, (Message Message, int References)> Messages,
        SortedDictionary<(long Queue, long Sequence), StoredDelivery> Deliveries,
        SortedDictionary<string, Message> Retained)
    {
        public Content() : this([], [], [], [], [], [], [], new(StringComparer.Ordinal))
        {
        }

        public Content Copy() => new(
            new(Sessions), new(Subscriptions), new(Received), new(Wills), new(SharedQueues), new(Messages), new(Deliveries), new(Retained, StringComparer.Ordinal));
    }

    private Content _content = new();
    private Content? _before;

    public string Description => "model";

    /// <summary>The deliveries that are there.</summary>
    public IEnumerable<StoredDelivery> Deliveries => _content.Deliveries.Values;

    public bool HasMessage(long id) => _content.Messages.ContainsKey(id);

    public StoreCounters Load(IStoreReader reader)
    {
        foreach (StoredSession session in _content.Sessions.Values) reader.OnSession(session);
        foreach (var (key, value) in _content.Subscriptions) reader.OnSubscription(key.Queue, Encoding.UTF8.GetBytes(key.Filter), value.Options, value.Identifier);
        foreach (var (queue, packetId) in _content.Received) reader.OnReceived(queue, packetId);
        foreach (var (queue, value) in _content.Wills) reader.OnWill(queue, value.Will, value.Message.View);
        foreach (var (queue, value) in _content.SharedQueues) reader.OnSharedQueue(queue, value.Name, Encoding.UTF8.GetBytes(value.Filter));
        foreach (var queue in _content.Deliveries.Values.GroupBy(d => d.Queue))
            reader.OnQueue(new StoredQueue(queue.Key, queue.Count(), queue.Sum(d => (long)d.Size), queue.Max(d => d.Sequence)));
        foreach (Message message in _content.Retained.Values) reader.OnRetained(message.View);
        return new StoreCounters(
            _content.Sessions.Keys.Concat(_content.SharedQueues.Keys).DefaultIfEmpty().Max(), _content.Messages.Keys.DefaultIfEmpty().Max());
    }

    public void Begin(bool isSynced) => _before = _content.Copy();

    public void Commit() => _before = null;

    public void Rollback()
    {
        _content = _before ?? _content;
        _before = null;
    }

    public void AddMessage(long id, in StoredMessage message, int references) => _content.Messages[id] = (Message.Of(message), references);

    public bool AddReferences(long id, int count)
    {
        if (!_content.Messages.TryGetValue(id, out var entry)) return false;
        _content.Messages[id] = entry with { References = entry.References + count };
        return true;
    }

    public void AddDelivery(in StoredDelivery delivery) => _content.Deliveries[(delivery.Queue, delivery.Sequence)] = delivery;

    public void RemoveDelivery(long queue, long sequence, long messageId)
    {
        if (_content.Deliveries.Remove((queue, sequence))) RemoveReference(messageId);
    }

    public void ReleaseDelivery(long queue, long sequence, long messageId)
    {
        if (!_content.Deliveries.TryGetValue((queue, sequence), out StoredDelivery d) || d.MessageId == 0) return;
        _content.Deliveries[(queue, sequence)] =
            new StoredDelivery { Queue = queue, Sequence = sequence, QoS = d.QoS, Retain = d.Retain, Size = d.Size, Identifiers = d.Identifiers };
        RemoveReference(messageId);
    }

    public void ReadQueue(long queue, long after, int maximumCount, long maximumBytes, IQueueReader reader)
    {
        long bytes = 0;
        foreach (StoredDelivery delivery in _content.Deliveries.Values.Where(d => d.Queue == queue && d.Sequence > after).Take(maximumCount).ToArray())
        {
            reader.OnDelivery(delivery, delivery.MessageId == 0 ? default : _content.Messages[delivery.MessageId].Message.View);
            bytes += delivery.Size;
            if (bytes >= maximumBytes) return;
        }
    }

    public void PutSession(StoredSession session) => _content.Sessions[session.Queue] = session;

    public bool RemoveEnded() => false;

    public void RemoveSession(long queue)
    {
        RemoveQueue(queue);
        _content.Sessions.Remove(queue);
        _content.Wills.Remove(queue);
        _content.Received.RemoveWhere(r => r.Queue == queue);
        foreach (var key in _content.Subscriptions.Keys.Where(s => s.Queue == queue).ToArray()) _content.Subscriptions.Remove(key);
    }

    public void PutSubscription(long queue, ReadOnlySpan<byte> filter, byte options, uint identifier) =>
        _content.Subscriptions[(queue, Encoding.UTF8.GetString(filter))] = (options, identifier);

    public void RemoveSubscription(long queue, ReadOnlySpan<byte> filter) => _content.Subscriptions.Remove((queue, Encoding.UTF8.GetString(filter)));

    public void AddReceived(long queue, ushort packetId) => _content.Received.Add((queue, packetId));

    public void RemoveReceived(long queue, ushort packetId) => _content.Received.Remove((queue, packetId));

    public void PutWill(long queue, StoredWill will, in StoredMessage message) => _content.Wills[queue] = (will, Message.Of(message));

    public void RemoveWill(long queue) => _content.Wills.Remove(queue);

    public void PutSharedQueue(long queue, string shareName, ReadOnlySpan<byte> filter) => _content.SharedQueues[queue] = (shareName, Encoding.UTF8.GetString(filter));

    public void RemoveSharedQueue(long queue)
    {
        RemoveQueue(queue);
        _content.SharedQueues.Remove(queue);
    }

    public void PutRetained(in StoredMessage message) => _content.Retained[Encoding.UTF8.GetString(message.Topic)] = Message.Of(message);

    public void RemoveRetained(ReadOnlySpan<byte> topic) => _content.Retained.Remove(Encoding.UTF8.GetString(topic));

    public void Dispose()
    {
    }

    private void RemoveQueue(long queue)
    {
        foreach (StoredDelivery delivery in _content.Deliveries.Values.Where(d => d.Queue == queue).ToArray())
            RemoveDelivery(queue, delivery.Sequence, delivery.MessageId);
    }

    private void RemoveReference(long id)
    {
        if (!_content.Messages.TryGetValue(id, out var entry)) return;
        if (entry.References == 1) _content.Messages.Remove(id);
        else _content.Messages[id] = entry with { References = entry.References - 1 };
    }
}
