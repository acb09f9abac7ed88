// reconnect: subscribed clients lose their connections all at once, as when a network or a broker comes back, and all connect again. Who
// fails tries again, as clients do. A client is back when it has its subscription again.
using Godwit.Protocol;

namespace Godwit.Bench;

internal sealed class ReconnectScenario
{
    private readonly ScenarioRun _run;
    private readonly StormLoad[] _loads;

    public ReconnectScenario(ScenarioRun run)
    {
        _run = run;
        _loads = [.. run.Loops.Loops.Select(loop => new StormLoad(loop, run.Loops.Loops.Length))];
        for (int i = 0; i < Clients; i++)
        {
            StormLoad load = _loads[i % _loads.Length];
            load.Clients.Add(new SubscriberConnection(
                load.Owner, run.Loops.Settings.ClientId('r', i), i, run.Loops.Settings.Topic($"{i:d6}"), Options.QoS, load));
        }
    }

    private BenchOptions Options => _run.Options;

    private int Clients => Options.PublisherCount;

    public async Task<BenchReport> RunAsync()
    {
        await _run.Loops.OpenAsync([.. _loads.SelectMany(load => load.Clients)], _run.Stop).ConfigureAwait(false);
        LatencyHistogram first = await _run.SumAsync(loop => loop.Connects).ConfigureAwait(false);
        await _run.Loops.DoAsync(loop =>
        {
            loop.ResetMeasurements();
            loop.Connects.Clear();
            loop.Load = _loads[loop.Loop.Index];
            loop.Observer = _loads[loop.Loop.Index];
        }).ConfigureAwait(false);

        DateTimeOffset startedAt = DateTimeOffset.Now;
        Measurement measurement = await _run.MeasureAsync("measuring").ConfigureAwait(false);
        var times = new List<TimeSpan>();
        var end = RunEnd.Complete;
        for (int storm = 0; storm < Options.Storms && end == RunEnd.Complete; storm++)
        {
            long begin = MonotonicClock.Now;
            await _run.Loops.DoAsync(loop => _loads[loop.Loop.Index].Drop()).ConfigureAwait(false);
            await _run.Loops.DoAsync(loop => _loads[loop.Loop.Index].BeginStorm(begin)).ConfigureAwait(false);
            end = await _run.WaitAsync(measurement, InFlight, tally => tally.Received, StateAsync, _ => _run.Loops.DoAsync(loop => _loads[loop.Loop.Index].GiveUp()))
                .ConfigureAwait(false);
            times.Add(TimeSpan.FromMicroseconds(Math.Max(0, measurement.LastProgress - begin) / 1000.0));
        }
        measurement.Close();
        return await ReportAsync(measurement, end, startedAt, times, first).ConfigureAwait(false);

        static long InFlight(Tally tally) => tally.Sent - tally.Received;

        async Task<RunState> StateAsync() =>
            (await _run.Loops.AskAsync(loop => _loads[loop.Loop.Index].IsAllBack).ConfigureAwait(false)).All(back => back) ? RunState.Complete : RunState.Sending;
    }

    private async Task<BenchReport> ReportAsync(
        Measurement measurement, RunEnd end, DateTimeOffset startedAt, List<TimeSpan> times, LatencyHistogram first)
    {
        Tally tally = measurement.Tally;
        var sections = new List<ReportSection>
        {
            new("storms", "Storms",
            [
                new("clients", "clients", Clients),
                new("storms", "storms", times.Count),
                new("all_back_after_s", "all back after", times.Max().TotalSeconds, FigureUnit.Seconds, IsHeadline: true),
                new("all_back_after_mean_s", "mean of the storms", times.Average(time => time.TotalSeconds), FigureUnit.Seconds),
                new("back_per_s", "back a second", tally.Received / Math.Max(1e-6, times.Sum(time => time.TotalSeconds)), FigureUnit.PerSecond),
                new("missing", "not back", Math.Max(0, tally.Sent - tally.Received), IsWrong: true),
                new("failed", "attempts that failed", tally.ConnectsFailed),
                new("refused", "attempts that were refused", tally.ConnectsRefused),
                new("lost", "lost again", tally.ConnectionsLost, IsWrong: true),
            ]),
        };
        sections.AddRange(ReportParts.Processors(measurement.Use(), tally.Received, "connection"));
        List<LatencyTable> latencies =
        [
            .. ReportParts.Table("back", "cut to subscribed again", measurement.Latency),
            .. ReportParts.Table("connect", "connect to CONNACK", await _run.SumAsync(loop => loop.Connects).ConfigureAwait(false)),
            .. ReportParts.Table("first_connect", "connect to CONNACK, before the storm", first),
        ];
        return _run.Report(measurement, startedAt, end, sections, latencies, await _run.NotesAsync(measurement, end).ConfigureAwait(false));
    }
}

