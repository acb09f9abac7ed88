// Bytes of strings and payloads as people read them, without anything that a terminal would act on.
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Godwit.Capture.Explain;

/// <summary>Bytes as people read them.</summary>
internal static class Readable
{
    private const int MostBytes = 4096; // of a value; what is longer is cut, and said to be

    /// <summary>A string in quotation marks, with escapes for what cannot be printed.</summary>
    public static string Quote(ReadOnlySpan<byte> text) => Escape(text, "\"");

    /// <summary>A string as it is shown among words: without quotation marks, and with escapes for what cannot be printed.</summary>
    public static string Plain(ReadOnlySpan<byte> text) => Escape(text, "");

    /// <summary>A string as it is shown among words.</summary>
    public static string Plain(string text) => Plain(Encoding.UTF8.GetBytes(text));

    /// <summary>Whether the bytes are text that can be shown as such.</summary>
    public static bool IsText(ReadOnlySpan<byte> bytes) => Utf8.IsValid(bytes) && !bytes.ContainsAnyInRange((byte)0, (byte)8) && !bytes.ContainsAnyInRange((byte)14, (byte)31);

    /// <summary>A payload: text in quotation marks, or bytes.</summary>
    public static string Payload(ReadOnlySpan<byte> payload) => IsText(payload) ? Quote(payload) : Bytes(payload);

    /// <summary>The bytes in hexadecimal, as many as fit in a few lines.</summary>
    public static string Bytes(ReadOnlySpan<byte> bytes) => bytes.Length <= 64 ? Dumps.HexText.Write(bytes) : $"{Dumps.HexText.Write(bytes[..64])} ... ({bytes.Length:N0} bytes)";

    /// <summary>What a payload is: JSON with its members, a number, text, binary; null if it is empty.</summary>
    public static string? PayloadKind(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty) return null;
        if (!IsText(payload)) return $"binary, {payload.Length:N0} bytes";
        if (payload[0] is (byte)'{' or (byte)'[' && Json(payload) is { } json) return json;
        return $"text, {payload.Length:N0} bytes";
    }

    private static string Escape(ReadOnlySpan<byte> text, string mark)
    {
        bool isCut = text.Length > MostBytes;
        if (isCut) text = text[..MostBytes];
        var escaped = new StringBuilder(mark, text.Length + 2);
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(text, out Rune rune, out int used) != System.Buffers.OperationStatus.Done) foreach (byte b in text[..used]) escaped.Append($"\\x{b:X2}");
            else if (rune.Value is '"' or '\\' && mark.Length > 0) escaped.Append('\\').Append(rune.ToString());
            else if (rune.Value == '\n') escaped.Append("\\n");
            else if (rune.Value == '\r') escaped.Append("\\r");
            else if (rune.Value == '\t') escaped.Append("\\t");
            else if (Rune.IsControl(rune) || IsInvisible(rune)) escaped.Append(rune.Value > 0xFFFF ? $"\\U{rune.Value:X8}" : $"\\u{rune.Value:X4}");
            else escaped.Append(rune.ToString());
            text = text[used..];
        }
        return escaped.Append(mark).Append(isCut ? "..." : "").ToString();
    }

    private static string? Json(ReadOnlySpan<byte> payload)
    {
        try
        {
            var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = 32 });
            if (!JsonDocument.TryParseValue(ref reader, out JsonDocument? document)) return null;
            using (document)
            {
                if (reader.BytesConsumed != payload.Length && !payload[(int)reader.BytesConsumed..].Trim(" \r\n\t"u8).IsEmpty) return null;
                JsonElement root = document.RootElement;
                if (root.ValueKind == JsonValueKind.Array) return $"JSON, an array of {root.GetArrayLength()}";
                string[] names = [.. root.EnumerateObject().Select(member => Quote(Encoding.UTF8.GetBytes(member.Name)).Trim('"')).Take(8)];
                return names.Length == 0 ? "JSON, an empty object" : $"JSON, an object with {string.Join(", ", names)}{(root.EnumerateObject().Count() > 8 ? ", ..." : "")}";
            }
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Turns the direction of writing, or has no width: a topic with one is not what it seems.
    internal static bool IsInvisible(Rune rune) => rune.Value is 0x00AD or (>= 0x200B and <= 0x200F) or (>= 0x202A and <= 0x202E) or (>= 0x2060 and <= 0x2069) or 0xFEFF;
}
