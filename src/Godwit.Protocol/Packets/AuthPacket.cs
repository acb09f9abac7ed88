// AUTH (section 3.15), both ways, MQTT 5 only:
//
//   F0 | remaining length
//   [may be left out when 0 and without properties: reason code, property length, properties]
using Godwit.Protocol.Fields;
using Godwit.Protocol.Wire;

namespace Godwit.Protocol;

/// <summary>AUTH: one step of an authentication exchange (section 4.12).</summary>
public readonly ref struct AuthPacket
{
    /// <summary>Success, Continue authentication or Re-authenticate. <c>[MQTT-3.15.2-1]</c></summary>
    public ReasonCode ReasonCode { get; init; }

    /// <summary>Authentication method and data, reason string, user properties.</summary>
    public MqttProperties Properties { get; init; }

    private int RemainingLength =>
        ReasonCode == ReasonCode.Success && Properties.IsEmpty ? 0 : 1 + FieldWriter.SizeOf(Properties, ProtocolVersion.V5);

    /// <summary>Bytes of the encoded packet.</summary>
    public int Length => PacketFrame.SizeOf(RemainingLength);

    /// <summary>Reads the packet.</summary>
    public static bool TryRead(scoped in PacketFrame frame, ReadOnlySpan<byte> packet, out AuthPacket auth, out Violation? violation)
    {
        return TryRead(frame, packet, default(NoFields), out auth, out violation);
    }

    internal static bool TryRead<TSink>(scoped in PacketFrame frame, ReadOnlySpan<byte> packet, TSink sink, out AuthPacket auth, out Violation? violation)
        where TSink : struct, IFieldSink
    {
        var reader = new FieldReader<TSink>(packet, frame.HeaderLength, frame.Length, ProtocolVersion.V5, sink);
        var code = ReasonCode.Success;
        MqttProperties properties = default;
        if (reader.Remaining > 0)
        {
            code = (ReasonCode)reader.Byte(FieldName.ReasonCode);
            if (!code.IsAllowedIn(PacketType.Auth)) reader.Fail(Violations.AuthReasonCode); // [MQTT-3.15.2-1]
            properties = reader.Properties(PropertyOwner.Auth);
        }
        bool isBareSuccess = code == ReasonCode.Success && properties.IsEmpty; // section 3.15.2.1 lets this one be empty
        if (reader.Violation is null && !isBareSuccess && !properties.TryFind(PropertyId.AuthenticationMethod, out _))
            reader.Fail(Violations.AuthenticationMethodMissing); // section 3.15.2.2.2
        reader.End();
        violation = reader.Violation;
        auth = new AuthPacket { ReasonCode = code, Properties = properties };
        return violation is null;
    }

    /// <summary>Writes the packet.</summary>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    public int Write(Span<byte> destination)
    {
        int remainingLength = RemainingLength;
        var writer = new FieldWriter(destination, PacketType.Auth, 0, remainingLength);
        if (remainingLength > 0)
        {
            writer.Byte((byte)ReasonCode);
            writer.Properties(Properties, ProtocolVersion.V5);
        }
        return writer.Length;
    }
}
