// A session: what the broker knows of a client beyond its connection (section 4.1). It belongs to one shard and is touched by that
// shard's loop only. What lives with the connection is in ClientConnection.
using System.Numerics;
using Godwit.Broker.Auth;
using Godwit.Broker.Connections;
using Godwit.Broker.Losses;
using Godwit.Broker.Routing;
using Godwit.Protocol;
using Godwit.Session;

namespace Godwit.Broker.Sessions;

internal sealed class ClientSession(Shard shard, ClientIdentity identity) : TableEntry(HashOf(identity.ClientId))
{
    private OutboundFlow<Delivery>? _outbound; // no flow before the first message of QoS 1 or 2: there are clients by the million
    private InboundFlow? _inbound;
    private ushort _sendMaximum = ushort.MaxValue, _receiveMaximum = ushort.MaxValue;
    private DeliveryQueue? _queue;
    private LossAccount? _losses;
    private SessionTimer? _timer;
    private long _inFlightBytes;
    private List<SharedMember>? _aside;

    public Shard Shard { get; } = shard;

    /// <summary>Client identifier and user name of the latest connection.</summary>
    public ClientIdentity Identity { get; set; } = identity;

    public string ClientId => Identity.ClientId;

    /// <summary>The connection, while there is one.</summary>
    public ClientConnection? Connection { get; private set; }

    /// <summary>Since when it is as it is, with or without a connection, in loop milliseconds.</summary>
    public long Since { get; private set; }

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

    /// <summary>QoS 1 and 2 messages on their way to the client.</summary>
    public OutboundFlow<Delivery> Outbound => _outbound ??= new OutboundFlow<Delivery>(_sendMaximum);

    /// <summary>QoS 1 and 2 messages of the client.</summary>
    public InboundFlow Inbound => _inbound ??= new InboundFlow(_receiveMaximum);

    /// <summary>Messages of QoS 1 and 2 sent to the client and not completed.</summary>
    public int InFlight => _outbound?.InFlight ?? 0;

    public Will? Will { get; set; }

    /// <summary>Messages waiting, beyond those in flight.</summary>
    public int QueuedMessages => _queue?.Count ?? 0;

    /// <summary>Bytes of the messages waiting.</summary>
    public long QueuedBytes => _queue?.Bytes ?? 0;

    /// <summary>The messages that wait and go first.</summary>
    public IEnumerable<Delivery> NextWaiting(int count) => _queue?.First(count) ?? [];

