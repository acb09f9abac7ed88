// A session: what the broker knows of a client beyond its connection (section 4.1). It belongs to one shard and is touched by that
// shard's loop only. What lives with the connection is in ClientConnection.
using System.Numerics;
using Godwit.Broker.Auth;
using Godwit.Broker.Connections;
using Godwit.Broker.Durability;
using Godwit.Broker.Losses;
using Godwit.Broker.Routing;
using Godwit.Broker.Storage;
using Godwit.Protocol;
using Godwit.Session;

namespace Godwit.Broker.Sessions;

internal sealed class ClientSession(Shard shard, ClientIdentity identity, ClientLimits limits) : TableEntry(HashOf(identity.ClientId))
{
    private SessionDeliveries? _deliveries; // not there before it is needed: there are clients by the million
    private InboundFlow? _inbound;
    private ushort _receiveMaximum = ushort.MaxValue;
    private LossAccount? _losses;
    private SessionTimer? _timer;

    public Shard Shard { get; } = shard;

    /// <summary>Client identifier and user name of the latest connection.</summary>
    public ClientIdentity Identity { get; set; } = identity;

    public string ClientId => Identity.ClientId;

    /// <summary>What holds for it.</summary>
    public ClientLimits Limits { get; set; } = limits;

    /// <summary>What the client may do; null if nothing is restricted, and after a restart until the client is here again.</summary>
    public IClientAccess? Access { get; set; }

    /// <summary>The connection, while there is one.</summary>
    public ClientConnection? Connection { get; private set; }

    /// <summary>Since when it is as it is, with or without a connection, in loop milliseconds.</summary>
    public long Since { get; private set; }

    /// <summary>When it was first stored, in Unix milliseconds.</summary>
    public long CreatedAt { get; private set; }

    /// <summary>How often the client has connected to it.</summary>
    public int Connects
    {
        get => Spare;
        private set => Spare = value;
    }

    /// <summary>The neighbours in <see cref="OfflineSessions"/>.</summary>
    public ClientSession? LeftBefore { get; set; }

    public ClientSession? LeftAfter { get; set; }

    /// <summary>Seconds the session outlives its connection; 0xFFFFFFFF is for ever (section 3.1.2.11.2).</summary>
    public uint ExpiryInterval { get; set; }

    /// <summary>The largest <see cref="ExpiryInterval"/> that it may have.</summary>
    public uint LongestExpiry => Connects > 1 ? Shard.Options.MaximumSessionExpiry : Shard.Options.NewSessionExpiry;

    /// <summary>Whether it outlives its connection: then messages in flight must be kept until they are acknowledged.</summary>
    public bool IsPersistent => ExpiryInterval > 0;

    public SubscriptionSet Subscriptions { get; } = new();

    /// <summary>Messages on their way to the client beyond what its connection has taken.</summary>
    public SessionDeliveries Deliveries => _deliveries ??= new SessionDeliveries(this);

    /// <summary>QoS 1 and 2 messages of the client.</summary>
    public InboundFlow Inbound => _inbound ??= new InboundFlow(_receiveMaximum);

    /// <summary>QoS 1 and 2 messages that the client takes unacknowledged.</summary>
    public ushort SendMaximum { get; private set; } = ushort.MaxValue;

    /// <summary>Messages of QoS 1 and 2 sent to the client and not completed.</summary>
    public int InFlight => _deliveries?.InFlight ?? 0;

    public Will? Will { get; set; }

    /// <summary>Its queue in the store; null if it is not stored.</summary>
    public DurableQueue? Durable => _deliveries?.Durable;

    /// <summary>QoS 2 messages of the client that are not stored yet, by packet identifier.</summary>
    public Dictionary<ushort, MessageRecord>? Unstored { get; set; }

    /// <summary>The client's latest QoS 2 message that could not be stored at once.</summary>
    public StoreUnit? LastUnit { get; set; }

    /// <summary>Messages waiting, beyond those in flight.</summary>
    public int QueuedMessages => _deliveries?.Queued ?? 0;

    /// <summary>Bytes of the messages waiting.</summary>
    public long QueuedBytes => _deliveries?.QueuedBytes ?? 0;

    /// <summary>Bytes of the messages in flight that are kept.</summary>
    public long InFlightBytes => _deliveries?.InFlightBytes ?? 0;

    /// <summary>Bytes of the waiting messages that are in memory.</summary>
    public long BytesInMemory => _deliveries?.BytesInMemory ?? 0;

    /// <summary>The messages that wait and go first.</summary>
    public IEnumerable<Delivery> NextWaiting(int count) => _deliveries?.NextWaiting(count) ?? [];

    /// <summary>Retained messages on their way to new subscriptions; null without any.</summary>
    public RetainedBacklog? Backlog { get; set; }

