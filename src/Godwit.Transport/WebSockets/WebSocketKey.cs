using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Godwit.Transport.WebSockets;

/// <summary>The exchange that proves that a server has understood a WebSocket request (RFC 6455, section 4.2.2).</summary>
internal static class WebSocketKey
{
    private const string Suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    public static string Create() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));

    public static bool IsValid(string? key) => key is { Length: 24 } && Convert.TryFromBase64String(key, stackalloc byte[18], out int length) && length == 16;

    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 prescribes SHA-1; nothing secret depends on it.")]
    public static string AnswerTo(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Suffix)));
}
