// godwit bench: puts a load on any MQTT broker and says how it took it. Ctrl-C ends the run, and what has been measured is reported.
using Godwit.Security.Files;
using System.CommandLine;
using Godwit.Bench;
using Godwit.Cli.CommandLine;

namespace Godwit.Cli.Verbs;

internal sealed class BenchVerb : Verb
{
    public const string Summary = "Measure a broker: rate, latency, loss, connects and storms";

    private readonly Argument<string?> _scenario = new("SCENARIO") { Arity = ArgumentArity.ZeroOrOne };
    private readonly BenchArguments _arguments = new();
    private readonly Option<bool> _json = OptionTypes.Flag("--json", "Print the result as one JSON object");
    private readonly Option<string?> _html = OptionTypes.Text("--html", "FILE", "Write the result as a page with plots, too");
    private readonly Option<bool> _progress = OptionTypes.Flag("--progress", "Show a line each second even if standard error is no terminal");
    private readonly Option<bool> _quiet = OptionTypes.Flag("--quiet", "Show no progress and no error messages");

    public BenchVerb() : base("bench", Description, $"{{{string.Join(" | ", ScenarioNames.All)}}} [options]")
    {
        Arguments.Add(_scenario);
        Group("Connection", _arguments.Connection);
        Group("TLS and WebSocket", _arguments.Transport);
        Group("Clients and messages", _arguments.Clients);
        Group("Load", _arguments.Load);
        Group("Output", _json, _html, _progress, _quiet);
    }

    public override IReadOnlyList<string> Words => ScenarioNames.All;

    public override IReadOnlyDictionary<string, string> LaterOptions => TransportArguments.Later;

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("godwit bench p2p", "How many messages a second the broker on this machine carries between 100 pairs of clients."),
        ("godwit bench fan-out -q 1 --subscribers 1000 --rate 50 --html report.html", "The latency of 50 messages a second to 1000 subscribers each, with plots."),
        ("godwit bench reconnect -h broker.example --clients 5000", "How long 5000 clients take to come back after a cut."),
    ];

    private static new string Description => $"""
        {Summary}.

          connect     connections that come and go: CONNECT, CONNACK, DISCONNECT
          p2p         each publisher has a topic and a subscriber of its own
          fan-in      many publishers to one subscriber
          fan-out     one publisher to many subscribers
          shared      publishers to the members of a shared subscription
          retained    subscribers ask for many retained messages at once
          reconnect   clients lose their connections all at once, and come back
        """;

    public override async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken stop)
    {
        string name = arguments.GetValue(_scenario) ?? throw new UsageException($"Which scenario? {Listed()}.");
        ScenarioKind scenario = ScenarioNames.Find(name) ?? throw new UsageException(Suggestion.Nearest(name, ScenarioNames.All) is { } nearest
            ? $"There is no scenario '{name}'. Did you mean {nearest}?"
            : $"There is no scenario '{name}', but {Listed()}.");
        BenchOptions options = _arguments.Read(arguments, scenario);
        string? html = arguments.GetValue(_html);
        if (html is not null && !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(html))))
            throw new UsageException($"--html: there is no directory for '{html}'.");

        bool isQuiet = arguments.GetValue(_quiet);
        var errors = new ErrorOutput(terminal.Error, Name, isQuiet);
        bool showsProgress = !isQuiet && (terminal.IsErrorSeen || arguments.GetValue(_progress));
        try
        {
            BenchReport report = await BenchRunner.RunAsync(options, showsProgress ? new ProgressLines(terminal.Error) : null, stop).ConfigureAwait(false);
            terminal.Write(arguments.GetValue(_json) ? JsonReport.Write(report) : TextReport.Write(report));
            if (html is not null) await File.WriteAllTextAsync(html, HtmlReport.Write(report), CancellationToken.None).ConfigureAwait(false);
            return report.IsGood ? ExitCode.Success : ExitCode.ChecksFailed;
        }
        catch (BenchException failure)
        {
            errors.Write(failure.Message);
            return failure.Refusal?.Value ?? ExitCode.Failed;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            errors.Write("Stopped before anything was measured.");
            return ExitCode.Failed;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            errors.Write(failure.Message);
            return ExitCode.Failed;
        }
    }

    private static string Listed() => $"{string.Join(", ", ScenarioNames.All.SkipLast(1))} or {ScenarioNames.All[^1]}";

    private sealed class ProgressLines(TextWriter error) : IProgress<BenchProgress>
    {
        public void Report(BenchProgress value)
        {
            string latency = value.P99 > 0 ? $", p99 {value.P99 / 1e6:0.000} ms" : "";
            string busy = value.Busy is { } fraction ? $", generator {fraction:P0}" : "";
            string errors = value.Errors > 0 ? $", {value.Errors:N0} errors" : "";
            error.WriteLine(
                $"{value.Phase,-9} {value.Elapsed.TotalSeconds,4:0} s: {value.SentPerSecond,11:N0} out/s {value.ReceivedPerSecond,11:N0} in/s, {value.InFlight:N0} under way{latency}{busy}{errors}");
        }
    }
}
