// CONNACK (section 3.2), server to client:
//
//   20 | remaining length
//   acknowledge flags (session present 01) | return code (3.x) or reason code (5.0)
//   [5.0: property length, properties]
using Godwit.Protocol.Fields;
using Godwit.Protocol.Wire;

namespace Godwit.Protocol;

/// <summary>CONNACK: the server's first packet. <c>[MQTT-3.2.0-1]</c></summary>
public readonly ref struct ConnackPacket
{
    /// <summary>Whether the server held a session for the client; MQTT 3.1 cannot tell.</summary>
    public bool SessionPresent { get; init; }

    /// <summary>The byte as it stands in the packet: a return code before MQTT 5, a reason code in MQTT 5.</summary>
    public byte Code { get; init; }

    /// <summary>MQTT 5 properties.</summary>
    public MqttProperties Properties { get; init; }

    /// <summary>The code's meaning as an MQTT 5 reason code, whatever the version.</summary>
    public ReasonCode ReasonCode(ProtocolVersion version) =>
        version == ProtocolVersion.V5 ? (ReasonCode)Code : ((ConnectReturnCode)Code).ToReasonCode();

    private int RemainingLength(ProtocolVersion version) => 2 + FieldWriter.SizeOf(Properties, version);

    /// <summary>Bytes of the encoded packet.</summary>
    public int Length(ProtocolVersion version) => PacketFrame.SizeOf(RemainingLength(version));

    /// <summary>Reads the packet.</summary>
    public static bool TryRead(scoped in PacketFrame frame, ReadOnlySpan<byte> packet, ProtocolVersion version, out ConnackPacket connack, out Violation? violation)
    {
        return TryRead(frame, packet, version, default(NoFields), out connack, out violation);
    }

    internal static bool TryRead<TSink>(
        scoped in PacketFrame frame, ReadOnlySpan<byte> packet, ProtocolVersion version, TSink sink, out ConnackPacket connack, out Violation? violation)
        where TSink : struct, IFieldSink
    {
        var reader = new FieldReader<TSink>(packet, frame.HeaderLength, frame.Length, version, sink);
        bool hasFlags = version != ProtocolVersion.V31; // in MQTT 3.1 the first byte is reserved and unused
        byte flags = reader.FlagByte();
        if (reader.Violation is null)
        {
            reader.Bits(FieldName.Reserved, hasFlags ? (byte)0xFE : (byte)0xFF);
            if (hasFlags) reader.Bits(FieldName.SessionPresent, 0x01);
        }
        byte code = reader.Byte(version == ProtocolVersion.V5 ? FieldName.ReasonCode : FieldName.ReturnCode);
        if (hasFlags && flags > 1) reader.Fail(Violations.ConnackFlags); // 5.0: [MQTT-3.2.2-1]
        if (version == ProtocolVersion.V5 ? !((ReasonCode)code).IsAllowedIn(PacketType.Connack) : !((ConnectReturnCode)code).IsDefined())
            reader.Fail(Violations.ConnackReasonCode); // [MQTT-3.2.2-8]
        if (hasFlags && code != 0 && flags == 1) reader.Fail(Violations.SessionPresentInRefusal); // [MQTT-3.2.2-4], 5.0: [MQTT-3.2.2-6]
        MqttProperties properties = reader.Properties(PropertyOwner.Connack);
        reader.End();
        violation = reader.Violation;
        connack = new ConnackPacket { SessionPresent = hasFlags && (flags & 1) != 0, Code = code, Properties = properties };
        return violation is null;
    }

    /// <summary>Writes the packet.</summary>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    public int Write(Span<byte> destination, ProtocolVersion version)
    {
        var writer = new FieldWriter(destination, PacketType.Connack, 0, RemainingLength(version));
        writer.Byte(SessionPresent && version != ProtocolVersion.V31 ? 1 : 0);
        writer.Byte(Code);
        writer.Properties(Properties, version);
        return writer.Length;
    }
}
