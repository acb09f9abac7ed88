// Bytes as people copy them from somewhere: from any tool's dump, from source code, from a log line. What it is is told by the text itself;
// offsets, columns of characters and comments are left out. HexDump reads dumps, ByteLiterals strings and arrays of programming languages.
using System.Text;

namespace Godwit.Capture.Dumps;

/// <summary>What is wrong with a text that should be bytes.</summary>
/// <param name="Line">The line, from 1 on.</param>
/// <param name="Column">The character in the line, from 1 on.</param>
/// <param name="Message">What stands there, and what was expected.</param>
public sealed record HexTextError(int Line, int Column, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"line {Line}, column {Column}: {Message}";
}

/// <summary>
/// Reads bytes that are written as text: <c>10 17 00 04</c>, <c>10170004</c>, <c>10:17:00</c>, <c>\x10\x17</c>, <c>0x10, 0x17</c>, the dumps of
/// xxd, hexdump -C, od, tcpdump -X and Wireshark, C arrays, and Python's <c>b'..'</c>. In plain bytes <c>'MQTT'</c> stands for its
/// characters, and <c>#</c> begins a comment.
/// </summary>
public static class HexText
{
    /// <summary>Reads the bytes. What begins with a comment is commented hexadecimal, whatever the comments contain.</summary>
    /// <param name="text">The text.</param>
    /// <param name="bytes">The bytes; empty if the text has none.</param>
    /// <param name="error">Where and what is wrong, when the result is false.</param>
    public static bool TryParse(string text, out byte[] bytes, out HexTextError? error)
    {
        var output = new List<byte>();
        if (HexDump.IsDump(text)) error = HexDump.Read(text, output);
        else if (!text.AsSpan().TrimStart().StartsWith("#") && ByteLiterals.AreIn(text)) error = ByteLiterals.Read(text, output);
        else error = ReadPlain(text, output);
        bytes = error is null ? [.. output] : [];
        return error is null;
    }

    /// <summary>The bytes as text, two digits each with spaces between them.</summary>
    public static string Write(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length * 3);
        foreach (byte b in bytes)
        {
            if (text.Length > 0) text.Append(' ');
            text.Append(b.ToString("X2"));
        }
        return text.ToString();
    }

    internal static HexTextError ErrorAt(string text, int position, string message)
    {
        int lineStart = position == 0 ? 0 : text.LastIndexOf('\n', position - 1) + 1;
        return new HexTextError(text.AsSpan(0, lineStart).Count('\n') + 1, position - lineStart + 1, message);
    }

    internal static string Quote(string text, int position)
    {
        if (position >= text.Length) return "the text ends here";
        int end = position;
        while (end < text.Length && end - position < 12 && !char.IsWhiteSpace(text[end])) end++;
        return $"'{text[position..Math.Max(end, position + 1)]}'";
    }

    private static HexTextError? ReadPlain(string text, List<byte> output)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (char.IsWhiteSpace(c) || c is ',' or ':' or '-' or ';' or '.' or '|') continue;
            if (c == '#' || (c == '/' && i + 1 < text.Length && text[i + 1] == '/'))
            {
                int lineEnd = text.IndexOf('\n', i);
                i = lineEnd < 0 ? text.Length : lineEnd;
            }
            else if (c == '\'')
            {
                int end = text.IndexOf('\'', i + 1);
                if (end < 0) return ErrorAt(text, i, "a quotation begins and does not end");
                output.AddRange(Encoding.UTF8.GetBytes(text[(i + 1)..end]));
                i = end;
            }
            else
            {
                // Digits in groups of any even length: 10 17, 1017, 10170004.
                int end = i;
                while (end < text.Length && char.IsAsciiHexDigit(text[end])) end++;
                if (end == i) return ErrorAt(text, i, $"{Quote(text, i)} is not hexadecimal; two digits for each byte are expected, such as 10 17 00 04");
                if ((end - i) % 2 != 0)
                    return ErrorAt(text, i, $"{Quote(text, i)} has an odd number of digits; a byte has two, with a 0 in front if need be");
                output.AddRange(Convert.FromHexString(text.AsSpan(i, end - i)));
                i = end - 1;
            }
        }
        return null;
    }
}
