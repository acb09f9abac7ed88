// What the facts about a connection say of who is there.
using System.Net;
using System.Net.Sockets;
using Godwit.Transport;

namespace Godwit.Broker.Listening;

internal static class PeerNames
{
    private const string CommonNameOid = "2.5.4.3";

    /// <summary>The user name that a certificate gives; null if there is none.</summary>
    public static string? UserName(PeerInfo peer, CertificateUserName from)
    {
        string? name = from == CertificateUserName.Subject ? peer.Tls?.ClientCertificate?.Subject : CommonName(peer);
        return string.IsNullOrEmpty(name) ? null : name;
    }

    /// <summary>The common name of the client's certificate, the first if it has several; null if there is none. A trusted proxy may have seen it.</summary>
    public static string? CommonName(PeerInfo peer)
    {
        if (peer.Tls?.ClientCertificate is not { } certificate) return peer.ProxyCommonName;
        return certificate.SubjectName.EnumerateRelativeDistinguishedNames(reversed: false)
            .FirstOrDefault(part => !part.HasMultipleElements && part.GetSingleElementType().Value == CommonNameOid)?.GetSingleElementValue();
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
