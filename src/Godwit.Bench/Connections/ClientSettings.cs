// What all clients of a run have in common, encoded once.
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Bench;

internal sealed class ClientSettings
{
    private readonly byte[] _properties;
    private readonly byte[]? _userName, _password;

    /// <exception cref="BenchException">A file of the TLS options cannot be used.</exception>
    public ClientSettings(BenchOptions options, IPEndPoint remote)
    {
        try
        {
            Tls = options.Tls is { } tls ? new TlsClient(tls with { ServerName = tls.ServerName ?? options.Host }) : null;
        }
        catch (TransportException unusable)
        {
            throw new BenchException(unusable.Message);
        }
        Options = options;
        Remote = remote;
        RunId = RandomNumberGenerator.GetInt32(1, 1 << 24);
        Sources = new SourceAddresses(options, remote);
        _userName = options.UserName is { } user ? Encoding.UTF8.GetBytes(user) : null;
        _password = options.Password is { } password ? Encoding.UTF8.GetBytes(password) : null;
        var properties = new PropertyWriter(stackalloc byte[8]);
        if (options.Version == ProtocolVersion.V5 && options.SessionExpiryInterval > 0)
            properties.Add(PropertyId.SessionExpiryInterval, options.SessionExpiryInterval);
        _properties = properties.Written.Encoded.ToArray();
    }

    public BenchOptions Options { get; }

    public ProtocolVersion Version => Options.Version;

    public IPEndPoint Remote { get; }

    /// <summary>The settings of TLS, loaded once; null: no TLS.</summary>
    public TlsClient? Tls { get; }

    /// <summary>24 random bits that tell this run's messages from those of other runs.</summary>
    public int RunId { get; }

    public SourceAddresses Sources { get; }

    public string Topic(string name) => $"{Options.TopicPrefix}/{RunId:x6}/{name}";

    // Fits into the 23 characters of MQTT 3.1. [MQTT-3.1.3-5]
    public byte[] ClientId(char role, long number) => Encoding.UTF8.GetBytes($"{Options.ClientIdPrefix ?? $"gb-{RunId:x6}-"}{role}{number}");

    public ConnectPacket Connect(byte[] clientId) => new()
    {
        Version = Version,
        CleanStart = Options.CleanStart,
        KeepAlive = Options.KeepAlive,
        Properties = new MqttProperties(_properties),
        ClientId = clientId,
        HasUserName = _userName is not null,
        UserName = _userName,
        HasPassword = _password is not null,
        Password = _password,
    };
}
