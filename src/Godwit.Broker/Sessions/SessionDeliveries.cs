// The messages on their way to one client that its connection has not taken for good: in flight until they are acknowledged, and waiting in
// the queue behind them. They belong to the session, on its loop. With a store each has a place in the session's stored queue as well.
using Godwit.Broker.Connections;
using Godwit.Broker.Durability;
using Godwit.Broker.Losses;
using Godwit.Broker.Routing;
using Godwit.Protocol;
using Godwit.Session;

namespace Godwit.Broker.Sessions;

internal sealed class SessionDeliveries(ClientSession session) : IQueueOwner
{
    /// <summary>Bytes that may wait for a session whatever happens.</summary>
    private const int SmallQueue = 4 * 1024;

    private const int MostWaitingRetained = 256;

    private OutboundFlow<Delivery>? _outbound;
    private DeliveryQueue? _queue;
    private List<SharedMember>? _aside;
    private SharedReturns? _returns;
    private bool _isWaitingForStore;

    /// <summary>The queue in the store; null if the session is not stored.</summary>
    public DurableQueue? Durable { get; private set; }

    /// <summary>QoS 1 and 2 messages sent to the client and not completed.</summary>
    public OutboundFlow<Delivery> Outbound => _outbound ??= new OutboundFlow<Delivery>(session.SendMaximum);

    /// <summary>How many of them there are.</summary>
    public int InFlight => _outbound?.InFlight ?? 0;

    /// <summary>Bytes of those that are kept.</summary>
    public long InFlightBytes { get; private set; }

    /// <summary>Messages waiting.</summary>
    public int Queued => (_queue?.Count ?? 0) + (int)(Durable?.StoredOnly ?? 0);

    /// <summary>Bytes of the messages waiting.</summary>
    public long QueuedBytes => BytesInMemory + (Durable?.StoredOnlyBytes ?? 0);

    /// <summary>Bytes of the waiting messages that are in memory.</summary>
    public long BytesInMemory => _queue?.Bytes ?? 0;

    /// <summary>Whether a new QoS 1 or 2 message may be sent: the client's window and the bound of what is kept for it have room.</summary>
    public bool CanSend => _outbound is null or { CanSend: true } && InFlightBytes < Shard.MaximumInflightBytes;

    /// <summary>Whether there is nothing that has to be kept.</summary>
    public bool IsEmpty => Durable is null && _outbound is null && _queue is null;

    private SharedReturns Returns => _returns ??= new SharedReturns(Shard, session.ClientId, Durable!.Number);

    private Shard Shard => session.Shard;

    /// <summary>The messages that wait and go first.</summary>
    public IEnumerable<Delivery> NextWaiting(int count) => _queue?.First(count) ?? [];

    /// <summary>From now on the session is stored.</summary>
    /// <param name="number">The number of its queue.</param>
    public void MakeDurable(long number) => Durable = new DurableQueue(Shard.Store!, this, number);

    /// <summary>A connection has taken the session.</summary>
    public void OnAttached()
    {
        _outbound?.Resume(session.SendMaximum);
        _aside = null;
    }

    /// <summary>The connection is gone.</summary>
    public void OnDetached()
    {
        if (_outbound is { InFlight: 0 }) _outbound = null;
        _aside = null;
    }

    /// <summary>A QoS 1 or 2 message: sent if there is room, otherwise it waits.</summary>
    public void Offer(ref PublicationView view, QoS qos, bool retain, uint[]? identifiers, SharedMember? member)
    {
        ClientConnection? connection = session.Connection;
        bool canSend = connection is not null && Queued == 0 && CanSend && !connection.IsOutputFull;
        if (Durable is { } queue)
        {
            Delivery stored = queue.Add(new Delivery(view.KeepRecorded(), qos, retain, identifiers, member));
            if (canSend && !MustWait(stored)) Send(connection!, ref view, stored, dup: false);
            else Enqueue(stored);
        }
        else if (canSend)
        {
            Send(connection!, ref view, new Delivery(session.IsPersistent || member is not null ? view.Keep() : null, qos, retain, identifiers, member), dup: false);
        }
        else
        {
            Enqueue(new Delivery(view.Keep(), qos, retain, identifiers, member));
        }
    }

    /// <summary>A QoS 0 message that waits.</summary>
    public void Add(ref PublicationView view, bool retain, uint[]? identifiers, SharedMember? member)
    {
        var waiting = new Delivery(Durable is null ? view.Keep() : view.KeepRecorded(), QoS.AtMostOnce, retain, identifiers, member);
        Enqueue(Durable?.Add(waiting) ?? waiting);
    }

