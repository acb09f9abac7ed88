using Godwit.Broker.Durability;
using Godwit.Broker.Sessions;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Broker.Routing;

/// <summary>
/// A session's membership in a shared subscription. The group's loop decides which member gets a message and keeps the count of what
/// each member has not finished yet; the member's own loop delivers and reports back.
/// </summary>
internal sealed class SharedMember(SharedGroup group, ClientSession session, Subscription subscription) : ILoopWork
{
    private int _finished;
    private List<ReturnedDelivery>? _givenBack;
    private bool _isReporting;

    public SharedGroup Group { get; } = group;

    public ClientSession Session { get; } = session;

    public Subscription Subscription { get; } = subscription;

    /// <summary>Whether its session is stored.</summary>
    public bool IsDurable { get; } = session.Durable is not null;

    /// <summary>For the group's loop: whether a client is connected that has not stopped taking messages.</summary>
    public bool IsOnline { get; private set; }

    /// <summary>For the group's loop: QoS 1 and 2 messages given to this member and not finished.</summary>
    public int Outstanding { get; set; }

    /// <summary>For the group's loop: how many of them the client can take at once.</summary>
    public int Window { get; private set; }

    /// <summary>For the group's loop: whether a message can go here now.</summary>
    public bool HasRoom => IsOnline && Outstanding < Window;

    /// <summary>On the member's loop: the client has come or gone, or has stopped taking messages for a while.</summary>
    public void SetOnline(bool isOnline)
    {
        int window = isOnline ? Session.SendMaximum : 0;
        Group.Home.Loop.PostOrRun(() =>
        {
            IsOnline = isOnline;
            Window = window;
            if (isOnline) Group.Pump();
        });
    }

    /// <summary>On the member's loop: a message that the group chose this member for. <c>[MQTT-4.8.2-3]</c></summary>
    /// <param name="view">The message.</param>
    /// <param name="place">Its place in the group's stored queue; 0 if it has none.</param>
    public void Deliver(ref PublicationView view, long place)
    {
        QoS qos = Subscription.Options.DeliveryQoS(view.QoS);
        bool counts = view.QoS != QoS.AtMostOnce;
        bool isHere = Session.Connection is not null && Subscription.Member == this;
        if (!isHere || !Session.Deliveries.HasRoomFor(qos))
        {
            if (isHere) Session.Deliveries.StandAside(this);
            // The group hears of that before it gets the message back, so it does not choose this member again.
            if (counts) GiveBack(new ReturnedDelivery(view.Keep()) { GroupPlace = place });
            else Session.Drop(isHere ? DropReason.SlowConsumer : DropReason.NoMemberAvailable, view, qos);
            return;
        }
        bool retain = view.Retain && Subscription.Options.RetainAsPublished;
        Session.Offer(ref view, qos, retain, Subscription.Identifiers, qos == QoS.AtMostOnce ? null : this);
        if (place != 0)
            Session.Shard.Store!.Add(new StoreOperation { Kind = StoreOperationKind.RemoveDelivery, Queue = Group.QueueNumber, Sequence = place, Item = view.Kept!.Record });
        if (counts && qos == QoS.AtMostOnce) Completed();
    }

    /// <summary>On the member's loop: one message is finished, whatever became of it.</summary>
    public void Completed()
    {
        _finished++;
        Report();
    }

    /// <summary>On the member's loop: a message that this member will not finish; another one shall have it.</summary>
    public void GiveBack(in ReturnedDelivery delivery)
    {
        delivery.Publication.Record?.Join(); // until the group has it
        (_givenBack ??= []).Add(delivery);
        Completed();
    }

    // Tells the group's loop, once a turn.
    private void Report()
    {
        if (_isReporting) return;
        _isReporting = true;
        Session.Shard.AtTurnEnd(this);
    }

    /// <summary>At the end of the member's turn.</summary>
    public void Run(EventLoop loop)
    {
        int finished = _finished;
        List<ReturnedDelivery>? givenBack = _givenBack;
        _finished = 0;
        _givenBack = null;
        _isReporting = false;
        Group.Home.Loop.PostOrRun(() =>
        {
            Outstanding -= finished;
            if (givenBack is not null) Group.TakeBack(givenBack);
            Group.Pump();
        });
    }
}

/// <summary>A message that a member gives back to its group, and where it is stored.</summary>
internal readonly record struct ReturnedDelivery(Publication Publication)
{
    /// <summary>Its place in the group's queue, if it is still there; otherwise 0.</summary>
    public long GroupPlace { get; init; }

    /// <summary>Its place in the session's queue, to be removed once it is in the group's; otherwise 0.</summary>
    public long SessionPlace { get; init; }

    /// <summary>The session's queue.</summary>
    public long SessionQueue { get; init; }

    /// <summary>Is told when it is in the group's queue, if it has a place in the session's.</summary>
    public SharedReturns? Returns { get; init; }
}
