// A thread and the loops it runs: always a stretch of neighbours, [first, first + n). It waits at the first one's poller, which watches
// the others', so that one system call waits for all. Loops change threads only between turns, and only by the thread that runs them:
// a loop's own state needs no lock however many threads it has seen.
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;

namespace Godwit.Transport;

[SuppressMessage("Design", "CA1001", Justification = "The semaphore holds nothing of the system's while its wait handle is not used.")]
internal sealed class LoopThread
{
    // Work that loops on one thread have for each other is done without waiting in between; more rounds would starve the sockets.
    private const int MostPasses = 2;

    /// <summary>Nanoseconds that a report of the load is believed.</summary>
    private const long ReportHolds = 250_000_000;

    [ThreadStatic]
    private static LoopThread? t_current;

    private readonly LoopThreads _group;
    private readonly int _index;
    private readonly TimeProvider _time;
    private readonly Elasticity? _elasticity;
    private readonly List<EventLoop> _loops = [];
    private readonly SemaphoreSlim _called = new(0);
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EventLoop[] _measured = []; // whose bytes count: what it runs, or ran when it split
    private ThreadMeter? _meter;
    private Thread? _thread;
    private long _decideAt = long.MaxValue;
    private double _running, _delayed; // reported to others, with the time
    private long _reportedAt;
    private bool _isRetiring;
    private bool _isSettled;
    private volatile bool _exit;

    public LoopThread(LoopThreads group, int index, TimeProvider time, bool isElastic)
    {
        _group = group;
        _index = index;
        _time = time;
        if (isElastic) _elasticity = new Elasticity();
    }

    /// <summary>The thread that asks, if it is one.</summary>
    public static LoopThread? Current => t_current;

    private EventLoop First => _loops[0];

    /// <summary>Runs these loops from now on; called by whoever ran them, or had nobody run them yet.</summary>
    public void TakeOver(IReadOnlyList<EventLoop> loops)
    {
        _loops.AddRange(loops);
        foreach (EventLoop loop in loops) loop.Gate = First.OwnGate;
        if (_thread is not null)
        {
            _called.Release();
            return;
        }
        _thread = new Thread(Run) { IsBackground = true, Name = $"godwit-loop-{_index}" };
        _thread.Start();
    }

    /// <summary>From now on the thread keeps the loops that it runs. On the thread only.</summary>
    public void Settle()
    {
        _isSettled = true;
        _isRetiring = false;
    }

    /// <summary>Gives the upper half of its loops to another thread. On the thread only.</summary>
    public void Split()
    {
        if (_loops.Count < 2) return;
        int kept = (_loops.Count + 1) / 2;
        for (int i = kept; i < _loops.Count; i++) First.Poller.Unwatch(_loops[i].Poller);
        GiveAway(kept);
    }

    /// <summary>Gives all of its loops to the thread before it, after this turn, if this is still its first one. On the thread only.</summary>
    public void RetireFrom(EventLoop first)
    {
        if (First == first && !_isSettled) _isRetiring = true; // otherwise it has been given back already
    }

    /// <summary>Ends the thread. All loops have been drained, so nothing changes hands any more.</summary>
    public Task ExitAsync()
    {
        _exit = true;
        if (_thread is null) return Task.CompletedTask;
        _called.Release();
        return _exited.Task;
    }

    private void Run()
    {
        t_current = this;
        while (!_exit)
        {
            WatchOthers();
            if (_elasticity is not null) Measure();
            while (!_exit && !_isRetiring) TryCycle();
            if (!_isRetiring) break;
            Retire();
            _called.Wait();
        }
        foreach (EventLoop loop in _loops) loop.Dispose();
        _meter?.Dispose();
        _exited.TrySetResult();
    }

    private void TryCycle()
    {
        try
        {
            Cycle();
        }
        catch (Exception exception)
        {
            First.OnUnexpected(exception);
        }
    }

    private void Cycle()
    {
        SetTime();
        long wait = WaitingTime();
        if (wait != 0)
        {
            First.Gate.Close();
            if (_exit || HaveWork) wait = 0;
        }
        First.Poller.Wait(wait);
        First.Gate.Open();
        long now = SetTime();
        long milliseconds = First.Now;
        for (int pass = 0; pass < MostPasses && (pass == 0 || _loops.Count > 1); pass++)
        {
            for (int i = 0; i < _loops.Count; i++)
            {
                if (_loops[i].HasWork) _loops[i].RunTurn(milliseconds);
            }
        }
        if (now >= _decideAt && !_isSettled) Decide();
    }

