// The measured part of a run: collects from the loops what happened, tick by tick, and who used the processors meanwhile.
namespace Godwit.Bench;

internal sealed class Measurement
{
    /// <summary>The phase whose figures nobody sees.</summary>
    public const string WarmUp = "warm-up";

    private const long Second = 1_000_000_000;

    // A run may be over in a moment: its beginning is sampled finely. In the report of a longer one the fine samples are joined.
    private static readonly TimeSpan ShortSample = TimeSpan.FromMilliseconds(4), LongSample = TimeSpan.FromMilliseconds(90), Moment = TimeSpan.FromSeconds(0.5);

    private readonly LoopSet _loops;
    private readonly IProgress<BenchProgress>? _progress;
    private readonly string _phase;
    private readonly RateSeries _series = new();
    private readonly LatencyHistogram _sample = new(), _second = new();
    private readonly long _processStart;
    private readonly long? _brokerStart;
    private readonly ThreadTime?[] _threadsStart;
    private readonly long _sendsStart, _receivesStart;
    private Tally _atSample = new(), _atSecond = new();
    private ThreadTime?[] _threads, _threadsAtSecond;
    private long _sends, _receives;
    private long _sampleStart, _secondStart, _nextSecond;
    private long _processEnd;
    private long? _brokerEnd;
    private long _end;

    private Measurement(LoopSet loops, IProgress<BenchProgress>? progress, string phase, LoopSample[] first)
    {
        _loops = loops;
        _progress = progress;
        _phase = phase;
        _threadsStart = _threads = _threadsAtSecond = [.. first.Select(sample => sample.Processor)];
        _sendsStart = first.Sum(sample => sample.Sends);
        _receivesStart = first.Sum(sample => sample.Receives);
        _brokerStart = loops.Options.BrokerProcess is { } id ? ProcessorClock.OfProcess(id) : null;
        _processStart = ProcessorClock.OfThisProcess;
        Start = _sampleStart = _secondStart = MonotonicClock.Now;
        _nextSecond = Start + Second;
    }

    public long Start { get; }

    public bool IsWarmUp => _phase == WarmUp;

    /// <summary>All that the loops have counted, as of the last tick.</summary>
    public Tally Tally { get; private set; } = new();

    /// <summary>When the last message, acknowledgement or connection came, as of the last tick.</summary>
    public long LastProgress { get; private set; }

    public LatencyHistogram Latency { get; } = new();

    public IReadOnlyList<RateSample> Samples => _series.Samples(TimeSpan.FromTicks(Math.Min(LongSample.Ticks, Elapsed.Ticks / 20)));

    /// <summary>From the beginning to the last message, acknowledgement or connection.</summary>
    public TimeSpan Elapsed => TimeSpan.FromMicroseconds(Math.Max(1, (Math.Max(LastProgress, Start) - Start) / 1000));

    /// <summary>Begins to measure. The loops' counts must have been reset.</summary>
    /// <param name="loops">The loops.</param>
    /// <param name="progress">Told once a second; null for nobody.</param>
    /// <param name="phase">What it is told.</param>
    public static async Task<Measurement> BeginAsync(LoopSet loops, IProgress<BenchProgress>? progress, string phase) =>
        new(loops, progress, phase, await loops.AskAsync(loop => loop.TakeSample()).ConfigureAwait(false));

    /// <summary>Collects what has happened since the last tick. Ten times a second is often enough.</summary>
    /// <param name="inFlight">What the progress line is to call under way.</param>
    public async Task TickAsync(Func<Tally, long> inFlight)
    {
        LoopSample[] samples = await _loops.AskAsync(loop => loop.TakeSample()).ConfigureAwait(false);
        _end = samples.Max(sample => sample.Time);
        _processEnd = ProcessorClock.OfThisProcess;
        _brokerEnd = _loops.Options.BrokerProcess is { } id ? ProcessorClock.OfProcess(id) : null;
        _threads = [.. samples.Select(sample => sample.Processor)];
        _sends = samples.Sum(sample => sample.Sends);
        _receives = samples.Sum(sample => sample.Receives);
        Tally = new Tally();
        foreach (LoopSample sample in samples)
        {
            Tally.Add(sample.Tally);
            LastProgress = Math.Max(LastProgress, sample.LastProgress);
            _sample.Add(sample.Latency);
        }
        TimeSpan sampleLength = _end - Start < Moment.TotalNanoseconds ? ShortSample : LongSample;
        if (_end - _sampleStart >= sampleLength.TotalNanoseconds) CloseSample();
        if (_end >= _nextSecond) CloseSecond(inFlight(Tally));
    }

    /// <summary>How long until a second is over that the progress is to tell of.</summary>
    public TimeSpan UntilNextSecond => TimeSpan.FromMicroseconds(Math.Max(0, _nextSecond - MonotonicClock.Now) / 1000.0);

