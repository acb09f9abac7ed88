// SUBACK and UNSUBACK (sections 3.9, 3.11), server to client:
//
//   90 | B0, remaining length
//   packet identifier (2)
//   [5.0: property length, properties]
//   one code a filter, in the order of the filters       UNSUBACK before 5.0: none
using Godwit.Protocol.Fields;
using Godwit.Protocol.Wire;

namespace Godwit.Protocol;

/// <summary>SUBACK and UNSUBACK: one code for each filter, in their order. <c>[MQTT-3.9.3-1]</c> <c>[MQTT-3.11.3-1]</c></summary>
public readonly ref struct SubackPacket
{
    /// <summary><see cref="PacketType.Suback"/> or <see cref="PacketType.Unsuback"/>.</summary>
    public required PacketType Type { get; init; }

    /// <summary>The identifier of the request. <c>[MQTT-3.8.4-2]</c></summary>
    public ushort PacketId { get; init; }

    /// <summary>MQTT 5 properties.</summary>
    public MqttProperties Properties { get; init; }

    /// <summary>The codes: <see cref="ReasonCode"/> in MQTT 5; 0, 1, 2 or 0x80 before.</summary>
    public ReadOnlySpan<byte> Codes { get; init; }

    private int RemainingLength(ProtocolVersion version) => 2 + FieldWriter.SizeOf(Properties, version) + Codes.Length;

    /// <summary>Bytes of the encoded packet.</summary>
    public int Length(ProtocolVersion version) => PacketFrame.SizeOf(RemainingLength(version));

    /// <summary>Reads the packet.</summary>
    public static bool TryRead(scoped in PacketFrame frame, ReadOnlySpan<byte> packet, ProtocolVersion version, out SubackPacket suback, out Violation? violation)
    {
        return TryRead(frame, packet, version, default(NoFields), out suback, out violation);
    }

    internal static bool TryRead<TSink>(
        scoped in PacketFrame frame, ReadOnlySpan<byte> packet, ProtocolVersion version, TSink sink, out SubackPacket suback, out Violation? violation)
        where TSink : struct, IFieldSink
    {
        var reader = new FieldReader<TSink>(packet, frame.HeaderLength, frame.Length, version, sink);
        ushort packetId = reader.PacketId();
        MqttProperties properties = reader.Properties((PropertyOwner)frame.Type);
        int start = reader.Position;
        bool hasCodes = frame.Type == PacketType.Suback || version == ProtocolVersion.V5;
        if (hasCodes && reader.Violation is null && reader.Remaining == 0) reader.Fail(Violations.Truncated);
        while (hasCodes && reader.Remaining > 0)
        {
            byte code = reader.Byte(version == ProtocolVersion.V5 ? FieldName.ReasonCode : FieldName.ReturnCode);
            bool known = version == ProtocolVersion.V5 ? ((ReasonCode)code).IsAllowedIn(frame.Type) : code is <= 2 or 0x80;
            if (!known) reader.Fail(frame.Type == PacketType.Suback ? Violations.SubackReasonCode : Violations.UnsubackReasonCode); // [MQTT-3.9.3-2] [MQTT-3.11.3-2]
        }
        reader.End();
        violation = reader.Violation;
        suback = new SubackPacket
        {
            Type = frame.Type,
            PacketId = packetId,
            Properties = properties,
            Codes = violation is null ? reader.Between(start, frame.Length) : default,
        };
        return violation is null;
    }

    /// <summary>Writes the packet.</summary>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    public int Write(Span<byte> destination, ProtocolVersion version)
    {
        var writer = new FieldWriter(destination, Type, 0, RemainingLength(version));
        writer.PacketId(PacketId);
        writer.Properties(Properties, version);
        writer.Raw(Codes);
        return writer.Length;
    }
}
