using System.Net;
using System.Security.Authentication;

namespace Godwit.Transport;

/// <summary>How to connect.</summary>
public sealed record ConnectOptions
{
    /// <summary>The local address (and port, or 0) to connect from; null: the system chooses.</summary>
    public IPEndPoint? LocalEndPoint { get; init; }

    /// <summary>TLS; default null: none.</summary>
    public TlsClient? Tls { get; init; }

    /// <summary>WebSocket; default null: none.</summary>
    public WebSocketClientOptions? WebSocket { get; init; }
}

/// <summary>How to connect by WebSocket.</summary>
/// <param name="Host">Name (and port, if it is not the usual one) of the server, for the Host header; null: whom the connection goes to.</param>
/// <param name="Path">The path, with its query; <c>/mqtt</c> is usual.</param>
public sealed record WebSocketClientOptions(string? Host = null, string Path = "/mqtt")
{
    /// <summary>The sub-protocol; default <c>mqtt</c>.</summary>
    public string SubProtocol { get; init; } = "mqtt";

    /// <summary>Further headers of the request, for instance Authorization; default none.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}

/// <summary>How to connect by TLS.</summary>
/// <param name="ServerName">
/// The name that the server's certificate must have; sent to the server (SNI) unless it is an address. Null: the name that is connected to,
/// where there is one (a client's host).
/// </param>
public sealed record TlsClientOptions(string? ServerName = null)
{
    /// <summary>PEM files with the authorities to trust, or directories of such files; default none: those of the system.</summary>
    public IReadOnlyList<string> CaFiles { get; init; } = [];

    /// <summary>Whether the system's authorities are trusted beside <see cref="CaFiles"/>; default false. Without any they always are.</summary>
    public bool TrustsSystem { get; init; }

    /// <summary>The client's own certificate and key; default null: none.</summary>
    public CertificateFiles? Certificate { get; init; }

    /// <summary>Revocation lists (PEM or DER); if there is any, the server's certificate needs the current list of its authority.</summary>
    public IReadOnlyList<string> CrlFiles { get; init; } = [];

    /// <summary>The lowest version, TLS 1.2 (default) or 1.3.</summary>
    public SslProtocols MinimumVersion { get; init; } = SslProtocols.Tls12;

    /// <summary>Application protocols (ALPN) to offer; default none.</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; init; } = [];

    /// <summary>
    /// Whether the certificate must be the server's own by its name; default true. Without it whoever has any certificate of the authorities can
    /// pass for the server.
    /// </summary>
    public bool ChecksName { get; init; } = true;

    /// <summary>Whether any certificate is taken, from anybody: for tests only. Default false.</summary>
    public bool IsInsecure { get; init; }
}
