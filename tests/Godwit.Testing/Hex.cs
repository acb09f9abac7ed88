// Bytes written as the specification prints them:
//
//   10 17          # CONNECT, remaining length 23
//   00 04 'MQTT'   # protocol name
using System.Globalization;
using System.Text;

namespace Godwit.Testing;

/// <summary>Hexadecimal text to bytes and back.</summary>
public static class Hex
{
    /// <summary>
    /// The bytes of a text of two-digit hexadecimal numbers and quoted UTF-8 (<c>'MQTT'</c>). White space separates;
    /// <c>#</c> begins a comment that ends with its line, except inside quotes.
    /// </summary>
    /// <exception cref="FormatException">The text has something else in it, or a quotation is not closed.</exception>
    public static byte[] Bytes(string text)
    {
        var bytes = new List<byte>();
        for (int i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '#':
                    int lineEnd = text.IndexOf('\n', i);
                    i = lineEnd < 0 ? text.Length : lineEnd;
                    break;
                case '\'':
                    int quoteEnd = text.IndexOf('\'', i + 1);
                    if (quoteEnd < 0) throw new FormatException($"The quotation that begins at character {i} is not closed.");
                    bytes.AddRange(Encoding.UTF8.GetBytes(text[(i + 1)..quoteEnd]));
                    i = quoteEnd;
                    break;
                case char c when char.IsWhiteSpace(c):
                    break;
                default:
                    string digits = text.Substring(i, Math.Min(2, text.Length - i));
                    if (digits.Length < 2 || !byte.TryParse(digits, NumberStyles.AllowHexSpecifier, null, out byte value))
                        throw new FormatException($"'{digits}' at character {i} is not a byte in hexadecimal.");
                    bytes.Add(value);
                    i++;
                    break;
            }
        }
        return [.. bytes];
    }

    /// <summary>Bytes as text: <c>10 17 00 04</c>.</summary>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length * 3);
        foreach (byte b in bytes) text.Append(text.Length == 0 ? "" : " ").Append(b.ToString("X2"));
        return text.ToString();
    }
}
