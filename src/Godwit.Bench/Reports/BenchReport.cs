using Godwit.Protocol;

namespace Godwit.Bench;

/// <summary>What a figure counts in; its unit in JSON is part of its key.</summary>
public enum FigureUnit
{
    /// <summary>A number of things.</summary>
    Count,

    /// <summary>So many of one to one of another.</summary>
    Ratio,

    /// <summary>Things a second.</summary>
    PerSecond,

    /// <summary>Bytes a second.</summary>
    BytesPerSecond,

    /// <summary>A percentage.</summary>
    Percent,

    /// <summary>Seconds.</summary>
    Seconds,

    /// <summary>Microseconds.</summary>
    Microseconds,
}

/// <summary>One figure of a report.</summary>
/// <param name="Key">Its name in JSON; it does not change from version to version.</param>
/// <param name="Label">Its name for people.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">What it counts in.</param>
/// <param name="IsWrong">Whether a right broker would have made it 0.</param>
/// <param name="IsHeadline">Whether it is what the scenario is about.</param>
public sealed record Figure(
    string Key, string Label, double Value, FigureUnit Unit = FigureUnit.Count, bool IsWrong = false, bool IsHeadline = false);

/// <summary>Figures that belong together.</summary>
/// <param name="Key">The name of their object in JSON.</param>
/// <param name="Title">The heading.</param>
/// <param name="Figures">The figures.</param>
public sealed record ReportSection(string Key, string Title, IReadOnlyList<Figure> Figures);

/// <summary>The percentiles of one kind of latency.</summary>
/// <param name="Key">Their name in JSON.</param>
/// <param name="Title">What they are latencies of.</param>
/// <param name="Summary">The figures.</param>
/// <param name="IsPlotted">Whether it belongs into the scenario's plot; not if it tells of the preparation.</param>
public sealed record LatencyTable(string Key, string Title, LatencySummary Summary, bool IsPlotted = true);

/// <summary>The result of a run.</summary>
public sealed record BenchReport
{
    /// <summary>What was done.</summary>
    public required BenchOptions Options { get; init; }

    /// <summary>The broker's address.</summary>
    public required string Broker { get; init; }

    /// <summary>When the measured part began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>From the beginning of the measured part to the last message or connection.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The figures.</summary>
    public required IReadOnlyList<ReportSection> Sections { get; init; }

    /// <summary>The latencies; the first one is the scenario's.</summary>
    public required IReadOnlyList<LatencyTable> Latencies { get; init; }

    /// <summary>What happened when.</summary>
    public required IReadOnlyList<RateSample> Samples { get; init; }

    /// <summary>What the reader has to know to read the figures right.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Whether the generator, not the broker, was the limit.</summary>
    public required bool WasGeneratorTheLimit { get; init; }

    /// <summary>Whether it was stopped before its end.</summary>
    public bool WasInterrupted { get; init; }

    /// <summary>Whether nothing was lost, repeated, reordered, corrupted or refused.</summary>
    public bool IsGood => !Sections.Any(section => section.Figures.Any(figure => figure is { IsWrong: true, Value: > 0 }));

    /// <summary>The result of all checks, in a sentence.</summary>
    public string Verdict => Options.Scenario switch
    {
        _ when !IsGood => "Not everything was right: see the figures that are marked.",
        ScenarioKind.Connect => "Every connection was accepted.",
        ScenarioKind.Reconnect => "All clients came back.",
        _ => "Nothing was lost, and nothing came twice, out of order or damaged.",
    };

    /// <summary>What was done, in a line.</summary>
    public string Description
    {
        get
        {
            string version = Options.Version switch { ProtocolVersion.V31 => "3.1", ProtocolVersion.V311 => "3.1.1", _ => "5.0" };
            string publishers = Plural(Options.PublisherCount, "publisher"), subscribers = Plural(Options.SubscriberCount, "subscriber");
            string who = Options.Scenario switch
            {
                ScenarioKind.Connect => Options.Rate is null ? $"{Options.Concurrency ?? 64:N0} at a time" : $"{Options.Rate:N0} a second",
                ScenarioKind.PointToPoint => $"{Plural(Options.PublisherCount, "pair")}",
                ScenarioKind.Shared => $"{publishers} to {Plural(Options.SubscriberCount, "member")}",
                ScenarioKind.Reconnect => $"{Plural(Options.PublisherCount, "client")}",
                ScenarioKind.Retained => $"{Plural(Options.RetainedCount, "message")}, {publishers} to {subscribers}",
                _ => $"{publishers} to {subscribers}",
            };
            string load = Options.Scenario switch
            {
                ScenarioKind.Connect or ScenarioKind.Reconnect => "",
                ScenarioKind.Retained => $", QoS {(int)Options.QoS}, {Options.PayloadSize:N0}-byte payloads",
                _ => $", QoS {(int)Options.QoS}, {Options.PayloadSize:N0}-byte payloads, " + (Options.Rate is { } rate
                    ? $"open loop at {rate:N0} messages/s"
                    : $"closed loop with {Options.Window:N0} under way each"),
            };
            string transport = Options.Transport == "tcp" ? "" : $" over {Options.Transport.ToUpperInvariant()}";
            return $"{Options.Scenario.Name()}: {who}{load}, MQTT {version}{transport}";
        }
    }

    private static string Plural(int count, string noun) => $"{count:N0} {noun}{(count == 1 ? "" : "s")}";
}