    /// <summary>What was not delivered to this session, by reason.</summary>
    public DropCounts? Drops => _losses?.Counts;

    /// <summary>Where a client identifier stands in a shard's table. Its low bits have chosen the shard.</summary>
    public static int HashOf(string clientId) => (int)BitOperations.RotateRight((uint)string.GetHashCode(clientId, StringComparison.Ordinal) * 0x9E3779B1, 16);

    /// <summary>A connection takes the session; its will delay and expiry stop. 5.0: <c>[MQTT-3.1.3-9]</c></summary>
    /// <param name="connection">The connection.</param>
    /// <param name="sendMaximum">QoS 1 and 2 messages that the client takes unacknowledged.</param>
    /// <param name="receiveMaximum">QoS 1 and 2 messages that are taken from it unacknowledged.</param>
    public void Attach(ClientConnection connection, int sendMaximum, int receiveMaximum)
    {
        Shard.Offline.Remove(this);
        Connection = connection;
        Since = Shard.Loop.Now;
        Connects++;
        SendMaximum = (ushort)sendMaximum;
        _receiveMaximum = (ushort)receiveMaximum;
        _deliveries?.OnAttached();
        if (_inbound is not null) _inbound.ReceiveMaximum = receiveMaximum;
        if (_timer is not null) Shard.Loop.Cancel(_timer);
        _timer = null;
    }

    /// <summary>From now on the session is stored.</summary>
    /// <param name="number">The number of its queue.</param>
    /// <param name="createdAt">When it began, in Unix milliseconds.</param>
    public void MakeDurable(long number, long createdAt)
    {
        Deliveries.MakeDurable(number);
        CreatedAt = createdAt;
    }

    /// <summary>
    /// After a restart: the client is away, and time has gone on. How often it has connected is not stored: it counts as one that comes back.
    /// </summary>
    /// <param name="leftAt">When the client was seen last, in loop milliseconds.</param>
    /// <param name="expiresAt">When the session ends, in loop milliseconds.</param>
    /// <param name="willDueAt">When its will is due, in loop milliseconds.</param>
    public void ResumeAway(long leftAt, long expiresAt, long willDueAt)
    {
        Connects = 2;
        if (Connection is not null) return;
        Since = leftAt;
        Shard.Offline.Add(this);
        if (willDueAt <= Shard.Loop.Now) PublishWill();
        StartTimer(Will is null ? long.MaxValue : willDueAt, expiresAt);
    }

    /// <summary>The connection is gone: publish the will now or later, end the session now or later, give shared messages back.</summary>
    public void Detach(bool keepsWill)
    {
        Connection = null;
        _inbound?.OnConnectionLost();
        if (_inbound is { KnownIds: 0 }) _inbound = null;
        _deliveries?.OnDetached();
        if (_deliveries is { IsEmpty: true }) _deliveries = null;
        foreach (Subscription subscription in Subscriptions) subscription.Member?.SetOnline(false);
        if (!keepsWill) Will = null; // [MQTT-3.14.4-3]
        long now = Shard.Loop.Now;
        if (!IsPersistent)
        {
            PublishWill();
            Shard.End(this);
            return;
        }
        Since = now;
        Shard.Offline.Add(this);
        _deliveries?.ReturnShared(isEnd: false);
        if (Will is { DelaySeconds: 0 }) PublishWill();
        long willDueAt = Will is { } will ? now + Math.Min(will.DelaySeconds, ExpiryInterval) * 1000L : long.MaxValue;
        this.Save(AcknowledgementLevel.Os);
        if (Will is not null && Durable is not null) this.SaveWill(Will, willDueAt, AcknowledgementLevel.Os);
        StartTimer(willDueAt, ExpiryInterval == uint.MaxValue ? long.MaxValue : now + ExpiryInterval * 1000L);
    }

    /// <summary>A message for the session, from one of its subscriptions or from a shared one.</summary>
    public void Offer(ref PublicationView view, QoS qos, bool retain, uint[]? identifiers, SharedMember? member)
    {
        if (!MayReceive(view.Topic))
        {
            Drop(DropReason.NotAuthorizedToReceive, view, qos);
            member?.Completed();
            return;
        }
        if (qos != QoS.AtMostOnce)
        {
            Deliveries.Offer(ref view, qos, retain, identifiers, member);
            return;
        }
        ClientConnection? connection = Connection;
        bool mayWait = Shard.Options.QueueQoS0Messages;
        if (mayWait && (connection is null || QueuedMessages > 0)) // those that wait already go first: 3.1.1: [MQTT-4.6.0-6], 5.0: [MQTT-4.6.0-5]
            Deliveries.Add(ref view, retain, identifiers, member);
        else if (connection is null) Drop(DropReason.Offline, view, qos);
        else if (!connection.HasRoom()) Drop(DropReason.SlowConsumer, view, qos);
        else if (Shard.Memory.IsShort && connection.HasUnread()) Drop(DropReason.Memory, view, qos);
        else connection.Publisher.Send(ref view, new Delivery(null, qos, retain, identifiers, null), 0, dup: false);
    }

