// godwit why: which clients were refused or dropped in a capture, and what the likeliest causes are.
using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Godwit.Capture;
using Godwit.Capture.Diagnosing;
using Godwit.Cli.CommandLine;
using Godwit.Cli.Control;

namespace Godwit.Cli.Verbs;

internal sealed class WhyVerb : Verb
{
    public const string Summary = "Say why clients were refused or dropped, from a capture";

    // Connections, and causes of each, unless asked otherwise.
    private const int UsualConnections = 20, UsualCauses = 3;

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private readonly Argument<string[]> _file = new("FILE") { Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _client = OptionTypes.Text("--client", "ID", "Only this client identifier");
    private readonly Option<long?> _top = OptionTypes.Number("--top", "N", $"Show the latest N connections (default {UsualConnections}; with --json all)", 1, int.MaxValue);
    private readonly Option<bool> _json = OptionTypes.Flag("--json", "Print a JSON object for each connection, a line each");
    private readonly Option<string?> _keyLog = CaptureArguments.MakeKeyLogOption();

    public WhyVerb() : base("why", Summary + ".", "[options] FILE")
    {
        Arguments.Add(_file);
        Group("Where from", _keyLog);
        Group("What to show", _client, _top, _json);
    }

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("godwit why site.pcapng", "Who was refused or dropped, and the likeliest causes."),
        ("godwit why site.pcapng --client pump-7", "Only what became of this client."),
        ("ssh gateway tcpdump -w - tcp port 1883 | godwit why -", "From another machine; end tcpdump to see the answer."),
    ];

    public override Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken stop)
    {
        string[] files = arguments.GetValue(_file) ?? [];
        if (files.Length != 1) throw new UsageException("Which capture? godwit why FILE, or - for standard input.");
        var reading = new CaptureReaderOptions { HasStatistics = false, Secrets = CaptureArguments.OpenKeyLog(arguments.GetValue(_keyLog), isLive: false) };
        using var capture = new CaptureReader(CaptureInput.Open(files[0], terminal), reading);
        CaptureInput.Run(capture, terminal, "why", stop);
        string? client = arguments.GetValue(_client);
        Diagnosis[] all = [.. capture.Diagnoses.Diagnoses.Where(diagnosis => client is null || diagnosis.ClientId == client)];
        bool isJson = arguments.GetValue(_json);
        long top = arguments.GetValue(_top) ?? (isJson ? int.MaxValue : UsualConnections);
        Diagnosis[] shown = [.. all.TakeLast((int)top)];
        foreach (Diagnosis diagnosis in shown) terminal.Write(isJson ? ToJson(diagnosis) : Describe(diagnosis));
        if (!isJson) terminal.Write(Sum(capture, all.Length, shown.Length));
        return Task.FromResult(all.Length > 0 ? ExitCode.Failed : ExitCode.Success);
    }

    private static string Describe(Diagnosis diagnosis)
    {
        string who = diagnosis.ClientId is { Length: > 0 } id ? $"client {TextTable.Plain(id)}, " : "";
        var text = new StringBuilder($"Connection {diagnosis.Connection}, {who}{diagnosis.Stream.Initiator} -> {diagnosis.Stream.Responder}, {diagnosis.At.Moment:yyyy-MM-dd HH:mm:ss.fff} UTC\n");
        text.Append($"  {diagnosis.Outcome}\n");
        if (diagnosis.Causes.Count == 0) text.Append("  Nothing in the capture shows why. Look into the server's log at this time.\n");
        for (int i = 0; i < Math.Min(diagnosis.Causes.Count, UsualCauses); i++)
        {
            Cause cause = diagnosis.Causes[i];
            text.Append($"  {i + 1}. {cause.Title}{(cause.Statement is { } statement ? $" [{statement}]" : "")}\n     {cause.Explanation}\n     -> {cause.Remedy}\n");
            if (cause.Packets.Count > 0) text.Append($"     packet{(cause.Packets.Count == 1 ? "" : "s")} {string.Join(", ", cause.Packets)}\n");
            if (cause.Nearest is not { } nearest) continue;
            foreach (string line in nearest.Lines) text.Append($"       {line}\n");
            foreach (var change in nearest.Changes) text.Append($"       {change}\n");
        }
        return text.Append('\n').ToString();
    }

    private static string Sum(CaptureReader capture, int found, int shown)
    {
        string more = shown < found ? $", of which the latest {shown} are shown (--top)" : "";
        string packets = $"{Readable.Count(capture.Packets, "MQTT packet")} on {Readable.Count(capture.Counters.Connections, "TCP connection")}";
        if (capture.Packets == 0 && found == 0) return $"There is no MQTT in this capture: {Readable.Count(capture.Counters.Frames, "frame")}, {packets}.\n";
        return found == 0 ? $"Nobody was refused or dropped: {packets}.\n" : $"{Readable.Count(found, "connection")} in trouble{more}; {packets}.\n";
    }

    private static string ToJson(Diagnosis diagnosis) => JsonSerializer.Serialize(new
    {
        diagnosis.Connection,
        diagnosis.ClientId,
        Client = diagnosis.Stream.Initiator.ToString(),
        Server = diagnosis.Stream.Responder.ToString(),
        Time = diagnosis.At.Moment,
        diagnosis.Outcome,
        Causes = diagnosis.Causes.Select(cause => new
        {
            cause.Rank,
            cause.Title,
            cause.Statement,
            cause.Explanation,
            cause.Remedy,
            cause.Packets,
            Nearest = cause.Nearest?.Lines,
        }),
    }, Json) + "\n";
}
