using System.Net;

namespace Godwit.Transport;

/// <summary>What an accepted connection has to go through before it is handed to its handler.</summary>
public sealed record LayerOptions
{
    /// <summary>How the listener is called in the log, for instance <c>wss://127.0.0.1:8443</c>.</summary>
    public string Name { get; init; } = "listener";

    /// <summary>TLS; null: none.</summary>
    public TlsServer? Tls { get; init; }

    /// <summary>The settings of WebSocket; null: no WebSocket.</summary>
    public WebSocketServerOptions? WebSocket { get; init; }

    /// <summary>Whether the first bytes decide: MQTT, WebSocket, or TLS if it is set, on one port. Default false.</summary>
    public bool IsAny { get; init; }

    /// <summary>Whether each connection begins with a PROXY header (version 1 or 2), from one of the <see cref="TrustedProxies"/>. Default false.</summary>
    public bool ExpectsProxyHeader { get; init; }

    /// <summary>How long all layers may take together; default 10 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Proxies whose word about the client's address is taken; default none.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    internal bool Trusts(EndPoint? remote) => remote is IPEndPoint address && Trusts(address.Address);

    internal bool Trusts(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        foreach (IPNetwork network in TrustedProxies)
        {
            if (network.Contains(address)) return true;
        }
        return false;
    }
}

/// <summary>Which WebSocket requests are accepted.</summary>
public sealed record WebSocketServerOptions
{
    /// <summary>The paths, without queries; default <c>/mqtt</c>, the usual one, and <c>/</c>. Empty for any.</summary>
    public IReadOnlyList<string> Paths { get; init; } = ["/mqtt", "/"];

    /// <summary>Web pages from which browsers may connect, as <c>https://example.org</c>; default empty: all.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];
}