    private bool HaveWork
    {
        get
        {
            foreach (EventLoop loop in _loops)
            {
                if (loop.HasWork) return true;
            }
            return false;
        }
    }

    private long SetTime()
    {
        long now = _time.GetTimestamp();
        long milliseconds = First.ToMilliseconds(now);
        foreach (EventLoop loop in _loops) loop.SetTime(milliseconds);
        return now;
    }

    // In nanoseconds.
    private long WaitingTime()
    {
        long until = long.MaxValue;
        foreach (EventLoop loop in _loops)
        {
            if (loop.HasWork) return 0;
            until = Math.Min(until, loop.NextDue ?? long.MaxValue);
        }
        return until == long.MaxValue ? -1 : Math.Min(until - First.Now, int.MaxValue) * EventLoop.NanosecondsPerMillisecond;
    }

    private LoadSample Sample()
    {
        _meter ??= new ThreadMeter();
        (long ran, long delayed) = _meter.Read();
        long bytes = 0;
        foreach (EventLoop loop in _measured) bytes += loop.Statistics.BytesReceived + loop.Statistics.BytesSent;
        long now = Nanoseconds();
        int next = First.Index + _loops.Count;
        return new LoadSample(now, ran, delayed, bytes, _loops.Count, next < _group.Threads.Length ? _group.Threads[next].Reported(now) : null);
    }

    private void Measure()
    {
        _measured = [.. _loops];
        _elasticity!.Restart(Sample());
        PlanDecision();
    }

    private void Decide()
    {
        LoadSample sample = Sample();
        LoopDecision decision = _elasticity!.Decide(sample);
        Report(_elasticity.Load, sample.Now);
        PlanDecision();
        if (decision == LoopDecision.Split)
        {
            Split();
        }
        else if (decision == LoopDecision.TakeBack)
        {
            EventLoop wanted = _group.Loops[First.Index + _loops.Count];
            wanted.Post(() => Current!.RetireFrom(wanted));
        }
        else if (!_elasticity.IsTrying && _measured.Length != _loops.Count)
        {
            Measure();
        }
    }

    private void PlanDecision() => _decideAt = _time.GetTimestamp() + _time.TimestampFrequency * (Elasticity.Interval / 1_000_000) / 1000;

    private long Nanoseconds() => (long)((Int128)_time.GetTimestamp() * 1_000_000_000 / _time.TimestampFrequency);

    // A thread that has reported nothing for a while sleeps.
    private ThreadLoad Reported(long now) =>
        now - Volatile.Read(ref _reportedAt) > ReportHolds ? default : new ThreadLoad(Volatile.Read(ref _running), Volatile.Read(ref _delayed));

    private void Report(ThreadLoad load, long now)
    {
        Volatile.Write(ref _running, load.Running);
        Volatile.Write(ref _delayed, load.Delayed);
        Volatile.Write(ref _reportedAt, now);
    }

    // To whoever runs the loop before the first one at that time.
    private void Retire()
    {
        _isRetiring = false;
        for (int i = 1; i < _loops.Count; i++) First.Poller.Unwatch(_loops[i].Poller);
        EventLoop[] given = [.. _loops];
        _loops.Clear();
        _group.Loops[given[0].Index - 1].Post(() => Current!.Adopt(given)); // the last thing: it may be called again already
    }

    private void Adopt(EventLoop[] loops)
    {
        int before = _loops.Count;
        _loops.AddRange(loops);
        foreach (EventLoop loop in loops) loop.Gate = First.Gate;
        WatchOthers(before);
    }

    private void WatchOthers(int from = 1)
    {
        for (int i = from; i < _loops.Count; i++)
        {
            try
            {
                First.Poller.Watch(_loops[i].Poller);
            }
            catch (SocketException exception)
            {
                TransportLog.CannotWatch(First.Logger, _loops[i].Index, exception);
                GiveAway(i);
            }
        }
    }

    // To the thread that is named after the first of them: it is not running any, because it would run that one.
    private void GiveAway(int from)
    {
        List<EventLoop> given = _loops.GetRange(from, _loops.Count - from);
        _loops.RemoveRange(from, given.Count);
        _group.Threads[given[0].Index].TakeOver(given);
    }
}
