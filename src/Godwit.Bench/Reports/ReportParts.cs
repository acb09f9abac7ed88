// Sections that all scenarios have, and the verdict on who was the limit.
namespace Godwit.Bench;

internal static class ReportParts
{
    private const double Busy = 0.9;
    private const double Starved = 0.1, Short = 0.2;

    public static ReportSection Connections(Tally tally, long opened) => new("connections", "Connections",
    [
        new("opened", "opened", opened),
        new("failed", "failed", tally.ConnectsFailed, IsWrong: true),
        new("refused", "refused", tally.ConnectsRefused, IsWrong: true),
        new("lost", "lost in mid-run", tally.ConnectionsLost, IsWrong: true),
    ]);

    /// <summary>The generator's own processor time, and the broker's if it is known.</summary>
    /// <param name="use">Who used the processors.</param>
    /// <param name="units">Deliveries or connections.</param>
    /// <param name="unit">What one of them is called.</param>
    public static IEnumerable<ReportSection> Processors(ProcessorUse use, long units, string unit)
    {
        double count = Math.Max(1, units);
        var generator = new List<Figure>
        {
            new("cpu_percent", "CPU of the process", use.ProcessLoad * 100, FigureUnit.Percent),
            new($"cpu_us_per_{unit}", $"CPU for each {unit}", use.Process.TotalMicroseconds / count, FigureUnit.Microseconds),
        };
        for (int i = 0; i < use.Threads.Count; i++)
        {
            string which = use.Threads.Count == 1 ? "its thread" : $"thread {i + 1}";
            generator.Add(new($"thread_{i + 1}_busy_percent", $"{which}, busy", use.Threads[i].Running * 100, FigureUnit.Percent));
            if (use.Threads[i].Waiting is { } waiting)
                generator.Add(new($"thread_{i + 1}_waiting_percent", $"{which}, no CPU free", waiting * 100, FigureUnit.Percent));
        }
        yield return new ReportSection("generator", "Generator", generator);
        if (use.Broker is not { } broker) yield break;
        yield return new ReportSection("broker", "Broker",
        [
            new("cpu_percent", "CPU of the process", use.BrokerLoad!.Value * 100, FigureUnit.Percent),
            new($"cpu_us_per_{unit}", $"CPU for each {unit}", broker.TotalMicroseconds / count, FigureUnit.Microseconds),
        ]);
    }

    /// <summary>A sentence if the generator or its machine was the limit, otherwise null.</summary>
    public static string? LimitOf(ProcessorUse use)
    {
        double running = use.Threads.Count > 0 ? use.Threads.Max(thread => thread.Running) : use.ProcessLoad;
        if (running > Busy)
            return $"The generator was the limit: one of its threads was busy {running:P0} of the time. The broker can do more; try --threads, or other machines.";
        ThreadUse starved = use.Threads.MaxBy(thread => thread.Running + (thread.Waiting ?? 0));
        return starved.Running + starved.Waiting > Busy && starved.Waiting > Starved
            ? $"This machine was the limit: a thread of the generator was busy {starved.Running:P0} of the time and waited {starved.Waiting:P0} for a free processor."
            : null;
    }

    /// <summary>A sentence if the generator often found no processor free: the time from arrival to being looked at is in every latency.</summary>
    public static string? ShortageOf(ProcessorUse use)
    {
        double? waiting = use.Threads.Max(thread => thread.Waiting);
        return waiting > Short
            ? $"This machine was short of processors: a thread of the generator waited {waiting:P0} of the time for a free one, and latencies contain that."
            : null;
    }

    public static string? BrokerUnknown(BenchOptions options, ProcessorUse use) =>
        options.BrokerProcess is { } id && use.Broker is null ? $"The processor time of process {id} could not be read." : null;

    /// <summary>A latency table, if there is anything in it.</summary>
    public static IEnumerable<LatencyTable> Table(string key, string title, LatencyHistogram histogram, bool isPlotted = true)
    {
        if (histogram.Count > 0) yield return new LatencyTable(key, title, LatencySummary.Of(histogram), isPlotted);
    }

    public static LatencyHistogram Sum(IEnumerable<LatencyHistogram> histograms)
    {
        var sum = new LatencyHistogram();
        foreach (LatencyHistogram histogram in histograms) sum.Add(histogram);
        return sum;
    }
}