    /// <summary>Whether a new QoS 1 or 2 message may be sent: the client's window and the bound of what is kept for it have room.</summary>
    public bool CanSend => _outbound is null or { CanSend: true } && _inFlightBytes < Shard.Options.MaximumInflightBytes;

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
        _sendMaximum = (ushort)sendMaximum;
        _receiveMaximum = (ushort)receiveMaximum;
        _outbound?.Resume(sendMaximum);
        if (_inbound is not null) _inbound.ReceiveMaximum = receiveMaximum;
        _aside = null;
        if (_timer is not null) Shard.Loop.Cancel(_timer);
        _timer = null;
    }

    /// <summary>The connection is gone: publish the will now or later, end the session now or later, give shared messages back.</summary>
    public void Detach(bool keepsWill)
    {
        Connection = null;
        _inbound?.OnConnectionLost();
        if (_inbound is { KnownIds: 0 }) _inbound = null;
        if (_outbound is { InFlight: 0 }) _outbound = null;
        foreach (Subscription subscription in Subscriptions) subscription.Member?.SetOnline(false);
        _aside = null;
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
        ReturnSharedDeliveries();
        bool isDelayed = Will is { DelaySeconds: > 0 };
        if (!isDelayed) PublishWill();
        if (!isDelayed && ExpiryInterval == uint.MaxValue) return;
        _timer = new SessionTimer(this)
        {
            WillDueAt = isDelayed ? now + Math.Min(Will!.DelaySeconds, ExpiryInterval) * 1000L : long.MaxValue,
            ExpiresAt = ExpiryInterval == uint.MaxValue ? long.MaxValue : now + ExpiryInterval * 1000L,
        };
        Schedule(_timer);
    }

    /// <summary>A message for the session, from one of its subscriptions or from a shared one.</summary>
    public void Offer(ref PublicationView view, QoS qos, bool retain, uint[]? identifiers, SharedMember? member)
    {
        ClientConnection? connection = Connection;
        if (qos == QoS.AtMostOnce)
        {
            // Those that wait already go first: 3.1.1: [MQTT-4.6.0-6], 5.0: [MQTT-4.6.0-5]
            if (connection is null || (QueuedMessages > 0 && Shard.Options.QueueQoS0Messages))
            {
                if (Shard.Options.QueueQoS0Messages) Enqueue(new Delivery(view.Keep(), qos, retain, identifiers, member));
                else Drop(DropReason.Offline, view, qos);
            }
            else if (!connection.HasRoom())
            {
                Drop(DropReason.SlowConsumer, view, qos);
            }
            else
            {
                connection.Publisher.Send(ref view, new Delivery(null, qos, retain, identifiers, null), 0, dup: false);
            }
            return;
        }
        if (connection is not null && QueuedMessages == 0 && CanSend && !connection.IsOutputFull)
            Send(connection, ref view, qos, retain, identifiers, member);
        else
            Enqueue(new Delivery(view.Keep(), qos, retain, identifiers, member));
    }

    /// <summary>Whether a message of a shared subscription can be sent at once; otherwise another member shall have it.</summary>
    public bool HasRoomFor(QoS qos) =>
        Connection is { } connection && connection.HasRoom() && (qos == QoS.AtMostOnce || (CanSend && QueuedMessages == 0));

    /// <summary>The client takes no messages now: its shared subscription goes on without it until output drains or an acknowledgement comes.</summary>
    public void StandAside(SharedMember member)
    {
        if (_aside?.Contains(member) == true) return;
        (_aside ??= []).Add(member);
        member.SetOnline(false);
    }

    /// <summary>Sends what can be sent: first what was in flight on an earlier connection, then the queue. <c>[MQTT-4.4.0-1]</c></summary>
    public void Pump()
    {
        if (Connection is not { } connection) return;
        while (!connection.IsOutputFull && _outbound is not null && _outbound.TryNextResend(out InFlightMessage<Delivery> resend))
        {
            if (resend.IsPubrel)
            {
                connection.SendAck(PacketType.Pubrel, resend.PacketId, ReasonCode.Success);
                continue;
            }
            PublicationView view = resend.Message.Publication!.View();
            if (!connection.Publisher.Send(ref view, resend.Message, resend.PacketId, dup: true)) Forget(resend.PacketId);
        }
        while (QueuedMessages > 0 && !connection.IsOutputFull && (CanSend || _queue!.Peek().QoS == QoS.AtMostOnce))
        {
            Delivery delivery = _queue!.Dequeue();
            PublicationView view = delivery.Publication!.View();
            if (view.ExpiresAt <= Shard.Loop.Now) // [MQTT-3.3.2-5]
            {
                Drop(DropReason.Expired, view, delivery.QoS);
                delivery.Member?.Completed();
            }
            else if (delivery.QoS == QoS.AtMostOnce)
            {
                connection.Publisher.Send(ref view, delivery, 0, dup: false);
            }
            else
            {
                Send(connection, ref view, delivery.QoS, delivery.Retain, delivery.Identifiers, delivery.Member);
            }
        }
        if (QueuedMessages == 0) _queue = null;
        Rejoin();
    }

    /// <summary>PUBREC has come: the message itself has arrived, so only its identifier is kept on.</summary>
    public void Received(ushort packetId, in Delivery delivery)
    {
        _inFlightBytes -= delivery.Size;
        Outbound.Replace(packetId, delivery with { Publication = null });
    }

    /// <summary>A delivery is finished: acknowledged, refused, or given up.</summary>
    public void Completed(in Delivery delivery)
    {
        _inFlightBytes -= delivery.Size;
        delivery.Member?.Completed();
        if (QueuedMessages > 0 || _outbound is { IsResuming: true } || _aside is not null) Pump();
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
    public void DropAll(DropReason reason) => EndedSession.Count(this, reason, _queue, _outbound);

    /// <summary>Where the losses of this session are counted.</summary>
    public LossAccount Account => _losses ??= new LossAccount(ClientId);

    /// <summary>Publishes the will, once. <c>[MQTT-3.1.2-8]</c> <c>[MQTT-3.1.2-10]</c></summary>
    public void PublishWill()
    {
        if (Will is not { } will) return;
        Will = null;
        Shard.PublishWill(this, will);
    }

    /// <summary>The session is over: nothing of it remains. Called by the shard.</summary>
    /// <param name="reason">What becomes of the messages that still wait.</param>
    public void End(DropReason reason)
    {
        if (_timer is not null) Shard.Loop.Cancel(_timer);
        foreach (Subscription subscription in Subscriptions) Shard.RemoveSubscription(subscription);
        Subscriptions.Clear();
        Backlog?.End();
        ReturnSharedDeliveries();
        DropAll(reason);
        _queue?.Clear();
        _queue = null;
        _outbound = null; // an outdated route may keep the session for a while
        _inFlightBytes = 0;
    }

    private void Send(ClientConnection connection, ref PublicationView view, QoS qos, bool retain, uint[]? identifiers, SharedMember? member)
    {
        var delivery = new Delivery(IsPersistent || member is not null ? view.Keep() : null, qos, retain, identifiers, member);
        ushort packetId = Outbound.Begin(qos, delivery);
        _inFlightBytes += delivery.Size;
        if (!connection.Publisher.Send(ref view, delivery, packetId, dup: false)) Forget(packetId);
    }

    // The client may take messages again.
    private void Rejoin()
    {
        if (_aside is not { } aside || !HasRoomFor(QoS.AtLeastOnce)) return;
        _aside = null;
        foreach (SharedMember member in aside)
        {
            if (member.Subscription.Member == member) member.SetOnline(true);
        }
    }

    // A message that could not be sent (too large, or a hook refused it) counts as delivered. [MQTT-3.1.2-25]
    private void Forget(ushort packetId)
    {
        if (!Outbound.TryCancel(packetId, out Delivery delivery)) return;
        _inFlightBytes -= delivery.Size;
        delivery.Member?.Completed();
    }

    private void Enqueue(in Delivery delivery)
    {
        DeliveryQueue queue = _queue ??= new DeliveryQueue(Shard.Counters);
        int size = delivery.Size;
        while (queue.Count >= Shard.Options.MaximumQueuedMessages || queue.Bytes + size > Shard.Options.MaximumQueuedBytes)
        {
            bool isNewest = Shard.Options.OverflowPolicy == OverflowPolicy.DropNewest || queue.Count == 0;
            Delivery dropped = isNewest ? delivery : queue.Dequeue();
            DropWaiting(DropReason.QueueFull, dropped);
            dropped.Member?.Completed();
            if (isNewest) return;
        }
        queue.Enqueue(delivery);
    }

    // QoS 1 messages of a shared subscription that this client has not acknowledged go to another member. A QoS 2 delivery that has
    // begun is completed to this client, or to nobody. [MQTT-4.8.2-4] [MQTT-4.8.2-5]
    private void ReturnSharedDeliveries()
    {
        List<(ushort PacketId, Delivery Delivery)>? returned = null;
        if (_outbound is not null) foreach (InFlightMessage<Delivery> entry in _outbound)
        {
            if (entry is { QoS: QoS.AtLeastOnce, Message.Member: not null }) (returned ??= []).Add((entry.PacketId, entry.Message));
        }
        foreach ((ushort packetId, Delivery delivery) in returned ?? [])
        {
            Outbound.TryCancel(packetId, out _);
            _inFlightBytes -= delivery.Size;
            delivery.Member!.GiveBack(delivery.Publication!);
        }
        if (_queue is null) return;
        var kept = new DeliveryQueue(Shard.Counters);
        while (_queue.Count > 0)
        {
            Delivery delivery = _queue.Dequeue();
            if (delivery.Member is { } member) member.GiveBack(delivery.Publication!);
            else kept.Enqueue(delivery);
        }
        _queue = kept.Count > 0 ? kept : null;
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
