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

internal sealed class ClientSession(Shard shard, ClientIdentity identity) : TableEntry(HashOf(identity.ClientId)), IQueueOwner
{
    /// <summary>Bytes that may wait for a session whatever happens.</summary>
    private const int SmallQueue = 4 * 1024;

    private const int MostWaitingRetained = 256;

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

    /// <summary>What holds for it.</summary>
    public ClientLimits Limits { get; set; } = shard.Broker.Classes.LimitsOf(identity);

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

    /// <summary>QoS 1 and 2 messages on their way to the client.</summary>
    public OutboundFlow<Delivery> Outbound => _outbound ??= new OutboundFlow<Delivery>(_sendMaximum);

    /// <summary>QoS 1 and 2 messages of the client.</summary>
    public InboundFlow Inbound => _inbound ??= new InboundFlow(_receiveMaximum);

    /// <summary>Messages of QoS 1 and 2 sent to the client and not completed.</summary>
    public int InFlight => _outbound?.InFlight ?? 0;

    public Will? Will { get; set; }

    /// <summary>Its queue in the store; null if it is not stored.</summary>
    public DurableQueue? Durable { get; private set; }

    /// <summary>QoS 2 messages of the client that are not stored yet, by packet identifier.</summary>
    public Dictionary<ushort, MessageRecord>? Unstored { get; set; }

    /// <summary>The client's latest QoS 2 message that could not be stored at once.</summary>
    public StoreUnit? LastUnit { get; set; }

    /// <summary>Messages waiting, beyond those in flight.</summary>
    public int QueuedMessages => (_queue?.Count ?? 0) + (int)(Durable?.StoredOnly ?? 0);

    /// <summary>Bytes of the messages waiting.</summary>
    public long QueuedBytes => (_queue?.Bytes ?? 0) + (Durable?.StoredOnlyBytes ?? 0);

    /// <summary>The messages that wait and go first.</summary>
    public IEnumerable<Delivery> NextWaiting(int count) => _queue?.First(count) ?? [];

    /// <summary>Whether a new QoS 1 or 2 message may be sent: the client's window and the bound of what is kept for it have room.</summary>
    public bool CanSend => _outbound is null or { CanSend: true } && _inFlightBytes < Shard.MaximumInflightBytes;

    /// <summary>Bytes of the messages in flight that are kept.</summary>
    public long InFlightBytes => _inFlightBytes;

    /// <summary>Bytes of the waiting messages that are in memory.</summary>
    public long BytesInMemory => _queue?.Bytes ?? 0;

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

