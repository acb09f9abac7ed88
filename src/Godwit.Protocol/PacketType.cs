namespace Godwit.Protocol;

/// <summary>The MQTT control packet types: bits 7 to 4 of a packet's first byte (section 2.1.2).</summary>
public enum PacketType : byte
{
    /// <summary>0 is forbidden; it stands for "no packet".</summary>
    None = 0,

    /// <summary>Client to server: connection request.</summary>
    Connect = 1,

    /// <summary>Server to client: connection acknowledgement.</summary>
    Connack = 2,

    /// <summary>Both ways: a message.</summary>
    Publish = 3,

    /// <summary>Both ways: QoS 1 acknowledgement.</summary>
    Puback = 4,

    /// <summary>Both ways: QoS 2 received, part 1.</summary>
    Pubrec = 5,

    /// <summary>Both ways: QoS 2 release, part 2.</summary>
    Pubrel = 6,

    /// <summary>Both ways: QoS 2 complete, part 3.</summary>
    Pubcomp = 7,

    /// <summary>Client to server: subscribe request.</summary>
    Subscribe = 8,

    /// <summary>Server to client: subscribe acknowledgement.</summary>
    Suback = 9,

    /// <summary>Client to server: unsubscribe request.</summary>
    Unsubscribe = 10,

    /// <summary>Server to client: unsubscribe acknowledgement.</summary>
    Unsuback = 11,

    /// <summary>Client to server: ping request.</summary>
    Pingreq = 12,

    /// <summary>Server to client: ping response.</summary>
    Pingresp = 13,

    /// <summary>Client to server; in MQTT 5 both ways: end of the connection.</summary>
    Disconnect = 14,

    /// <summary>Both ways, MQTT 5 only: authentication exchange.</summary>
    Auth = 15,
}

/// <summary>Names as the specification prints them.</summary>
public static class PacketTypes
{
    private static readonly string[] Names =
    [
        "(none)", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "SUBACK",
        "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH",
    ];

    /// <summary>The name in capitals, for example <c>PUBLISH</c>.</summary>
    public static string Name(this PacketType type) => Names[(int)type & 15];

    /// <summary>The only value that the flag bits of this type may have; null for PUBLISH, whose flags carry meaning (table 2-2).</summary>
    public static byte? RequiredFlags(this PacketType type) => type switch
    {
        PacketType.Publish => null,
        PacketType.Pubrel or PacketType.Subscribe or PacketType.Unsubscribe => 2,
        _ => 0,
    };
}
