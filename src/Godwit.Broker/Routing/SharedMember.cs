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
    private List<Publication>? _givenBack;
    private bool _isReporting;

    public SharedGroup Group { get; } = group;

    public ClientSession Session { get; } = session;

    public Subscription Subscription { get; } = subscription;

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
        int window = isOnline ? Session.Outbound.ReceiveMaximum : 0;
        Group.Home.Loop.PostOrRun(() =>
        {
            IsOnline = isOnline;
            Window = window;
            if (isOnline) Group.Pump();
        });
    }

    /// <summary>On the member's loop: a message that the group chose this member for. <c>[MQTT-4.8.2-3]</c></summary>
    public void Deliver(ref PublicationView view)
    {
        QoS qos = Subscription.Options.DeliveryQoS(view.QoS);
        bool counts = view.QoS != QoS.AtMostOnce;
        bool isHere = Session.Connection is not null && Subscription.Member == this;
        if (!isHere || !Session.HasRoomFor(qos))
        {
            if (isHere) Session.StandAside(this);
            // The group hears of that before it gets the message back, so it does not choose this member again.
            if (counts) GiveBack(view.Keep());
            else Session.Drop(isHere ? DropReason.SlowConsumer : DropReason.NoMemberAvailable, view, qos);
            return;
        }
        bool retain = view.Retain && Subscription.Options.RetainAsPublished;
        Session.Offer(ref view, qos, retain, Subscription.Identifiers, qos == QoS.AtMostOnce ? null : this);
        if (counts && qos == QoS.AtMostOnce) Completed();
    }

    /// <summary>On the member's loop: one message is finished, whatever became of it.</summary>
    public void Completed()
    {
        _finished++;
        Report();
    }

    /// <summary>On the member's loop: a message that this member will not finish; another one shall have it.</summary>
    public void GiveBack(Publication publication)
    {
        (_givenBack ??= []).Add(publication);
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
        List<Publication>? givenBack = _givenBack;
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
