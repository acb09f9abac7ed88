// connect: short-lived connections, a fixed number at a time (closed loop) or begun at a fixed rate (open loop). Each is over with its CONNACK;
// DISCONNECT and the closing of the socket follow, but nobody waits for them.
using Godwit.Protocol;

namespace Godwit.Bench;

internal sealed class ConnectScenario(ScenarioRun run)
{
    private BenchOptions Options => run.Options;

    public async Task<BenchReport> RunAsync()
    {
        ConnectLoad[] loads = [.. run.Loops.Loops.Select(loop => new ConnectLoad(loop, run.Loops.Loops.Length))];
        await run.Loops.DoAsync(loop => loop.Load = loads[loop.Loop.Index]).ConfigureAwait(false);
        if (Options.WarmUp > TimeSpan.Zero)
        {
            await RunPhaseAsync(loads, null, Options.WarmUp, Measurement.WarmUp).ConfigureAwait(false);
            run.Stop.ThrowIfCancellationRequested();
            await FailIfNothingWorksAsync().ConfigureAwait(false);
        }
        DateTimeOffset startedAt = DateTimeOffset.Now;
        (Measurement measurement, RunEnd end) = await RunPhaseAsync(loads, Options.Messages, Options.Duration, "measuring").ConfigureAwait(false);
        await FailIfNothingWorksAsync().ConfigureAwait(false);

        Tally tally = measurement.Tally;
        var sections = new List<ReportSection>
        {
            new("connects", "Connections",
            [
                new("begun", "begun", tally.Sent),
                new("accepted", "accepted", tally.Received),
                new("accepted_per_s", "accepted a second", tally.Received / measurement.Elapsed.TotalSeconds, FigureUnit.PerSecond, IsHeadline: true),
                new("failed", "failed", tally.ConnectsFailed, IsWrong: true),
                new("refused", "refused", tally.ConnectsRefused, IsWrong: true),
                new("open", "without an answer", Math.Max(0, tally.Sent - tally.Received - tally.ConnectsFailed - tally.ConnectsRefused), IsWrong: true),
            ]),
        };
        sections.AddRange(ReportParts.Processors(measurement.Use(), tally.Received, "connection"));
        List<LatencyTable> latencies =
        [
            .. ReportParts.Table("connect", Options.Rate is null ? "connect to CONNACK" : "scheduled connect to CONNACK", measurement.Latency),
            .. ReportParts.Table("lateness", "generator behind its schedule", await run.SumAsync(loop => loop.Lateness).ConfigureAwait(false)),
        ];
        return run.Report(measurement, startedAt, end, sections, latencies, await run.NotesAsync(measurement, end).ConfigureAwait(false));
    }

    private async Task<(Measurement Measurement, RunEnd End)> RunPhaseAsync(ConnectLoad[] loads, long? connections, TimeSpan duration, string name)
    {
        await run.Loops.DoAsync(loop => loop.ResetMeasurements()).ConfigureAwait(false);
        Measurement measurement = await run.MeasureAsync(name).ConfigureAwait(false);
        await run.Loops.DoAsync(loop => loads[loop.Loop.Index].Begin(measurement.Start, connections, duration)).ConfigureAwait(false);
        RunEnd end = await run.WaitAsync(measurement, InFlight, Settled, StateAsync, _ => run.Loops.DoAsync(loop => loads[loop.Loop.Index].StopBeginning()))
            .ConfigureAwait(false);
        measurement.Close();
        return (measurement, end);

        static long Settled(Tally tally) => tally.Received + tally.ConnectsFailed + tally.ConnectsRefused;

        static long InFlight(Tally tally) => tally.Sent - Settled(tally);

        async Task<RunState> StateAsync()
        {
            RunState[] states = await run.Loops.AskAsync(loop => loads[loop.Loop.Index].State).ConfigureAwait(false);
            return states.Min();
        }
    }

