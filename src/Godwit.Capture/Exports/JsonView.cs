// A JSON object for each packet, a line each. The writer and its buffer are kept: what is allocated is for packets with findings or fields only.
using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Godwit.Capture.Explain;
using Godwit.Capture.Filters;
using Godwit.Capture.Findings;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Views;
using Godwit.Protocol;

namespace Godwit.Capture.Exports;

/// <summary>Writes a line of JSON for each packet; docs/capture.md lists the members.</summary>
/// <param name="output">Where to.</param>
/// <param name="options">What to hide, and whether to add <c>fields</c>, the tree of all fields.</param>
public sealed class JsonView(RecordOutput output, TextViewOptions options) : IPacketView
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private Utf8JsonWriter? _writer;

    /// <inheritdoc/>
    public void OnPacket(in ObservedPacket packet, PacketContext context)
    {
        _buffer.ResetWrittenCount();
        Utf8JsonWriter json = _writer ??= new Utf8JsonWriter(_buffer, Writing);
        json.Reset(_buffer);
        json.WriteStartObject();
        json.WriteNumber("number"u8, packet.Number);
        if (packet.Last.Frame > 0) json.WriteNumber("frame"u8, packet.Last.Frame);
        json.WriteString("time"u8, packet.Last.Moment);
        json.WriteNumber("seconds"u8, (packet.Last.Time - context.CaptureStart) / 1000 / 1e6);
        json.WriteNumber("connection"u8, packet.Connection.Number);
        json.WriteString("source"u8, PacketContext.Source(packet).ToString());
        json.WriteString("destination"u8, PacketContext.Destination(packet).ToString());
        if (context.ClientId is not null) WriteText(json, "client"u8, context.Conversation.ClientIdBytes.Span);
        json.WriteString("from"u8, packet.IsFromClient ? "client"u8 : "server"u8);
        json.WriteString("version"u8, ExplanationText.VersionName(packet.Version));
        json.WriteString("type"u8, CaptureFields.TypeName(packet.Type));
        json.WriteNumber("length"u8, packet.Frame.Length);
        if (packet.Type == PacketType.Publish) WritePublish(json, packet);
        else if (PacketParts.PacketId(packet) is > 0 and var id) json.WriteNumber("packetId"u8, id);
        if (packet.Type is PacketType.Subscribe or PacketType.Unsubscribe) WriteFilters(json, packet);
        if (PacketParts.Code(packet) is { } code) json.WriteNumber("code"u8, code);
        if (context.Answered is { } answered)
        {
            json.WriteNumber("answers"u8, answered.Request);
            json.WriteNumber("responseMs"u8, (answered.AnsweredAt.Time - answered.RequestedAt.Time) / 1000 / 1e3);
        }
        if (packet.Violation is { } violation) json.WriteString("violation"u8, violation.Name);
        if (context.Findings.Count > 0) WriteFindings(json, context.Findings);
        if (options.ShowFields || options.ShowBytes)
        {
            PacketExplanation explanation = Explainer.ExplainPacket(packet.Bytes.ToArray(), options.Explaining(packet.Version));
            json.WritePropertyName("packet"u8);
            json.WriteRawValue(ExplanationJson.Write(explanation).Span, skipInputValidation: true);
        }
        json.WriteEndObject();
        json.Flush();
        _buffer.Write("\n"u8);
        output.Write(_buffer.WrittenSpan);
    }

    private void WritePublish(Utf8JsonWriter json, in ObservedPacket packet)
    {
        PublishPacket publish = packet.Publish;
        WriteText(json, "topic"u8, packet.Topic);
        json.WriteNumber("qos"u8, packet.Frame.Flags >> 1 & 3);
        json.WriteBoolean("retain"u8, (packet.Frame.Flags & 1) != 0);
        json.WriteBoolean("dup"u8, (packet.Frame.Flags & 8) != 0);
        if (publish.PacketId > 0) json.WriteNumber("packetId"u8, publish.PacketId);
        json.WriteNumber("payloadLength"u8, publish.Payload.Length);
        if (options.Redact) return;
        if (Readable.IsText(publish.Payload)) json.WriteString("payload"u8, publish.Payload);
        else json.WriteString("payloadHex"u8, Convert.ToHexString(publish.Payload));
    }

    private static void WriteFilters(Utf8JsonWriter json, in ObservedPacket packet)
    {
        json.WriteStartArray("filters"u8);
        for (int i = 0; PacketParts.TryFilter(packet, i, out ReadOnlySpan<byte> filter, out SubscriptionOptions asked); i++)
        {
            json.WriteStartObject();
            WriteText(json, "filter"u8, filter);
            if (packet.Type == PacketType.Subscribe) json.WriteNumber("qos"u8, (int)asked.MaximumQoS);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteFindings(Utf8JsonWriter json, IReadOnlyList<Finding> findings)
    {
        json.WriteStartArray("findings"u8);
        foreach (Finding finding in findings)
        {
            json.WriteStartObject();
            json.WriteString("rule"u8, finding.Rule.Id);
            json.WriteString("severity"u8, finding.Rule.Severity.ToString().ToLowerInvariant());
            if (finding.Statement is { } statement) json.WriteString("statement"u8, statement);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    // What is no UTF-8 cannot stand in JSON: those bytes are replaced.
    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        if (System.Text.Unicode.Utf8.IsValid(text)) json.WriteString(name, text);
        else json.WriteString(name, System.Text.Encoding.UTF8.GetString(text));
    }
}
