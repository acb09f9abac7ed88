// retained: messages are stored on many topics; then all subscribers, which are connected already, subscribe to all of them at once. The
// messages are removed in the end, whatever happens.
namespace Godwit.Bench;

internal sealed class RetainedScenario
{
    private readonly ScenarioRun _run;
    private readonly RetainedPlan _plan;
    private readonly List<RetainingConnection> _publishers = [];

    public RetainedScenario(ScenarioRun run)
    {
        _run = run;
        _plan = new RetainedPlan(run.Loops.Settings);
        for (int i = 0; i < _plan.Publishers; i++)
            _publishers.Add(new RetainingConnection(LoopOf(i), run.Loops.Settings.ClientId('p', i), _plan, i));
    }

    private BenchOptions Options => _run.Options;

    public async Task<BenchReport> RunAsync()
    {
        await _run.Loops.OpenAsync(_publishers, _run.Stop).ConfigureAwait(false);
        try
        {
            long begun = MonotonicClock.Now;
            await RetainAsync(remove: false, _run.Stop).ConfigureAwait(false);
            double storedPerSecond = _plan.Topics / ((MonotonicClock.Now - begun) / 1e9);
            return await SubscribeAsync(storedPerSecond).ConfigureAwait(false);
        }
        finally
        {
            await RetainAsync(remove: true, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private BenchLoop LoopOf(int number) => _run.Loops.Loops[number % _run.Loops.Loops.Length];

    // Bounded by progress: as long as acknowledgements come, it goes on.
    private async Task RetainAsync(bool remove, CancellationToken stop)
    {
        Task all = Task.WhenAll(_publishers.Select(publisher => publisher.Owner.AskAsync(() => publisher.RetainAsync(remove)).Unwrap()));
        long last = -1, lastChange = MonotonicClock.Now;
        while (!all.IsCompleted)
        {
            await Task.WhenAny(all, Task.Delay(20, CancellationToken.None)).ConfigureAwait(false);
            stop.ThrowIfCancellationRequested();
            long acknowledged = (await _run.Loops.AskAsync(loop => loop.Tally.Acked).ConfigureAwait(false)).Sum();
            if (acknowledged != last) (last, lastChange) = (acknowledged, MonotonicClock.Now);
            if (MonotonicClock.Now - lastChange < Options.Timeout.TotalNanoseconds) continue;
            if (remove) return;
            throw new BenchException($"The broker has acknowledged {acknowledged:N0} of {_plan.Topics:N0} retained messages, and then none for {Options.Timeout.TotalSeconds:0.#} s.");
        }
        string? error = (await _run.Loops.AskAsync(loop => loop.FirstError).ConfigureAwait(false)).FirstOrDefault(text => text is not null);
        if (error is not null && !remove) throw new BenchException($"The retained messages could not be stored: {error}.");
    }

    private async Task<BenchReport> SubscribeAsync(double storedPerSecond)
    {
        if (Options.WarmUp > TimeSpan.Zero) await ReceiveAsync('w', 1, Measurement.WarmUp).ConfigureAwait(false);
        _run.Stop.ThrowIfCancellationRequested();
        DateTimeOffset startedAt = DateTimeOffset.Now;
        (Measurement measurement, RunEnd end, List<RetainedChecker> checkers) = await ReceiveAsync('s', Options.SubscriberCount, "measuring").ConfigureAwait(false);

        Tally tally = measurement.Tally;
        var complete = new LatencyHistogram();
        foreach (RetainedChecker checker in checkers)
            if (checker.CompletedAfter > 0) complete.Record(checker.CompletedAfter);
        long expected = (long)_plan.Topics * checkers.Count;
        double seconds = measurement.Elapsed.TotalSeconds;
        var sections = new List<ReportSection>
        {
            new("messages", "Messages",
            [
                new("retained", "retained", _plan.Topics),
                new("stored_per_s", "stored a second", storedPerSecond, FigureUnit.PerSecond),
                new("delivered", "delivered", tally.Received),
                new("delivered_per_s", "delivered a second", tally.Received / seconds, FigureUnit.PerSecond, IsHeadline: true),
                new("delivered_per_s_and_subscriber", "to each subscriber", tally.Received / seconds / checkers.Count, FigureUnit.PerSecond),
                new("complete", "subscribers that got all", complete.Count),
                new("all_after_s", "all of them after", complete.Count == checkers.Count ? complete.Maximum / 1e9 : seconds, FigureUnit.Seconds),
            ]),
            new("checks", "Checks",
            [
                new("lost", "lost", Math.Max(0, expected - tally.Received), IsWrong: true),
                new("duplicates", "duplicates", tally.Duplicates, IsWrong: true),
                new("marked_duplicates", "duplicates with DUP", tally.MarkedDuplicates, IsWrong: Options.QoS != Protocol.QoS.AtLeastOnce),
                new("corrupt", "corrupt, foreign or without RETAIN", tally.Corrupt, IsWrong: true),
            ]),
            ReportParts.Connections(tally, _plan.Publishers + checkers.Count),
        };
        sections.AddRange(ReportParts.Processors(measurement.Use(), tally.Received, "delivery"));
        List<LatencyTable> latencies =
        [
            .. ReportParts.Table("delivery", "SUBSCRIBE to delivery", measurement.Latency),
            .. ReportParts.Table("complete", "SUBSCRIBE to the last message", complete),
        ];
        return _run.Report(measurement, startedAt, end, sections, latencies, await _run.NotesAsync(measurement, end).ConfigureAwait(false));
    }

    private async Task<(Measurement Measurement, RunEnd End, List<RetainedChecker> Checkers)> ReceiveAsync(char role, int count, string phase)
    {
        var checkers = new List<RetainedChecker>();
        var subscribers = new List<SubscriberConnection>();
        for (int i = 0; i < count; i++)
        {
            checkers.Add(new RetainedChecker(LoopOf(i), _plan));
            byte[] id = _run.Loops.Settings.ClientId(role, i);
            subscribers.Add(new SubscriberConnection(LoopOf(i), id, i, _plan.Filter, Options.QoS, checkers[i]) { SubscribesLater = true });
        }
        await _run.Loops.OpenAsync(subscribers, _run.Stop).ConfigureAwait(false);
        await _run.Loops.DoAsync(loop => loop.ResetMeasurements()).ConfigureAwait(false);
        Measurement measurement = await _run.MeasureAsync(phase).ConfigureAwait(false);
        await _run.Loops.DoAsync(loop =>
        {
            foreach (SubscriberConnection subscriber in subscribers)
                if (subscriber.Owner == loop && subscriber.State == LinkState.Ready) subscriber.Subscribe();
        }).ConfigureAwait(false);
        RunEnd end = await _run.WaitAsync(measurement, tally => (long)_plan.Topics * count - tally.Received, tally => tally.Received, StateAsync, _ => Task.CompletedTask)
            .ConfigureAwait(false);
        measurement.Close();
        await _run.Loops.DoAsync(loop =>
        {
            foreach (SubscriberConnection subscriber in subscribers)
                if (subscriber.Owner == loop) subscriber.Disconnect();
        }).ConfigureAwait(false);
        return (measurement, end, checkers);

        Task<RunState> StateAsync() =>
            Task.FromResult(measurement.Tally.Received >= (long)_plan.Topics * count ? RunState.Complete : RunState.Draining);
    }
}