    /// <summary>Whether a message of a shared subscription can be sent at once; otherwise another member shall have it.</summary>
    public bool HasRoomFor(QoS qos) =>
        session.Connection is { } connection && connection.HasRoom() && (qos == QoS.AtMostOnce || (CanSend && (Queued == 0 || _isWaitingForStore)));

    /// <summary>The client takes no messages now: its shared subscription goes on without it until output drains or an acknowledgement comes.</summary>
    public void StandAside(SharedMember member)
    {
        if (_aside?.Contains(member) == true) return;
        (_aside ??= []).Add(member);
        member.SetOnline(false);
    }

    /// <summary>Whether a retained message may wait until it is stored, behind others that do: they go out together.</summary>
    public bool MayWaitForStore(int size) => _isWaitingForStore && Queued < MostWaitingRetained && !IsQueueFull(size);

    /// <summary>Sends what can be sent: first what was in flight on an earlier connection, then the queue. <c>[MQTT-4.4.0-1]</c></summary>
    public void Pump()
    {
        if (session.Connection is not { } connection) return;
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
            bool hasExpired = view.ExpiresAt <= Shard.Loop.Now; // [MQTT-3.3.2-5]
            if (hasExpired || !session.MayReceive(view.Topic)) // any more: rules change
            {
                session.Drop(hasExpired ? DropReason.Expired : DropReason.NotAuthorizedToReceive, view, delivery.QoS);
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
                Delivery inFlight = session.IsPersistent || Durable is not null || delivery.Member is not null ? delivery : delivery with { Publication = null };
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
            else if (Outbound.Restore(new InFlightMessage<Delivery>(DurableQueue.PacketIdOf(delivery.Sequence), QoS.ExactlyOnce, true, delivery)) && session.Connection is { } connection)
                SendPubrel(connection, DurableQueue.PacketIdOf(delivery.Sequence), delivery);
        }
        Pump();
    }

    /// <summary>Something was committed: perhaps what the queue's first message waited for.</summary>
    public void OnStored()
    {
        _isWaitingForStore = false;
        Pump();
        session.Backlog?.Pump();
    }

    /// <summary>PUBREC has come: the message itself has arrived, so only its identifier is kept on.</summary>
    public void Received(ushort packetId, in Delivery delivery)
    {
        EndInFlight(delivery);
        long ticket = delivery is { Sequence: > 0, Publication: not null } ? Durable!.Release(delivery, session.Connection!.Level) : delivery.Ticket;
        Delivery released = delivery with { Publication = null, Ticket = ticket };
        Outbound.Replace(packetId, released);
        SendPubrel(session.Connection!, packetId, released);
    }

