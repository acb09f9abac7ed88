// A shard is the part of the broker that lives on one event loop: the sessions whose home it is, the loop's route cache, and its
// mail to the other shards. Only its loop touches it, so nothing here takes a lock.
using System.Numerics;
using System.Text;
using Godwit.Broker.Connections;
using Godwit.Broker.Control;
using Godwit.Broker.Durability;
using Godwit.Broker.Hooks;
using Godwit.Broker.Losses;
using Godwit.Broker.Memory;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Broker.Telemetry;
using Godwit.Protocol;
using Godwit.Protocol.Topics;
using Godwit.Transport;

namespace Godwit.Broker;

internal sealed class Shard : ITurnEnd
{
    private readonly RouteCache _routes;
    private readonly Outbox?[] _outboxes;
    private readonly GrowingTable _sessions = new();
    private Outbox? _congestion;
    private byte[] _scratch = new byte[1024];
    private List<ILoopWork> _atTurnEnd = [], _running = [];

    public Shard(BrokerState broker, EventLoop loop, int index, int count)
    {
        Broker = broker;
        Loop = loop;
        Index = index;
        _routes = new RouteCache(broker.Subscriptions, index);
        _outboxes = new Outbox?[count];
        Options = broker.Options;
        Classes = broker.Classes;
        Losses = new LossLedger(loop, Counters.Drops, broker.Options.MaximumLossEntries, broker.Options.LossTopicLevels);
        Connects = new ConnectHandler(this);
        Publishes = new PublishReceiver(this);
        Subscribes = new SubscribeHandler(this);
        Control = new ControlChannel(this);
        RetainedTurns = new RetainedTurns(loop);
        Offline = new OfflineSessions(this);
        Memory = new MemoryGuard(this);
        loop.AddTurnEnd(this);
    }

    public EventLoop Loop { get; }

    public int Index { get; }

    public BrokerState Broker { get; }

    /// <summary>The options in force on this loop; they change between turns only (<see cref="Reconfigure"/>).</summary>
    public BrokerOptions Options { get; private set; }

    /// <summary>Which limits hold for whom.</summary>
    public ClientClasses Classes { get; private set; }

    /// <summary>What is kept in flight for one session: with a memory budget an eighth of it at most.</summary>
    public long MaximumInflightBytes => Broker.Memory.AtMost(Options.MaximumInflightBytes, 8);

    /// <summary>The number of the decision about who may connect that is in <see cref="Options"/>: who was let in by an earlier one is asked again.</summary>
    public int Decision { get; private set; }

    /// <summary>Takes over other options, on the loop's thread.</summary>
    public void Reconfigure(BrokerOptions options, ClientClasses classes, int decision)
    {
        Options = options;
        Classes = classes;
        Decision = decision;
    }

    public HookDispatcher Hooks => Broker.Hooks;

    public LogMessages Log => Broker.Log;

    public Counters Counters { get; } = new();

    /// <summary>What the loop has to store; null if the broker has no store.</summary>
    public StoreLog? Store { get; set; }

    /// <summary>What was not delivered, and why.</summary>
    public LossLedger Losses { get; }

    public ConnectHandler Connects { get; }

    public PublishReceiver Publishes { get; }

    public SubscribeHandler Subscribes { get; }

    public ControlChannel Control { get; }

    /// <summary>Bounds how long retained messages hold up a turn.</summary>
    public RetainedTurns RetainedTurns { get; }

    /// <summary>The sessions whose clients are away.</summary>
    public OfflineSessions Offline { get; }

    /// <summary>Sessions that are over but still in the store, by client identifier.</summary>
    public Dictionary<string, SharedReturns> Leaving { get; } = [];

    /// <summary>The last connections that have ended.</summary>
    public EndedConnections Ended { get; } = new();

    /// <summary>The shard's part in keeping the memory budget.</summary>
    public MemoryGuard Memory { get; }

    /// <summary>Bytes of messages on their way to other shards. From any thread.</summary>
    public long MailInTransit => _outboxes.Sum(outbox => outbox?.InTransit ?? 0);

    public IEnumerable<ClientSession> Sessions => _sessions.Cast<ClientSession>();

    /// <summary>The connections on this loop that have not become a session's yet, and those that have.</summary>
    public ConnectionList Connections { get; } = new();

    /// <summary>Sessions in parts that stay together, for those who look at a few at a time.</summary>
    public int SessionBuckets => _sessions.Buckets;

    /// <inheritdoc cref="SessionBuckets"/>
    public IEnumerable<ClientSession> SessionsIn(int bucket) => _sessions.Bucket(bucket).Cast<ClientSession>();

    public ClientSession? FindSession(string clientId) => (ClientSession?)_sessions.Find(new ClientSession.Key(clientId));

    public void AddSession(ClientSession session)
    {
        _sessions.Add(session);
        Counters.SessionsTotal = _sessions.Count;
    }

