using System.Net;
using System.Net.Security;

namespace Godwit.Capture.Proxy;

/// <summary>Between whom a proxy stands, and its bounds.</summary>
public sealed record ProxyOptions
{
    /// <summary>Where clients connect to. Default 127.0.0.1:1884; port 0 takes any.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 1884);

    /// <summary>TLS towards clients, with a certificate of the proxy's own; null = none. What a proxy without it gets is passed on as it is, be it TLS or not.</summary>
    public SslServerAuthenticationOptions? ListenTls { get; init; }

    /// <summary>The host that clients want to reach: a name or an address.</summary>
    public required string Host { get; init; }

    /// <summary>Its port.</summary>
    public required int Port { get; init; }

    /// <summary>TLS towards the host; null = none.</summary>
    public SslClientAuthenticationOptions? HostTls { get; init; }

    /// <summary>Connections at the same time. Further clients wait in the system's queue. Default 10,000.</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>How long connecting to the host, or a TLS handshake, may take. Default 10 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}