    /// <summary>A delivery is finished: acknowledged, refused, or given up.</summary>
    public void Completed(in Delivery delivery)
    {
        EndInFlight(delivery);
        Durable?.Remove(delivery);
        delivery.Member?.Completed();
        if (Queued > 0 || _outbound is { IsResuming: true } || _aside is not null) Pump();
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
            session.DropWaiting(DropReason.Memory, dropped);
            dropped.Member?.Completed();
        }
        return freed;
    }

    // QoS 1 messages of a shared subscription that this client has not acknowledged go to another member. A QoS 2 delivery that has
    // begun is completed to this client, or to nobody. [MQTT-4.8.2-4] [MQTT-4.8.2-5]
    public void ReturnShared(bool isEnd)
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

    /// <summary>Counts everything that waits or is in flight as lost.</summary>
    /// <param name="reason">What is counted for those that wait.</param>
    public void DropAll(DropReason reason)
    {
        EndedSession.Count(session, reason, _queue, _outbound);
        if (Durable is { StoredOnly: > 0 } queue) Shard.Losses.Add(session.Account, reason, queue.StoredOnly, queue.StoredOnlyBytes);
    }

    /// <summary>The session is over.</summary>
    /// <param name="reason">What becomes of the messages that still wait.</param>
    public void End(DropReason reason)
    {
        ReturnShared(isEnd: true);
        DropAll(reason);
        _queue?.Clear();
        _queue = null;
        if (_outbound is not null) foreach (InFlightMessage<Delivery> entry in _outbound) EndInFlight(entry.Message);
        _outbound = null;
        if (Durable is null) return;
        Durable.End();
        Returns.RemoveSession();
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

    // A message that could not be sent (too large, or a hook refused it) counts as delivered. [MQTT-3.1.2-25]
    private void Forget(ushort packetId)
    {
        if (!Outbound.TryCancel(packetId, out Delivery delivery)) return;
        EndInFlight(delivery);
        Durable?.Remove(delivery);
        delivery.Member?.Completed();
    }

    private void BeginInFlight(in Delivery delivery)
    {
        InFlightBytes += delivery.Size;
        delivery.Publication?.Hold(Shard.Counters);
    }

    private void EndInFlight(in Delivery delivery)
    {
        InFlightBytes -= delivery.Size;
        delivery.Publication?.Unhold(Shard.Counters);
    }

    // PUBREL lets the client forget that it has the message, so a crash must not make it come again: the store knows first.
    private void SendPubrel(ClientConnection connection, ushort packetId, in Delivery released)
    {
        if (released.Ticket == 0 || Shard.Store!.IsCommitted(released.Ticket)) connection.SendAck(PacketType.Pubrel, packetId, ReasonCode.Success);
        else Shard.Store!.Acknowledge(connection, PacketType.Pubrel, packetId, ReasonCode.Success);
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
            bool isNewest = session.Limits.Overflow != OverflowPolicy.DropOldest || queue.Count == 0 || IsAwaitingStore(queue.Peek());
            Delivery dropped = isNewest ? delivery : queue.Dequeue();
            session.DropWaiting(reason, dropped);
            freed += dropped.Size;
            Durable?.Remove(dropped);
            dropped.Member?.Completed();
            if (isNewest && session.Limits.Overflow == OverflowPolicy.Disconnect) session.Connection?.EndSoon(EndReason.QueueOverflow);
            if (isNewest) return;
        }
        if (Durable is { } durable && delivery.Member is null && durable.IsMemoryFull(queue.Count, queue.Bytes)) durable.LeaveInStore(delivery);
        else queue.Enqueue(delivery);
        if (Durable is not null && session.Connection is not null && delivery.QoS == QoS.ExactlyOnce) WaitForStore();
    }

    // While memory is shed no queue gets longer that is in memory only.
    private bool IsToShed() => Shard.Memory.IsShedding && Durable is null && _queue is { Bytes: >= SmallQueue };

    private bool IsQueueFull(int size) => Durable is null
        ? Queued >= session.Limits.QueuedMessages || QueuedBytes + size > session.Limits.QueuedBytes
        : Queued >= session.Limits.StoredMessages || QueuedBytes + size > session.Limits.StoredBytes;

    // A QoS 2 message is not sent before it is stored: sent again after a crash it would have another identifier and come twice. And while
    // an old message holds the identifier, a new one has to wait for it.
    private bool MustWait(in Delivery delivery)
    {
        if (delivery.Sequence == 0 || delivery.QoS == QoS.AtMostOnce) return false;
        if (_outbound?.Contains(DurableQueue.PacketIdOf(delivery.Sequence)) == true) return true;
        if (session.Connection is { Level: AcknowledgementLevel.Memory } || IsInItsPlace(delivery)) return false;
        WaitForStore();
        return true;
    }

    // Not only the message, which may be stored for others or in another queue, but its place here.
    private bool IsInItsPlace(in Delivery delivery) => !IsAwaitingStore(delivery) && (delivery.QoS != QoS.ExactlyOnce || Shard.Store!.IsCommitted(delivery.Ticket));

    private static bool IsAwaitingStore(in Delivery delivery) =>
        delivery is { QoS: QoS.ExactlyOnce, Sequence: > 0, Publication.Record.IsStored: false };

    private void WaitForStore()
    {
        if (_isWaitingForStore) return;
        _isWaitingForStore = true;
        Shard.Store!.Wait(this);
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

    // On its way here from the group's queue, with both operations in the open batch: taken back now it would be in neither after a crash.
    private bool IsMoving(in Delivery delivery) =>
        delivery is { Sequence: > 0, Publication.Record.IsStored: true } && Shard.Store!.IsOpen(delivery.Ticket);

    private void GiveBack(in Delivery delivery)
    {
        SharedMember member = delivery.Member!;
        Publication publication = delivery.Publication!;
        bool isMoving = IsMoving(delivery);
        if (delivery.Sequence == 0)
        {
            member.GiveBack(new ReturnedDelivery(publication));
        }
        else if (!isMoving && Durable!.TryTakeBack(delivery))
        {
            member.GiveBack(new ReturnedDelivery(publication));
            Shard.Settle(publication.Record!);
        }
        else
        {
            Returns.GiveBack(member, publication, delivery.Sequence, isMoving);
        }
    }
}
