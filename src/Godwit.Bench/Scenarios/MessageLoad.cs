// One loop's part of a message scenario: its publishers, when they publish, and how far the messages have got.
using Godwit.Transport;

namespace Godwit.Bench;

internal sealed class MessageLoad : ILoad, ILoopWork
{
    private readonly List<PublisherConnection> _publishers = [];
    private readonly PublisherConnection?[] _byNumber;
    private readonly DeliveryProgress?[] _progress;
    private readonly List<MessageChecker> _checkers = [];
    private readonly CallbackTimer _stallCheck;
    private List<PublisherConnection> _queue = [], _otherQueue = [];
    private MessageLoad[] _loads = [];
    private Schedule? _schedule;
    private ulong _loopsToTell;
    private int _isTold;
    private long _cursor, _cursorEnd;
    private long _deadline;
    private long _unsent;

    public MessageLoad(BenchLoop owner, MessagePlan plan)
    {
        Owner = owner;
        Plan = plan;
        IsOpenLoop = plan.Options.Rate is not null;
        _byNumber = new PublisherConnection?[plan.Publishers];
        _progress = new DeliveryProgress?[plan.Publishers];
        _stallCheck = new CallbackTimer(CheckStalls);
        if (!IsOpenLoop)
        {
            int common = plan.IsPaired ? 0 : plan.ReceiversOn(owner.Loop.Index, 0);
            for (int i = 0; i < plan.Publishers; i++)
            {
                int receivers = plan.IsPaired ? plan.ReceiversOn(owner.Loop.Index, i) : common;
                if (receivers > 0) _progress[i] = new DeliveryProgress(plan.IsShared ? 1 : receivers, plan.Options.Window);
            }
        }
    }

    public BenchLoop Owner { get; }

    public MessagePlan Plan { get; }

    public bool IsOpenLoop { get; }

    /// <summary>What this phase's messages carry.</summary>
    public uint RunTag { get; private set; }

    /// <summary>Shared subscriptions: what has come of each publisher's messages, whichever member got them.</summary>
    public SequenceTracker[]? SharedTrackers { get; private set; }

    public IReadOnlyList<MessageChecker> Checkers => _checkers;

    /// <summary>Messages that were scheduled or allowed, and could not be sent.</summary>
    public long Unsent => _unsent + Rest;

    /// <summary>Open loop: whether there is more on the schedule. May be read on other threads.</summary>
    public bool IsOnSchedule => Volatile.Read(ref _cursor) < Volatile.Read(ref _cursorEnd);

    /// <summary>Whether all publishers that still live have sent everything.</summary>
    public bool IsSendingOver => _publishers.TrueForAll(publisher => publisher.State != LinkState.Ready || publisher.Sent >= publisher.Quota);

    private long Rest => _publishers.Sum(publisher => publisher.Quota == long.MaxValue ? 0 : publisher.Quota - publisher.Sent);

    public long NextDue
    {
        get
        {
            if (_queue.Count > 0) return 0;
            return _schedule is not null && _cursor < _cursorEnd ? DueAtCursor : _deadline;
        }
    }

    private long DueAtCursor => _schedule!.DueOf(_publishers[(int)(_cursor % _publishers.Count)].Number, _cursor / _publishers.Count);

    /// <summary>Tells the loads of each other, once they are all made.</summary>
    public static void Introduce(MessageLoad[] loads)
    {
        foreach (MessageLoad load in loads) load._loads = loads;
    }

    public void Add(PublisherConnection publisher)
    {
        _publishers.Add(publisher);
        _byNumber[publisher.Number] = publisher;
    }

    public MessageChecker CreateChecker(int subscriber)
    {
        var checker = new MessageChecker(this, subscriber);
        _checkers.Add(checker);
        return checker;
    }

    /// <summary>
    /// Makes ready for the warm-up or the measured phase, and forgets the one before. All loops do so before one of them begins.
    /// </summary>
    public void PreparePhase(int phase)
    {
        RunTag = (uint)(Owner.Settings.RunId << 8 | phase);
        foreach (DeliveryProgress? progress in _progress) progress?.Reset();
        foreach (MessageChecker checker in _checkers) checker.BeginPhase();
        foreach (PublisherConnection publisher in _publishers) publisher.BeginPhase();
        if (Plan.IsShared) SharedTrackers = new SequenceTracker[Plan.Publishers];
        Owner.ResetMeasurements();
    }

    /// <summary>Begins to send.</summary>
    /// <param name="start">When the schedule begins.</param>
    /// <param name="messages">How many messages all publishers send together; null: until the duration is over.</param>
    /// <param name="duration">How long to send.</param>
    public void BeginSending(long start, long? messages, TimeSpan duration)
    {
        _schedule = Plan.Options.Rate is { } rate ? new Schedule(start, rate, Plan.Publishers) : null;
        long? total = messages ?? (_schedule is null ? null : Schedule.CountIn(duration, Plan.Options.Rate!.Value));
        _deadline = _schedule is null && messages is null ? start + (long)duration.TotalNanoseconds : long.MaxValue;
        _cursor = _cursorEnd = _unsent = 0;
        foreach (PublisherConnection publisher in _publishers)
        {
            publisher.Quota = total is { } all ? Schedule.ShareOf(all, publisher.Number, Plan.Publishers) : long.MaxValue;
            if (_schedule is not null) _cursorEnd += publisher.Quota;
            else Enqueue(publisher);
        }
        if (!IsOpenLoop) Owner.Loop.Schedule(_stallCheck, Owner.Loop.Now + StallCheckInterval);
    }

