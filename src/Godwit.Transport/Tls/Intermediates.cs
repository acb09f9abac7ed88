// Authorities between the trusted ones and the clients' certificates, which clients send in the handshake and nobody keeps. To judge a client
// again later they are needed again: remembered once for all clients, as certificates are large and few authorities make them all.
using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;

namespace Godwit.Transport.Tls;

internal sealed class Intermediates
{
    /// <summary>More of them are not remembered; they come from trusted authorities only, so there are few.</summary>
    private const int Most = 256;

    private readonly ConcurrentDictionary<string, X509Certificate2> _known = new();

    public IEnumerable<X509Certificate2> All => _known.Values;

    /// <summary>Keeps what is in a chain that was found to be right.</summary>
    public void Remember(X509Chain chain)
    {
        for (int i = 1; i < chain.ChainElements.Count - 1 && _known.Count < Most; i++)
        {
            X509Certificate2 certificate = chain.ChainElements[i].Certificate; // the chain's own, which is disposed of with it
            if (!_known.ContainsKey(certificate.Thumbprint)) _known.TryAdd(certificate.Thumbprint, X509CertificateLoader.LoadCertificate(certificate.RawData));
        }
    }
}
