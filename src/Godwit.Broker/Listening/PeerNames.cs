// What the facts about a connection say of who is there.
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Godwit.Transport;

namespace Godwit.Broker.Listening;

internal static class PeerNames
{
    /// <summary>The user name that a certificate gives; null if there is none.</summary>
    public static string? UserName(PeerInfo peer, CertificateUserName from)
    {
        X509Certificate2? certificate = peer.Tls?.ClientCertificate;
        string? name = from == CertificateUserName.Subject ? certificate?.Subject : certificate?.GetNameInfo(X509NameType.SimpleName, forIssuer: false) ?? peer.ProxyCommonName;
        return string.IsNullOrEmpty(name) ? null : name;
    }

    /// <summary>
    /// Whether a program on this machine has connected by itself. A proxy on this machine passes on strangers, and a browser on it runs the
    /// pages of strangers: both do not count.
    /// </summary>
    public static bool IsOnThisMachine(PeerInfo peer)
    {
        if (peer.IsForwarded || peer.WebSocket?.Origin is not null) return false;
        return peer.RemoteEndPoint switch
        {
            null or UnixDomainSocketEndPoint => true,
            IPEndPoint remote => IPAddress.IsLoopback(remote.Address),
            _ => false,
        };
    }
}
