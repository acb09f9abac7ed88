using System.Text;
using Godwit.Broker.Auth;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Protocol;
using Godwit.Session;

namespace Godwit.Broker.Connections;

/// <summary>What a CONNECT said, on the heap: it outlives the receive buffer while the client is authenticated and moved to its home loop.</summary>
internal sealed record ConnectRequest
{
    public required string ClientId { get; init; }

    /// <summary>Whether the broker chose the client identifier. <c>[MQTT-3.1.3-6]</c></summary>
    public bool IsAssignedId { get; init; }

    public required ProtocolVersion Version { get; init; }

    public bool CleanStart { get; init; }

    public ushort KeepAlive { get; init; }

    /// <summary>Seconds the session outlives the connection.</summary>
    public uint SessionExpiryInterval { get; init; }

    public string? UserName { get; init; }

    public ReadOnlyMemory<byte>? Password { get; init; }

    /// <summary>Which decision about who may connect it is asked by (<see cref="Shard.Decision"/>).</summary>
    public int Decision { get; init; }

    /// <summary>What the client may do, once it is known; null if nothing is restricted.</summary>
    public IClientAccess? Access { get; init; }

    public Will? Will { get; init; }

    public required ConnectionLimits Limits { get; init; }

    public string? AuthenticationMethod { get; init; }

    public ReadOnlyMemory<byte> AuthenticationData { get; init; }

    /// <summary>Copies what is needed out of the packet. Before MQTT 5 a session without Clean Session lasts until it is replaced. 3.1.1: <c>[MQTT-3.1.2-4]</c></summary>
    public static ConnectRequest From(in ConnectPacket connect, string? assignedId)
    {
        bool isV5 = connect.Version == ProtocolVersion.V5;
        ConnectionLimits limits = ConnectionLimits.From(connect.Properties);
        uint expiry = isV5 ? limits.SessionExpiryInterval ?? 0 : connect.CleanStart ? 0 : uint.MaxValue;
        return new ConnectRequest
        {
            ClientId = assignedId ?? Encoding.UTF8.GetString(connect.ClientId),
            IsAssignedId = assignedId is not null,
            Version = connect.Version,
            CleanStart = connect.CleanStart,
            KeepAlive = connect.KeepAlive,
            SessionExpiryInterval = expiry,
            UserName = connect.HasUserName ? Encoding.UTF8.GetString(connect.UserName) : null,
            Password = connect.HasPassword ? (ReadOnlyMemory<byte>?)connect.Password.ToArray() : null,
            Will = connect.HasWill ? WillOf(connect) : null,
            Limits = limits,
            AuthenticationMethod = connect.Properties.TryFind(PropertyId.AuthenticationMethod, out MqttProperty method)
                ? Encoding.UTF8.GetString(method.Value)
                : null,
            AuthenticationData = connect.Properties.Bytes(PropertyId.AuthenticationData).ToArray(),
        };
    }

    private static Will WillOf(in ConnectPacket connect)
    {
        byte[] forwarded = ForwardedProperties.Of(connect.WillProperties);
        var view = new PublicationView
        {
            Topic = connect.WillTopic,
            Payload = connect.WillPayload,
            Properties = forwarded,
            QoS = connect.WillQoS,
            Retain = connect.WillRetain,
            ExpiresAt = PublicationView.Never,
        };
        return new Will(
            view.Keep(),
            connect.WillProperties.Number(PropertyId.WillDelayInterval) ?? 0,
            connect.WillProperties.Number(PropertyId.MessageExpiryInterval));
    }
}
