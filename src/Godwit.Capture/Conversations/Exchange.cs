using Godwit.Capture.Streams;
using Godwit.Protocol;

namespace Godwit.Capture.Conversations;

/// <summary>A packet that asks for an answer, and the answer.</summary>
public enum ExchangeKind : byte
{
    /// <summary>CONNECT and CONNACK.</summary>
    Connect,

    /// <summary>PUBLISH at QoS 1 and PUBACK.</summary>
    Puback,

    /// <summary>PUBLISH at QoS 2 and PUBREC.</summary>
    Pubrec,

    /// <summary>PUBREC and PUBREL.</summary>
    Pubrel,

    /// <summary>PUBREL and PUBCOMP.</summary>
    Pubcomp,

    /// <summary>PUBLISH at QoS 2 and the PUBCOMP at its end: the whole of it.</summary>
    Delivery,

    /// <summary>SUBSCRIBE and SUBACK.</summary>
    Subscribe,

    /// <summary>UNSUBSCRIBE and UNSUBACK.</summary>
    Unsubscribe,

    /// <summary>PINGREQ and PINGRESP.</summary>
    Ping,
}

/// <summary>A packet and what answers it.</summary>
/// <param name="Kind">Which packets they are.</param>
/// <param name="From">Who has asked.</param>
/// <param name="PacketId">Their packet identifier; 0 where there is none.</param>
/// <param name="Request">The number of the packet that asks; of a packet that was sent again, of its first sending.</param>
/// <param name="Answer">The number of the answer; 0 if there was none.</param>
/// <param name="RequestedAt">When the packet that asks was complete.</param>
/// <param name="AnsweredAt">When the answer was complete; without one, when it became certain that none comes.</param>
public readonly record struct Exchange(ExchangeKind Kind, Side From, ushort PacketId, long Request, long Answer, Arrival RequestedAt, Arrival AnsweredAt)
{
    /// <summary>Whether there was an answer.</summary>
    public bool IsAnswered => Answer != 0;

    /// <summary>From the one to the other, as seen where the capture was made.</summary>
    public TimeSpan Time => TimeSpan.FromTicks((AnsweredAt.Time - RequestedAt.Time) / TimeSpan.NanosecondsPerTick);

    /// <summary>The two packets: <c>PUBLISH - PUBACK</c>.</summary>
    public string Name => Kind switch
    {
        ExchangeKind.Connect => "CONNECT - CONNACK",
        ExchangeKind.Puback => "PUBLISH - PUBACK",
        ExchangeKind.Pubrec => "PUBLISH - PUBREC",
        ExchangeKind.Pubrel => "PUBREC - PUBREL",
        ExchangeKind.Pubcomp => "PUBREL - PUBCOMP",
        ExchangeKind.Delivery => "PUBLISH - PUBCOMP",
        ExchangeKind.Subscribe => "SUBSCRIBE - SUBACK",
        ExchangeKind.Unsubscribe => "UNSUBSCRIBE - UNSUBACK",
        _ => "PINGREQ - PINGRESP",
    };

    /// <summary>The packet that asks.</summary>
    public PacketType RequestType => Kind switch
    {
        ExchangeKind.Connect => PacketType.Connect,
        ExchangeKind.Pubrel => PacketType.Pubrec,
        ExchangeKind.Pubcomp => PacketType.Pubrel,
        ExchangeKind.Subscribe => PacketType.Subscribe,
        ExchangeKind.Unsubscribe => PacketType.Unsubscribe,
        ExchangeKind.Ping => PacketType.Pingreq,
        _ => PacketType.Publish,
    };
}
