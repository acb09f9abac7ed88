// tcp://127.0.0.1:1883, tls://0.0.0.0:8883, wss://[::]:8084/mqtt: where to listen and what to speak there, in one word.
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Godwit.Transport;

namespace Godwit.Broker;

/// <summary>Listeners as URIs.</summary>
public static class ListenerUri
{
    private const string Forms = "tcp://ADDRESS:PORT, tls://..., ws://ADDRESS:PORT/PATH, wss://..., any://... or unix:///PATH";

    /// <summary>Reads one.</summary>
    /// <param name="text">
    /// <c>SCHEME://ADDRESS[:PORT][/PATH]</c> with tcp (or mqtt), tls (mqtts), ws, wss or any; the address is one of this machine, <c>localhost</c>,
    /// or <c>*</c> for all. Or <c>unix:///PATH</c>.
    /// </param>
    /// <param name="tls">The TLS settings for tls and wss, and for any if there are some.</param>
    /// <exception cref="FormatException">It is none; the message says what is wrong with it.</exception>
    public static ListenerOptions Parse(string text, TlsServerOptions? tls = null)
    {
        int colon = text.IndexOf("://", StringComparison.Ordinal);
        if (colon < 0) throw new FormatException($"'{text}' does not say what to speak: use {Forms}.");
        string scheme = text[..colon].ToLowerInvariant(), rest = text[(colon + 3)..];
        if (scheme == "unix") return Unix(text, rest);
        (int defaultPort, bool isTls, bool isWebSocket) = scheme switch
        {
            "tcp" or "mqtt" => (1883, false, false),
            "tls" or "ssl" or "mqtts" => (8883, true, false),
            "ws" => (8083, false, true),
            "wss" => (8084, true, true),
            "any" => (1883, false, false),
            _ => throw new FormatException($"'{text}' begins with an unknown scheme: use {Forms}."),
        };
        if (isTls && tls is null) throw new FormatException($"'{text}' needs a certificate and its key.");
        int slash = rest.IndexOf('/');
        string path = slash < 0 ? "" : rest[slash..], host = slash < 0 ? rest : rest[..slash];
        bool takesPath = isWebSocket || scheme == "any";
        if (path.Length > 1 && !takesPath) throw new FormatException($"'{text}' has a path, which only WebSocket has.");
        if (path.Contains('?') || path.Contains('#')) throw new FormatException($"'{text}' has a query, which a listener has not.");
        var webSocket = new WebSocketServerOptions();
        if (path.Length > 1) webSocket = webSocket with { Paths = [path] };
        return new ListenerOptions(Address(text, host, defaultPort))
        {
            Tls = isTls || scheme == "any" ? WithProtocols(tls, scheme) : null,
            WebSocket = takesPath ? webSocket : null,
            IsAny = scheme == "any",
        };
    }

    private static ListenerOptions Unix(string text, string path)
    {
        if (!path.StartsWith('/')) throw new FormatException($"'{text}' has no absolute path: use for instance unix:///run/godwit.sock.");
        try
        {
            return new ListenerOptions(new UnixDomainSocketEndPoint(path));
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new FormatException($"'{text}' has a path that is too long for a Unix socket: about 100 bytes are possible.");
        }
    }

    private static TlsServerOptions? WithProtocols(TlsServerOptions? tls, string scheme) => scheme switch
    {
        "wss" => tls! with { ApplicationProtocols = ["http/1.1"] },
        "any" when tls is not null => tls with { ApplicationProtocols = ["mqtt", "http/1.1"] },
        _ => tls,
    };

    private static IPEndPoint Address(string text, string host, int port)
    {
        int colon = host.LastIndexOf(':');
        if (colon >= 0 && !host.EndsWith(']') && host.IndexOf(':') == colon | host[Math.Max(colon - 1, 0)] == ']')
        {
            if (!int.TryParse(host[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port > ushort.MaxValue)
                throw new FormatException($"'{text}' has a port that is not a number from 0 to 65535.");
            host = host[..colon];
        }
        IPAddress? address = host switch
        {
            "localhost" => IPAddress.Loopback,
            "*" => IPAddress.IPv6Any,
            _ => IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? parsed) ? parsed : null,
        };
        if (address is null) throw new FormatException($"'{text}' has no IP address of this machine: use for instance 127.0.0.1, 0.0.0.0, [::1] or * for all.");
        return new IPEndPoint(address, port);
    }
}
