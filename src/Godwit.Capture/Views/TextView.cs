// One line for each packet, from what changes most to what is longest:
//
//       4  0.001021 python_test  -> PUBLISH   /python/mqtt q1 #1 28 B Hello World!
//
// number, ! if something was found, time, client, direction (-> to the server), type, and what its type has to say.
using System.Text;
using Godwit.Capture.Conversations;
using Godwit.Capture.Explain;
using Godwit.Capture.Filters;
using Godwit.Capture.Findings;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;
using Godwit.Protocol;

namespace Godwit.Capture.Views;

/// <summary>Writes a line of text for each packet.</summary>
/// <param name="output">Where to.</param>
/// <param name="options">How.</param>
public sealed class TextView(RecordOutput output, TextViewOptions options) : IPacketView
{
    private const int NumberWidth = 6, NarrowClient = 12, WideClient = 22, WideFrom = 110;

    private readonly LineBuffer _line = new();
    private readonly DetailText _details = new(options);
    private readonly int _clientWidth = options.ShowAddresses ? 2 * WideClient : options.Width is > 0 and < WideFrom ? NarrowClient : WideClient;
    private long _previous, _start;

    /// <inheritdoc/>
    public void OnPacket(in ObservedPacket packet, PacketContext context)
    {
        _line.Clear();
        _start = context.CaptureStart;
        Begin(packet.Number, packet.Last, context.Findings);
        WriteWho(packet.Connection, context.Conversation);
        Style(packet.IsFromClient ? "\e[36m"u8 : "\e[35m"u8);
        _line.Add(packet.IsFromClient ? " -> "u8 : " <- "u8);
        Style(packet.Violation is not null ? "\e[31m"u8 : packet.Type == PacketType.Publish ? "\e[1;32m"u8 : packet.Type is PacketType.Connect or PacketType.Connack or PacketType.Disconnect ? "\e[33m"u8 : "\e[0m"u8);
        int type = _line.Column;
        _line.Add(CaptureFields.TypeName(packet.Type));
        Style("\e[0m"u8);
        _line.PadTo(type + 9);
        _line.Add(" "u8);
        _details.Write(_line, packet, context);
        _line.EndLine();
        foreach (Finding finding in context.Findings)
            if (finding.Count == 1) WriteFinding(finding);
        if (options.ShowFields || options.ShowBytes) WriteExplanation(packet);
        output.Write(_line.Written);
    }

    /// <inheritdoc/>
    public void OnSkipped(Conversation conversation, Side from, long count, UnreadReason reason, Arrival at)
    {
        Note(conversation, from == conversation.Connection.ClientSide ? " -> "u8 : " <- "u8, at, reason switch
        {
            UnreadReason.Missing => $"{count:N0} bytes are not in the capture",
            UnreadReason.Unsynchronised => $"{count:N0} bytes in front of the first whole packet",
            UnreadReason.Unreadable => $"{count:N0} byte{(count == 1 ? "" : "s")} cannot be a packet",
            _ => $"{count:N0} bytes of a packet, and the end of the stream",
        });
    }

    /// <inheritdoc/>
    public void OnOver(Conversation conversation)
    {
        bool isOrderly = conversation.Closing is ClosingKind.Open or ClosingKind.Disconnect;
        if (isOrderly) return;
        bool isByClient = conversation.ClosedBy == conversation.Connection.ClientSide;
        string how = conversation.Closing == ClosingKind.Reset ? "reset the connection" : "closed the connection without DISCONNECT";
        Note(conversation, isByClient ? " -> "u8 : " <- "u8, conversation.ClosedAt, $"{(isByClient ? "the client" : "the server")} {how}");
    }

    private void Note(Conversation conversation, ReadOnlySpan<byte> arrow, Arrival at, string text)
    {
        _line.Clear();
        Begin(0, at, []);
        WriteWho(conversation.Connection, conversation);
        _line.Add(arrow);
        Style("\e[2m"u8);
        _line.Add($"({text})");
        Style("\e[0m"u8);
        _line.EndLine();
        output.Write(_line.Written);
    }

    private void Begin(long number, Arrival at, IReadOnlyList<Finding> findings)
    {
        Style("\e[2m"u8);
        if (number > 0) _line.Add(number, NumberWidth);
        _line.PadTo(NumberWidth);
        Style("\e[0m"u8);
        if (findings.Count > 0) Style(Colour(Worst(findings)));
        _line.Add(findings.Count > 0 ? "!"u8 : " "u8);
        Style("\e[0m"u8);
        WriteTime(at.Time);
        _line.Add(" "u8);
    }

