namespace Godwit.Bench;

/// <summary>What every scenario works with.</summary>
/// <param name="Loops">The loops.</param>
/// <param name="Progress">Told once a second; null for nobody.</param>
/// <param name="Stop">Cancelled when the user wants it to end.</param>
internal sealed record ScenarioRun(LoopSet Loops, IProgress<BenchProgress>? Progress, CancellationToken Stop)
{
    // Milliseconds. A tick takes the loops' time: soon at the beginning, for short runs, then ten times a second, and often again near the end.
    // Warming up it is always often: what ticks is to be compiled to its last stage by then, which takes some sixty calls and a processor.
    private const double ShortestTick = 5, LongestTick = 100, LongestTickWarmingUp = 10, LastTicks = 10;

    private static readonly TimeSpan PatienceWhenStopped = TimeSpan.FromSeconds(1);

    public BenchOptions Options => Loops.Options;

    public Task<Measurement> MeasureAsync(string phase) => Measurement.BeginAsync(Loops, Progress, phase);

    /// <summary>
    /// Ticks until everything is there, or until nothing has changed for as long as the options allow. Never for ever.
    /// </summary>
    /// <param name="measurement">What is measured.</param>
    /// <param name="inFlight">How many are under way.</param>
    /// <param name="settled">What grows as long as the broker does something.</param>
    /// <param name="stateOf">Asked after each tick.</param>
    /// <param name="end">Has the loops begin nothing more: called when the user stops, or nothing happens any more.</param>
    /// <returns>What became of it.</returns>
    public async Task<RunEnd> WaitAsync(
        Measurement measurement, Func<Tally, long> inFlight, Func<Tally, long> settled, Func<Task<RunState>> stateOf, Func<RunEnd, Task> end)
    {
        var result = RunEnd.Complete;
        long lastChange = MonotonicClock.Now;
        long last = 0;
        var state = RunState.Sending;
        double tick = ShortestTick;
        for (; ; )
        {
            double wait = state == RunState.Draining ? LastTicks : Math.Min(tick, Math.Ceiling(measurement.UntilNextSecond.TotalMilliseconds));
            // A stopped run ticks on at the same pace.
            await Task.Delay(TimeSpan.FromMilliseconds(wait), CancellationToken.None).ConfigureAwait(false);
            tick = Math.Min(measurement.IsWarmUp ? LongestTickWarmingUp : LongestTick, tick * 1.5);
            await measurement.TickAsync(inFlight).ConfigureAwait(false);
            state = await stateOf().ConfigureAwait(false);
            if (state == RunState.Complete)
            {
                await measurement.TickAsync(inFlight).ConfigureAwait(false); // what came between tick and question
                return result;
            }

            long now = MonotonicClock.Now;
            long current = settled(measurement.Tally);
            if (current != last || state == RunState.OnSchedule) (last, lastChange) = (current, now);
            if (Stop.IsCancellationRequested && result == RunEnd.Complete)
            {
                result = RunEnd.Interrupted;
                lastChange = now;
                await end(RunEnd.Interrupted).ConfigureAwait(false);
            }
            TimeSpan patience = result == RunEnd.Interrupted && Options.Timeout > PatienceWhenStopped ? PatienceWhenStopped : Options.Timeout;
            if (now - lastChange < patience.TotalNanoseconds * (state == RunState.Sending ? 3 : 1)) continue;
            await end(RunEnd.Stalled).ConfigureAwait(false);
            await measurement.TickAsync(inFlight).ConfigureAwait(false);
            return result == RunEnd.Complete ? RunEnd.Stalled : result;
        }
    }

    /// <summary>Notes that any scenario may have.</summary>
    public async Task<List<string>> NotesAsync(Measurement measurement, RunEnd end)
    {
        var notes = new List<string>();
        if (end == RunEnd.Interrupted) notes.Add("Stopped by the user; the figures are those until then.");
        if (end == RunEnd.Stalled) notes.Add($"Given up after {Options.Timeout.TotalSeconds:0.#} s in which nothing more came.");
        string?[] errors = await Loops.AskAsync(loop => loop.FirstError).ConfigureAwait(false);
        if (errors.FirstOrDefault(error => error is not null) is { } first) notes.Add($"The first error: {first}.");
        ProcessorUse use = measurement.Use();
        if ((ReportParts.LimitOf(use) ?? ReportParts.ShortageOf(use)) is { } limit) notes.Add(limit);
        if (ReportParts.BrokerUnknown(Options, use) is { } unknown) notes.Add(unknown);
        return notes;
    }

    public BenchReport Report(
        Measurement measurement, DateTimeOffset startedAt, RunEnd end, IReadOnlyList<ReportSection> sections, IReadOnlyList<LatencyTable> latencies,
        IReadOnlyList<string> notes) => new()
        {
            Options = Options,
            Broker = Loops.Settings.Remote.ToString(),
            StartedAt = startedAt,
            Elapsed = measurement.Elapsed,
            Sections = sections,
            Latencies = latencies,
            Samples = measurement.Samples,
            Notes = notes,
            WasGeneratorTheLimit = ReportParts.LimitOf(measurement.Use()) is not null,
            WasInterrupted = end == RunEnd.Interrupted,
        };

    /// <summary>The loops' histograms of one kind, added up.</summary>
    public async Task<LatencyHistogram> SumAsync(Func<BenchLoop, LatencyHistogram> which) =>
        ReportParts.Sum(await Loops.AskAsync(which).ConfigureAwait(false));
}

/// <summary>How far a run is.</summary>
internal enum RunState
{
    /// <summary>An open loop whose schedule is not over: that nothing comes is no reason to end.</summary>
    OnSchedule,

    /// <summary>There is more to be sent.</summary>
    Sending,

    /// <summary>All is sent, some has not come yet.</summary>
    Draining,

    /// <summary>All has come.</summary>
    Complete,
}

/// <summary>How a run came to its end.</summary>
internal enum RunEnd
{
    /// <summary>All came that was to come.</summary>
    Complete,

    /// <summary>Nothing came any more.</summary>
    Stalled,

    /// <summary>The user stopped it.</summary>
    Interrupted,
}