    // A refusal that meets every connection is no measurement.
    private async Task FailIfNothingWorksAsync()
    {
        (long Received, string? Error, ConnackCode? Refusal)[] loops =
            await run.Loops.AskAsync(loop => (loop.Tally.Received, loop.FirstError, loop.FirstRefusal)).ConfigureAwait(false);
        if (loops.All(loop => loop.Received == 0) && loops.FirstOrDefault(loop => loop.Error is not null) is { Error: { } error, Refusal: var refusal })
            throw new BenchException($"No connection could be made: {error}.", refusal);
    }
}

/// <summary>One loop's part of it.</summary>
internal sealed class ConnectLoad : ILoad, IConnectionObserver
{
    // An open loop against a broker that does not answer must end somewhere; what waits keeps its scheduled time.
    private const int MostAtATime = 20_000;

    private readonly BenchLoop _owner;
    private readonly HashSet<BenchConnection> _open = [];
    private readonly int _loops, _concurrency;
    private Schedule? _schedule;
    private long _deadline = long.MaxValue;
    private long _begun, _quota;
    private long _number;

    public ConnectLoad(BenchLoop owner, int loops)
    {
        _owner = owner;
        _loops = loops;
        BenchOptions options = owner.Settings.Options;
        int all = options.Concurrency ?? (options.Rate is null ? 64 : MostAtATime);
        _concurrency = (int)Math.Max(1, Schedule.ShareOf(all, owner.Loop.Index, loops));
        owner.Observer = this;
    }

    public long NextDue
    {
        get
        {
            if (_begun >= _quota || _open.Count >= _concurrency) return _deadline;
            return _schedule?.DueOf(_owner.Loop.Index, _begun) ?? 0;
        }
    }

    public RunState State => _begun < _quota ? (_schedule is null ? RunState.Sending : RunState.OnSchedule)
        : _open.Count > 0 ? RunState.Draining : RunState.Complete;

    public void Begin(long start, long? connections, TimeSpan duration)
    {
        BenchOptions options = _owner.Settings.Options;
        _schedule = options.Rate is { } rate ? new Schedule(start, rate, _loops) : null;
        long? total = connections ?? (options.Rate is { } perSecond ? Schedule.CountIn(duration, perSecond) : null);
        _quota = total is { } all ? Schedule.ShareOf(all, _owner.Loop.Index, _loops) : long.MaxValue;
        _deadline = total is null ? start + (long)duration.TotalNanoseconds : long.MaxValue;
        _begun = 0;
    }

    public void StopBeginning()
    {
        _quota = _begun;
        _deadline = long.MaxValue;
    }

    public void Step(long now)
    {
        if (now >= _deadline) StopBeginning();
        while (_begun < _quota && _open.Count < _concurrency)
        {
            long due = _schedule?.DueOf(_owner.Loop.Index, _begun) ?? now;
            if (due > now) return;
            if (_schedule is not null) _owner.Lateness.Record(now - due);
            var connection = new ProbeConnection(_owner, _owner.Settings.ClientId('c', _number++ * _loops + _owner.Loop.Index));
            _open.Add(connection);
            _begun++;
            _owner.Tally.Sent++;
            connection.Open(due);
        }
    }

    void IConnectionObserver.OnReady(BenchConnection connection)
    {
        _open.Remove(connection);
        _owner.Tally.Received++;
        _owner.LastProgress = connection.ConnectedAt;
        _owner.Latency.Record(connection.ConnectedAt - connection.OpenedAt);
        connection.Disconnect();
    }

    bool IConnectionObserver.OnEnded(BenchConnection connection, LinkState state, string why, ConnackCode? refusal)
    {
        _open.Remove(connection);
        return false;
    }

    private sealed class ProbeConnection(BenchLoop owner, byte[] clientId) : BenchConnection(owner, clientId)
    {
        protected override void OnPacket(in PacketFrame frame, ReadOnlySpan<byte> packet, long now) =>
            Fail($"the broker sent {frame.Type.Name()} to a client that only connects");
    }
}