    /// <summary>Whether the client may have messages of a topic, now that they are delivered.</summary>
    public bool MayReceive(ReadOnlySpan<byte> topic) => Access is not { } access || !Shard.Hooks.RestrictsDelivery || Shard.Hooks.MayReceive(access, topic);

    /// <summary>Sends what can be sent of what waits.</summary>
    public void Pump()
    {
        _deliveries?.Pump();
        Backlog?.Pump();
    }

    /// <summary>Counts a message that this session does not get, or one of its client's that goes no further.</summary>
    public void Drop(DropReason reason, in PublicationView view, QoS qos) => Shard.Losses.Add(Account, reason, view, qos);

    /// <summary>Counts a delivery that is given up.</summary>
    public void Drop(DropReason reason, in Delivery delivery)
    {
        PublicationView view = delivery.Publication is { } publication ? publication.View() : default;
        Drop(reason, view, delivery.QoS);
    }

    /// <summary>Counts a delivery that has waited; if it has expired meanwhile that is why.</summary>
    public void DropWaiting(DropReason reason, in Delivery delivery) =>
        Drop(delivery.Publication!.ExpiresAt <= Shard.Loop.Now ? DropReason.Expired : reason, delivery);

    /// <summary>Counts everything that waits or is in flight as lost.</summary>
    /// <param name="reason">What is counted for those that wait.</param>
    public void DropAll(DropReason reason) => _deliveries?.DropAll(reason);

    /// <summary>Where the losses of this session are counted.</summary>
    public LossAccount Account => _losses ??= new LossAccount(ClientId);

    /// <summary>Takes a subscription away: nothing more is added to what is to be delivered for it. <c>[MQTT-3.10.4-2]</c></summary>
    public void Unsubscribe(Subscription subscription)
    {
        Subscriptions.Remove(subscription);
        Backlog?.Remove(subscription);
        this.Unsave(subscription);
        Shard.RemoveSubscription(subscription);
        Shard.Hooks.Unsubscribed(Identity, subscription.FilterText);
    }

    /// <summary>Publishes the will, once. <c>[MQTT-3.1.2-8]</c> <c>[MQTT-3.1.2-10]</c></summary>
    public void PublishWill()
    {
        if (Will is not { } will) return;
        RemoveWill();
        Shard.PublishWill(this, will);
    }

    /// <summary>There is no will any more.</summary>
    public void RemoveWill()
    {
        Will = null;
        if (Durable is { } queue) Shard.Store!.Add(new StoreOperation { Kind = StoreOperationKind.RemoveWill, Queue = queue.Number });
    }

    /// <summary>The session is over: nothing of it remains. Called by the shard.</summary>
    /// <param name="reason">What becomes of the messages that still wait.</param>
    public void End(DropReason reason)
    {
        if (_timer is not null) Shard.Loop.Cancel(_timer);
        foreach (Subscription subscription in Subscriptions) Shard.RemoveSubscription(subscription);
        Subscriptions.Clear();
        Backlog?.End();
        _deliveries?.End(reason);
        _deliveries = null; // an outdated route may keep the session for a while
    }

    private void StartTimer(long willDueAt, long expiresAt)
    {
        if (willDueAt == long.MaxValue && expiresAt == long.MaxValue) return;
        _timer = new SessionTimer(this) { WillDueAt = willDueAt, ExpiresAt = expiresAt };
        Schedule(_timer);
    }

    private void Schedule(SessionTimer timer)
    {
        long due = Math.Min(timer.ExpiresAt, timer.WillDueAt);
        if (due != long.MaxValue) Shard.Loop.Schedule(timer, due);
    }

    // The will delay or the session expiry has passed.
    internal void OnTimer(SessionTimer timer)
    {
        long now = Shard.Loop.Now;
        if (timer.WillDueAt <= now)
        {
            timer.WillDueAt = long.MaxValue;
            PublishWill();
        }
        if (timer.ExpiresAt <= now)
        {
            PublishWill();
            Shard.Counters.SessionsExpired++;
            Shard.End(this, DropReason.SessionExpired); // 5.0: [MQTT-4.1.0-2]
            return;
        }
        Schedule(timer);
    }

    /// <summary>A session by its client identifier.</summary>
    public readonly struct Key(string clientId) : ITableKey
    {
        public int Hash { get; } = HashOf(clientId);

        public bool Is(TableEntry entry) => ((ClientSession)entry).ClientId == clientId;
    }
}
