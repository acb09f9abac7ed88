// godwit stats: the figures of a capture.
using System.CommandLine;
using Godwit.Capture;
using Godwit.Capture.Statistics;
using Godwit.Capture.Views;
using Godwit.Cli.CommandLine;

namespace Godwit.Cli.Verbs;

internal sealed class StatsVerb : Verb
{
    public const string Summary = "Count what is in a capture: clients, topics, rates, response times, bytes";

    private readonly CaptureArguments _capture = new();
    private readonly Option<long?> _top = OptionTypes.Number("--top", "N", "Rows of the tables of clients and topics (default 10)", 1, 100_000);
    private readonly Option<long?> _tree = OptionTypes.Number("--tree", "LEVELS", "Put topics together by so many of their first levels", 1, 128);
    private readonly Option<bool> _json = OptionTypes.Flag("--json", "Print one JSON object");
    private readonly Option<bool> _csv = OptionTypes.Flag("--csv", "Print comma-separated values: section, name, figure, value");
    private readonly Option<TimeSpan?> _during = OptionTypes.Duration("--during", "Capturing on an interface: end after this time (default: at Ctrl-C)");

    public StatsVerb() : base("stats", Summary + ".", "[options] [FILE | - | -i INTERFACE]")
    {
        Arguments.Add(_capture.File);
        Group("Where from", [.. _capture.SourceOptions, _during]);
        Group("Output", _top, _tree, _json, _csv);
    }

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("godwit stats site.pcapng", "Who sends what, how fast the answers come, and where the bytes go."),
        ("godwit stats site.pcapng --top 50 --tree 2", "The busiest parts of the topic tree."),
        ("sudo godwit stats -i eth0 -p 1883 --during 60s", "A minute of this machine's traffic."),
        ("godwit stats site.pcapng --json | jq .budget", "For programs."),
    ];

    public override Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken stop)
    {
        bool isJson = arguments.GetValue(_json), isCsv = arguments.GetValue(_csv);
        if (isJson && isCsv) throw new UsageException("--json or --csv, not both.");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (arguments.GetValue(_during) is { } during) end.CancelAfter(during);
        using var reader = new CaptureReader(_capture.Open(arguments, terminal), new CaptureReaderOptions { Mqtt = _capture.Streams(arguments), Secrets = _capture.Secrets(arguments) });
        try
        {
            reader.Run(end.Token);
        }
        catch (IOException failure)
        {
            throw new UsageException(failure.Message);
        }
        var report = StatisticsReport.Of(reader.Statistics!, (int)(arguments.GetValue(_top) ?? 10), (int)(arguments.GetValue(_tree) ?? 0));
        terminal.Write(isJson ? report.ToJson() + "\n" : isCsv ? report.ToCsv() : report.ToText());
        if (reader.Packets == 0 || reader.Source.Damage is not null) terminal.Error.Write(CaptureSummary.Write(reader, 0, new PacketChoice(), _capture.IsLive(arguments)));
        return Task.FromResult(ExitCode.Success);
    }
}
