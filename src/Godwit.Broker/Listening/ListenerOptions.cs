using System.Net;
using System.Net.Sockets;
using Godwit.Transport;

namespace Godwit.Broker;

/// <summary>Whether a client's certificate says who it is.</summary>
public enum CertificateUserName
{
    /// <summary>The user name is what CONNECT says.</summary>
    None,

    /// <summary>It is the common name of the certificate; without a certificate the client is refused.</summary>
    CommonName,

    /// <summary>It is the whole subject of the certificate; without a certificate the client is refused.</summary>
    Subject,
}

/// <summary>Where and how the broker listens; by default MQTT over TCP.</summary>
/// <param name="EndPoint">Address and port (port 0 takes any free port), or a Unix socket.</param>
public sealed record ListenerOptions(EndPoint EndPoint)
{
    /// <summary>What acknowledgements mean to clients of this listener; default <see cref="BrokerOptions.Acknowledgement"/>.</summary>
    public AcknowledgementLevel? Acknowledgement { get; init; }

    /// <summary>Of a Unix socket: who may connect; default 0660, its user and group.</summary>
    public UnixFileMode UnixMode { get; init; } =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>TLS; default null: none.</summary>
    public TlsServerOptions? Tls { get; init; }

    /// <summary>WebSocket; default null: none.</summary>
    public WebSocketServerOptions? WebSocket { get; init; }

    /// <summary>Whether MQTT, WebSocket and, with <see cref="Tls"/>, both over TLS are told apart by their first bytes. Default false.</summary>
    public bool IsAny { get; init; }

    /// <summary>Whether connections begin with a PROXY header from one of the <see cref="TrustedProxies"/>. Default false.</summary>
    public bool ExpectsProxyHeader { get; init; }

    /// <summary>Proxies whose word about a client's address is taken (PROXY header, X-Forwarded-For); default none.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Whether the client's certificate gives the user name; default no. A trusted proxy may have seen it (PROXY version 2).</summary>
    public CertificateUserName UserName { get; init; }

    /// <summary>Connections that may be there at a time; more are closed at once. Default 0: no limit.</summary>
    public int MaximumConnections { get; init; }

    /// <summary>
    /// Connections that may be there at a time whose clients have not been accepted yet, from TCP to CONNECT. When one more comes, that one is closed
    /// which has got no further for longest. Default 10,000, and never more than half of the open files that the process may have.
    /// </summary>
    public int MaximumOpening { get; init; } = 10_000;

    /// <summary>
    /// Whether it is for administrators: a Unix socket by which the broker's own user and root come in, and nobody else. They need no password, may
    /// publish and subscribe everything, and use the control channel, whatever holds for others. Default false.
    /// </summary>
    public bool IsControl { get; init; }

    /// <summary>For clients that have no listener.</summary>
    internal static ListenerOptions InProcess { get; } = new(new IPEndPoint(IPAddress.Loopback, 0));

    private bool IsPlain => Tls is null && WebSocket is null && !IsAny && !ExpectsProxyHeader;

    private string Scheme => IsAny ? "any" : (Tls, WebSocket) switch
    {
        (null, null) => "tcp",
        (null, _) => "ws",
        (_, null) => "tls",
        _ => "wss",
    };

    /// <summary>What a connection has to go through; null for nothing.</summary>
    private LayerOptions? Layers(TlsServer? tls, BrokerOptions options) => IsPlain ? null : new LayerOptions
    {
        Name = NameOf(EndPoint),
        Tls = tls,
        WebSocket = WebSocket,
        IsAny = IsAny,
        ExpectsProxyHeader = ExpectsProxyHeader,
        TrustedProxies = TrustedProxies,
        Timeout = options.ConnectTimeout,
    };

    /// <summary>How to listen.</summary>
    internal ListenOptions ToListen(TlsServer? tls, BrokerOptions options, IAdmission admission) => new()
    {
        Layers = Layers(tls, options),
        UnixMode = UnixMode,
        MaximumConnections = MaximumConnections,
        MaximumOpening = MaximumOpening,
        Admission = IsControl ? null : admission, // who locks everybody out can still get in
        MayUseSpareDescriptors = IsControl,
    };

    /// <summary>The listener in the log: the address alone for plain MQTT, otherwise with what is spoken there.</summary>
    internal string NameOf(EndPoint endPoint) =>
        endPoint is UnixDomainSocketEndPoint ? $"unix://{endPoint}" : IsPlain ? $"{endPoint}" : $"{Scheme}://{endPoint}";
}
