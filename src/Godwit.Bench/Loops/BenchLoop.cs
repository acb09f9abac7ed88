// One thread of the generator: an event loop, which this class turns itself, so that the open loop's next message is waited for to the
// microsecond and not to the millisecond of the loop's timers. A thread keeps its loop for the whole run: how many there are is the user's
// decision, not the load's, or a run would measure how the generator found out.
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Bench;

/// <summary>What a loop does besides reacting to its connections.</summary>
internal interface ILoad
{
    /// <summary>When <see cref="Step"/> has something to do at the latest; <see cref="long.MaxValue"/> if only an event can tell.</summary>
    long NextDue { get; }

    /// <summary>Called at the end of every turn, before output leaves.</summary>
    void Step(long now);
}

/// <summary>Hears of a loop's connections, on the loop.</summary>
internal interface IConnectionObserver
{
    /// <summary>A connection is ready for its role.</summary>
    void OnReady(BenchConnection connection);

    /// <summary>A connection has ended although nobody wanted it to.</summary>
    /// <returns>Whether that is part of the scenario: then it does not count as lost.</returns>
    bool OnEnded(BenchConnection connection, LinkState state, string why, ConnackCode? refusal);
}

internal sealed class BenchLoop : ITurnEnd
{
    private readonly Thread _thread;
    private LatencyHistogram _latency = new(), _spare = new();
    private CallbackTimer? _pings;
    private int _pingInterval;
    private volatile bool _stopping;

    public BenchLoop(EventLoop loop, ClientSettings settings)
    {
        Loop = loop;
        Settings = settings;
        _pingInterval = settings.Options.KeepAlive * 500;
        loop.AddTurnEnd(this);
        _thread = new Thread(Run) { IsBackground = true, Name = $"godwit-bench-{loop.Index}" };
    }

    public EventLoop Loop { get; }

    public ClientSettings Settings { get; }

    public ILoad? Load { get; set; }

    public IConnectionObserver? Observer { get; set; }

    /// <summary>Connections that live here, except short-lived ones.</summary>
    public List<BenchConnection> Connections { get; } = [];

    public Tally Tally { get; private set; } = new();

    /// <summary>The scenario's latency: of deliveries, or of connects.</summary>
    public LatencyHistogram Latency => _latency;

    /// <summary>From the beginning of connections to CONNACK, in all scenarios.</summary>
    public LatencyHistogram Connects { get; } = new();

    /// <summary>Open loop: how much later than scheduled messages were handed to the operating system.</summary>
    public LatencyHistogram Lateness { get; } = new();

    /// <summary>When the last message, acknowledgement or connection came.</summary>
    public long LastProgress { get; set; }

    /// <summary>What the first connection that failed failed of.</summary>
    public string? FirstError { get; private set; }

    /// <summary>What the broker said to the first connection or publish that it refused.</summary>
    public ConnackCode? FirstRefusal { get; private set; }

    public void Start() => _thread.Start();

    public void Stop()
    {
        _stopping = true;
        Loop.Post(static () => { }); // ends its sleep
        _thread.Join();
    }

    /// <summary>Has something done on the loop.</summary>
    public Task<T> AskAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        });
        return done.Task;
    }

    /// <inheritdoc cref="AskAsync{T}"/>
    public Task DoAsync(Action work) => AskAsync(() =>
    {
        work();
        return true;
    });

    /// <summary>Begins a connection's transport: TCP, and what the options put on it.</summary>
    public TransportConnection Connect(BenchConnection connection) => Loop.Connect(Settings.Remote, connection, new ConnectOptions
    {
        LocalEndPoint = Settings.Sources.Next(),
        Tls = Settings.Tls,
        WebSocket = Settings.Options.WebSocket,
    });

    /// <summary>What has happened so far; the latencies are handed over and begin anew.</summary>
    /// <remarks>The histogram may be read until the next call.</remarks>
    public LoopSample TakeSample()
    {
        (_latency, _spare) = (_spare, _latency);
        _latency.Clear();
        return new LoopSample(
            MonotonicClock.Now, Tally.Copy(), _spare, LastProgress, ProcessorClock.OfThisThread(), Loop.Statistics.Sends, Loop.Statistics.Receives);
    }

    /// <summary>Forgets what the preparation or the warm-up counted.</summary>
    public void ResetMeasurements()
    {
        Tally = new Tally();
        _latency.Clear();
        Lateness.Clear();
        LastProgress = MonotonicClock.Now;
    }

    public void OnConnected(BenchConnection connection)
    {
        Connects.Record(connection.ConnectedAt - connection.OpenedAt);
        if (connection.Limits.ServerKeepAlive is { } seconds) _pingInterval = Math.Min(_pingInterval, seconds * 500);
        if (_pingInterval > 0 && _pings is null)
        {
            _pings = new CallbackTimer(PingAll);
            Loop.Schedule(_pings, Loop.Now + _pingInterval);
        }
    }

    public void OnReady(BenchConnection connection) => Observer?.OnReady(connection);

    public void OnEnded(BenchConnection connection, LinkState state, string why, ConnackCode? refusal)
    {
        if (Observer?.OnEnded(connection, state, why, refusal) == true) return;
        FirstError ??= why;
        FirstRefusal ??= refusal;
        if (state == LinkState.Ready) Tally.ConnectionsLost++;
        else if (refusal is not null) Tally.ConnectsRefused++;
        else Tally.ConnectsFailed++;
    }

    public void NoteRefusal(ReasonCode code)
    {
        Tally.Refused++;
        FirstError ??= $"the broker refused a message: {code.Name()} (reason code 0x{(byte)code:X2})";
    }

    void ITurnEnd.OnTurnEnd(EventLoop loop) => Load?.Step(MonotonicClock.Now);

    private void PingAll(EventLoop loop)
    {
        foreach (BenchConnection connection in Connections) connection.Ping();
        loop.Schedule(_pings!, loop.Now + _pingInterval);
    }

    private void Run()
    {
        ProcessorClock.UseExactTimers();
        while (!_stopping) Loop.Turn(Wait());
    }

    private TimeSpan Wait()
    {
        long due = Load?.NextDue ?? long.MaxValue;
        if (due == long.MaxValue) return Timeout.InfiniteTimeSpan;
        // A TimeSpan counts in 100 ns: rounded up, or the last turns before the time would not wait at all.
        return TimeSpan.FromTicks(Math.Max(0, due - MonotonicClock.Now + 99) / 100);
    }
}

/// <summary>A loop's state at one moment.</summary>
/// <param name="Time">The moment.</param>
/// <param name="Tally">All since the measuring began.</param>
/// <param name="Latency">What was recorded since the last sample.</param>
/// <param name="LastProgress">When the last message, acknowledgement or connection came.</param>
/// <param name="Processor">The thread's processor time; null if the system does not tell.</param>
/// <param name="Sends">System calls that sent something, since the loop was made.</param>
/// <param name="Receives">System calls that received something, since the loop was made.</param>
internal sealed record LoopSample(
    long Time, Tally Tally, LatencyHistogram Latency, long LastProgress, ThreadTime? Processor, long Sends, long Receives);