/// <summary>One loop's clients in a storm.</summary>
internal sealed class StormLoad : ILoad, IConnectionObserver, IMessageChecker
{
    private const long RetryDelay = 100_000_000;

    private readonly int _loops, _concurrency;
    private readonly double? _rate;
    private readonly Queue<(BenchConnection Client, long Due)> _retries = new();
    private long _begin;
    private int _begun = int.MaxValue; // as long as there is no storm
    private int _open, _back;

    public StormLoad(BenchLoop owner, int loops)
    {
        Owner = owner;
        _loops = loops;
        BenchOptions options = owner.Settings.Options;
        _concurrency = options.Concurrency is { } all ? (int)Math.Max(1, Schedule.ShareOf(all, owner.Loop.Index, loops)) : int.MaxValue;
        _rate = options.ConnectRate / loops;
    }

    public BenchLoop Owner { get; }

    public List<SubscriberConnection> Clients { get; } = [];

    public bool IsAllBack => _back == Clients.Count;

    public long NextDue
    {
        get
        {
            if (_open >= _concurrency) return long.MaxValue;
            long next = _begun < Clients.Count ? DueOf(_begun) : long.MaxValue;
            return _retries.TryPeek(out (BenchConnection Client, long Due) retry) ? Math.Min(next, retry.Due) : next;
        }
    }

    /// <summary>Cuts all connections off.</summary>
    public void Drop()
    {
        foreach (SubscriberConnection client in Clients) client.Drop();
        _begun = int.MaxValue;
    }

    /// <summary>Has everybody come back.</summary>
    public void BeginStorm(long begin)
    {
        _begin = begin;
        _begun = _open = _back = 0;
        _retries.Clear();
        Owner.Tally.Sent += Clients.Count;
    }

    /// <summary>Begins nothing more.</summary>
    public void GiveUp()
    {
        _begun = Clients.Count;
        _retries.Clear();
    }

    public void Step(long now)
    {
        while (_open < _concurrency && _retries.TryPeek(out (BenchConnection Client, long Due) retry) && retry.Due <= now)
        {
            _retries.Dequeue();
            Open(retry.Client, now);
        }
        while (_open < _concurrency && _begun < Clients.Count && DueOf(_begun) <= now) Open(Clients[_begun++], now);
    }

    void IConnectionObserver.OnReady(BenchConnection connection)
    {
        long now = MonotonicClock.Now;
        _open--;
        _back++;
        Owner.Tally.Received++;
        Owner.LastProgress = now;
        Owner.Latency.Record(now - _begin);
    }

    bool IConnectionObserver.OnEnded(BenchConnection connection, LinkState state, string why, ConnackCode? refusal)
    {
        if (state == LinkState.Ready) return false; // lost again: counted as such
        _open--;
        _retries.Enqueue((connection, MonotonicClock.Now + RetryDelay));
        return false;
    }

    // Nobody publishes to these topics.
    void IMessageChecker.OnMessage(SubscriberConnection subscriber, in PublishPacket message, long now) => Owner.Tally.Corrupt++;

    private long DueOf(int client) => _rate is { } rate ? _begin + (long)(client * 1e9 / rate) : 0;

    private void Open(BenchConnection client, long now)
    {
        _open++;
        client.Open(now);
    }
}
