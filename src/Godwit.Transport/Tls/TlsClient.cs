using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Godwit.Transport.Tls;

/// <summary>The TLS settings of an outgoing connection, loaded.</summary>
internal sealed class TlsClient
{
    private readonly SslClientAuthenticationOptions _authentication;

    [SuppressMessage("Security", "CA5359", Justification = "Only if the user says so, for tests.")]
    public TlsClient(TlsClientOptions options, TimeProvider time)
    {
        var check = new CertificateCheck("the server", isRequired: true, [.. options.CrlFiles.SelectMany(PemFiles.ReadRevocationLists)], time);
        _authentication = new SslClientAuthenticationOptions
        {
            TargetHost = options.ServerName,
            EnabledSslProtocols = options.MinimumVersion == SslProtocols.Tls13 ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = options.ApplicationProtocols.Count == 0 ? null : [.. options.ApplicationProtocols.Select(name => new SslApplicationProtocol(name))],
            AllowRenegotiation = false,
            CertificateChainPolicy = CertificateCheck.Policy(options.CaFile is null ? null : PemFiles.ReadCertificates(options.CaFile)),
            RemoteCertificateValidationCallback = options.IsInsecure ? static (_, _, _, _) => true : check.Check,
        };
        if (options.Certificate is not { } own) return;
        (X509Certificate2 certificate, X509Certificate2Collection chain) = PemFiles.ReadPair(own);
        _authentication.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    public Task AuthenticateAsync(TlsStream stream) => stream.AuthenticateAsClientAsync(_authentication);

    public static string Explain(Exception exception, TlsStream stream) => $"the TLS handshake failed: {stream.CertificateProblem ?? TlsErrors.Explain(exception)}";
}
