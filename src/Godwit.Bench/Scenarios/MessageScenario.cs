// p2p, fan-in, fan-out and shared: subscribers first, then publishers, a warm-up that is sent and received to its end, and the same measured.
namespace Godwit.Bench;

internal sealed class MessageScenario
{
    private readonly ScenarioRun _run;
    private readonly MessagePlan _plan;
    private readonly MessageLoad[] _loads;

    public MessageScenario(ScenarioRun run)
    {
        _run = run;
        _plan = new MessagePlan(run.Loops.Settings, run.Loops.Loops.Length);
        _loads = [.. run.Loops.Loops.Select(loop => new MessageLoad(loop, _plan))];
        MessageLoad.Introduce(_loads);
    }

    private BenchOptions Options => _run.Options;

    public async Task<BenchReport> RunAsync()
    {
        await ConnectAsync().ConfigureAwait(false);
        if (Options.WarmUp > TimeSpan.Zero)
        {
            await RunPhaseAsync(1, null, Options.WarmUp, Measurement.WarmUp).ConfigureAwait(false);
            _run.Stop.ThrowIfCancellationRequested();
        }
        DateTimeOffset startedAt = DateTimeOffset.Now;
        (Measurement measurement, RunEnd end) = await RunPhaseAsync(2, Options.Messages, Options.Duration, "measuring").ConfigureAwait(false);
        return await ReportAsync(measurement, end, startedAt).ConfigureAwait(false);
    }

    private async Task ConnectAsync()
    {
        var subscribers = new List<BenchConnection>();
        for (int i = 0; i < _plan.Subscribers; i++)
        {
            MessageLoad load = _loads[_plan.LoopOfSubscriber(i)];
            subscribers.Add(new SubscriberConnection(
                load.Owner, _run.Loops.Settings.ClientId('s', i), i, _plan.FilterOf(i), _plan.QoS, load.CreateChecker(i)));
        }
        await _run.Loops.OpenAsync(subscribers, _run.Stop).ConfigureAwait(false);

        var publishers = new List<PublisherConnection>();
        for (int i = 0; i < _plan.Publishers; i++)
        {
            MessageLoad load = _loads[_plan.LoopOfPublisher(i)];
            publishers.Add(new PublisherConnection(load.Owner, load, i));
        }
        await _run.Loops.OpenAsync(publishers, _run.Stop).ConfigureAwait(false);
        await OnLoadsAsync(load =>
        {
            foreach (PublisherConnection publisher in publishers)
                if (publisher.Owner == load.Owner) load.Add(publisher);
            load.Owner.Load = load;
        }).ConfigureAwait(false);
    }

    private async Task<(Measurement Measurement, RunEnd End)> RunPhaseAsync(int phase, long? messages, TimeSpan duration, string name)
    {
        await OnLoadsAsync(load => load.PreparePhase(phase)).ConfigureAwait(false);
        Measurement measurement = await _run.MeasureAsync(name).ConfigureAwait(false);
        await OnLoadsAsync(load => load.BeginSending(measurement.Start, messages, duration)).ConfigureAwait(false);
        RunEnd end = await _run.WaitAsync(
            measurement, InFlight, tally => tally.Received + tally.Acked, () => StateAsync(measurement),
            reason => OnLoadsAsync(load => load.StopSending(isGivenUp: reason == RunEnd.Stalled))).ConfigureAwait(false);
        measurement.Close();
        return (measurement, end);
    }

    private long InFlight(Tally tally) => Math.Max(0, tally.Sent * _plan.DeliveriesPerMessage - tally.Received);

    private async Task<RunState> StateAsync(Measurement measurement)
    {
        bool[] isOver = await Task.WhenAll(_loads.Select(load => load.Owner.AskAsync(() => load.IsSendingOver))).ConfigureAwait(false);
        if (!isOver.All(over => over))
        {
            bool isOnSchedule = Options.Rate is not null && _loads.Any(load => load.IsOnSchedule);
            return isOnSchedule ? RunState.OnSchedule : RunState.Sending;
        }
        // The tally is older than the answer: what it has not counted yet, the next one will have.
        Tally tally = measurement.Tally;
        bool isComplete = tally.Received >= tally.Sent * _plan.DeliveriesPerMessage && (_plan.QoS == 0 || tally.Acked >= tally.Sent)
            && await SentAsync().ConfigureAwait(false) == tally.Sent;
        return isComplete ? RunState.Complete : RunState.Draining;
    }

    private async Task<long> SentAsync() => (await _run.Loops.AskAsync(loop => loop.Tally.Sent).ConfigureAwait(false)).Sum();

