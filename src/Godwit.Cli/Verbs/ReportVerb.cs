// godwit report: a capture as one HTML page to read and to send.
using System.CommandLine;
using System.Text;
using Godwit.Capture;
using Godwit.Capture.Reports;
using Godwit.Cli.CommandLine;
using Godwit.Cli.Control;

namespace Godwit.Cli.Verbs;

internal sealed class ReportVerb : Verb
{
    public const string Summary = "Make an HTML report of a capture: findings, sequence, figures, every byte";

    private const int UsualPackets = 5_000, MostPackets = 100_000;

    private readonly Argument<string[]> _file = new("FILE") { Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _keyLog = CaptureArguments.MakeKeyLogOption();
    private readonly Option<string?> _output = OptionTypes.Text("--output", "FILE", "Where to write it (default: the capture's name with .html); - is standard output", "-o");
    private readonly Option<string?> _title = OptionTypes.Text("--title", "TEXT", "The heading (default: the capture's name)");
    private readonly Option<long?> _packets = OptionTypes.Number("--packets", "N", $"Show the first N packets with all their bytes (default {UsualPackets:N0})", 1, MostPackets);
    private readonly Option<bool> _redact = OptionTypes.Flag("--redact", "Leave payloads, user names and user properties out; passwords always are");

    public ReportVerb() : base("report", Summary + ".", "[options] FILE")
    {
        Arguments.Add(_file);
        Group("Where from", _keyLog);
        Group("What it has", _title, _packets, _redact);
        Group("Output", _output);
    }

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("godwit report site.pcapng -o report.html", "Open report.html in a browser; it needs no network."),
        ("godwit report --redact site.pcapng", "To be sent to somebody who may not know what the messages say."),
    ];

    public override Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken stop)
    {
        string[] files = arguments.GetValue(_file) ?? [];
        if (files.Length != 1) throw new UsageException("Which capture? godwit report FILE, or - for standard input.");
        string name = files[0] == "-" ? "Capture" : Path.GetFileName(files[0]);
        using var recorder = new ReportRecorder(new ReportOptions
        {
            Title = arguments.GetValue(_title) ?? name,
            MostPackets = (int)(arguments.GetValue(_packets) ?? UsualPackets),
            IsRedacted = arguments.GetValue(_redact),
        });
        using CaptureReader capture = CaptureInput.Record(recorder, files[0], arguments.GetValue(_keyLog), terminal, "report", stop);
        string page = HtmlReport.Write(recorder, capture.Analysis);
        string file = arguments.GetValue(_output) ?? (files[0] == "-" ? "-" : Path.ChangeExtension(name, ".html"));
        if (file == "-") terminal.Write(page);
        else
        {
            CaptureInput.WriteFile(file, Encoding.UTF8.GetBytes(page));
            terminal.Error.WriteLine($"{file}: {Readable.Count(capture.Packets, "packet")}, {Readable.Count(capture.Findings.Findings.Count, "finding")}.");
        }
        return Task.FromResult(ExitCode.Success);
    }
}