    /// <summary>Ends a session for good.</summary>
    /// <param name="session">The session.</param>
    /// <param name="reason">What becomes of the messages that still wait for it.</param>
    public void End(ClientSession session, DropReason reason = DropReason.SessionEnded)
    {
        Offline.Remove(session);
        session.End(reason);
        if (FindSession(session.ClientId) == session) _sessions.Remove(session);
        Counters.SessionsTotal = _sessions.Count;
        Hooks.SessionEnded(session.Identity);
    }

    /// <summary>Publishes a message: keeps it if it is to be retained, and gives it to everybody who has subscribed.</summary>
    /// <param name="view">The message.</param>
    /// <param name="last">The publisher's last route, tried first.</param>
    /// <returns>False if nobody has subscribed.</returns>
    public bool Publish(ref PublicationView view, ref Route? last)
    {
        if (view.Retain && Options.RetainAvailable) Retain(ref view);
        Route route = _routes.Find(view.Topic, ref last);
        Deliver(ref view, route.Local);
        for (ulong remote = route.Remote; remote != 0; remote &= remote - 1)
            Mail(ref view, Broker.Shards[BitOperations.TrailingZeroCount(remote)], null, 0);
        foreach (SharedGroup group in route.Groups)
        {
            if (group.Home == this) group.Offer(ref view);
            else Mail(ref view, group.Home, group, 0);
        }
        return !route.IsEmpty;
    }

    /// <summary>Whether a message is to be stored, as far as can be seen from here: whoever has subscribed on other loops counts as persistent.</summary>
    public bool IsToBeStored(in PublicationView view, ref Route? last)
    {
        if (view.Retain && Options.RetainAvailable) return true;
        Route route = _routes.Find(view.Topic, ref last);
        return route.Remote != 0 || Array.Exists(route.Local, r => r.Session.Durable is not null) || Array.Exists(route.Groups, g => g.QueueNumber != 0);
    }

    /// <summary>A message from another shard.</summary>
    public void Receive(ref PublicationView view, object? target, long place)
    {
        switch (target)
        {
            case null: Deliver(ref view, _routes.Find(view.Topic).Local); break;
            case SharedGroup group: group.Offer(ref view); break;
            case SharedMember member: member.Deliver(ref view, place); break;
        }
        if (IsPromised(view)) Leave(view.Kept!.Record!);
        Memory.LookAtBuffers();
    }

    /// <summary>Sends a message to another shard at the end of the turn, or gives it at once to one that the same thread runs.</summary>
    /// <param name="view">The message.</param>
    /// <param name="other">The shard.</param>
    /// <param name="target">Null: whoever has subscribed there; or a <see cref="SharedGroup"/>, or a <see cref="SharedMember"/>.</param>
    /// <param name="place">For a member: the message's place in the group's stored queue; 0 if it has none.</param>
    public void Mail(ref PublicationView view, Shard other, object? target, long place)
    {
        if (Store is not null && view.QoS != QoS.AtMostOnce) view.KeepRecorded(); // stored once, whoever stores it
        if (IsPromised(view)) view.Kept!.Record!.Join(); // the other shard answers for its part of it
        Outbox? outbox = _outboxes[other.Index];
        if (Loop.RunsWith(other.Loop) && outbox is null or { IsIdle: true }) // what is on its way has to arrive first
        {
            other.Receive(ref view, target, place);
            other.Loop.AskForTurn();
            return;
        }
        outbox ??= _outboxes[other.Index] = new Outbox(this, other);
        outbox.Add(ref view, target, place);
        if (outbox.IsBehind) _congestion = outbox;
    }

    /// <summary>The loop has done its part of a message that it has <see cref="MessageRecord.Join">joined</see>.</summary>
    public void Leave(MessageRecord record)
    {
        if (record.Unit is not null) Store!.Add(new StoreOperation { Kind = StoreOperationKind.EndPart, Item = record });
        Settle(record);
    }

    /// <summary>Somebody has answered for his part of a message: if he was the last one, its publisher is told.</summary>
    public void Settle(MessageRecord record)
    {
        if (!record.Settle() || record.Publisher is not { } publisher) return;
        if (publisher.Shard == this) publisher.Acknowledger.OnSettled(record);
        else publisher.Shard.Loop.Post(new SettledRecords([record]));
    }

    /// <summary>Whether as many bytes are on their way to another shard as may be.</summary>
    public bool IsCongested(Shard other) => _outboxes[other.Index] is { IsFull: true };

    /// <summary>The outbox that has fallen behind since the last question, or null: then whoever publishes has to wait.</summary>
    public Outbox? TakeCongestion()
    {
        Outbox? congestion = _congestion;
        _congestion = null;
        return congestion;
    }

    /// <summary>Room to put a packet's properties together; valid until the next call.</summary>
    public Span<byte> Scratch(int size)
    {
        if (_scratch.Length < size) _scratch = new byte[Math.Max(size, _scratch.Length * 2)];
        return _scratch;
    }

    /// <summary>Runs something once, after this turn's input has been handled and before output goes out.</summary>
    public void AtTurnEnd(ILoopWork work) => _atTurnEnd.Add(work);

