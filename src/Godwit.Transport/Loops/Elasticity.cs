// How many threads a group of loops deserves. A message that goes from one thread to another costs a wake-up, far more than everything
// else about it while traffic is sparse; so one thread runs all loops until it is saturated. Then it gives half of its loops away, for as
// long as that pays: on a machine whose processors are taken, two threads only take turns, and do the same work for more.
namespace Godwit.Transport;

/// <summary>What a thread shall do about its loops.</summary>
internal enum LoopDecision
{
    /// <summary>Go on.</summary>
    None,

    /// <summary>Give half of its loops to another thread.</summary>
    Split,

    /// <summary>Have the thread that runs the next loops give them back.</summary>
    TakeBack,
}

/// <summary>What a thread gets of the processors, as shares of the time.</summary>
/// <param name="Running">It runs.</param>
/// <param name="Delayed">It could run, but the processors are taken.</param>
internal readonly record struct ThreadLoad(double Running, double Delayed)
{
    /// <summary>Whether it shares a processor with somebody.</summary>
    public bool IsContended => Delayed > 0.2 * (Running + Delayed);

    /// <summary>Mixes a newer reading in.</summary>
    public ThreadLoad Mix(ThreadLoad newer, double weight) =>
        new(Running + (newer.Running - Running) * weight, Delayed + (newer.Delayed - Delayed) * weight);
}

/// <summary>What a thread and its loops have done, from which <see cref="Elasticity"/> decides.</summary>
/// <param name="Now">The time, in nanoseconds.</param>
/// <param name="Ran">Nanoseconds that the thread has run.</param>
/// <param name="Delayed">Nanoseconds that it could have run, but found the processors taken.</param>
/// <param name="Bytes">Bytes moved so far by the loops that it runs, or ran when it split.</param>
/// <param name="Loops">How many loops it runs.</param>
/// <param name="Next">The load of the thread that runs the next loops; null if there is none.</param>
internal readonly record struct LoadSample(long Now, long Ran, long Delayed, long Bytes, int Loops, ThreadLoad? Next);

/// <summary>Decides for one thread. Without a clock of its own.</summary>
internal sealed class Elasticity
{
    /// <summary>How often to decide, in nanoseconds.</summary>
    public const long Interval = 20 * Millisecond;

    private const long Millisecond = 1_000_000, Second = 1000 * Millisecond;

    /// <summary>How long a load is averaged.</summary>
    private const double Memory = 250 * Millisecond;

    /// <summary>How long a split is tried.</summary>
    private const long Trial = 100 * Millisecond;

    /// <summary>
    /// A split that has proved its worth is not questioned for a second, the next time for two, and so on up to this; in the same way the
    /// next try of one that was in vain waits longer each time.
    /// </summary>
    private const long Longest = 16 * Second;

    /// <summary>A thread that wants more of a processor than this is saturated.</summary>
    private const double Saturated = 0.85;

    /// <summary>Two threads that together run less than this: one can do it, and is far from saturated then.</summary>
    private const double Sparse = 0.6;

    /// <summary>Two threads that want more but together get no more than this: one might do as well.</summary>
    private const double OneIsWorth = 1.25;

    /// <summary>What a second thread has to move more when processors are short.</summary>
    private const double LeastGain = 1.1;

    private LoadSample _last;
    private double _rate; // bytes per nanosecond, averaged
    private double _rateBefore;
    private long _bytesAtTrial;
    private long _trialBegan = -1, _trialEnds;
    private long _splitNotBefore, _unquestionedUntil;
    private long _backoff = Second, _trust = Second;

    /// <summary>The thread's load, averaged.</summary>
    public ThreadLoad Load { get; private set; }

    /// <summary>Whether a split is being tried.</summary>
    public bool IsTrying => _trialBegan >= 0;

    /// <summary>The thread begins, or its loops have changed hands.</summary>
    public void Restart(in LoadSample sample)
    {
        _last = sample;
        _rate = 0;
        _trialBegan = -1;
        _splitNotBefore = Math.Max(_splitNotBefore, sample.Now + Second / 4);
    }

    /// <summary>Decides, at most every <see cref="Interval"/>.</summary>
    public LoopDecision Decide(in LoadSample sample)
    {
        double elapsed = Math.Max(1, sample.Now - _last.Now);
        double weight = Math.Min(1, elapsed / Memory);
        var load = new ThreadLoad((sample.Ran - _last.Ran) / elapsed, (sample.Delayed - _last.Delayed) / elapsed);
        Load = Load.Mix(load, weight);
        _rate += ((sample.Bytes - _last.Bytes) / elapsed - _rate) * Math.Min(1, 4 * weight); // what has begun just now shall count in full
        _last = sample;
        if (IsTrying) return Judge(sample);

        bool isSaturated = Load.Running + Load.Delayed > Saturated;
        if (isSaturated && sample.Loops > 1 && sample.Now >= _splitNotBefore)
        {
            _rateBefore = _rate;
            _trialBegan = sample.Now + Trial / 2; // what happens before is the other thread's beginning
            _trialEnds = _trialBegan + Trial;
            _bytesAtTrial = -1;
            return LoopDecision.Split;
        }
        if (sample.Next is not { } next || sample.Now < _unquestionedUntil) return LoopDecision.None;
        double running = Load.Running + next.Running;
        bool isInVain = running < OneIsWorth && (Load.IsContended || next.IsContended);
        if (running >= Sparse && !isInVain) return LoopDecision.None;
        _splitNotBefore = sample.Now + Second / 4;
        _unquestionedUntil = sample.Now + Second / 4;
        return LoopDecision.TakeBack;
    }

    private LoopDecision Judge(in LoadSample sample)
    {
        if (sample.Now < _trialBegan) return LoopDecision.None;
        if (_bytesAtTrial < 0)
        {
            _trialBegan = sample.Now;
            _bytesAtTrial = sample.Bytes;
            return LoopDecision.None;
        }
        if (sample.Now < _trialEnds) return LoopDecision.None;
        double rate = (sample.Bytes - _bytesAtTrial) / (double)(sample.Now - _trialBegan);
        bool isContended = Load.IsContended || sample.Next is { IsContended: true };
        _trialBegan = -1;
        if (isContended && rate < LeastGain * _rateBefore)
        {
            _splitNotBefore = sample.Now + _backoff;
            _backoff = Math.Min(_backoff * 2, Longest);
            _trust = Second;
            _unquestionedUntil = sample.Now + Second / 4;
            return LoopDecision.TakeBack;
        }
        _backoff = Second;
        _unquestionedUntil = sample.Now + _trust;
        _trust = Math.Min(_trust * 2, Longest);
        return LoopDecision.None;
    }
}
