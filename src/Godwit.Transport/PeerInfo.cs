using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Godwit.Transport.Epoll;

namespace Godwit.Transport;

/// <summary>What is known of the other side of a connection: gathered while it opens, and unchanged afterwards.</summary>
public sealed class PeerInfo
{
    internal long? OpeningSince { get; set; }

    /// <summary>Where it connects from; behind a trusted proxy what the proxy says. Null within the process.</summary>
    public EndPoint? RemoteEndPoint { get; internal set; }

    /// <summary>The other end of the connection itself: the proxy's, if there is one.</summary>
    public EndPoint? DirectEndPoint { get; internal set; }

    /// <summary>Whether somebody in between passes the connection on, trusted or not: then the direct address says nothing about the client.</summary>
    public bool IsForwarded { get; internal set; }

    /// <summary>What TLS has agreed on; null without TLS.</summary>
    public TlsInfo? Tls { get; internal set; }

    /// <summary>What the WebSocket request said; null without WebSocket.</summary>
    public WebSocketInfo? WebSocket { get; internal set; }

    /// <summary>The process at the other end of a Unix socket, as the system says; null otherwise.</summary>
    public UnixCredentials? Unix { get; internal set; }

    /// <summary>The common name of the client certificate that a trusted proxy says it has verified; null if it says none.</summary>
    public string? ProxyCommonName { get; internal set; }
}

/// <summary>A TLS session.</summary>
/// <param name="Protocol">The version.</param>
/// <param name="Cipher">The cipher suite.</param>
/// <param name="ServerName">The name the client asked for (SNI); empty if it named none.</param>
/// <param name="ApplicationProtocol">What ALPN has chosen; empty if nothing.</param>
/// <param name="ClientCertificate">The client's certificate, verified; null if it sent none.</param>
public sealed record TlsInfo(
    SslProtocols Protocol, TlsCipherSuite Cipher, string ServerName, string ApplicationProtocol, X509Certificate2? ClientCertificate)
{
    /// <summary>Which settings of its <see cref="TlsServer"/> the client was judged by last.</summary>
    internal int TrustVersion { get; set; }
}

/// <summary>A WebSocket request.</summary>
/// <param name="Path">The path, with its query.</param>
/// <param name="SubProtocol">The sub-protocol chosen.</param>
/// <param name="Host">The host that the client asked for.</param>
/// <param name="Origin">The web page's origin; null if the client is no browser.</param>
public sealed record WebSocketInfo(string Path, string SubProtocol, string? Host, string? Origin);

/// <summary>A process at the other end of a Unix socket.</summary>
/// <param name="ProcessId">Its number when it connected.</param>
/// <param name="UserId">Its effective user.</param>
/// <param name="GroupId">Its effective group.</param>
public sealed record UnixCredentials(int ProcessId, uint UserId, uint GroupId)
{
    private static readonly uint Own = OperatingSystem.IsLinux() ? LibC.geteuid() : uint.MaxValue;

    /// <summary>Whether it runs as this process's own user, or as root.</summary>
    public bool IsOwnOrRoot => UserId == 0 || UserId == Own;
}