    private void WriteTime(long time)
    {
        switch (options.Time)
        {
            case TimeStyle.Absolute:
                Span<byte> text = stackalloc byte[40];
                DateTimeOffset.UnixEpoch.AddTicks(time / TimeSpan.NanosecondsPerTick).TryFormat(text, out int count, "yyyy-MM-dd HH:mm:ss.ffffff", System.Globalization.CultureInfo.InvariantCulture);
                _line.Add(text[..count]);
                break;
            case TimeStyle.Delta:
                _line.Add((_previous == 0 ? 0 : time - _previous) / 1e9, 6, 10);
                break;
            default:
                _line.Add((time - (_start == 0 ? time : _start)) / 1e9, 6, 10);
                break;
        }
        _previous = time;
    }

    private void WriteWho(ObservedConnection connection, Conversation conversation)
    {
        int start = _line.Column;
        bool isInitiator = connection.ClientSide == Side.Initiator;
        System.Net.IPEndPoint client = isInitiator ? connection.Stream.Initiator : connection.Stream.Responder;
        if (options.ShowAddresses) _line.Add($"{client} {(isInitiator ? connection.Stream.Responder : connection.Stream.Initiator)}");
        else if (conversation.ClientId is { Length: > 0 }) _line.AddForeign(conversation.ClientIdBytes.Span, _clientWidth);
        else _line.Add($"{(_clientWidth > NarrowClient ? client.ToString() : $":{client.Port}")}");
        _line.PadTo(start + _clientWidth);
    }

    private void WriteFinding(Finding finding)
    {
        _line.PadTo(NumberWidth);
        Style(Colour(finding.Rule.Severity));
        _line.Add("! "u8);
        _line.AddForeign(Encoding.UTF8.GetBytes($"{finding.Rule.Id}: {finding.Rule.Title}{(finding.Statement is { } statement ? $" [{statement}]" : "")}"));
        Style("\e[0m"u8);
        _line.EndLine();
    }

    private void WriteExplanation(in ObservedPacket packet)
    {
        PacketExplanation explanation = Explainer.ExplainPacket(packet.Bytes.ToArray(), options.Explaining(packet.Version));
        if (options.ShowBytes) WriteIndented(ExplanationText.Write(explanation, isColoured: options.IsColoured));
        else
            foreach (ExplainedField group in explanation.Fields)
            {
                _line.PadTo(NumberWidth);
                _line.Add($"{group.Name}, {group.Length:N0} byte{(group.Length == 1 ? "" : "s")}");
                _line.EndLine();
                foreach (ExplainedField field in group.Children) WriteField(field, NumberWidth + 2);
            }
    }

    private void WriteField(ExplainedField field, int indent)
    {
        _line.PadTo(indent);
        _line.Add(field.Name);
        string words = field.Meaning is null ? field.Value ?? "" : field.Value is null ? field.Meaning : $"{field.Value} ({field.Meaning})";
        if (words.Length > 0) _line.Add($": {words}");
        if (field.Violation is { } violation)
        {
            Style("\e[31m"u8);
            _line.Add($"  ! {violation.Name}");
            Style("\e[0m"u8);
        }
        _line.EndLine();
        foreach (ExplainedField child in field.Children) WriteField(child, indent + 2);
    }

    private void WriteIndented(string text)
    {
        foreach (ReadOnlySpan<char> line in text.AsSpan().TrimEnd('\n').EnumerateLines())
        {
            if (line.Length > 0) _line.PadTo(NumberWidth);
            _line.Add(line.ToString());
            _line.EndLine();
        }
    }

    private static Severity Worst(IReadOnlyList<Finding> findings)
    {
        Severity worst = Severity.Note;
        for (int i = 0; i < findings.Count; i++)
            if (findings[i].Rule.Severity > worst) worst = findings[i].Rule.Severity;
        return worst;
    }

    private static ReadOnlySpan<byte> Colour(Severity severity) => severity switch
    {
        Severity.Error => "\e[31m"u8,
        Severity.Warning => "\e[33m"u8,
        _ => "\e[36m"u8,
    };

    private void Style(ReadOnlySpan<byte> escape)
    {
        if (options.IsColoured) _line.AddInvisible(escape);
    }
}
