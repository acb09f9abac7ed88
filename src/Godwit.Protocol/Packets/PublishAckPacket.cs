// PUBACK, PUBREC, PUBREL, PUBCOMP (sections 3.4 to 3.7), both ways, all of one form:
//
//   40 | 50 | 62 | 70, remaining length
//   packet identifier (2)
//   [5.0, may be left out when the reason code is 0 and there are no properties: reason code
//    [may be left out when there are no properties: property length, properties]]
using Godwit.Protocol.Fields;
using Godwit.Protocol.Wire;

namespace Godwit.Protocol;

/// <summary>The four acknowledgements of a PUBLISH: PUBACK, PUBREC, PUBREL and PUBCOMP.</summary>
public readonly ref struct PublishAckPacket
{
    /// <summary>Which of the four.</summary>
    public required PacketType Type { get; init; }

    /// <summary>The identifier of the PUBLISH. <c>[MQTT-2.3.1-6]</c> <c>[MQTT-2.2.1-5]</c></summary>
    public ushort PacketId { get; init; }

    /// <summary>MQTT 5; <see cref="ReasonCode.Success"/> before.</summary>
    public ReasonCode ReasonCode { get; init; }

    /// <summary>MQTT 5 properties.</summary>
    public MqttProperties Properties { get; init; }

    private int RemainingLength(ProtocolVersion version)
    {
        if (version != ProtocolVersion.V5 || (ReasonCode == ReasonCode.Success && Properties.IsEmpty)) return 2;
        return Properties.IsEmpty ? 3 : 3 + FieldWriter.SizeOf(Properties, version);
    }

    /// <summary>Bytes of the encoded packet: 4 where nothing but the identifier needs saying.</summary>
    public int Length(ProtocolVersion version) => PacketFrame.SizeOf(RemainingLength(version));

    /// <summary>Reads the packet.</summary>
    public static bool TryRead(scoped in PacketFrame frame, ReadOnlySpan<byte> packet, ProtocolVersion version, out PublishAckPacket ack, out Violation? violation)
    {
        return TryRead(frame, packet, version, default(NoFields), out ack, out violation);
    }

    internal static bool TryRead<TSink>(
        scoped in PacketFrame frame, ReadOnlySpan<byte> packet, ProtocolVersion version, TSink sink, out PublishAckPacket ack, out Violation? violation)
        where TSink : struct, IFieldSink
    {
        var reader = new FieldReader<TSink>(packet, frame.HeaderLength, frame.Length, version, sink);
        ushort packetId = reader.PacketId();
        var code = ReasonCode.Success;
        MqttProperties properties = default;
        if (version == ProtocolVersion.V5 && reader.Remaining > 0)
        {
            code = (ReasonCode)reader.Byte(FieldName.ReasonCode);
            if (!code.IsAllowedIn(frame.Type)) reader.Fail(WrongReasonCode(frame.Type));
            if (reader.Remaining > 0) properties = reader.Properties((PropertyOwner)frame.Type);
        }
        reader.End();
        violation = reader.Violation;
        ack = new PublishAckPacket { Type = frame.Type, PacketId = packetId, ReasonCode = code, Properties = properties };
        return violation is null;
    }

    /// <summary>Writes the packet.</summary>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    public int Write(Span<byte> destination, ProtocolVersion version)
    {
        int remainingLength = RemainingLength(version);
        var writer = new FieldWriter(destination, Type, Type == PacketType.Pubrel ? 2 : 0, remainingLength);
        writer.PacketId(PacketId);
        if (remainingLength > 2) writer.Byte((byte)ReasonCode);
        if (remainingLength > 3) writer.Properties(Properties, version);
        return writer.Length;
    }

    // [MQTT-3.4.2-1] [MQTT-3.5.2-1] [MQTT-3.6.2-1] [MQTT-3.7.2-1]
    private static Violation WrongReasonCode(PacketType type) => type switch
    {
        PacketType.Puback => Violations.PubackReasonCode,
        PacketType.Pubrec => Violations.PubrecReasonCode,
        PacketType.Pubrel => Violations.PubrelReasonCode,
        _ => Violations.PubcompReasonCode,
    };
}