    /// <summary>Ends the series after the last tick, where something happened last.</summary>
    public void Close()
    {
        Latency.Add(_sample);
        _series.AddLast(TakeSample(), Elapsed);
    }

    /// <summary>How many messages shared a system call of the generator, on the way out and on the way in.</summary>
    public (double PerSend, double PerReceive) Batches =>
        (Tally.Sent / Math.Max(1.0, _sends - _sendsStart), Tally.Received / Math.Max(1.0, _receives - _receivesStart));

    public ProcessorUse Use()
    {
        double wall = Math.Max(1, _end - Start);
        return new ProcessorUse(
            TimeSpan.FromMicroseconds((_processEnd - _processStart) / 1000.0), (_processEnd - _processStart) / wall, ThreadsSince(_threadsStart, wall),
            _brokerEnd - _brokerStart is { } broker ? TimeSpan.FromMicroseconds(broker / 1000.0) : null, (_brokerEnd - _brokerStart) / wall);
    }

    private List<ThreadUse> ThreadsSince(ThreadTime?[] start, double wall)
    {
        var threads = new List<ThreadUse>();
        for (int i = 0; i < _threads.Length; i++)
        {
            if (_threads[i] is not { } now || start[i] is not { } before) continue;
            threads.Add(new ThreadUse((now.Running - before.Running) / wall, (now.Waiting - before.Waiting) / wall));
        }
        return threads;
    }

    private RateSample TakeSample() => new(
        TimeSpan.FromMicroseconds((_sampleStart - Start) / 1000.0), TimeSpan.FromMicroseconds((_end - _sampleStart) / 1000.0),
        Tally.Sent - _atSample.Sent, Tally.Received - _atSample.Received, _sample.ValueAt(0.99));

    private void CloseSample()
    {
        _series.Add(TakeSample());
        Latency.Add(_sample);
        _second.Add(_sample);
        _sample.Clear();
        _atSample = Tally;
        _sampleStart = _end;
    }

    private void CloseSecond(long inFlight)
    {
        double seconds = (_end - _secondStart) / 1e9;
        _progress?.Report(new BenchProgress(
            _phase, TimeSpan.FromMicroseconds((_end - Start) / 1000.0), (Tally.Sent - _atSecond.Sent) / seconds,
            (Tally.Received - _atSecond.Received) / seconds, inFlight,
            Tally.ConnectsFailed + Tally.ConnectsRefused + Tally.ConnectionsLost + Tally.Refused + Tally.Corrupt + Tally.Duplicates + Tally.OutOfOrder,
            _second.ValueAt(0.99), ThreadsSince(_threadsAtSecond, _end - _secondStart).Max(thread => (double?)thread.Running)));
        _second.Clear();
        _atSecond = Tally;
        _threadsAtSecond = _threads;
        _secondStart = _end;
        _nextSecond += (_end - _nextSecond) / Second * Second + Second;
    }
}

/// <summary>Who used the processors. Fractions are of one processor: 1 is one that was busy all the time.</summary>
/// <param name="Process">The generator's processor time.</param>
/// <param name="ProcessLoad">The same as a fraction.</param>
/// <param name="Threads">Its loops; empty if the system does not tell.</param>
/// <param name="Broker">The broker's processor time, if its process was named.</param>
/// <param name="BrokerLoad">The same as a fraction.</param>
internal sealed record ProcessorUse(TimeSpan Process, double ProcessLoad, IReadOnlyList<ThreadUse> Threads, TimeSpan? Broker, double? BrokerLoad);

/// <summary>What a thread did with the time.</summary>
/// <param name="Running">The fraction on a processor.</param>
/// <param name="Waiting">The fraction in which no processor was free for it; null if the system does not tell.</param>
internal readonly record struct ThreadUse(double Running, double? Waiting);

/// <summary>What happened in the last second.</summary>
/// <param name="Phase">Where the run stands.</param>
/// <param name="Elapsed">Since the phase began.</param>
/// <param name="SentPerSecond">Messages (or connections) begun each second.</param>
/// <param name="ReceivedPerSecond">Messages delivered (or connections accepted) each second.</param>
/// <param name="InFlight">Deliveries (or connections) under way.</param>
/// <param name="Errors">Failed connections and wrong messages since the phase began.</param>
/// <param name="P99">The 99th percentile of the second's latencies, in nanoseconds.</param>
/// <param name="Busy">The fraction of the second that the generator's busiest thread was on a processor; null if the system does not tell.</param>
public sealed record BenchProgress(
    string Phase, TimeSpan Elapsed, double SentPerSecond, double ReceivedPerSecond, long InFlight, long Errors, long P99, double? Busy);
