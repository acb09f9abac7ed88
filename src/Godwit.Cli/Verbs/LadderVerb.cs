// godwit ladder: a capture as a sequence diagram, as text for the terminal or as a picture.
using System.CommandLine;
using System.Text;
using Godwit.Capture;
using Godwit.Capture.Ladders;
using Godwit.Cli.CommandLine;
using Godwit.Cli.Control;

namespace Godwit.Cli.Verbs;

internal sealed class LadderVerb : Verb
{
    public const string Summary = "Draw who sent what to whom in a capture, as text or SVG";

    // Rows unless asked otherwise; columns of clients in a picture; characters of a line where there is no terminal.
    private const int UsualRows = 200, MostRows = 20_000, MostPicturedClients = 8, UsualWidth = 100, LeastWidth = 60, MostWidth = 400;

    private readonly Argument<string[]> _file = new("FILE") { Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _keyLog = CaptureArguments.MakeKeyLogOption();
    private readonly Option<string?> _client = OptionTypes.Text("--client", "ID", "Only this client, over all its connections: a client identifier, or an address with port");
    private readonly Option<long?> _connection = OptionTypes.Number("--connection", "N", "Only the capture's Nth TCP connection", 1, long.MaxValue);
    private readonly Option<CaptureTime?> _from = CaptureArguments.MakeTimeOption("--from", "Not before: 12.5 (seconds) or 10m since the beginning, or 2026-03-01T10:12:44 (UTC)");
    private readonly Option<CaptureTime?> _to = CaptureArguments.MakeTimeOption("--to", "Not behind");
    private readonly Option<long?> _first = OptionTypes.Number("--first", "N", $"Show the first N rows (default {UsualRows})", 1, MostRows);
    private readonly Option<long?> _last = OptionTypes.Number("--last", "N", "Show the last N rows", 1, MostRows);
    private readonly Option<bool> _tcp = OptionTypes.Flag("--tcp", "Show handshake, acknowledgements, retransmissions and ends of TCP too");
    private readonly Option<bool> _pings = OptionTypes.Flag("--pings", "Show each PINGREQ and PINGRESP; several in a row are one row otherwise");
    private readonly Option<string?> _svg = OptionTypes.Text("--svg", "FILE", "Write a picture to FILE; - is standard output");
    private readonly Option<bool> _ascii = OptionTypes.Flag("--ascii", "Use ASCII only");
    private readonly Option<long?> _width = OptionTypes.Number("--width", "N", $"Characters of a line (default: the terminal's, or {UsualWidth})", LeastWidth, MostWidth);

    public LadderVerb() : base("ladder", Summary + ".", "[options] FILE")
    {
        Arguments.Add(_file);
        Group("Where from", _keyLog);
        Group("What to show", _client, _connection, _from, _to, _first, _last, _tcp, _pings);
        Group("Output", _svg, _ascii, _width);
    }

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("godwit ladder site.pcapng", "All clients around the broker."),
        ("godwit ladder --tcp --client pump-7 site.pcapng", "One client, with every segment of TCP."),
        ("godwit ladder --from 10m --first 50 --svg ladder.svg site.pcapng", "The first 50 rows after ten minutes, as a picture."),
    ];

    public override Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken stop)
    {
        string[] files = arguments.GetValue(_file) ?? [];
        if (files.Length != 1) throw new UsageException("Which capture? godwit ladder FILE, or - for standard input.");
        if (arguments.GetValue(_first) is not null && arguments.GetValue(_last) is not null) throw new UsageException("--first and --last do not go together.");
        var recorder = new LadderRecorder(new LadderOptions
        {
            Client = arguments.GetValue(_client),
            Connection = arguments.GetValue(_connection),
            From = arguments.GetValue(_from),
            To = arguments.GetValue(_to),
            Most = (int)(arguments.GetValue(_last) ?? arguments.GetValue(_first) ?? UsualRows),
            IsLast = arguments.GetValue(_last) is not null,
            HasSegments = arguments.GetValue(_tcp),
            HasPings = arguments.GetValue(_pings),
        });
        using CaptureReader capture = CaptureInput.Record(recorder, files[0], arguments.GetValue(_keyLog), terminal, "ladder", stop);

        string? picture = arguments.GetValue(_svg);
        int width = (int)(arguments.GetValue(_width) ?? WidthOf(terminal));
        Ladder ladder = recorder.Build(capture.Findings.Findings, picture is null ? LadderText.MostClients(width) : MostPicturedClients);
        if (ladder.Rows.Count == 0)
        {
            terminal.Error.WriteLine($"godwit ladder: {WhyEmpty(capture)}");
            return Task.FromResult(ExitCode.Failed);
        }
        if (picture is not null) WritePicture(ladder, picture, terminal);
        else terminal.Write(LadderText.Write(ladder, new LadderTextOptions { Width = width, IsAscii = arguments.GetValue(_ascii), IsColoured = terminal.IsInteractive && !terminal.Environment.ContainsKey("NO_COLOR") }));
        return Task.FromResult(ExitCode.Success);
    }

    private static void WritePicture(Ladder ladder, string file, Terminal terminal)
    {
        string picture = LadderSvg.Write(ladder);
        if (file == "-") terminal.Write(picture);
        else CaptureInput.WriteFile(file, Encoding.UTF8.GetBytes(picture));
        if (!ladder.IsComplete) terminal.Error.WriteLine($"godwit ladder: {Readable.Count(ladder.PacketsBefore + ladder.PacketsAfter, "packet")} not shown (--first, --last, --from, --to).");
    }

    private static string WhyEmpty(CaptureReader capture)
    {
        string seen = $"{Readable.Count(capture.Counters.Frames, "frame")}, {Readable.Count(capture.Counters.Connections, "TCP connection")}, {Readable.Count(capture.Packets, "MQTT packet")}";
        return capture.Packets == 0 ? $"There is no MQTT in this capture: {seen}." : $"Nothing of this capture was chosen: {seen}.";
    }

    private static int WidthOf(Terminal terminal)
    {
        if (terminal.Environment.TryGetValue("COLUMNS", out string? columns) && int.TryParse(columns, out int width) && width >= LeastWidth) return Math.Min(width, MostWidth);
        return terminal.IsInteractive ? Math.Clamp(Console.WindowWidth, LeastWidth, MostWidth) : UsualWidth;
    }
}
