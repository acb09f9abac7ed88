// godwit explain: what every byte of a packet means. The bytes come from the command line, a file or standard input, as any tool writes them.
using System.CommandLine;
using System.Text;
using Godwit.Capture.Dumps;
using Godwit.Capture.Explain;
using Godwit.Cli.CommandLine;
using Godwit.Protocol;

namespace Godwit.Cli.Verbs;

internal sealed class ExplainVerb : Verb
{
    public const string Summary = "Explain MQTT packets byte by byte";

    // Bytes of a file: more than a person reads, and than memory minds.
    private const int LongestInput = 16 << 20;

    private readonly Argument<string[]> _bytes = new("BYTES") { Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _file = OptionTypes.Text("--file", "FILE", "Read the bytes from FILE: text as on the command line, or the packets themselves", "-f");
    private readonly Option<string?> _version = OptionTypes.Choice("--mqtt", "The protocol version (default: what CONNECT says, otherwise what fits)", ["3.1", "3.1.1", "5"]);
    private readonly Option<bool> _json = OptionTypes.Flag("--json", "Print a JSON object for each packet, a line each");
    private readonly Option<bool> _showPasswords = OptionTypes.Flag("--show-passwords", "Show passwords and authentication data");

    public ExplainVerb() : base("explain", Summary + ".", "[options] [BYTES...]")
    {
        Arguments.Add(_bytes);
        Group("What to explain", _file, _version);
        Group("Output", _json, _showPasswords);
    }

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("godwit explain 10 17 00 04 4d 51 54 54 04 02 00 3c 00 0b 70 79 74 68 6f 6e 5f 74 65 73 74", "A CONNECT, byte by byte."),
        (@"godwit explain '\x82\x09\x00\x01\x00\x04a/+b\x01'", "A SUBSCRIBE that breaks a rule: what is wrong, and at which byte."),
        ("xxd packet.bin | godwit explain", "From any tool's dump: xxd, hexdump -C, od, tcpdump -X, Wireshark's copies, C arrays, Python's b'..'."),
        ("godwit explain --mqtt 5 --json -f packet.bin | jq .violations", "For programs."),
    ];

    public override Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken stop)
    {
        ReadOnlyMemory<byte> bytes = Read(arguments, terminal);
        if (bytes.IsEmpty) throw new UsageException("There are no bytes. Give them in hexadecimal: godwit explain 10 17 00 04 ...");
        bool isJson = arguments.GetValue(_json);
        int headers = LowerLayers.HeaderLength(bytes.Span);
        if (headers > 0 && !isJson) terminal.Write($"The first {headers} bytes are headers of IP and TCP, and left out.\n\n");
        IReadOnlyList<PacketExplanation> packets = Explainer.Explain(bytes[headers..], new ExplainOptions
        {
            Version = arguments.GetValue(_version) switch
            {
                "3.1" => ProtocolVersion.V31,
                "3.1.1" => ProtocolVersion.V311,
                "5" => ProtocolVersion.V5,
                _ => ProtocolVersion.Unknown,
            },
            ShowPasswords = arguments.GetValue(_showPasswords),
        });
        bool isColoured = terminal.IsInteractive && !terminal.Environment.ContainsKey("NO_COLOR");
        for (int i = 0; i < packets.Count; i++)
        {
            if (isJson) terminal.Output.Write([.. ExplanationJson.Write(packets[i]).Span, (byte)'\n']);
            else terminal.Write((i == 0 ? "" : "\n") + ExplanationText.Write(packets[i], packets.Count == 1 ? null : i + 1, isColoured));
        }
        return Task.FromResult(packets.Any(packet => packet.Violations.Count > 0) ? ExitCode.Failed : ExitCode.Success);
    }

    private byte[] Read(ParseResult arguments, Terminal terminal)
    {
        string[] words = arguments.GetValue(_bytes) ?? [];
        string? file = arguments.GetValue(_file);
        if (words.Length > 0 && file is not null) throw new UsageException("The bytes are given twice, on the command line and by --file.");
        if (words.Length > 0) return Parse(string.Join(' ', words), "");
        if (file is null && terminal.IsInteractive) return [];
        byte[] content = file is null or "-" ? ReadAll(terminal.Input) : ReadFile(file);
        return IsText(content) ? Parse(Encoding.UTF8.GetString(content), file is null or "-" ? "standard input, " : $"{file}, ") : content;
    }

    private static byte[] ReadFile(string file)
    {
        try
        {
            using FileStream stream = File.OpenRead(file);
            return ReadAll(stream);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{file} cannot be read: {failure.Message}");
        }
    }

    private static byte[] ReadAll(Stream stream)
    {
        var content = new MemoryStream();
        byte[] buffer = new byte[65_536];
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            content.Write(buffer, 0, count);
            if (content.Length > LongestInput) throw new UsageException($"That is more than {LongestInput >> 20} MiB.");
        }
        return content.ToArray();
    }

    private static byte[] Parse(string text, string source)
    {
        if (HexText.TryParse(text, out byte[] bytes, out HexTextError? error)) return bytes;
        throw new UsageException(error!.Line == 1 && source.Length == 0 ? $"At character {error.Column}: {error.Message}." : $"{source}{error}.");
    }

    // A packet has zeros or other control characters nearly always; a dump never.
    private static bool IsText(byte[] content) =>
        System.Text.Unicode.Utf8.IsValid(content) && !content.AsSpan().ContainsAnyInRange((byte)0, (byte)8) && !content.AsSpan().ContainsAnyInRange((byte)14, (byte)31);
}