    /// <summary>From now on the session is stored.</summary>
    /// <param name="number">The number of its queue.</param>
    /// <param name="createdAt">When it began, in Unix milliseconds.</param>
    public void MakeDurable(long number, long createdAt)
    {
        Durable = new DurableQueue(Shard.Store!, this, number);
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
        ReturnSharedDeliveries(isEnd: false);
        if (Will is { DelaySeconds: 0 }) PublishWill();
        long willDueAt = Will is { } will ? now + Math.Min(will.DelaySeconds, ExpiryInterval) * 1000L : long.MaxValue;
        this.Save(AcknowledgementLevel.Os);
        if (Will is not null && Durable is not null) this.SaveWill(Will, willDueAt, AcknowledgementLevel.Os);
        StartTimer(willDueAt, ExpiryInterval == uint.MaxValue ? long.MaxValue : now + ExpiryInterval * 1000L);
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
                if (!Shard.Options.QueueQoS0Messages)
                {
                    Drop(DropReason.Offline, view, qos);
                    return;
                }
                var waiting = new Delivery(Durable is null ? view.Keep() : view.KeepRecorded(), qos, retain, identifiers, member);
                Enqueue(Durable?.Add(waiting) ?? waiting);
            }
            else if (!connection.HasRoom())
            {
                Drop(DropReason.SlowConsumer, view, qos);
            }
            else if (Shard.Memory.IsShort && connection.HasUnread())
            {
                Drop(DropReason.Memory, view, qos);
            }
            else
            {
                connection.Publisher.Send(ref view, new Delivery(null, qos, retain, identifiers, null), 0, dup: false);
            }
            return;
        }
        bool canSend = connection is not null && QueuedMessages == 0 && CanSend && !connection.IsOutputFull;
        if (Durable is { } queue)
        {
            Delivery stored = queue.Add(new Delivery(view.KeepRecorded(), qos, retain, identifiers, member));
            if (canSend && !MustWait(stored)) Send(connection!, ref view, stored, dup: false);
            else Enqueue(stored);
        }
        else if (canSend)
        {
            Send(connection!, ref view, new Delivery(IsPersistent || member is not null ? view.Keep() : null, qos, retain, identifiers, member), dup: false);
        }
        else
        {
            Enqueue(new Delivery(view.Keep(), qos, retain, identifiers, member));
        }
    }

    /// <summary>Whether a message of a shared subscription can be sent at once; otherwise another member shall have it.</summary>
    public bool HasRoomFor(QoS qos) =>
        Connection is { } connection && connection.HasRoom() && (qos == QoS.AtMostOnce || (CanSend && (QueuedMessages == 0 || IsWaitingForStore)));

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
                SendPubrel(connection, resend.PacketId, resend.Message);
                continue;
            }
            PublicationView view = resend.Message.Publication!.View();
            if (!connection.Publisher.Send(ref view, resend.Message, resend.PacketId, dup: true)) Forget(resend.PacketId);
        }
        while (_queue is { Count: > 0 } queue && !connection.IsOutputFull && (CanSend || queue.Peek().QoS == QoS.AtMostOnce))
        {
            if (MustWait(queue.Peek())) break;
            Delivery delivery = queue.Dequeue();
            PublicationView view = delivery.Publication!.View();
            if (view.ExpiresAt <= Shard.Loop.Now) // [MQTT-3.3.2-5]
            {
                Drop(DropReason.Expired, view, delivery.QoS);
                Durable?.Remove(delivery);
                delivery.Member?.Completed();
            }
            else if (delivery.QoS == QoS.AtMostOnce)
            {
                connection.Publisher.Send(ref view, delivery, 0, dup: false);
                Durable?.Remove(delivery);
            }
            else
            {
                Delivery inFlight = IsPersistent || Durable is not null || delivery.Member is not null ? delivery : delivery with { Publication = null };
                Send(connection, ref view, inFlight, dup: delivery.Sequence != 0 && delivery.Sequence <= Durable!.SentSequence);
            }
        }
        Durable?.Read(_queue?.Count ?? 0);
        if (_queue is { Count: 0 }) _queue = null;
        Rejoin();
    }

    /// <summary>Messages that were in the store only.</summary>
    public void OnRead(List<Delivery> deliveries)
    {
        foreach (Delivery delivery in deliveries)
        {
            if (delivery.Publication is not null) (_queue ??= new DeliveryQueue(Shard.Counters)).Enqueue(delivery);
            else if (Outbound.Restore(new InFlightMessage<Delivery>(DurableQueue.PacketIdOf(delivery.Sequence), QoS.ExactlyOnce, true, delivery)) && Connection is { } connection)
                SendPubrel(connection, DurableQueue.PacketIdOf(delivery.Sequence), delivery);
        }
        Pump();
    }

    /// <summary>PUBREC has come: the message itself has arrived, so only its identifier is kept on.</summary>
    public void Received(ushort packetId, in Delivery delivery)
    {
        EndInFlight(delivery);
        long ticket = delivery is { Sequence: > 0, Publication: not null } ? Durable!.Release(delivery, Connection!.Level) : delivery.Ticket;
        Delivery released = delivery with { Publication = null, Ticket = ticket };
        Outbound.Replace(packetId, released);
        SendPubrel(Connection!, packetId, released);
    }

    /// <summary>A delivery is finished: acknowledged, refused, or given up.</summary>
    public void Completed(in Delivery delivery)
    {
        EndInFlight(delivery);
        Durable?.Remove(delivery);
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
    public void DropAll(DropReason reason)
    {
        EndedSession.Count(this, reason, _queue, _outbound);
        if (Durable is { StoredOnly: > 0 } queue) Shard.Losses.Add(Account, reason, queue.StoredOnly, queue.StoredOnlyBytes);
    }

    /// <summary>Where the losses of this session are counted.</summary>
    public LossAccount Account => _losses ??= new LossAccount(ClientId);

    /// <summary>Publishes the will, once. <c>[MQTT-3.1.2-8]</c> <c>[MQTT-3.1.2-10]</c></summary>
    public void PublishWill()
    {
        if (Will is not { } will) return;
        Will = null;
        if (Durable is { } queue) Shard.Store!.Add(new StoreOperation { Kind = StoreOperationKind.RemoveWill, Queue = queue.Number });
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
        ReturnSharedDeliveries(isEnd: true);
        DropAll(reason);
        _queue?.Clear();
        _queue = null;
        if (_outbound is not null) foreach (InFlightMessage<Delivery> entry in _outbound) EndInFlight(entry.Message);
        _outbound = null; // an outdated route may keep the session for a while
        if (Durable is { } stored)
        {
            stored.End();
            Shard.Store!.Add(new StoreOperation { Kind = StoreOperationKind.RemoveSession, Queue = stored.Number });
        }
    }

    private void Send(ClientConnection connection, ref PublicationView view, in Delivery delivery, bool dup)
    {
        ushort packetId;
        if (delivery.Sequence == 0)
        {
            packetId = Outbound.Begin(delivery.QoS, delivery);
        }
        else
        {
            packetId = DurableQueue.PacketIdOf(delivery.Sequence);
            Outbound.Begin(delivery.QoS, delivery, packetId);
            Durable!.SentSequence = Math.Max(Durable.SentSequence, delivery.Sequence);
        }
        BeginInFlight(delivery);
        if (!connection.Publisher.Send(ref view, delivery, packetId, dup)) Forget(packetId);
    }

    private void BeginInFlight(in Delivery delivery)
    {
        _inFlightBytes += delivery.Size;
        delivery.Publication?.Hold(Shard.Counters);
    }

    private void EndInFlight(in Delivery delivery)
    {
        _inFlightBytes -= delivery.Size;
        delivery.Publication?.Unhold(Shard.Counters);
    }

    // PUBREL lets the client forget that it has the message, so a crash must not make it come again: the store knows first.
    private void SendPubrel(ClientConnection connection, ushort packetId, in Delivery released)
    {
        if (released.Ticket == 0 || Shard.Store!.IsCommitted(released.Ticket)) connection.SendAck(PacketType.Pubrel, packetId, ReasonCode.Success);
        else Shard.Store!.Acknowledge(connection, PacketType.Pubrel, packetId, ReasonCode.Success);
    }

    // A QoS 2 message is not sent before it is stored: sent again after a crash it would have another identifier and come twice. And while
    // an old message holds the identifier, a new one has to wait for it.
    private bool MustWait(in Delivery delivery)
    {
        if (delivery.Sequence == 0 || delivery.QoS == QoS.AtMostOnce) return false;
        if (_outbound?.Contains(DurableQueue.PacketIdOf(delivery.Sequence)) == true) return true;
        if (Connection is { Level: AcknowledgementLevel.Memory } || IsInItsPlace(delivery)) return false;
        WaitForStore();
        return true;
    }

    // Not only the message, which may be stored for others or in another queue, but its place here.
    private bool IsInItsPlace(in Delivery delivery) => !IsAwaitingStore(delivery) && (delivery.QoS != QoS.ExactlyOnce || Shard.Store!.IsCommitted(delivery.Ticket));

    private static bool IsAwaitingStore(in Delivery delivery) =>
        delivery is { QoS: QoS.ExactlyOnce, Sequence: > 0, Publication.Record.IsStored: false };

    private void WaitForStore()
    {
        if (IsWaitingForStore) return;
        IsWaitingForStore = true;
        Shard.Store!.Wait(this);
    }

    /// <summary>Something was committed: perhaps what the queue's first message waited for.</summary>
    public void OnStored()
    {
        IsWaitingForStore = false;
        Pump();
        Backlog?.Pump();
    }

    /// <summary>Whether a retained message may wait until it is stored, behind others that do: they go out together.</summary>
    public bool MayWaitForStore(int size) => IsWaitingForStore && QueuedMessages < MostWaitingRetained && !IsQueueFull(size);

    private bool IsWaitingForStore { get; set; }

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
        EndInFlight(delivery);
        Durable?.Remove(delivery);
        delivery.Member?.Completed();
    }

    private void Enqueue(in Delivery delivery)
    {
        DeliveryQueue queue = _queue ??= new DeliveryQueue(Shard.Counters);
        int size = delivery.Size;
        long freed = 0;
        while (IsQueueFull(size) || (freed < size && IsToShed()))
        {
            DropReason reason = IsQueueFull(size) ? DropReason.QueueFull : DropReason.Memory;
            // The oldest one may be on its way into or out of the store.
            bool isNewest = Limits.Overflow != OverflowPolicy.DropOldest || queue.Count == 0 || IsAwaitingStore(queue.Peek());
            Delivery dropped = isNewest ? delivery : queue.Dequeue();
            DropWaiting(reason, dropped);
            freed += dropped.Size;
            Durable?.Remove(dropped);
            dropped.Member?.Completed();
            if (isNewest && Limits.Overflow == OverflowPolicy.Disconnect) Connection?.EndSoon(EndReason.QueueOverflow);
            if (isNewest) return;
        }
        if (Durable is { } durable && delivery.Member is null && durable.IsMemoryFull(queue.Count, queue.Bytes)) durable.LeaveInStore(delivery);
        else queue.Enqueue(delivery);
        if (Durable is not null && Connection is not null && delivery.QoS == QoS.ExactlyOnce) WaitForStore();
    }

    /// <summary>Gives up the messages that have waited longest, unless the store has them.</summary>
    /// <returns>About how many bytes that frees.</returns>
    public long ShedOldest(long bytes)
    {
        if (Durable is not null) return 0;
        long freed = 0;
        while (freed < bytes && _queue is { Count: > 0 } queue)
        {
            Delivery dropped = queue.Dequeue();
            freed += dropped.Size;
            DropWaiting(DropReason.Memory, dropped);
            dropped.Member?.Completed();
        }
        return freed;
    }

    // While memory is shed no queue gets longer that is in memory only.
    private bool IsToShed() => Shard.Memory.IsShedding && Durable is null && _queue is { Bytes: >= SmallQueue };

    private bool IsQueueFull(int size) => Durable is null
        ? QueuedMessages >= Limits.QueuedMessages || QueuedBytes + size > Limits.QueuedBytes
        : QueuedMessages >= Limits.StoredMessages || QueuedBytes + size > Limits.StoredBytes;

    // QoS 1 messages of a shared subscription that this client has not acknowledged go to another member. A QoS 2 delivery that has
    // begun is completed to this client, or to nobody. [MQTT-4.8.2-4] [MQTT-4.8.2-5]
    private void ReturnSharedDeliveries(bool isEnd)
    {
        List<(ushort PacketId, Delivery Delivery)>? returned = null;
        if (_outbound is not null) foreach (InFlightMessage<Delivery> entry in _outbound)
        {
            if (entry is { QoS: QoS.AtLeastOnce, Message.Member: not null } && (isEnd || !IsMoving(entry.Message)))
                (returned ??= []).Add((entry.PacketId, entry.Message));
        }
        foreach ((ushort packetId, Delivery delivery) in returned ?? [])
        {
            Outbound.TryCancel(packetId, out _);
            EndInFlight(delivery);
            GiveBack(delivery);
        }
        if (_queue is null) return;
        var kept = new DeliveryQueue(Shard.Counters);
        while (_queue.Count > 0)
        {
            Delivery delivery = _queue.Dequeue();
            if (delivery.Member is not null && !IsAwaitingStore(delivery) && (isEnd || !IsMoving(delivery))) GiveBack(delivery);
            else kept.Enqueue(delivery);
        }
        _queue = kept.Count > 0 ? kept : null;
    }

    // On its way here from the group's queue, with both operations in the open batch: taken back now it would be in neither after a crash.
    private bool IsMoving(in Delivery delivery) =>
        delivery is { Sequence: > 0, Publication.Record.IsStored: true } && Shard.Store!.IsOpen(delivery.Ticket);

    private void GiveBack(in Delivery delivery)
    {
        var returned = new ReturnedDelivery(delivery.Publication!);
        if (delivery.Sequence == 0)
        {
            delivery.Member!.GiveBack(returned);
        }
        else if (Durable!.TryTakeBack(delivery))
        {
            delivery.Member!.GiveBack(returned);
            Shard.Settle(delivery.Publication!.Record!);
        }
        else
        {
            delivery.Member!.GiveBack(returned with { SessionPlace = delivery.Sequence, SessionQueue = Durable.Number });
        }
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
