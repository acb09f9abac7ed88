// The head of an HTTP/1.1 request or answer, as far as WebSocket needs it (RFC 9112). Bounded; header names are matched without case, and a
// header that comes several times counts as one with a list.
using System.Text;

namespace Godwit.Transport.WebSockets;

internal sealed class HttpHead
{
    /// <summary>Bytes of the longest head.</summary>
    public const int Longest = 8 * 1024;

    private readonly Dictionary<string, string> _headers = new(StringComparer.OrdinalIgnoreCase);

    private HttpHead(string first) => FirstLine = first.Split(' ', 3);

    /// <summary>Method, target, version of a request; version, status, reason of an answer.</summary>
    public string[] FirstLine { get; }

    public string? this[string header] => _headers.GetValueOrDefault(header);

    /// <summary>How long the head is, with the empty line at its end; 0 if it is not complete.</summary>
    public static int LengthOf(ReadOnlySpan<byte> input)
    {
        int end = input[..Math.Min(input.Length, Longest)].IndexOf("\r\n\r\n"u8);
        return end < 0 ? 0 : end + 4;
    }

    /// <summary>Reads a complete head; null if it is none.</summary>
    public static HttpHead? Read(ReadOnlySpan<byte> head)
    {
        string[] lines = Encoding.Latin1.GetString(head[..^4]).Split("\r\n");
        var result = new HttpHead(lines[0]);
        if (result.FirstLine.Length < 2) return null;
        foreach (string line in lines.AsSpan(1))
        {
            int colon = line.IndexOf(':');
            if (colon <= 0 || char.IsWhiteSpace(line[0]) || char.IsWhiteSpace(line[colon - 1])) return null;
            string name = line[..colon], value = line[(colon + 1)..].Trim(' ', '\t');
            result._headers[name] = result._headers.TryGetValue(name, out string? before) ? $"{before}, {value}" : value;
        }
        return result;
    }

    /// <summary>The words of a header that is a list, for instance of sub-protocols.</summary>
    public string[] List(string header) =>
        this[header]?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
}
