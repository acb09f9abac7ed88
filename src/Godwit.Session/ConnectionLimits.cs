// What the two sides of an MQTT 5 connection tell each other about themselves in the properties of CONNECT (section 3.1.2.11) and
// CONNACK (3.2.2.3). Before MQTT 5 nothing can be told, and the defaults hold.
using Godwit.Protocol;

namespace Godwit.Session;

/// <summary>What one side of a connection has announced; every default is the specification's for an absent property.</summary>
public sealed record ConnectionLimits
{
    /// <summary>The largest packet that MQTT can encode: 5 bytes of fixed header and 268,435,455 of remaining length.</summary>
    public const int LargestPacket = 268_435_460;

    /// <summary>Nothing announced. Shared by all connections that announce nothing, and by all before MQTT 5.</summary>
    public static ConnectionLimits Default { get; } = new();

    /// <summary>QoS 1 and 2 PUBLISHes that this side takes unacknowledged: 1 to 65,535, default 65,535.</summary>
    public int ReceiveMaximum { get; init; } = ushort.MaxValue;

    /// <summary>Bytes of the largest packet that this side takes; default <see cref="LargestPacket"/>, no limit.</summary>
    public int MaximumPacketSize { get; init; } = LargestPacket;

    /// <summary>The highest topic alias that this side takes; default 0, none.</summary>
    public int TopicAliasMaximum { get; init; }

    /// <summary>
    /// Seconds that the session outlives the connection; <see cref="uint.MaxValue"/> is for ever. Default in CONNECT: 0. In CONNACK it
    /// replaces the client's value, and is null if absent.
    /// </summary>
    public uint? SessionExpiryInterval { get; init; }

    /// <summary>CONNECT: whether reason strings and user properties may come with any packet; default true. <c>[MQTT-3.1.2-29]</c></summary>
    public bool RequestProblemInformation { get; init; } = true;

    /// <summary>CONNECT: whether the client asks for Response Information; default false. <c>[MQTT-3.1.2-28]</c></summary>
    public bool RequestResponseInformation { get; init; }

    /// <summary>CONNACK: seconds that replace the client's keep alive; null if absent. <c>[MQTT-3.2.2-21]</c></summary>
    public ushort? ServerKeepAlive { get; init; }

    /// <summary>CONNACK: the highest QoS of a PUBLISH that the server takes; default 2.</summary>
    public QoS MaximumQoS { get; init; } = QoS.ExactlyOnce;

    /// <summary>CONNACK: whether the server keeps retained messages; default true.</summary>
    public bool RetainAvailable { get; init; } = true;

    /// <summary>CONNACK: whether the server takes filters with wildcards; default true.</summary>
    public bool WildcardSubscriptionAvailable { get; init; } = true;

    /// <summary>CONNACK: whether the server takes subscription identifiers; default true.</summary>
    public bool SubscriptionIdentifierAvailable { get; init; } = true;

    /// <summary>CONNACK: whether the server serves shared subscriptions; default true.</summary>
    public bool SharedSubscriptionAvailable { get; init; } = true;

    /// <summary>Whether this side takes a packet of so many bytes. 5.0: <c>[MQTT-3.1.2-24]</c></summary>
    public bool Fits(int packetLength) => packetLength <= MaximumPacketSize;

    /// <summary>Reads what a CONNECT or CONNACK announces. The packet's reader has checked which properties and values are allowed there.</summary>
    public static ConnectionLimits From(MqttProperties properties)
    {
        ConnectionLimits limits = Default;
        foreach (MqttProperty property in properties)
        {
            uint number = property.Number;
            limits = property.Id switch
            {
                PropertyId.ReceiveMaximum => limits with { ReceiveMaximum = (int)number },
                PropertyId.MaximumPacketSize => limits with { MaximumPacketSize = (int)Math.Min(number, LargestPacket) },
                PropertyId.TopicAliasMaximum => limits with { TopicAliasMaximum = (int)number },
                PropertyId.SessionExpiryInterval => limits with { SessionExpiryInterval = number },
                PropertyId.RequestProblemInformation => limits with { RequestProblemInformation = number != 0 },
                PropertyId.RequestResponseInformation => limits with { RequestResponseInformation = number != 0 },
                PropertyId.ServerKeepAlive => limits with { ServerKeepAlive = (ushort)number },
                PropertyId.MaximumQoS => limits with { MaximumQoS = (QoS)number },
                PropertyId.RetainAvailable => limits with { RetainAvailable = number != 0 },
                PropertyId.WildcardSubscriptionAvailable => limits with { WildcardSubscriptionAvailable = number != 0 },
                PropertyId.SubscriptionIdentifierAvailable => limits with { SubscriptionIdentifierAvailable = number != 0 },
                PropertyId.SharedSubscriptionAvailable => limits with { SharedSubscriptionAvailable = number != 0 },
                _ => limits,
            };
        }
        return limits;
    }
}
