// The TLS settings of outgoing connections, loaded once for as many of them as one likes.
using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Godwit.Transport.Tls;

namespace Godwit.Transport;

/// <summary>TLS of outgoing connections.</summary>
public sealed class TlsClient
{
    private readonly SslClientAuthenticationOptions _authentication;

    /// <summary>Loads the files.</summary>
    /// <exception cref="TransportException">A file cannot be used; the message says which and why.</exception>
    /// <exception cref="ArgumentException">There is no server name.</exception>
    [SuppressMessage("Security", "CA5359", Justification = "Only if the user says so, for tests.")]
    public TlsClient(TlsClientOptions options, TimeProvider? time = null)
    {
        string name = options.ServerName ?? throw new ArgumentException("TLS needs the server's name.", nameof(options));
        var check = new CertificateCheck("the server", isRequired: true, [.. options.CrlFiles.SelectMany(PemFiles.ReadRevocationLists)], time ?? TimeProvider.System, options.ChecksName);
        _authentication = new SslClientAuthenticationOptions
        {
            TargetHost = name,
            EnabledSslProtocols = options.MinimumVersion == SslProtocols.Tls13 ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = options.ApplicationProtocols.Count == 0 ? null : [.. options.ApplicationProtocols.Select(protocol => new SslApplicationProtocol(protocol))],
            AllowRenegotiation = false,
            CertificateChainPolicy = CertificateCheck.Policy(Authorities(options)),
            RemoteCertificateValidationCallback = options.IsInsecure ? static (_, _, _, _) => true : check.Check,
        };
        if (options.Certificate is not { } own) return;
        (X509Certificate2 certificate, X509Certificate2Collection chain) = PemFiles.ReadPair(own);
        _authentication.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    internal Task AuthenticateAsync(TlsStream stream) => stream.AuthenticateAsClientAsync(_authentication);

    internal string Explain(Exception exception, TlsStream stream)
    {
        string sentence = stream.CertificateProblem ?? TlsErrors.Explain(exception);
        return sentence == TlsErrors.Closed ? ExplainClosing() : $"the TLS handshake failed: {sentence}";
    }

    /// <summary>What it may mean that the server closes instead of finishing the handshake. (It may have said why, and been faster than our reading.)</summary>
    internal string ExplainClosing() => "the TLS handshake failed: the server has closed the connection. Either this is a port without TLS, or the server "
        + $"{(_authentication.ClientCertificateContext is null ? "requires a client certificate" : "refuses the client's certificate")}; its log says which.";

    private static X509Certificate2Collection? Authorities(TlsClientOptions options)
    {
        if (options.CaFiles.Count == 0) return null;
        var authorities = new X509Certificate2Collection();
        foreach (string path in options.CaFiles) authorities.AddRange(PemFiles.ReadAuthorities(path));
        if (!options.TrustsSystem) return authorities;
        using var system = new X509Store(StoreName.Root, StoreLocation.LocalMachine, OpenFlags.ReadOnly);
        authorities.AddRange(system.Certificates);
        return authorities;
    }
}
