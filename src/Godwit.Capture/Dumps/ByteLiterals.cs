// Bytes as programming languages write them: strings with escapes (Python's b'\x10\x17', C's "\x10\x17", a log's bare \x10\x17), and arrays
// of 0x10, also with the comments that Wireshark's "Copy as C Array" puts between them.
using System.Text;

namespace Godwit.Capture.Dumps;

internal static class ByteLiterals
{
    public static bool AreIn(string text) => IsEscaped(text) || text.Contains("0x", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads them.</summary>
    /// <returns>What is wrong, or null.</returns>
    public static HexTextError? Read(string text, List<byte> output)
    {
        if (!IsEscaped(text)) return ReadArray(text, output);
        int quote = text.AsSpan().IndexOfAny('\'', '"');
        if (quote < 0 || text.IndexOf('\\', StringComparison.Ordinal) < quote) return ReadString(text, 0, null, output, out _);
        for (int i = quote; i < text.Length; i++)
        {
            if (text[i] is not ('\'' or '"')) continue;
            if (ReadString(text, i + 1, text[i], output, out int end) is { } error) return error;
            if (end >= text.Length) return HexText.ErrorAt(text, i, "a string begins and does not end");
            i = end;
        }
        return null;
    }

    private static bool IsEscaped(string text) => text.Contains("\\x", StringComparison.Ordinal) || text.StartsWith("b'", StringComparison.Ordinal) || text.StartsWith("b\"", StringComparison.Ordinal);

    // Up to the quote; without one to the end of the text, and white space is only layout.
    private static HexTextError? ReadString(string text, int start, char? quote, List<byte> output, out int end)
    {
        for (end = start; end < text.Length && text[end] != quote; end++)
        {
            char c = text[end];
            if (c != '\\')
            {
                if (quote is not null || !char.IsWhiteSpace(c)) output.AddRange(Encoding.UTF8.GetBytes(c.ToString()));
                continue;
            }
            char escape = end + 1 < text.Length ? text[end + 1] : ' ';
            int digits = 0;
            switch (escape)
            {
                case 'x' when end + 3 < text.Length && char.IsAsciiHexDigit(text[end + 2]) && char.IsAsciiHexDigit(text[end + 3]):
                    output.Add(Convert.FromHexString(text.AsSpan(end + 2, 2))[0]);
                    end += 3;
                    break;
                case 'n': output.Add(10); end++; break;
                case 'r': output.Add(13); end++; break;
                case 't': output.Add(9); end++; break;
                case 'a': output.Add(7); end++; break;
                case 'b': output.Add(8); end++; break;
                case 'f': output.Add(12); end++; break;
                case 'v': output.Add(11); end++; break;
                case '\\' or '\'' or '"': output.Add((byte)escape); end++; break;
                case '\r' or '\n': end++; break; // the string goes on in the next line
                case >= '0' and <= '7': // octal, up to three digits
                    int value = 0;
                    for (; digits < 3 && end + 1 + digits < text.Length && text[end + 1 + digits] is >= '0' and <= '7'; digits++)
                        value = value * 8 + (text[end + 1 + digits] - '0');
                    output.Add((byte)value);
                    end += digits;
                    break;
                default:
                    return HexText.ErrorAt(text, end, $"{HexText.Quote(text, end)} is not an escape; \\x and two digits are expected, such as \\x10");
            }
        }
        return null;
    }

    private static HexTextError? ReadArray(string text, List<byte> output)
    {
        // What stands in front of the braces names the array, and may contain numbers.
        int i = text.IndexOf('{', StringComparison.Ordinal) + 1;
        while (i < text.Length)
        {
            if (text[i] == '}') return null;
            if (text.AsSpan(i).StartsWith("/*"))
            {
                int end = text.IndexOf("*/", i + 2, StringComparison.Ordinal);
                i = end < 0 ? text.Length : end + 2;
            }
            else if (text.AsSpan(i).StartsWith("//") || text[i] == '#')
            {
                int end = text.IndexOf('\n', i);
                i = end < 0 ? text.Length : end + 1;
            }
            else if (char.IsWhiteSpace(text[i]) || text[i] is ',' or ';' or '[' or ']' or '(' or ')') i++;
            else if (ReadNumber(text, ref i, output) is { } error) return error;
        }
        return null;
    }

    private static bool IsHexadecimal(ReadOnlySpan<char> digits)
    {
        foreach (char c in digits) if (!char.IsAsciiHexDigit(c)) return false;
        return true;
    }

    private static HexTextError? ReadNumber(string text, ref int i, List<byte> output)
    {
        int start = i, end = i;
        while (end < text.Length && char.IsAsciiLetterOrDigit(text[end])) end++;
        ReadOnlySpan<char> word = text.AsSpan(start, end - start);
        i = end;
        bool isHexadecimal = word.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        ReadOnlySpan<char> digits = isHexadecimal ? word[2..] : word;
        if (isHexadecimal && digits.Length > 0 && IsHexadecimal(digits))
        {
            // 0x0 is a byte; 0x1017 are two.
            output.AddRange(Convert.FromHexString(digits.Length % 2 == 0 ? digits : $"0{digits}"));
            return null;
        }
        if (!isHexadecimal && byte.TryParse(word, out byte value))
        {
            output.Add(value);
            return null;
        }
        return HexText.ErrorAt(text, start, $"{HexText.Quote(text, start)} is not a byte; numbers such as 0x10 or 16 are expected");
    }
}
