using System.Net.Security;
using System.Security.Authentication;

namespace Godwit.Transport;

/// <summary>Whether clients show a certificate.</summary>
public enum ClientCertificates
{
    /// <summary>They are not asked for one.</summary>
    None,

    /// <summary>They are asked; who has none may go on, a wrong one is refused.</summary>
    Optional,

    /// <summary>Without a valid one the handshake fails.</summary>
    Required,
}

/// <summary>A certificate and its key in PEM files.</summary>
/// <param name="CertificateFile">The certificate, followed by those of the intermediate authorities.</param>
/// <param name="KeyFile">The private key; null if it is in the same file.</param>
public sealed record CertificateFiles(string CertificateFile, string? KeyFile = null);

/// <summary>How a listener does TLS.</summary>
public sealed record TlsServerOptions
{
    /// <summary>The server's certificates: the first whose names fit what the client asks for (SNI), otherwise the first. At least one.</summary>
    public IReadOnlyList<CertificateFiles> Certificates { get; init; } = [];

    /// <summary>Whether clients show a certificate; default no.</summary>
    public ClientCertificates ClientCertificates { get; init; }

    /// <summary>PEM files with the authorities that client certificates may come from; needed if clients show one.</summary>
    public IReadOnlyList<string> CaFiles { get; init; } = [];

    /// <summary>
    /// Revocation lists (PEM or DER). If there is any, a client's certificate needs the current list of its authority.
    /// </summary>
    public IReadOnlyList<string> CrlFiles { get; init; } = [];

    /// <summary>The lowest version, TLS 1.2 (default) or 1.3.</summary>
    public SslProtocols MinimumVersion { get; init; } = SslProtocols.Tls12;

    /// <summary>The cipher suites allowed; default empty: what the system's OpenSSL allows. Not on Windows.</summary>
    public IReadOnlyList<TlsCipherSuite> CipherSuites { get; init; } = [];

    /// <summary>Application protocols (ALPN); default <c>mqtt</c>. A client that asks for others only is refused; one that asks for none is not.</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; init; } = ["mqtt"];
}
