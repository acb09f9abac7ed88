// Where a capture comes from, and which of its packets are wanted: the same for all verbs that look at captures.
using System.CommandLine;
using System.Globalization;
using Godwit.Capture;
using Godwit.Capture.Filters;
using Godwit.Capture.Live;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Tls;
using Godwit.Capture.Views;
using Godwit.Cli.CommandLine;
using Godwit.Configuration;
using Godwit.Protocol;

namespace Godwit.Cli.Verbs;

internal sealed class CaptureArguments
{
    private readonly Option<string?> _interface = OptionTypes.Text("--interface", "NAME", "Capture on this interface; any = all, which is the default without FILE", "-i");
    private readonly Option<string[]> _ports = OptionTypes.Texts("--port", "PORT", "Capture only TCP with this port; may be repeated (default: all; MQTT is recognised on any port)", "-p");
    private readonly Option<string?> _version = OptionTypes.Choice("--mqtt", "The protocol version of connections whose CONNECT was not seen (default: what fits)", ["3.1", "3.1.1", "5"]);
    private readonly Option<string?> _keyLog = MakeKeyLogOption();
    private readonly Option<string?> _where = OptionTypes.Text("--where", "FILTER", "Only packets that meet a condition: 'topic =~ \"a/+\" and qos > 0'; see docs/filters.md", "-Y");
    private readonly Option<string?> _client = OptionTypes.Text("--client", "ID", "Only this client, over all its connections");
    private readonly Option<CaptureTime?> _from = MakeTimeOption("--from", "Not before: 12.5 (seconds) or 10m since the beginning, or 2026-03-01T10:12:44 (UTC)");
    private readonly Option<CaptureTime?> _to = MakeTimeOption("--to", "Not behind");
    private readonly Option<long?> _first = OptionTypes.Number("--first", "N", "End after N packets", 1, long.MaxValue, "-c");

    public Argument<string[]> File { get; } = new("FILE") { Arity = ArgumentArity.ZeroOrMore };

    public Option[] SourceOptions => [_interface, _ports, _keyLog, _version];

    public Option[] ChoiceOptions => [_where, _client, _from, _to, _first];

    /// <summary>Whether the packets are those of this moment, so that somebody waits for each.</summary>
    public bool IsLive(ParseResult arguments) => (arguments.GetValue(File) ?? []) is [] or ["-"];

    /// <summary>Opens what is asked for.</summary>
    /// <exception cref="UsageException">It cannot be opened.</exception>
    public FrameSource Open(ParseResult arguments, Terminal terminal)
    {
        string[] files = arguments.GetValue(File) ?? [];
        string? name = arguments.GetValue(_interface);
        string[] ports = arguments.GetValue(_ports) ?? [];
        if (files.Length > 1) throw new UsageException("One capture at a time. `mergecap -w all.pcapng FILE...` makes one of several.");
        if (files.Length == 1 && (name is not null || ports.Length > 0)) throw new UsageException("A file is read as it is: -i and -p are for capturing. --where 'tcp.port == 1883' chooses packets.");
        if (files.Length == 1) return CaptureInput.Open(files[0], terminal);
        return CaptureInput.Try(() => LiveCapture.Open(new LiveOptions { Interface = name ?? LiveCapture.AnyInterface, Ports = [.. ports.Select(Port)] }));
    }

    /// <summary>How streams are to be read.</summary>
    public MqttStreamsOptions Streams(ParseResult arguments) => new()
    {
        Version = arguments.GetValue(_version) switch
        {
            "3.1" => ProtocolVersion.V31,
            "3.1.1" => ProtocolVersion.V311,
            "5" => ProtocolVersion.V5,
            _ => ProtocolVersion.Unknown,
        },
    };

    /// <summary>Where secrets of TLS are; null if nobody has said so.</summary>
    /// <exception cref="UsageException">There are none in a file that will not grow.</exception>
    public TlsKeyLog? Secrets(ParseResult arguments) => OpenKeyLog(arguments.GetValue(_keyLog), IsLive(arguments));

    /// <summary>The option of verbs that have no others of these.</summary>
    public static Option<string?> MakeKeyLogOption() =>
        OptionTypes.Text("--keylog", "FILE", "Secrets that open TLS, as programs write them where SSLKEYLOGFILE says; see docs/capture-tls.md");

    /// <summary>An option that is a moment of a capture.</summary>
    public static Option<CaptureTime?> MakeTimeOption(string name, string help) => OptionTypes.Parsed<CaptureTime?>(name, "TIME", help, [], text => Time(text)
        ?? throw new UsageException($"{{0}} takes a time since the beginning, such as 12.5 or 10m, or a moment such as 2026-03-01T10:12:44, not '{text}'."));

    /// <inheritdoc cref="Secrets"/>
    public static TlsKeyLog? OpenKeyLog(string? file, bool isLive)
    {
        if (file is null) return null;
        var secrets = new TlsKeyLog(file);
        if (secrets.Problem is { } problem && !isLive) throw new UsageException(problem);
        return secrets;
    }

    /// <summary>Which packets are wanted.</summary>
    /// <exception cref="UsageException">The filter or a time cannot be understood.</exception>
    public PacketChoice Choose(ParseResult arguments) => new()
    {
        Filter = CompileFilter(arguments.GetValue(_where)),
        ClientId = arguments.GetValue(_client),
        From = arguments.GetValue(_from),
        To = arguments.GetValue(_to),
        Count = arguments.GetValue(_first),
    };

    /// <summary>The condition of <c>--where</c>; null without one.</summary>
    /// <exception cref="UsageException">It cannot be understood: shows where.</exception>
    public static CaptureFilter? CompileFilter(string? filter)
    {
        try
        {
            return filter is null ? null : CaptureFilter.Compile(filter);
        }
        catch (FilterException wrong)
        {
            throw new UsageException($"--where: {wrong.Message}\n  {filter}\n  {new string(' ', wrong.Column - 1)}^");
        }
    }

    private static int Port(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and <= ushort.MaxValue
        ? port
        : throw new UsageException($"--port takes a number from 1 to 65535, not '{text}'.");

    private static CaptureTime? Time(string text)
    {
        if (Units.Duration(text) is { } time) return CaptureTime.After(time);
        // A time of day alone would be today's, which no capture is about.
        return text.Contains('-', StringComparison.Ordinal) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset moment)
            ? CaptureTime.At(moment)
            : null;
    }
}
