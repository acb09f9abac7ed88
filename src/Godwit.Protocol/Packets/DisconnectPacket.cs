// DISCONNECT (section 3.14), client to server, in MQTT 5 both ways:
//
//   E0 | remaining length
//   [5.0, may be left out when 0 and without properties: reason code
//    [may be left out: property length, properties]]
using Godwit.Protocol.Fields;
using Godwit.Protocol.Wire;

namespace Godwit.Protocol;

/// <summary>DISCONNECT: the last packet of a connection.</summary>
public readonly ref struct DisconnectPacket
{
    /// <summary>MQTT 5; <see cref="ReasonCode.Success"/> (normal disconnection) before.</summary>
    public ReasonCode ReasonCode { get; init; }

    /// <summary>MQTT 5 properties.</summary>
    public MqttProperties Properties { get; init; }

    private int RemainingLength(ProtocolVersion version)
    {
        if (version != ProtocolVersion.V5 || (ReasonCode == ReasonCode.Success && Properties.IsEmpty)) return 0;
        return Properties.IsEmpty ? 1 : 1 + FieldWriter.SizeOf(Properties, version);
    }

    /// <summary>Bytes of the encoded packet.</summary>
    public int Length(ProtocolVersion version) => PacketFrame.SizeOf(RemainingLength(version));

    /// <summary>Reads the packet.</summary>
    public static bool TryRead(scoped in PacketFrame frame, ReadOnlySpan<byte> packet, ProtocolVersion version, out DisconnectPacket disconnect, out Violation? violation)
    {
        return TryRead(frame, packet, version, default(NoFields), out disconnect, out violation);
    }

    internal static bool TryRead<TSink>(
        scoped in PacketFrame frame, ReadOnlySpan<byte> packet, ProtocolVersion version, TSink sink, out DisconnectPacket disconnect, out Violation? violation)
        where TSink : struct, IFieldSink
    {
        var reader = new FieldReader<TSink>(packet, frame.HeaderLength, frame.Length, version, sink);
        var code = ReasonCode.Success;
        MqttProperties properties = default;
        if (version == ProtocolVersion.V5 && reader.Remaining > 0)
        {
            code = (ReasonCode)reader.Byte(FieldName.ReasonCode);
            if (!code.IsAllowedIn(PacketType.Disconnect)) reader.Fail(Violations.DisconnectReasonCode); // [MQTT-3.14.2-1]
            if (reader.Remaining > 0) properties = reader.Properties(PropertyOwner.Disconnect);
        }
        reader.End();
        violation = reader.Violation;
        disconnect = new DisconnectPacket { ReasonCode = code, Properties = properties };
        return violation is null;
    }

    /// <summary>Writes the packet.</summary>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    public int Write(Span<byte> destination, ProtocolVersion version)
    {
        int remainingLength = RemainingLength(version);
        var writer = new FieldWriter(destination, PacketType.Disconnect, 0, remainingLength);
        if (remainingLength > 0) writer.Byte((byte)ReasonCode);
        if (remainingLength > 1) writer.Properties(Properties, version);
        return writer.Length;
    }
}
