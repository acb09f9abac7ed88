using Godwit.Broker;

namespace Godwit.Configuration;

/// <summary>All that can be set on a broker which runs as a program. What has no value has not been set.</summary>
public sealed record BrokerSettings
{
    /// <summary>Limits and the like; without listeners, client classes, store and security, which are beside it.</summary>
    public BrokerOptions Broker { get; init; } = new();

    /// <summary>Where it listens.</summary>
    public IReadOnlyList<ListenerSettings> Listeners { get; init; } = [new ListenerSettings()];

    /// <summary>Who may connect and what for.</summary>
    public SecuritySettings Security { get; init; } = new();

    /// <summary>The directory of the store; null keeps everything in memory.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Bytes that the process may take; null for no limit.</summary>
    public long? Memory { get; init; }

    /// <summary>The socket for administrators; null for the usual one, <c>none</c> for none.</summary>
    public string? ControlSocket { get; init; }

    /// <summary>Whether files that have changed are read again without being told.</summary>
    public bool WatchFiles { get; init; } = true;

    /// <summary>What is logged: <c>error</c>, <c>warning</c>, <c>information</c> or <c>debug</c>, which has every packet.</summary>
    public string LogLevel { get; init; } = "information";

    /// <summary>How the time is written in the log: <c>unix</c> or <c>iso</c>.</summary>
    public string LogFormat { get; init; } = "unix";
}

/// <summary>Files of users and rules.</summary>
public sealed record SecuritySettings
{
    /// <summary>Users and passwords.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>A file or an address with the keys of JSON Web Tokens.</summary>
    public string? TokenKey { get; init; }

    /// <summary>Who must have issued tokens.</summary>
    public string? TokenIssuer { get; init; }

    /// <summary>Whom tokens must be for.</summary>
    public string? TokenAudience { get; init; }

    /// <summary>The claim that is the user name.</summary>
    public string TokenUser { get; init; } = "sub";

    /// <summary>By how much the issuer's clock may differ.</summary>
    public TimeSpan TokenLeeway { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>An HTTP service that says who may connect; null for none.</summary>
    public string? AuthUrl { get; init; }

    /// <summary>Whether clients without a user name may connect; null for what is usual: only where nobody else can reach the broker.</summary>
    public bool? AllowAnonymous { get; init; }

    /// <summary>Rules in mosquitto's format.</summary>
    public string? AclFile { get; init; }

    /// <summary>Rules in Godwit's format.</summary>
    public string? Policy { get; init; }
}

/// <summary>One listener, as it is written.</summary>
public sealed record ListenerSettings
{
    /// <summary>Where to listen and what to speak.</summary>
    public string Listen { get; init; } = "tcp://127.0.0.1:1883";

    /// <summary>When messages are acknowledged; null as for all listeners.</summary>
    public string? AckLevel { get; init; }

    /// <summary>Who may connect to a Unix socket, in octal.</summary>
    public string UnixMode { get; init; } = "660";

    /// <summary>Web pages from which browsers may connect.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];

    /// <summary>Proxies whose word about a client's address is taken.</summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary>Whether connections begin with a PROXY header.</summary>
    public bool ProxyProtocol { get; init; }

    /// <summary>Connections at the same time; 0 for no limit.</summary>
    public int MaxConnections { get; init; }

    /// <summary>Connections that are not through CONNECT.</summary>
    public int MaxOpening { get; init; } = 10_000;

    /// <summary>The server's certificates.</summary>
    public IReadOnlyList<string> Certificates { get; init; } = [];

    /// <summary>Their keys.</summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>Authorities of client certificates.</summary>
    public IReadOnlyList<string> CaFiles { get; init; } = [];

    /// <summary>Whether clients without a certificate are refused.</summary>
    public bool RequireCertificate { get; init; }

    /// <summary>Revocation lists.</summary>
    public IReadOnlyList<string> CrlFiles { get; init; } = [];

    /// <summary>Whether the common name of the client's certificate is its user name.</summary>
    public bool UseIdentity { get; init; }

    /// <summary>Whether the subject of the client's certificate is its user name.</summary>
    public bool UseSubject { get; init; }

    /// <summary>The lowest version of TLS.</summary>
    public string TlsVersion { get; init; } = "1.2";

    /// <summary>Cipher suites allowed; empty for the system's.</summary>
    public IReadOnlyList<string> CipherSuites { get; init; } = [];
}
