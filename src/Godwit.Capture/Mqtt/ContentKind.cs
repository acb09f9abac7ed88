// What the first bytes of a connection are. MQTT is told by its CONNECT on any port; what else is common is named, so that "why is there no
// MQTT" has an answer.
using Godwit.Protocol.Wire;

namespace Godwit.Capture.Mqtt;

/// <summary>What a connection carries.</summary>
public enum ContentKind : byte
{
    /// <summary>Not clear, and nothing more has come.</summary>
    Unknown,

    /// <summary>MQTT.</summary>
    Mqtt,

    /// <summary>TLS: a handshake.</summary>
    Tls,

    /// <summary>An HTTP request to upgrade to WebSocket.</summary>
    WebSocketUpgrade,

    /// <summary>Other HTTP.</summary>
    Http,

    /// <summary>Redis.</summary>
    Redis,

    /// <summary>SSH.</summary>
    Ssh,

    /// <summary>A PROXY protocol header in front of something else.</summary>
    ProxyProtocol,

    /// <summary>Something else.</summary>
    Other,
}

/// <summary>Recognises content by its first bytes.</summary>
public static class ContentKinds
{
    private const int MostOfRequest = 8192; // bytes of an HTTP request's header that are looked at

    private static readonly byte[][] Methods = [.. new[] { "GET ", "POST ", "PUT ", "HEAD ", "DELETE ", "OPTIONS ", "PATCH ", "CONNECT ", "TRACE ", "PRI * HTTP", "HTTP/1." }
        .Select(System.Text.Encoding.ASCII.GetBytes)];

    /// <summary>What the first bytes that an end has sent show.</summary>
    /// <param name="bytes">The beginning, as much as has come.</param>
    /// <param name="isOpening">Whether these are the first bytes of the connection, so that MQTT would begin with CONNECT.</param>
    /// <returns><see cref="ContentKind.Unknown"/> if more is needed.</returns>
    public static ContentKind Recognise(ReadOnlySpan<byte> bytes, bool isOpening)
    {
        if (bytes.IsEmpty) return ContentKind.Unknown;
        if (bytes[0] is >= 0x14 and <= 0x17 && (bytes.Length == 1 || bytes[1] == 3)) return bytes.Length < 6 ? ContentKind.Unknown : bytes[2] <= 4 ? ContentKind.Tls : ContentKind.Other;
        if (bytes[0] >> 4 == 1 && isOpening && LooksLikeConnect(bytes) is { } connect) return connect;
        foreach (byte[] method in Methods)
        {
            if (bytes.StartsWith(method)) return Request(bytes);
            if (bytes.Length < method.Length && method.AsSpan().StartsWith(bytes) && bytes.Length < 5) return ContentKind.Unknown;
        }
        if (bytes.StartsWith("SSH-"u8)) return ContentKind.Ssh;
        if (bytes.StartsWith("PROXY "u8) || bytes.StartsWith("\r\n\r\n\0\r\nQUIT\n"u8)) return ContentKind.ProxyProtocol;
        if (bytes[0] is (byte)'*' or (byte)'$' && bytes.Length >= 4 && bytes[1] is >= (byte)'0' and <= (byte)'9' && bytes.IndexOf("\r\n"u8) is > 1 and < 8) return ContentKind.Redis;
        if (bytes[0] is (byte)'+' or (byte)'-' && bytes.IndexOf("\r\n"u8) > 0) return ContentKind.Redis;
        return isOpening && bytes.Length >= 2 && bytes[0] >> 4 != 1 ? ContentKind.Other : ContentKind.Unknown;
    }

    // Also one that a server would refuse: what is wrong with it is to be shown.
    private static ContentKind? LooksLikeConnect(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2) return ContentKind.Unknown;
        if (VariableByteInteger.Read(bytes[1..], out _) < 0) return null;
        ReadOnlySpan<byte> start = bytes[..Math.Min(bytes.Length, 16)];
        for (int i = 2; i + 1 < start.Length; i++)
            if ((start[i] | 0x20) == 'm' && (start[i + 1] | 0x20) == 'q') return ContentKind.Mqtt;
        return bytes.Length < 16 && bytes.Length < (bytes[1] & 0x7F) + 2 ? ContentKind.Unknown : ContentKind.Other;
    }

    private static ContentKind Request(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0 && bytes.Length < MostOfRequest) return bytes.StartsWith("GET "u8) ? ContentKind.Unknown : ContentKind.Http;
        string head = System.Text.Encoding.Latin1.GetString(end < 0 ? bytes[..MostOfRequest] : bytes[..end]);
        return head.Contains("\r\nupgrade: websocket", StringComparison.OrdinalIgnoreCase) || head.Contains("\r\nsec-websocket-key:", StringComparison.OrdinalIgnoreCase)
            ? ContentKind.WebSocketUpgrade
            : ContentKind.Http;
    }
}