    public void OnTurnEnd(EventLoop loop)
    {
        while (_atTurnEnd.Count > 0)
        {
            (_atTurnEnd, _running) = (_running, _atTurnEnd);
            foreach (ILoopWork work in _running) work.Run(loop);
            _running.Clear();
        }
        foreach (Outbox? outbox in _outboxes) outbox?.Send();
        RetainedTurns.EndTurn();
        Offline.EndTurn();
        Memory.EndTurn();
    }

    public void AddSubscription(Subscription subscription)
    {
        if (!TopicFilter.TrySplitShared(subscription.Filter, out ReadOnlySpan<byte> shareName, out ReadOnlySpan<byte> filter))
        {
            Broker.Subscriptions.Add(subscription, Index);
            return;
        }
        SharedGroup group = Broker.Subscriptions.JoinGroup(Encoding.UTF8.GetString(shareName), filter, Broker.MakeGroup);
        var member = new SharedMember(group, subscription.Session, subscription);
        subscription.Member = member;
        group.Join(member);
        Counters.SharedMembers++;
        if (subscription.Session.Connection is not null) member.SetOnline(true);
    }

    public void RemoveSubscription(Subscription subscription)
    {
        if (subscription.Member is not { } member)
        {
            Broker.Subscriptions.Remove(subscription, Index);
            return;
        }
        member.SetOnline(false);
        Broker.Subscriptions.LeaveGroup(member.Group);
        member.Group.Leave(member);
        subscription.Member = null;
        Counters.SharedMembers--;
    }

    /// <summary>Publishes a will in the name of its session. <c>[MQTT-3.1.2-16]</c> <c>[MQTT-3.1.2-17]</c>, 5.0: <c>[MQTT-3.1.2-14]</c> <c>[MQTT-3.1.2-15]</c></summary>
    public void PublishWill(ClientSession session, Will will)
    {
        PublicationView view = will.Publication.View();
        view.Kept = null; // that one has neither a publisher nor an expiry
        view.Publisher = session; // for No Local
        if (will.ExpirySeconds is { } seconds) view.ExpiresAt = Loop.Now + seconds * 1000L; // its time starts now
        Route? route = null;
        Publish(ref view, ref route);
        Log.WillPublished(session.ClientId, Encoding.UTF8.GetString(view.Topic));
    }

    // Whether somebody waits until all have answered for it.
    private static bool IsPromised(in PublicationView view) => view.Level != AcknowledgementLevel.Memory && view.QoS != QoS.AtMostOnce;

    private void Retain(ref PublicationView view)
    {
        if (!Broker.Retained.Set(ref view, Options.MaximumRetainedMessages, Loop.Now, mayGrow: !Memory.IsShedding || view.Topic.StartsWith("$SYS/"u8)))
        {
            Losses.Add(view.Publisher?.Account ?? Losses.Broker, DropReason.NotRetained, view, view.QoS);
        }
        else if (Store is { } store && !view.Topic.StartsWith("$SYS/"u8)) // the broker's own are made anew
        {
            Publication publication = view.KeepRecorded();
            publication.Record!.AddShare();
            store.Add(new StoreOperation { Kind = StoreOperationKind.Retain, Item = publication, Size = publication.Size }, view.Level);
        }
    }

    private static void Deliver(ref PublicationView view, Recipient[] recipients)
    {
        for (int i = 0; i < recipients.Length; i++)
        {
            ref readonly Recipient recipient = ref recipients[i];
            if (recipient.More is not null)
            {
                DeliverOverlapping(ref view, recipient);
                continue;
            }
            SubscriptionOptions options = recipient.First.Options;
            if (options.NoLocal && recipient.Session == view.Publisher) continue; // 5.0: [MQTT-3.8.3-3]
            recipient.Session.Offer(ref view, options.DeliveryQoS(view.QoS), view.Retain && options.RetainAsPublished, recipient.First.Identifiers, null);
        }
    }

    // Overlapping subscriptions: one copy with the highest QoS and all identifiers. [MQTT-3.3.5-1], 5.0: [MQTT-3.3.4-2] [MQTT-3.3.4-3]
    private static void DeliverOverlapping(ref PublicationView view, in Recipient recipient)
    {
        QoS highest = QoS.AtMostOnce;
        bool applies = false, retain = false;
        List<uint>? identifiers = null;
        for (int i = -1; i < recipient.More!.Count; i++)
        {
            Subscription subscription = i < 0 ? recipient.First : recipient.More[i];
            SubscriptionOptions options = subscription.Options;
            if (options.NoLocal && recipient.Session == view.Publisher) continue;
            applies = true;
            if (options.MaximumQoS > highest) highest = options.MaximumQoS;
            retain |= view.Retain && options.RetainAsPublished;
            if (subscription.Identifiers is { } more) (identifiers ??= []).AddRange(more);
        }
        if (applies) recipient.Session.Offer(ref view, view.QoS < highest ? view.QoS : highest, retain, identifiers?.ToArray(), null);
    }
}
