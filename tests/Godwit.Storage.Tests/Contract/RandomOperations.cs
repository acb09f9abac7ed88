// Writes as a broker could make them, by a seed: to a model and to stores at the same time.
using System.Text;
using Godwit.Broker.Storage;
using Godwit.Protocol;

namespace Godwit.Storage.Tests.Contract;

internal sealed class RandomOperations(int seed)
{
    public const int Queues = 6;

    public static readonly string[] Topics = ["a", "a/b", "a/b/c", "übung/€", new string('t', 300)];

    private readonly Random _random = new(seed);
    private readonly long[] _sequences = new long[Queues + 1];
    private long _lastMessage;

    /// <summary>All messages that there have been.</summary>
    public IEnumerable<long> MessageIds => Enumerable.Range(1, (int)_lastMessage).Select(id => (long)id);

    /// <summary>Whether the latest transaction was rolled back on purpose.</summary>
    public bool WasRolledBack { get; private set; }

    /// <summary>Runs some writes on both and commits them; now and then they are rolled back instead.</summary>
    public void RunTransaction(ModelStore model, IBrokerStore store, bool isSynced)
    {
        model.Begin(isSynced);
        store.Begin(isSynced);
        for (int i = _random.Next(1, 12); i > 0; i--) RunOne(model, store);
        WasRolledBack = _random.Next(10) == 0;
        if (WasRolledBack)
        {
            model.Rollback();
            store.Rollback();
        }
        else
        {
            // The store first: if it fails, the model can still be rolled back.
            store.Commit();
            model.Commit();
        }
    }

    private void RunOne(ModelStore model, IBrokerStore store)
    {
        long queue = _random.Next(1, Queues + 1);
        StoredDelivery[] waiting = [.. model.Deliveries];
        StoredDelivery one = waiting.Length == 0 ? default : waiting[_random.Next(waiting.Length)];
        string filter = Topics[_random.Next(Topics.Length)];
        Action<IBrokerStore> operation = _random.Next(20) switch
        {
            0 => s => s.RemoveSession(queue),
            1 => s => s.RemoveSharedQueue(queue),
            2 => Session(queue),
            3 => Subscription(queue, filter),
            4 => s => s.RemoveSubscription(queue, Encoding.UTF8.GetBytes(filter)),
            5 => Received(queue),
            6 => Received(queue, remove: true),
            7 => Will(queue),
            8 => s => s.RemoveWill(queue),
            9 => SharedQueue(queue, filter),
            10 => Retained(),
            11 => s => s.RemoveRetained(Encoding.UTF8.GetBytes(filter)),
            12 or 13 => s => s.RemoveDelivery(one.Queue, one.Sequence, one.MessageId),
            14 => s => s.ReleaseDelivery(one.Queue, one.Sequence, one.MessageId),
            15 when one.MessageId != 0 => MoreReferences(one.MessageId),
            _ => Publication(),
        };
        operation(model);
        operation(store);
    }

    private Action<IBrokerStore> Session(long queue)
    {
        var session = new StoredSession(
            queue, $"client{queue}", _random.Next(2) == 0 ? null : "user", (uint)_random.NextInt64(uint.MaxValue), _random.NextInt64(), _random.NextInt64(), _random.Next(2) == 0, _random.Next());
        return store => store.PutSession(session);
    }

    // Belongings of a session are written for sessions only.
    private Action<IBrokerStore> Subscription(long queue, string filter)
    {
        Action<IBrokerStore> session = Session(queue);
        byte options = (byte)_random.Next(256);
        uint identifier = (uint)_random.Next(3);
        return session + (store => store.PutSubscription(queue, Encoding.UTF8.GetBytes(filter), options, identifier));
    }

    private Action<IBrokerStore> Received(long queue, bool remove = false)
    {
        ushort packetId = (ushort)_random.Next(1, 4);
        return remove ? store => store.RemoveReceived(queue, packetId) : Session(queue) + (store => store.AddReceived(queue, packetId));
    }

    private Action<IBrokerStore> Will(long queue)
    {
        var will = new StoredWill((uint)_random.Next(), _random.Next(2) == 0 ? null : 5, _random.Next(2) == 0 ? null : 6);
        (string topic, byte[] payload) = (Topics[_random.Next(Topics.Length)], Payload());
        return Session(queue) + (store => store.PutWill(queue, will, Message(topic, payload)));
    }

    private static Action<IBrokerStore> SharedQueue(long queue, string filter) => store => store.PutSharedQueue(queue, "name", Encoding.UTF8.GetBytes(filter));

    private Action<IBrokerStore> Retained()
    {
        (string topic, byte[] payload) = (Topics[_random.Next(Topics.Length)], Payload());
        return store => store.PutRetained(Message(topic, payload));
    }

    private Action<IBrokerStore> Publication()
    {
        (string topic, byte[] payload, long id) = (Topics[_random.Next(Topics.Length)], Payload(), ++_lastMessage);
        StoredDelivery[] deliveries = [.. Enumerable.Range(0, _random.Next(1, Queues)).Select(_ => NextDelivery(id))];
        return store =>
        {
            store.AddMessage(id, Message(topic, payload), deliveries.Length);
            foreach (StoredDelivery delivery in deliveries) store.AddDelivery(delivery);
        };
    }

    private Action<IBrokerStore> MoreReferences(long message)
    {
        StoredDelivery[] deliveries = [NextDelivery(message), NextDelivery(message)];
        return store =>
        {
            Assert.True(store.AddReferences(message, 2));
            foreach (StoredDelivery delivery in deliveries) store.AddDelivery(delivery);
        };
    }

    private StoredDelivery NextDelivery(long message)
    {
        int queue = _random.Next(1, Queues + 1);
        return new StoredDelivery
        {
            Queue = queue,
            Sequence = ++_sequences[queue],
            MessageId = message,
            QoS = (QoS)_random.Next(3),
            Retain = _random.Next(2) == 0,
            Size = _random.Next(1000),
            Identifiers = _random.Next(3) == 0 ? [(uint)_random.Next(1, 9), uint.MaxValue] : null,
        };
    }

    private byte[] Payload()
    {
        // Some longer than a page of a database.
        byte[] payload = new byte[_random.Next(5) == 0 ? _random.Next(20_000) : _random.Next(50)];
        _random.NextBytes(payload);
        return payload;
    }

    private static StoredMessage Message(string topic, byte[] payload) => new()
    {
        Topic = Encoding.UTF8.GetBytes(topic),
        Payload = payload,
        Properties = payload.AsSpan(0, payload.Length / 2),
        QoS = (QoS)(payload.Length % 3),
        Retain = payload.Length % 2 == 0,
        PublisherId = payload.Length % 4 == 0 ? null : $"publisher{payload.Length % 3}",
        ReceivedAt = payload.Length,
        ExpiresAt = payload.Length % 5 == 0 ? null : payload.Length * 2L,
    };
}
