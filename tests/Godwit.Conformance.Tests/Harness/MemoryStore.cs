// A store in memory that behaves as one on disk does: transactions, rollback, what a crash and what a loss of power leave behind, and
// errors on request.
using Godwit.Broker.Storage;

namespace Godwit.Conformance.Tests.Harness;

internal sealed class MemoryStore : IBrokerStore
{
    private readonly Dictionary<long, Message> _messages = [];
    private readonly Dictionary<long, SortedDictionary<long, StoredDelivery>> _queues = [];
    private readonly Dictionary<long, StoredSession> _sessions = [];
    private readonly Dictionary<(long Queue, string Filter), (byte Options, uint Identifier)> _subscriptions = [];
    private readonly HashSet<(long Queue, ushort PacketId)> _received = [];
    private readonly Dictionary<long, (StoredWill Will, Message Message)> _wills = [];
    private readonly Dictionary<long, (string ShareName, byte[] Filter)> _sharedQueues = [];
    private readonly Dictionary<string, Message> _retained = [];
    private readonly Stack<Action> _undo = new(); // since the last synced commit
    private int _committed; // how much of it belongs to transactions that were committed
    private bool _isOpen, _isSynced;

    public string Description => "memory";

    /// <summary>What every transaction runs into; null for nothing.</summary>
    public StoreFailure? Failure { get; set; }

    /// <summary>Whether a transaction that fails does so at its end, with all its writes done.</summary>
    public bool FailsAtCommit { get; set; }

    /// <summary>Whether queues are damaged.</summary>
    public bool IsUnreadable { get; set; }

    public int Commits { get; private set; }

    public int SyncedCommits { get; private set; }

    /// <summary>How many message bodies were ever written.</summary>
    public int MessagesWritten { get; private set; }

    public int Messages => _messages.Count;

    public int Sessions => _sessions.Count;

    public int Subscriptions => _subscriptions.Count;

    public int Received => _received.Count;

    public int Wills => _wills.Count;

    public int SharedQueues => _sharedQueues.Count;

    public int Retained => _retained.Count;

    /// <summary>Places in all queues whose PUBREC has not come.</summary>
    public int Unacknowledged => _queues.Values.Sum(queue => queue.Values.Count(delivery => delivery.MessageId != 0));

    /// <summary>Places in all queues.</summary>
    public int Deliveries => _queues.Values.Sum(queue => queue.Count);

    /// <summary>The process dies: what was not committed is gone.</summary>
    public void Crash()
    {
        if (_isOpen) Rollback();
    }

    /// <summary>The power goes: what was not synced is gone too.</summary>
    public void LosePower()
    {
        Crash();
        Undo(0);
        _committed = 0;
    }

    public void Begin(bool isSynced)
    {
        Assert.False(_isOpen, "a transaction is open already");
        _isOpen = true;
        _isSynced = isSynced;
        if (!FailsAtCommit) ThrowIfFailing();
    }

    public void Commit()
    {
        Assert.True(_isOpen, "no transaction is open");
        ThrowIfFailing();
        _isOpen = false;
        _committed = _undo.Count;
        Commits++;
        if (!_isSynced) return;
        SyncedCommits++;
        _undo.Clear();
        _committed = 0;
    }

    public void Rollback()
    {
        Undo(_committed);
        _isOpen = false;
    }

