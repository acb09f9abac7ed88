// The packets of a report for its script: one JSON document in the page, with each text once. It is written while the capture passes by, so that no
// packet has to be kept. Nothing in it can end the element that it stands in: the encoder escapes < and everything beyond ASCII.
using System.Buffers;
using System.Text;
using System.Text.Json;
using Godwit.Capture.Explain;
using Godwit.Protocol;

namespace Godwit.Capture.Reports;

/// <summary>
/// Writes <c>{"packets":[...],"texts":[...]}</c>. A packet is an object with number, frame, bytes and fields; a field is an array of name, offset,
/// length, mask, value, meaning, section, what is wrong, and its children, where texts are indexes, or -1.
/// </summary>
internal sealed class PacketIsland(bool isRedacted) : IDisposable
{
    // Bytes of a packet that are shown; fields of one packet.
    private const int MostBytes = 2048, MostFields = 400;

    // Names of fields, as they are shown, that a redacted report leaves out.
    private static readonly HashSet<string> Private =
        ["Application Message", "Will Payload", "Will Message", "User Name", "User Property", "Correlation Data", "Authentication Data", "Not read"];

    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Dictionary<string, int> _texts = [];
    private Utf8JsonWriter? _json;

    public void Add(long number, PacketExplanation packet, string heading, string about)
    {
        Utf8JsonWriter json = Begin();
        json.WriteStartObject();
        json.WriteNumber("n", number);
        json.WriteNumber("heading", Text(heading));
        json.WriteNumber("about", Text(about));
        json.WriteString("hex", Hex(packet));
        json.WriteNumber("length", packet.Bytes.Length + (packet.Missing ?? 0));
        json.WriteStartArray("fields");
        int left = MostFields;
        foreach (ExplainedField field in packet.Fields) WriteField(json, packet, field, false, ref left);
        json.WriteEndArray();
        json.WriteStartArray("wrong");
        foreach (PlacedViolation placed in packet.Violations) json.WriteNumberValue(Text($"Byte {placed.Offset}: {placed.Violation.Describe(packet.Version)}"));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The document. Nothing can be added afterwards.</summary>
    public string Complete()
    {
        Utf8JsonWriter json = Begin();
        json.WriteEndArray();
        json.WriteStartArray("texts");
        foreach (string text in _texts.Keys) json.WriteStringValue(text);
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(_buffer.WrittenSpan);
    }

    public void Dispose() => _json?.Dispose();

    private Utf8JsonWriter Begin()
    {
        if (_json is not null) return _json;
        _json = new Utf8JsonWriter(_buffer);
        _json.WriteStartObject();
        _json.WriteStartArray("packets");
        return _json;
    }

    private void WriteField(Utf8JsonWriter json, PacketExplanation packet, ExplainedField field, bool isInHidden, ref int left)
    {
        if (left-- <= 0) return;
        bool isHidden = isInHidden || IsHidden(packet, field);
        json.WriteStartArray();
        json.WriteNumberValue(Text(field.Name));
        json.WriteNumberValue(field.Offset);
        json.WriteNumberValue(field.Length);
        json.WriteNumberValue(field.Mask);
        json.WriteNumberValue(isHidden && field.Mask == 0xFF ? Text("hidden") : Text(field.Value));
        json.WriteNumberValue(isHidden ? -1 : Text(field.Meaning));
        json.WriteNumberValue(Text(field.Section));
        json.WriteNumberValue(Text(field.Violation?.Describe(packet.Version)));
        json.WriteStartArray();
        foreach (ExplainedField child in field.Children) WriteField(json, packet, child, isHidden, ref left);
        json.WriteEndArray();
        json.WriteEndArray();
    }

    // Of a CONNECT or AUTH that breaks off, what could not be read may contain the password.
    private bool IsHidden(PacketExplanation packet, ExplainedField field) =>
        field.IsHidden || (isRedacted && Private.Contains(field.Name)) || (field.Name == "Not read" && packet.Type is PacketType.Connect or PacketType.Auth or PacketType.None);

    private string Hex(PacketExplanation packet)
    {
        char[] hex = Convert.ToHexString(packet.Bytes.Span[..Math.Min(packet.Bytes.Length, MostBytes)]).ToCharArray();
        foreach (ExplainedField group in packet.Fields) Hide(packet, group, hex, false);
        return new string(hex);
    }

    private void Hide(PacketExplanation packet, ExplainedField field, char[] hex, bool isInHidden)
    {
        bool isHidden = isInHidden || IsHidden(packet, field);
        if (isHidden && field.Mask == 0xFF) hex.AsSpan(Math.Min(2 * field.Offset, hex.Length), Math.Max(0, Math.Min(2 * field.Length, hex.Length - 2 * field.Offset))).Fill('*');
        foreach (ExplainedField child in field.Children) Hide(packet, child, hex, isHidden);
    }

    private int Text(string? text)
    {
        if (text is null) return -1;
        if (!_texts.TryGetValue(text, out int index)) _texts[text] = index = _texts.Count;
        return index;
    }
}
