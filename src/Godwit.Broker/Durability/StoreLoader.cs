// What was there when the broker stopped comes back before it listens. Sessions stay where they are needed: of their queues only the
// length is read now, the messages when a client comes for them.
using System.Text;
using Godwit.Broker.Auth;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Broker.Storage;
using Godwit.Protocol;

namespace Godwit.Broker.Durability;

internal sealed class StoreLoader(BrokerState broker, StoreClock clock) : IStoreReader
{
    private readonly Dictionary<long, ClientSession> _sessions = [];
    private readonly Dictionary<long, SharedGroup> _groups = [];
    private readonly Dictionary<long, StoredSession> _stored = [];
    private readonly Dictionary<long, long> _willsDueAt = [];
    private readonly List<(StoredSession Stored, ClientSession Session)> _inOrder = [];

    public int Sessions => _sessions.Count;

    public int RetainedMessages { get; private set; }

    public long QueuedMessages { get; private set; }

    public void OnSession(StoredSession session)
    {
        Shard shard = broker.HomeOf(session.ClientId);
        if (shard.FindSession(session.ClientId) is not null)
        {
            // The older one was over, but its messages had no other places yet; the client has not been told of this one: SharedReturns.
            shard.Store!.Add(new StoreOperation { Kind = StoreOperationKind.RemoveSession, Queue = session.Queue });
            return;
        }
        var identity = new ClientIdentity(session.ClientId, session.UserName);
        var restored = new ClientSession(shard, identity, shard.Classes.LimitsOf(identity)) { ExpiryInterval = session.ExpiryInterval };
        restored.MakeDurable(session.Queue, session.CreatedAt);
        shard.AddSession(restored);
        _sessions.Add(session.Queue, restored);
        _stored.Add(session.Queue, session);
        _inOrder.Add((session, restored));
    }

    public void OnSubscription(long queue, ReadOnlySpan<byte> filter, byte options, uint identifier)
    {
        if (!_sessions.TryGetValue(queue, out ClientSession? session)) return;
        var subscription = new Subscription(session, filter.ToArray(), SubscriptionOptions.FromByte(options), identifier);
        session.Shard.AddSubscription(subscription);
        session.Subscriptions.Add(subscription);
    }

    public void OnReceived(long queue, ushort packetId)
    {
        if (_sessions.TryGetValue(queue, out ClientSession? session)) session.Inbound.Restore(packetId);
    }

    public void OnWill(long queue, StoredWill will, in StoredMessage message)
    {
        if (!_sessions.TryGetValue(queue, out ClientSession? session)) return;
        session.Will = new Will(clock.FromStore(message), will.DelaySeconds, will.ExpirySeconds);
        if (will.DueAt is not null) _willsDueAt.Add(queue, clock.ToLoop(will.DueAt));
    }

    public void OnSharedQueue(long queue, string shareName, ReadOnlySpan<byte> filter)
    {
        if (broker.Subscriptions.FindGroup(shareName, filter) is { } group)
        {
            group.Restore(queue);
            _groups.Add(queue, group);
        }
        else
        {
            broker.Shards[0].Store!.Add(new StoreOperation { Kind = StoreOperationKind.RemoveSharedQueue, Queue = queue });
        }
    }

    public void OnQueue(StoredQueue queue)
    {
        QueuedMessages += queue.Count;
        if (_sessions.TryGetValue(queue.Queue, out ClientSession? session))
        {
            StoredSession stored = _stored[queue.Queue];
            // Of a client that was connected nobody knows what it has been sent.
            session.Durable!.Restore(queue.Count, queue.Bytes, queue.LastSequence, stored.IsConnected ? queue.LastSequence : stored.SentSequence);
        }
        else if (_groups.TryGetValue(queue.Queue, out SharedGroup? group))
        {
            group.Restore(queue);
        }
    }

    public void OnRetained(in StoredMessage message)
    {
        Publication publication = clock.FromStore(message);
        if (message.ExpiresAt <= clock.UnixNow)
        {
            broker.Shards[0].Store!.Add(new StoreOperation { Kind = StoreOperationKind.Retain, Item = publication }); // the writer finds it gone
            return;
        }
        PublicationView view = publication.View();
        if (broker.Retained.Set(ref view, int.MaxValue, 0)) RetainedMessages++;
    }

    /// <summary>All has been read: the clients are away, for as long as their sessions last.</summary>
    public void Finish()
    {
        foreach ((StoredSession stored, ClientSession session) in _inOrder.OrderBy(pair => LeftAt(pair.Stored))) // as they left
        {
            long? expiresAt = stored.ExpiryInterval == uint.MaxValue ? null : stored.SeenAt + stored.ExpiryInterval * 1000L;
            if (stored.IsConnected && expiresAt is not null) expiresAt = clock.UnixNow + stored.ExpiryInterval * 1000L; // the crash was its end
            long willDueAt = _willsDueAt.GetValueOrDefault(stored.Queue, clock.ToLoop(clock.UnixNow + Math.Min(session.Will?.DelaySeconds ?? 0, stored.ExpiryInterval) * 1000L));
            session.Shard.Loop.Post(() => session.ResumeAway(clock.ToLoop(LeftAt(stored)), clock.ToLoop(expiresAt), willDueAt));
        }
    }

    // A crash was the end of connections.
    private long LeftAt(StoredSession session) => session.IsConnected ? clock.UnixNow : session.SeenAt;
}
