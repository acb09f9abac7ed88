// The TLS settings of a listener, loaded: certificates, authorities, revocation lists. They can be replaced while the listener runs; handshakes
// that have begun go on with those they began with.
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Godwit.Transport.Tls;

namespace Godwit.Transport;

/// <summary>TLS of a listener.</summary>
public sealed class TlsServer
{
    private readonly TimeProvider _time;
    private readonly Intermediates _intermediates = new();
    private volatile Settings _settings;

    /// <summary>Loads the files.</summary>
    /// <exception cref="TransportException">A file cannot be used; the message says which and why.</exception>
    public TlsServer(TlsServerOptions options, TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _settings = Load(options);
    }

    /// <summary>Loads other settings, or the same files again, for all handshakes from now on. If a file cannot be used nothing changes.</summary>
    /// <exception cref="TransportException">A file cannot be used; the message says which and why.</exception>
    public void Replace(TlsServerOptions options) => Prepare(options)();

    /// <summary>Loads other settings, or the same files again, without using them yet.</summary>
    /// <returns>Puts them in force.</returns>
    /// <exception cref="TransportException">A file cannot be used; the message says which and why.</exception>
    public Action Prepare(TlsServerOptions options)
    {
        Settings next = Load(options);
        return () =>
        {
            bool isSame = next.Trust.AsSpan().SequenceEqual(_settings.Trust);
            _settings = next with { Version = _settings.Version + (isSame ? 0 : 1) };
        };
    }

    /// <summary>
    /// Whether a client has to be judged anew (<see cref="Review"/>): authorities, revocation lists, or whether a certificate is needed have changed since.
    /// </summary>
    public bool MustReview(TlsInfo client) => client.TrustVersion != _settings.Version;

    /// <summary>
    /// Judges a connected client's certificate by the settings in force. A list that cannot be used (it is out of date, or not there) revokes nothing:
    /// it keeps out who comes anew. Takes some tenths of a millisecond; from any thread.
    /// </summary>
    /// <returns>Null if the client may stay; otherwise what is wrong, a sentence.</returns>
    public string? Review(TlsInfo client)
    {
        Settings settings = _settings;
        string? problem = settings.Check?.Review(client.ClientCertificate);
        if (problem is null) client.TrustVersion = settings.Version;
        return problem;
    }

    /// <summary>When the certificate that expires first does so.</summary>
    public DateTimeOffset NotAfter => _settings.Choices.Min(choice => new DateTimeOffset(choice.Certificate.NotAfter.ToUniversalTime()));

    /// <summary>Which authorities and lists are in force: those that have come since <see cref="TlsInfo.TrustVersion"/> have another number.</summary>
    internal int TrustVersion => _settings.Version;

    internal Task AuthenticateAsync(TlsStream stream)
    {
        Settings settings = _settings;
        if (settings.Choices.Length == 1) return stream.AuthenticateAsServerAsync(settings.Choices[0].Authentication);
        return stream.AuthenticateAsServerAsync(static (_, hello, state, _) => new(((Settings)state!).Choose(hello.ServerName)), settings, CancellationToken.None);
    }

    internal static string Explain(Exception exception, TlsStream stream) => $"the TLS handshake failed: {stream.CertificateProblem ?? TlsErrors.Explain(exception)}";

    private Settings Load(TlsServerOptions options)
    {
        if (options.Certificates.Count == 0) throw new TransportException("TLS needs a certificate and its key.");
        if (options.MinimumVersion is not (SslProtocols.Tls12 or SslProtocols.Tls13)) throw new TransportException("The lowest version of TLS can be 1.2 or 1.3.");
        bool asks = options.ClientCertificates != ClientCertificates.None;
        if (asks && options.CaFiles.Count == 0) throw new TransportException("Client certificates can only be checked with the certificates of their authorities: a CA file is needed.");
        var authorities = new X509Certificate2Collection();
        foreach (string file in options.CaFiles) authorities.AddRange(PemFiles.ReadCertificates(file));
        RevocationList[] lists = [.. options.CrlFiles.SelectMany(PemFiles.ReadRevocationLists)];
        var check = new CertificateCheck("the client", options.ClientCertificates == ClientCertificates.Required, lists, _time)
        {
            Authorities = authorities,
            Intermediates = _intermediates,
        };
        byte[] trust = SHA256.HashData([(byte)options.ClientCertificates, .. authorities.SelectMany(authority => authority.RawData), .. lists.SelectMany(list => list.Signature)]);
        return new Settings([.. options.Certificates.Select(MakeChoice)], asks ? check : null, trust, Version: 0);

        Choice MakeChoice(CertificateFiles files)
        {
            (X509Certificate2 certificate, X509Certificate2Collection chain) = PemFiles.ReadPair(files);
            SslCertificateTrust? trust = asks ? SslCertificateTrust.CreateForX509Collection(authorities, sendTrustInHandshake: true) : null;
            var authentication = new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true, trust),
                EnabledSslProtocols = options.MinimumVersion == SslProtocols.Tls13 ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13,
                ApplicationProtocols = options.ApplicationProtocols.Count == 0 ? null : [.. options.ApplicationProtocols.Select(name => new SslApplicationProtocol(name))],
                AllowRenegotiation = false,
                ClientCertificateRequired = asks,
                CertificateChainPolicy = CertificateCheck.Policy(authorities),
                RemoteCertificateValidationCallback = asks ? check.Check : null,
            };
            if (options.CipherSuites.Count > 0 && !OperatingSystem.IsWindows()) authentication.CipherSuitesPolicy = new CipherSuitesPolicy(options.CipherSuites);
            return new Choice(certificate, authentication);
        }
    }

    private sealed record Choice(X509Certificate2 Certificate, SslServerAuthenticationOptions Authentication);

    // Trust stands for all that decides about a client's certificate.
    private sealed record Settings(Choice[] Choices, CertificateCheck? Check, byte[] Trust, int Version)
    {
        public SslServerAuthenticationOptions Choose(string serverName) =>
            (Array.Find(Choices, choice => choice.Certificate.MatchesHostname(serverName)) ?? Choices[0]).Authentication;
    }
}
