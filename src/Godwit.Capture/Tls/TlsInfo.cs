using System.Net.Security;

namespace Godwit.Capture.Tls;

/// <summary>What is known about TLS on a connection. Much of it is in plain text at its beginning; the rest only if there are secrets.</summary>
public sealed class TlsInfo
{
    /// <summary>The version, as 0x0303 for TLS 1.2 or 0x0304 for TLS 1.3; 0 as long as the server has not answered.</summary>
    public int Version { get; internal set; }

    /// <summary>The version in words; empty as long as it is not known.</summary>
    public string VersionName => NameOf(Version);

    /// <summary>The cipher suite; null as long as the server has not answered.</summary>
    public TlsCipherSuite? CipherSuite { get; internal set; }

    /// <summary>The name of the server that the client asks for (SNI), if it does.</summary>
    public string? ServerName { get; internal set; }

    /// <summary>The application protocols that the client offers (ALPN).</summary>
    public IReadOnlyList<string> OfferedProtocols { get; internal set; } = [];

    /// <summary>The application protocol that the server has chosen; in TLS 1.3 only known with secrets.</summary>
    public string? Protocol { get; internal set; }

    /// <summary>The server's certificate; in TLS 1.3 only known with secrets.</summary>
    public TlsCertificate? ServerCertificate { get; internal set; }

    /// <summary>The client's certificate; in TLS 1.3 only known with secrets.</summary>
    public TlsCertificate? ClientCertificate { get; internal set; }

    /// <summary>Whether the session continues an earlier one, so that no certificates are shown.</summary>
    public bool IsResumed { get; internal set; }

    /// <summary>Whether the client sends data before the server has answered (0-RTT). It is not decrypted.</summary>
    public bool HasEarlyData { get; internal set; }

    /// <summary>Whether both ends have finished the handshake, as far as that can be seen without secrets.</summary>
    public bool IsEstablished { get; internal set; }

    /// <summary>Whether content has been decrypted.</summary>
    public bool IsDecrypted { get; internal set; }

    internal static string NameOf(int version) => version switch
    {
        0 => "",
        0x0300 => "SSL 3.0",
        0x0301 => "TLS 1.0",
        0x0302 => "TLS 1.1",
        0x0303 => "TLS 1.2",
        0x0304 => "TLS 1.3",
        _ => $"TLS version 0x{version:x4}",
    };
}

/// <summary>A certificate that was shown.</summary>
/// <param name="Subject">Whose it is: <c>CN=broker.example</c>.</param>
/// <param name="Issuer">Whose authority has made it.</param>
/// <param name="NotBefore">From when on it is valid.</param>
/// <param name="NotAfter">Until when it is valid.</param>
public sealed record TlsCertificate(string Subject, string Issuer, DateTimeOffset NotBefore, DateTimeOffset NotAfter);