    private async Task<BenchReport> ReportAsync(Measurement measurement, RunEnd end, DateTimeOffset startedAt)
    {
        Tally tally = measurement.Tally;
        long expected = tally.Sent * _plan.DeliveriesPerMessage;
        double seconds = measurement.Elapsed.TotalSeconds;
        long unsent = (await Task.WhenAll(_loads.Select(load => load.Owner.AskAsync(() => load.Unsent))).ConfigureAwait(false)).Sum();
        ProcessorUse use = measurement.Use();
        List<string> notes = await _run.NotesAsync(measurement, end).ConfigureAwait(false);
        if (_plan.Level != StampLevel.Full)
        {
            notes.Add($"Payloads of less than {MessageStamp.FullSize} bytes have no room for sequence numbers: duplicates, order and content were not checked"
                + (_plan.Level == StampLevel.None ? ", and below 8 bytes latency was not measured." : "."));
        }

        var sections = new List<ReportSection>
        {
            new("messages", "Messages",
            [
                new("sent", "sent", tally.Sent),
                new("delivered", "delivered", tally.Received),
                new("sent_per_s", "sent a second", tally.Sent / seconds, FigureUnit.PerSecond),
                new("delivered_per_s", "delivered a second", tally.Received / seconds, FigureUnit.PerSecond, IsHeadline: true),
                new("payload_bytes_per_s", "payload delivered", tally.Received * (double)Options.PayloadSize / seconds, FigureUnit.BytesPerSecond),
                new("sent_per_call", "messages per send() call", measurement.Batches.PerSend, FigureUnit.Ratio),
                new("delivered_per_call", "messages per recv() call", measurement.Batches.PerReceive, FigureUnit.Ratio),
            ]),
            new("checks", "Checks", Checks(tally, expected, unsent)),
        };
        if (_plan.IsShared) sections.Add(await DistributionAsync().ConfigureAwait(false));
        sections.Add(ReportParts.Connections(tally, _plan.Publishers + _plan.Subscribers));
        sections.AddRange(ReportParts.Processors(use, tally.Received, "delivery"));

        List<LatencyTable> latencies =
        [
            .. ReportParts.Table("delivery", _run.Options.Rate is null ? "publish to delivery" : "scheduled send to delivery", measurement.Latency),
            .. ReportParts.Table("lateness", "generator behind its schedule", await _run.SumAsync(loop => loop.Lateness).ConfigureAwait(false)),
            .. ReportParts.Table(
                "connect", "connect to CONNACK, in preparation", await _run.SumAsync(loop => loop.Connects).ConfigureAwait(false), isPlotted: false),
        ];
        return _run.Report(measurement, startedAt, end, sections, latencies, notes);
    }

    private List<Figure> Checks(Tally tally, long expected, long unsent)
    {
        var checks = new List<Figure>
        {
            new("lost", "lost", Math.Max(0, expected - tally.Received), IsWrong: true),
        };
        if (_plan.Level == StampLevel.Full)
        {
            checks.Add(new("duplicates", "duplicates", tally.Duplicates, IsWrong: true));
            if (_plan.QoS > 0) // MQTT allows them at QoS 1 only
                checks.Add(new("marked_duplicates", "duplicates with DUP", tally.MarkedDuplicates, IsWrong: _plan.QoS == Protocol.QoS.ExactlyOnce));
            checks.Add(new("out_of_order", "out of order", tally.OutOfOrder, IsWrong: true));
        }
        checks.Add(new("corrupt", "corrupt or foreign", tally.Corrupt, IsWrong: true));
        if (tally.Stragglers > 0) checks.Add(new("stragglers", "from the warm-up, late", tally.Stragglers));
        if (_plan.QoS > 0)
        {
            checks.Add(new("unacknowledged", "not acknowledged", Math.Max(0, tally.Sent - tally.Acked), IsWrong: true));
            checks.Add(new("refused", "refused", tally.Refused, IsWrong: true));
            checks.Add(new("acks_out_of_order", "acks out of order", tally.AcksOutOfOrder, IsWrong: true));
            checks.Add(new("stray_acks", "stray acks", tally.StrayAcks, IsWrong: true));
        }
        if (Options.Rate is not null || unsent > 0) checks.Add(new("unsent", "scheduled, never sent", unsent, IsWrong: true));
        return checks;
    }

    // How evenly the members of the shared subscription were served.
    private async Task<ReportSection> DistributionAsync()
    {
        long[][] parts = await Task.WhenAll(_loads.Select(load => load.Owner.AskAsync(() => load.Checkers.Select(checker => checker.Received).ToArray())))
            .ConfigureAwait(false);
        long[] members = [.. parts.SelectMany(part => part)];
        return new ReportSection("members", "Members of the shared subscription",
        [
            new("fewest", "fewest messages", members.Min()),
            new("mean", "mean", members.Average()),
            new("most", "most messages", members.Max()),
            new("idle", "members that got none", members.Count(count => count == 0)),
        ]);
    }

    private Task OnLoadsAsync(Action<MessageLoad> work) => Task.WhenAll(_loads.Select(load => load.Owner.DoAsync(() => work(load))));
}
