// godwit capture: the packets of a capture file, of standard input or of this machine's interfaces, a line each; and where else they shall go.
using System.CommandLine;
using Godwit.Capture;
using Godwit.Capture.Exports;
using Godwit.Capture.Filters;
using Godwit.Capture.Live;
using Godwit.Capture.Views;
using Godwit.Cli.CommandLine;

namespace Godwit.Cli.Verbs;

internal sealed class CaptureVerb : Verb
{
    public const string Summary = "Show the MQTT packets of a capture file or of the network";

    private readonly CaptureArguments _capture = new();
    private readonly PacketViewArguments _view = new();
    private readonly Option<long?> _last = OptionTypes.Number("--last", "N", "Show the last N packets only", 1, 1_000_000);
    private readonly Option<bool> _json = OptionTypes.Flag("--json", "Print a JSON object for each packet, a line each");
    private readonly Option<bool> _csv = OptionTypes.Flag("--csv", "Print comma-separated values, a row for each packet");
    private readonly Option<string?> _fields = OptionTypes.Text("--fields", "LIST", "The columns for CSV: names of fields with commas between; see docs/filters.md", "-e");
    private readonly Option<bool> _quiet = OptionTypes.Flag("--quiet", "No packets and no summary: only what goes into files", "-q");
    private readonly Option<string?> _write = OptionTypes.Text("--write", "FILE", "Write frames to FILE as pcapng, with what was found as comments", "-w");
    private readonly Option<bool> _decrypted = OptionTypes.Flag("--decrypted", "With --write: the MQTT packets themselves, for Wireshark, without TLS and WebSocket around them");
    private readonly Option<string?> _writeJson = OptionTypes.Text("--write-json", "FILE", "Write JSON to FILE");
    private readonly Option<string?> _writeCsv = OptionTypes.Text("--write-csv", "FILE", "Write comma-separated values to FILE");
    private readonly Option<string?> _vectors = OptionTypes.Text("--vectors", "FILE", "Write the packets to FILE as test vectors: commented hexadecimal");

    public CaptureVerb() : base("capture", Summary + ".", "[options] [FILE | - | -i INTERFACE]")
    {
        Arguments.Add(_capture.File);
        Group("Where from", _capture.SourceOptions);
        Group("Which packets", [.. _capture.ChoiceOptions, _last]);
        Group("Output", [.. _view.Options, _json, _csv, _fields, _quiet]);
        Group("Files", _write, _decrypted, _writeJson, _writeCsv, _vectors);
    }

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("sudo godwit capture", "What goes over this machine's network now, on all interfaces and ports."),
        ("godwit capture site.pcapng --client pump-7 -v", "All packets of one client, with every field."),
        ("godwit capture site.pcapng --where 'topic =~ \"plant/+/temp\" and payload.json.value > 80'", "The packets that matter."),
        ("ssh gateway tcpdump -U -w - tcp port 1883 | godwit capture -", "Live, from another machine."),
        ("godwit capture site.pcapng --csv -e time,client,topic,payload > site.csv", "For a spreadsheet."),
        ("sudo godwit capture -i eth0 -p 1883 -w today.pcapng", "Watch and keep; Wireshark shows what was found as packet comments."),
    ];

    public override Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken stop)
    {
        PacketChoice choice = _capture.Choose(arguments);
        IReadOnlyList<CaptureField> columns = Columns(arguments);
        TextViewOptions options = _view.Read(arguments, terminal);
        bool isLive = _capture.IsLive(arguments), isQuiet = arguments.GetValue(_quiet);
        string? frames = arguments.GetValue(_write);
        bool isDecrypted = arguments.GetValue(_decrypted);
        if (isDecrypted && frames is null) throw new UsageException("--decrypted says what --write writes: give a FILE.");
        if (options.Redact && frames is not null && !isDecrypted) throw new UsageException("--write keeps frames as they are, with everything in them. --write FILE --decrypted can hide it.");
        if (arguments.GetValue(_json) && arguments.GetValue(_csv)) throw new UsageException("--json or --csv, not both; --write-json and --write-csv write further files.");

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using FrameSource source = _capture.Open(arguments, terminal);
        using var files = new ExportFiles(isLive);
        using var output = new RecordOutput(terminal.Output, isLive, (int?)arguments.GetValue(_last));
        var views = new List<IPacketView>();
        if (!isQuiet)
            views.Add(arguments.GetValue(_json) ? new JsonView(output, options)
                : arguments.GetValue(_csv) || arguments.GetValue(_fields) is not null ? new ColumnsView(output, columns, options.Redact)
                : new TextView(output, options));
        if (arguments.GetValue(_writeJson) is { } json) views.Add(new JsonView(files.Open(json), options));
        if (arguments.GetValue(_writeCsv) is { } csv) views.Add(new ColumnsView(files.Open(csv), columns, options.Redact));
        if (arguments.GetValue(_vectors) is { } vectors) views.Add(new VectorExport(files.Open(vectors), options));
        FrameExport? export = null;
        if (frames is not null)
        {
            if (isDecrypted) views.Add(files.Keep(new PacketExport(ExportFiles.Create(frames), options)));
            else views.Add(export = files.Keep(new FrameExport(ExportFiles.Create(frames), choice.IsSelective, isLive)));
        }
        var selection = new PacketSelection(choice, views, enough.Cancel);
        using var reader = new CaptureReader(source, new CaptureReaderOptions
        {
            Mqtt = _capture.Streams(arguments),
            Secrets = _capture.Secrets(arguments),
            Views = [selection],
            FrameViews = export is null ? [] : [export],
            Notes = export is null ? [] : [export],
            HasStatistics = false,
        });
        try
        {
            reader.Run(enough.Token);
        }
        catch (IOException failure) when (failure is not NobodyReadsException)
        {
            output.Flush();
            throw new UsageException(failure.Message);
        }
        output.Dispose();
        if (!isQuiet) terminal.Error.Write(CaptureSummary.Write(reader, selection.Count, choice, isLive));
        return Task.FromResult(ExitCode.Success);
    }

    private IReadOnlyList<CaptureField> Columns(ParseResult arguments)
    {
        if (arguments.GetValue(_fields) is not { } list) return ColumnsView.UsualColumns;
        return [.. list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name => CaptureFields.Find(name)
            ?? throw new UsageException($"--fields: there is no field {name}.{(CaptureFields.Nearest(name) is { } nearest ? $" Did you mean {nearest}?" : " docs/filters.md lists them.")}"))];
    }
}
