// An explanation for programs: the same tree, with the bytes of each field in hexadecimal.
using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Godwit.Protocol;

namespace Godwit.Capture.Explain;

/// <summary>Writes explanations as JSON.</summary>
public static class ExplanationJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// One packet as one JSON object, in UTF-8: <c>offset</c>, <c>length</c>, <c>missing</c>, <c>type</c>, <c>version</c>, <c>versionFrom</c>,
    /// <c>summary</c>, <c>fields</c> (a tree), <c>violations</c>, and <c>nearest</c> where there is one. Hidden values have no <c>value</c> and
    /// no <c>hex</c>.
    /// </summary>
    public static ReadOnlyMemory<byte> Write(PacketExplanation packet)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("offset", packet.Start);
            json.WriteNumber("length", packet.Bytes.Length);
            if (packet.Missing is { } missing) json.WriteNumber("missing", missing);
            else json.WriteNull("missing");
            json.WriteString("type", packet.Type.Name());
            json.WriteString("version", ExplanationText.VersionName(packet.Version));
            json.WriteString("versionFrom", packet.VersionSource.ToString().ToLowerInvariant());
            json.WriteString("summary", packet.Summary);
            json.WriteNumber("fixedHeaderLength", packet.FixedHeaderLength);
            json.WriteNumber("variableHeaderLength", packet.VariableHeaderLength);
            json.WriteNumber("payloadLength", packet.PayloadLength);
            WriteFields(json, "fields", packet, packet.Fields);
            json.WriteStartArray("violations");
            foreach (PlacedViolation placed in packet.Violations) WriteViolation(json, placed, packet.Version);
            json.WriteEndArray();
            if (packet.Nearest is { } nearest) WriteNearest(json, nearest);
            json.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    private static void WriteFields(Utf8JsonWriter json, string name, PacketExplanation packet, IReadOnlyList<ExplainedField> fields)
    {
        json.WriteStartArray(name);
        foreach (ExplainedField field in fields)
        {
            json.WriteStartObject();
            json.WriteString("name", field.Name);
            json.WriteNumber("offset", field.Offset);
            json.WriteNumber("length", field.Length);
            if (field.Mask != 0xFF) json.WriteString("mask", $"{field.Mask:X2}");
            bool hasHex = !field.IsHidden && !field.Leaves.Any(leaf => leaf.IsHidden) && field.Length <= packet.Bytes.Length - field.Offset;
            if (hasHex) json.WriteString("hex", Convert.ToHexString(packet.Bytes.Span.Slice(field.Offset, field.Length)));
            if (field.Type is not null) json.WriteString("type", field.Type);
            if (field.Value is not null) json.WriteString("value", field.Value);
            if (field.Meaning is not null) json.WriteString("meaning", field.Meaning);
            if (field.Section is not null) json.WriteString("section", field.Section);
            if (field.IsHidden) json.WriteBoolean("hidden", true);
            if (field.Violation is not null) json.WriteString("violation", field.Violation.Name);
            if (field.Children.Count > 0) WriteFields(json, "fields", packet, field.Children);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteViolation(Utf8JsonWriter json, PlacedViolation placed, ProtocolVersion version)
    {
        json.WriteStartObject();
        json.WriteString("name", placed.Violation.Name);
        json.WriteNumber("offset", placed.Offset);
        json.WriteNumber("length", placed.Length);
        json.WriteString("description", placed.Violation.Description);
        json.WriteString("statement", placed.Violation.StatementFor(version));
        json.WriteEndObject();
    }

    private static void WriteNearest(Utf8JsonWriter json, NearestPacket nearest)
    {
        json.WriteStartObject("nearest");
        json.WriteStartArray("changes");
        foreach (ByteChange change in nearest.Changes)
        {
            json.WriteStartObject();
            json.WriteNumber("offset", change.Offset);
            if (change.Removed is { } removed) json.WriteString("from", $"{removed:X2}");
            if (change.Inserted is { } inserted) json.WriteString("to", $"{inserted:X2}");
            json.WriteString("field", change.Field);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("lines");
        foreach (string line in nearest.Lines) json.WriteStringValue(line);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