    /// <summary>Sends nothing more.</summary>
    /// <param name="isGivenUp">Whether what has not been sent should have been.</param>
    public void StopSending(bool isGivenUp)
    {
        if (isGivenUp) _unsent += Rest;
        _deadline = long.MaxValue;
        _cursorEnd = _cursor;
        foreach (PublisherConnection publisher in _publishers) publisher.Quota = publisher.Sent;
    }

    /// <summary>Has a publisher looked at, at the end of the turn: it may be able to send.</summary>
    public void Enqueue(PublisherConnection publisher)
    {
        if (publisher.IsQueued) return;
        publisher.IsQueued = true;
        _queue.Add(publisher);
    }

    /// <summary>Closed loop: a receiver of this loop has passed a publisher's messages from one to below another.</summary>
    public void Pass(int publisher, long from, long to)
    {
        if (_progress[publisher]?.Pass(from, to) == true) Tell(publisher);
    }

    /// <summary>Closed loop, shared subscription: a member has got one of a publisher's messages.</summary>
    public void PassOne(int publisher)
    {
        if (_progress[publisher] is not { } progress) return;
        progress.PassOne();
        Tell(publisher);
    }

    /// <summary>Closed loop: how many of a publisher's messages are through with all receivers, or given up.</summary>
    public long ThroughOf(int publisher, long givenUp)
    {
        if (Plan.IsShared) return _loads[0]._progress[publisher]!.Through + givenUp;
        if (_loads.Length == 1) return Math.Max(givenUp, _progress[publisher]!.Through);
        long through = long.MaxValue;
        foreach (MessageLoad load in _loads)
            if (load._progress[publisher] is { } progress) through = Math.Min(through, progress.Through);
        return Math.Max(givenUp, through);
    }

    /// <summary>What <see cref="ThroughOf"/> is to be given once all messages sent so far are given up.</summary>
    public long GivenUp(int publisher, long sent) => Plan.IsShared ? sent - _loads[0]._progress[publisher]!.Through : sent;

    public void Step(long now)
    {
        if (now >= _deadline) StopSending(isGivenUp: false);
        if (_schedule is not null)
        {
            while (_cursor < _cursorEnd && DueAtCursor <= now)
            {
                SendDue(_publishers[(int)(_cursor % _publishers.Count)], now);
                _cursor++;
            }
        }
        if (_queue.Count > 0) ServeQueue(now);
        if (_loopsToTell != 0) TellLoops();
    }

    // Another loop's receivers have got on.
    void ILoopWork.Run(EventLoop loop)
    {
        Volatile.Write(ref _isTold, 0);
        foreach (PublisherConnection publisher in _publishers) Enqueue(publisher);
    }

    private long StallCheckInterval => Math.Clamp((long)Plan.Options.Timeout.TotalMilliseconds / 4, 1, 250);

    private void ServeQueue(long now)
    {
        (_queue, _otherQueue) = (_otherQueue, _queue);
        foreach (PublisherConnection publisher in _otherQueue)
        {
            publisher.IsQueued = false;
            if (_schedule is not null)
            {
                SendDue(publisher, now);
                continue;
            }
            for (long room = publisher.Room(Plan.Options.Window); room > 0 && publisher.HasRoom; room--) publisher.Publish(now);
        }
        _otherQueue.Clear();
    }

    private void SendDue(PublisherConnection publisher, long now)
    {
        while (publisher.Sent < publisher.Quota && publisher.HasRoom && _schedule!.DueOf(publisher.Number, publisher.Sent) is var due && due <= now)
        {
            Owner.Lateness.Record(now - due);
            publisher.Publish(due);
        }
    }

    private void Tell(int publisher)
    {
        if (_byNumber[publisher] is { } local) Enqueue(local);
        else _loopsToTell |= 1ul << Plan.LoopOfPublisher(publisher);
    }

    private void TellLoops()
    {
        for (int i = 0; i < _loads.Length; i++)
        {
            MessageLoad load = _loads[i];
            if ((_loopsToTell >> i & 1) != 0 && Interlocked.Exchange(ref load._isTold, 1) == 0) load.Owner.Loop.Post(load);
        }
        _loopsToTell = 0;
    }

    private void CheckStalls(EventLoop loop)
    {
        long now = MonotonicClock.Now, patience = (long)Plan.Options.Timeout.TotalNanoseconds;
        foreach (PublisherConnection publisher in _publishers) publisher.GiveUpStalled(now, patience, Plan.Options.Window);
        loop.Schedule(_stallCheck, loop.Now + StallCheckInterval);
    }
}