    public StoreCounters Load(IStoreReader reader)
    {
        foreach (StoredSession session in _sessions.Values.OrderBy(s => s.Queue)) reader.OnSession(session);
        foreach (((long queue, string filter), (byte options, uint identifier)) in _subscriptions)
            reader.OnSubscription(queue, System.Text.Encoding.UTF8.GetBytes(filter), options, identifier);
        foreach ((long queue, ushort packetId) in _received) reader.OnReceived(queue, packetId);
        foreach ((long queue, (StoredWill will, Message message)) in _wills) reader.OnWill(queue, will, message.Stored());
        foreach ((long queue, (string shareName, byte[] filter)) in _sharedQueues) reader.OnSharedQueue(queue, shareName, filter);
        foreach ((long queue, SortedDictionary<long, StoredDelivery> places) in _queues)
        {
            if (places.Count > 0) reader.OnQueue(new StoredQueue(queue, places.Count, places.Values.Sum(place => (long)place.Size), places.Keys.Last()));
        }
        foreach (Message message in _retained.Values) reader.OnRetained(message.Stored());
        return new StoreCounters(_sessions.Keys.Concat(_sharedQueues.Keys).DefaultIfEmpty().Max(), _messages.Keys.DefaultIfEmpty().Max());
    }

    public void AddMessage(long id, in StoredMessage message, int references)
    {
        Assert.True(references > 0);
        Assert.False(_messages.ContainsKey(id), $"message {id} is there already");
        Put(_messages, id, new Message(message, references));
        MessagesWritten++;
    }

    public bool AddReferences(long id, int count)
    {
        if (!_messages.TryGetValue(id, out Message? message)) return false;
        Put(_messages, id, message with { References = message.References + count });
        return true;
    }

    public void AddDelivery(in StoredDelivery delivery)
    {
        Assert.True(_messages.ContainsKey(delivery.MessageId), $"message {delivery.MessageId} is not there");
        SortedDictionary<long, StoredDelivery> places = Places(delivery.Queue);
        Assert.False(places.ContainsKey(delivery.Sequence), $"place {delivery.Sequence} of queue {delivery.Queue} is taken");
        Put(places, delivery.Sequence, delivery);
    }

    public void RemoveDelivery(long queue, long sequence, long messageId)
    {
        if (!Places(queue).TryGetValue(sequence, out StoredDelivery delivery)) return;
        Assert.Equal(delivery.MessageId, messageId);
        Remove(Places(queue), sequence);
        Dereference(messageId);
    }

    public void ReleaseDelivery(long queue, long sequence, long messageId)
    {
        if (!Places(queue).TryGetValue(sequence, out StoredDelivery delivery)) return;
        Assert.Equal(delivery.MessageId, messageId);
        Put(Places(queue), sequence, new StoredDelivery { Queue = queue, Sequence = sequence, QoS = delivery.QoS, Size = 0 });
        Dereference(messageId);
    }

    public void ReadQueue(long queue, long after, int maximumCount, long maximumBytes, IQueueReader reader)
    {
        if (Failure is { } failure) throw new StoreException(failure, "The test wants it.");
        if (IsUnreadable) throw new StoreException(StoreFailure.Damaged, "The test wants it.");
        long bytes = 0;
        int count = 0;
        foreach (StoredDelivery delivery in Places(queue).Values)
        {
            if (delivery.Sequence <= after) continue;
            if (count == maximumCount || bytes >= maximumBytes) break;
            count++;
            bytes += delivery.Size;
            reader.OnDelivery(delivery, delivery.MessageId == 0 ? default : _messages[delivery.MessageId].Stored());
        }
    }

    public void PutSession(StoredSession session) => Put(_sessions, session.Queue, session);

    public void RemoveSession(long queue)
    {
        Remove(_sessions, queue);
        foreach ((long, string) key in _subscriptions.Keys.Where(key => key.Queue == queue).ToArray()) Remove(_subscriptions, key);
        foreach ((long, ushort PacketId) id in _received.Where(id => id.Queue == queue).ToArray()) RemoveReceived(queue, id.PacketId);
        Remove(_wills, queue);
        RemovePlaces(queue);
    }

    public void PutSubscription(long queue, ReadOnlySpan<byte> filter, byte options, uint identifier) =>
        Put(_subscriptions, (queue, System.Text.Encoding.UTF8.GetString(filter)), (options, identifier));

