using Godwit.Broker.Telemetry;

namespace Godwit.Broker.Connections;

/// <summary>Protocols that people point at an MQTT port by mistake.</summary>
internal enum ForeignProtocol
{
    /// <summary>A TLS client hello.</summary>
    Tls,

    /// <summary>An HTTP request, perhaps of a WebSocket client.</summary>
    Http,
}

/// <summary>Recognises what is not MQTT by its first bytes, so that the log (and the other side, where it can read) says what happened.</summary>
internal static class ProtocolSniffer
{
    private static ReadOnlySpan<byte> HttpAnswer =>
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: 59\r\n\r\nThis port speaks MQTT over plain TCP, not HTTP/WebSockets.\n"u8;

    /// <summary>Whether the input is too short to tell a foreign protocol from MQTT: wait for more.</summary>
    public static bool IsUndecided(ReadOnlySpan<byte> input) =>
        input is [0x16] or [0x16, 0x03] || (input.Length is > 0 and < 5 && "GET "u8.StartsWith(input))
        || (input.Length is > 0 and < 8 && ("POST "u8.StartsWith(input) || "HEAD "u8.StartsWith(input) || "OPTIONS "u8.StartsWith(input)));

    public static ForeignProtocol? Recognise(ReadOnlySpan<byte> input)
    {
        if (input is [0x16, 0x03, <= 4, ..]) return ForeignProtocol.Tls; // handshake record, version 3.x
        return input.StartsWith("GET "u8) || input.StartsWith("POST "u8) || input.StartsWith("HEAD "u8) || input.StartsWith("OPTIONS "u8)
            ? ForeignProtocol.Http
            : null;
    }

    public static void Refuse(ClientConnection connection, ForeignProtocol protocol)
    {
        LogMessages log = connection.Shard.Log;
        if (protocol == ForeignProtocol.Http)
        {
            connection.Transport.Write(HttpAnswer);
            log.LooksLikeHttp(connection.RemoteEndPoint);
        }
        else
        {
            log.LooksLikeTls(connection.RemoteEndPoint);
        }
        connection.End(EndReason.ConnectRefused);
    }
}
