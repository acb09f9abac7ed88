// An explanation for people. Offsets and bytes stand on the left in columns, then bits, field, value; the section is in brackets at the end.
using System.Text;
using Godwit.Protocol;

namespace Godwit.Capture.Explain;

/// <summary>Writes explanations as text.</summary>
public static class ExplanationText
{
    private const int BytesInLine = 8, FieldColumn = 6 + 3 * BytesInLine + 1 + 9;

    /// <summary>Everything about one packet.</summary>
    /// <param name="packet">The explanation.</param>
    /// <param name="number">Its number, where there are several; null for none.</param>
    /// <param name="isColoured">Whether to mark headings and violations for a terminal.</param>
    public static string Write(PacketExplanation packet, int? number = null, bool isColoured = false)
    {
        var text = new StringBuilder();
        string heading = packet.Summary + (packet.Type == PacketType.None ? "" : $"; MQTT {VersionName(packet.Version)}, {Source(packet)}");
        text.Append(number is null ? "" : $"{number}. ").Append(isColoured ? $"\e[1m{heading}\e[0m" : heading).Append('\n');
        WriteLayout(text, packet);
        foreach (ExplainedField group in packet.Fields)
        {
            text.Append('\n').Append($"{group.Name}, {Count(group.Length)}\n");
            foreach (ExplainedField child in group.Children) WriteField(text, packet, child, 0, isColoured);
        }
        if (packet.Missing is null) text.Append("\nThe rest of the fixed header is missing.\n");
        else if (packet.Missing > 0) text.Append($"\n{packet.Missing:N0} more byte{(packet.Missing == 1 ? " is" : "s are")} missing.\n");
        if (packet.Violations.Count > 0) text.Append('\n');
        foreach (PlacedViolation placed in packet.Violations)
            text.Append(Mark($"! byte {placed.Offset}: {placed.Violation.Describe(packet.Version)}", isColoured)).Append('\n');
        if (packet.Nearest is { } nearest)
        {
            text.Append($"\nThe nearest valid packet has {(nearest.Changes.Count == 1 ? "one byte" : $"{nearest.Changes.Count} bytes")} changed:\n");
            foreach (string line in nearest.Lines) text.Append("  ").Append(line).Append('\n');
            foreach (ByteChange change in nearest.Changes) text.Append("  ").Append(change).Append('\n');
        }
        return text.ToString();
    }

    /// <summary>The version's name: 3.1, 3.1.1, 5.0.</summary>
    public static string VersionName(ProtocolVersion version) => version switch
    {
        ProtocolVersion.V31 => "3.1",
        ProtocolVersion.V311 => "3.1.1",
        ProtocolVersion.V5 => "5.0",
        _ => "of an unknown version",
    };

    private static string Source(PacketExplanation packet) => packet.VersionSource switch
    {
        VersionSource.Connect => packet.Type == PacketType.Connect ? "as the packet says" : "as CONNECT says",
        VersionSource.Given => "as given",
        VersionSource.Bytes => "as the bytes show",
        _ => "probably (the bytes fit 3.1.1 and 5.0; --mqtt decides)",
    };

    // | 10 17 | 00 04 4D 51 ... | 00 0B 70 79 ... |
    //   fixed   variable header   payload
    private static void WriteLayout(StringBuilder text, PacketExplanation packet)
    {
        if (packet.Fields.Count < 2) return;
        var first = new StringBuilder("  ");
        var second = new StringBuilder("  ");
        foreach (ExplainedField group in packet.Fields)
        {
            string name = $"{group.Name.ToLowerInvariant()}: {group.Length}";
            int shown = Math.Min(group.Length, 10);
            string bytes = Hex(packet, group.Offset, shown) + (shown < group.Length ? " .." : "");
            int width = Math.Max(name.Length, bytes.Length);
            first.Append("| ").Append(bytes.PadRight(width)).Append(' ');
            second.Append("  ").Append(name.PadRight(width)).Append(' ');
        }
        text.Append('\n').Append(first).Append("|\n").Append(second.ToString().TrimEnd()).Append('\n');
    }

    private static void WriteField(StringBuilder text, PacketExplanation packet, ExplainedField field, int depth, bool isColoured)
    {
        bool isGroup = field.Children.Count > 0;
        bool isBits = field.Mask != 0xFF;
        int shown = isGroup && !field.Children.All(child => child.Mask != 0xFF) ? 0 : isBits ? 0 : field.Length;
        text.Append($"{field.Offset,5} ").Append(Hex(packet, field.Offset, Math.Min(shown, BytesInLine)).PadRight(3 * BytesInLine)).Append(' ');
        text.Append((isBits ? Bits(packet.Bytes.Span[field.Offset], field.Mask) : "").PadRight(9));
        text.Append(' ', 2 * depth).Append(field.Name);
        string value = field.Value ?? "";
        bool isSaidBelow = field.Type is not null; // a property's meaning stands at its value
        string words = field.Meaning is null || isSaidBelow ? value : value.Length == 0 ? field.Meaning : $"{value} ({field.Meaning})";
        if (words.Length > 0) text.Append(": ").Append(words);
        if (field.Type is not null) text.Append($", {field.Type}");
        if (field.Section is not null && !isGroup) text.Append($"  [{field.Section}]");
        text.Append('\n');
        for (int more = BytesInLine; more < Math.Min(shown, 8 * BytesInLine); more += BytesInLine)
            text.Append($"{field.Offset + more,5} ").Append(Hex(packet, field.Offset + more, Math.Min(shown - more, BytesInLine))).Append('\n');
        if (shown > 8 * BytesInLine) text.Append($"{"...",5} {shown - 8 * BytesInLine:N0} more bytes\n");
        if (field.Violation is not null) text.Append(' ', FieldColumn + 2 * depth).Append(Mark($"^ {field.Violation.Describe(packet.Version)}", isColoured)).Append('\n');
        foreach (ExplainedField child in field.Children) WriteField(text, packet, child, depth + 1, isColoured);
    }

    // Hidden bytes are not shown in hexadecimal either.
    private static string Hex(PacketExplanation packet, int offset, int count)
    {
        if (count <= 0) return "";
        var text = new StringBuilder();
        ExplainedField[] hidden = [.. packet.Leaves.Where(leaf => leaf.IsHidden)];
        for (int i = offset; i < offset + count; i++)
        {
            bool isHidden = hidden.Any(field => i >= field.Offset && i < field.Offset + field.Length);
            text.Append(text.Length == 0 ? "" : " ").Append(isHidden ? "**" : packet.Bytes.Span[i].ToString("X2"));
        }
        return text.ToString();
    }

    // 0001.... for the upper four.
    private static string Bits(byte value, byte mask)
    {
        Span<char> bits = stackalloc char[8];
        for (int i = 0; i < 8; i++) bits[i] = (mask & 0x80 >> i) == 0 ? '.' : (value & 0x80 >> i) == 0 ? '0' : '1';
        return bits.ToString();
    }

    private static string Count(int bytes) => bytes == 1 ? "1 byte" : $"{bytes:N0} bytes";

    private static string Mark(string text, bool isColoured) => isColoured ? $"\e[31m{text}\e[0m" : text;
}