    public void RemoveSubscription(long queue, ReadOnlySpan<byte> filter) => Remove(_subscriptions, (queue, System.Text.Encoding.UTF8.GetString(filter)));

    public void AddReceived(long queue, ushort packetId)
    {
        if (_received.Add((queue, packetId))) Note(() => _received.Remove((queue, packetId)));
    }

    public void RemoveReceived(long queue, ushort packetId)
    {
        if (_received.Remove((queue, packetId))) Note(() => _received.Add((queue, packetId)));
    }

    public void PutWill(long queue, StoredWill will, in StoredMessage message) => Put(_wills, queue, (will, new Message(message, 0)));

    public void RemoveWill(long queue) => Remove(_wills, queue);

    public void PutSharedQueue(long queue, string shareName, ReadOnlySpan<byte> filter) => Put(_sharedQueues, queue, (shareName, filter.ToArray()));

    public void RemoveSharedQueue(long queue)
    {
        Remove(_sharedQueues, queue);
        RemovePlaces(queue);
    }

    public bool RemoveEnded() => false; // it removes all at once

    public void PutRetained(in StoredMessage message) => Put(_retained, System.Text.Encoding.UTF8.GetString(message.Topic), new Message(message, 0));

    public void RemoveRetained(ReadOnlySpan<byte> topic) => Remove(_retained, System.Text.Encoding.UTF8.GetString(topic));

    public void Dispose()
    {
    }

    private void ThrowIfFailing()
    {
        if (Failure is { } failure) throw new StoreException(failure, "The test wants it.");
    }

    private SortedDictionary<long, StoredDelivery> Places(long queue) => _queues.TryGetValue(queue, out var places) ? places : _queues[queue] = [];

    private void RemovePlaces(long queue)
    {
        foreach (StoredDelivery delivery in Places(queue).Values.ToArray()) RemoveDelivery(queue, delivery.Sequence, delivery.MessageId);
    }

    private void Dereference(long messageId)
    {
        if (messageId == 0) return;
        Message message = _messages[messageId];
        if (message.References == 1) Remove(_messages, messageId);
        else Put(_messages, messageId, message with { References = message.References - 1 });
    }

    private void Put<TKey, TValue>(IDictionary<TKey, TValue> table, TKey key, TValue value)
    {
        bool was = table.TryGetValue(key, out TValue? old);
        table[key] = value;
        Note(() =>
        {
            if (was) table[key] = old!;
            else table.Remove(key);
        });
    }

    private void Remove<TKey, TValue>(IDictionary<TKey, TValue> table, TKey key)
    {
        if (!table.TryGetValue(key, out TValue? old)) return;
        table.Remove(key);
        Note(() => table[key] = old);
    }

    private void Note(Action undo)
    {
        Assert.True(_isOpen, "a write outside of a transaction");
        _undo.Push(undo);
    }

    private void Undo(int downTo)
    {
        while (_undo.Count > downTo) _undo.Pop()();
    }

    private sealed record Message
    {
        private readonly byte[] _topic, _properties, _payload;
        private readonly Godwit.Protocol.QoS _qos;
        private readonly bool _retain;
        private readonly string? _publisherId;
        private readonly long _receivedAt;
        private readonly long? _expiresAt;

        public Message(in StoredMessage message, int references)
        {
            (_topic, _properties, _payload) = (message.Topic.ToArray(), message.Properties.ToArray(), message.Payload.ToArray());
            (_qos, _retain, _publisherId) = (message.QoS, message.Retain, message.PublisherId);
            (_receivedAt, _expiresAt) = (message.ReceivedAt, message.ExpiresAt);
            References = references;
        }

        public int References { get; init; }

        public StoredMessage Stored() => new()
        {
            Topic = _topic,
            Properties = _properties,
            Payload = _payload,
            QoS = _qos,
            Retain = _retain,
            PublisherId = _publisherId,
            ReceivedAt = _receivedAt,
            ExpiresAt = _expiresAt,
        };
    }
}
