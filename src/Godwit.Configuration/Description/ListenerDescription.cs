// The settings of one listener; each has its own. On the command line they hold for all of --listen.
using Godwit.Broker;

namespace Godwit.Configuration.Description;

/// <summary>What can be set on a listener.</summary>
public static class ListenerDescription
{
    private static readonly ListKind Files = new(new PathKind());

    /// <summary>Where to listen, and what to speak there.</summary>
    public static Setting Listen { get; } = Of<string>("listen", new TextKind("URI"),
        "tcp://ADDRESS:PORT, tls://, ws://, wss://, any:// (all of them on one port) or unix:///PATH", l => l.Listen, (l, v) => l with { Listen = v }, mosquitto: "listener");

    /// <summary>The settings.</summary>
    public static Section Section { get; } = new("listeners", "Where the broker listens, and what it speaks there.", isList: true,
        Listen,
        Of<string>("ack_level", Words.AckLevel, "What acknowledgements mean to clients of this listener", l => l.AckLevel, (l, v) => l with { AckLevel = v },
            option: null, otherwise: "store.ack_level"),
        Of<string>("unix_mode", new TextKind("MODE"), "Who may connect to a Unix socket, in octal", l => l.UnixMode, (l, v) => l with { UnixMode = v }),
        Texts("ws_origin", new ListKind(new TextKind("ORIGIN")), "Web pages from which browsers may connect, as https://example.org", l => l.Origins, (l, v) => l with { Origins = v },
            otherwise: "all"),
        Texts("trusted_proxy", new ListKind(new TextKind("NETWORK")), "Proxies that say who the client is, as 10.0.0.1 or 10.0.0.0/8", l => l.TrustedProxies,
            (l, v) => l with { TrustedProxies = v }, otherwise: "none"),
        Of<bool>("proxy_protocol", new FlagKind(), "Connections begin with a PROXY header (version 1 or 2); needs trusted_proxy", l => l.ProxyProtocol,
            (l, v) => l with { ProxyProtocol = v }),
        Of<long>("max_connections", new NumberKind(0, int.MaxValue), "Connections at the same time, 0 for no limit", l => (long)l.MaxConnections,
            (l, v) => l with { MaxConnections = (int)v }, mosquitto: "max_connections"),
        Of<long>("max_opening", new NumberKind(1, int.MaxValue), "Connections that are not through CONNECT; beyond it, or beyond half of the open files allowed, the oldest make way",
            l => (long)l.MaxOpening, (l, v) => l with { MaxOpening = (int)v }, option: null),
        Texts("cert", Files, "The server's certificate and its intermediates (PEM); several for several names", l => l.Certificates, (l, v) => l with { Certificates = v },
            mosquitto: "certfile", otherwise: "none"),
        Texts("key", Files, "The private key for it (PEM), unless it is in the same file; as many as there are certificates", l => l.Keys, (l, v) => l with { Keys = v },
            mosquitto: "keyfile", otherwise: "in the certificate's file"),
        Texts("cafile", Files, "Authorities of client certificates (PEM): clients are asked for one", l => l.CaFiles, (l, v) => l with { CaFiles = v },
            mosquitto: "cafile", otherwise: "none"),
        Of<bool>("require_certificate", new FlagKind(), "Refuse clients without a valid certificate; needs cafile", l => l.RequireCertificate,
            (l, v) => l with { RequireCertificate = v }, mosquitto: "require_certificate"),
        Texts("crl", Files, "Certificates that their authority has revoked (CRL, PEM or DER)", l => l.CrlFiles, (l, v) => l with { CrlFiles = v }, mosquitto: "crlfile", otherwise: "none"),
        Of<bool>("use_identity_as_username", new FlagKind(), "The common name of the client's certificate is its user name", l => l.UseIdentity,
            (l, v) => l with { UseIdentity = v }, mosquitto: "use_identity_as_username"),
        Of<bool>("use_subject_as_username", new FlagKind(), "The subject of the client's certificate is its user name", l => l.UseSubject,
            (l, v) => l with { UseSubject = v }, mosquitto: "use_subject_as_username"),
        Of<string>("tls_version", new WordKind("1.2", "1.3"), "The lowest version of TLS", l => l.TlsVersion, (l, v) => l with { TlsVersion = v }, mosquitto: "tls_version"),
        Texts("ciphers", new ListKind(new TextKind("SUITE")), "The cipher suites allowed, by their IANA names, as TLS_AES_128_GCM_SHA256", l => l.CipherSuites,
            (l, v) => l with { CipherSuites = v }, option: null, mosquitto: "ciphers_tls1.3", otherwise: "the system's"));

    private static Setting<ListenerSettings> Of<TValue>(
        string name, ValueKind kind, string help, Func<ListenerSettings, object?> get, Func<ListenerSettings, TValue, ListenerSettings> set,
        string? option = "", string? mosquitto = null, string? otherwise = null) =>
        Described.As(name, kind, help, get, set, option, mosquitto, otherwise, isReloadable: true);

    private static Setting<ListenerSettings> Texts(
        string name, ListKind kind, string help, Func<ListenerSettings, object?> get, Func<ListenerSettings, IReadOnlyList<string>, ListenerSettings> set,
        string? option = "", string? mosquitto = null, string? otherwise = null) =>
        Described.As(name, kind, help, get, set, option, mosquitto, otherwise, isReloadable: true);
}
