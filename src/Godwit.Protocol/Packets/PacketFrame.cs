// Fixed header (section 2.1):
//
//   byte 1   | packet type (7..4) | flags (3..0) |
//   byte 2.. | remaining length, 1 to 4 bytes    |
using Godwit.Protocol.Fields;
using Godwit.Protocol.Wire;

namespace Godwit.Protocol;

/// <summary>What <see cref="PacketFrame.Read"/> found at the beginning of the input.</summary>
public enum FrameStatus
{
    /// <summary>A whole packet is there.</summary>
    Complete,

    /// <summary>The input ends before the packet does: read on and ask again. Not an error.</summary>
    NeedMore,

    /// <summary>This is no packet: answer with the violation's reason code and close.</summary>
    Malformed,
}

/// <summary>A packet's fixed header: its type, flags and extent.</summary>
/// <param name="Type">Bits 7 to 4 of the first byte.</param>
/// <param name="Flags">Bits 3 to 0 of the first byte.</param>
/// <param name="HeaderLength">Bytes of the fixed header: 2 to 5; 0 while it is not complete.</param>
/// <param name="RemainingLength">Bytes behind the fixed header.</param>
public readonly record struct PacketFrame(PacketType Type, byte Flags, int HeaderLength, int RemainingLength)
{
    /// <summary>Bytes of the whole packet.</summary>
    public int Length => HeaderLength + RemainingLength;

    /// <summary>Finds the packet at the beginning of the input.</summary>
    /// <param name="input">What has been received; may hold less or more than one packet.</param>
    /// <param name="version">The connection's protocol version; <see cref="ProtocolVersion.Unknown"/> before CONNECT.</param>
    /// <param name="maximumPacketSize">Longer packets are refused with <see cref="Violations.PacketTooLarge"/> as soon as their header is there.</param>
    /// <param name="frame">
    /// The fixed header. With <see cref="FrameStatus.NeedMore"/> it is filled as soon as it is complete, so that the caller knows
    /// how much to wait for; until then <see cref="HeaderLength"/> is 0.
    /// </param>
    /// <param name="violation">With <see cref="FrameStatus.Malformed"/>: what is wrong.</param>
    public static FrameStatus Read(
        ReadOnlySpan<byte> input, ProtocolVersion version, int maximumPacketSize, out PacketFrame frame, out Violation? violation)
    {
        frame = default;
        violation = null;
        if (input.IsEmpty) return FrameStatus.NeedMore;

        var type = (PacketType)(input[0] >> 4);
        byte flags = (byte)(input[0] & 0x0F);
        if (type == PacketType.None || (type == PacketType.Auth && version is ProtocolVersion.V31 or ProtocolVersion.V311))
            return Malformed(Violations.ReservedPacketType, out violation);
        if (CheckFlags(type, flags, version) is { } flagViolation) return Malformed(flagViolation, out violation);

        int size = VariableByteInteger.Read(input[1..], out int remainingLength);
        if (size == 0) return FrameStatus.NeedMore;
        if (size < 0) return Malformed(Violations.LengthTooLong, out violation);
        var found = new PacketFrame(type, flags, 1 + size, remainingLength);
        if (version == ProtocolVersion.V5 && !found.HasMinimalLength) return Malformed(Violations.LengthNotMinimal, out violation); // [MQTT-1.5.5-1]

        frame = found;
        if (frame.Length > maximumPacketSize) return Malformed(Violations.PacketTooLarge, out violation);
        return frame.Length <= input.Length ? FrameStatus.Complete : FrameStatus.NeedMore;
    }

    internal bool HasMinimalLength => HeaderLength == 1 + VariableByteInteger.Size(RemainingLength);

    internal static int SizeOf(int remainingLength) => 1 + VariableByteInteger.Size(remainingLength) + remainingLength;

    internal void Annotate<TSink>(TSink sink) where TSink : struct, IFieldSink
    {
        sink.Bits(FieldName.PacketType, 0, 0xF0);
        if (Type == PacketType.Publish)
        {
            sink.Bits(FieldName.Dup, 0, 0x08);
            sink.Bits(FieldName.QoS, 0, 0x06);
            sink.Bits(FieldName.Retain, 0, 0x01);
        }
        else
        {
            sink.Bits(FieldName.Flags, 0, 0x0F);
        }
        sink.Field(FieldName.RemainingLength, 1, HeaderLength - 1);
    }

    // [MQTT-2.2.2-2], 5.0: [MQTT-2.1.3-1]
    private static Violation? CheckFlags(PacketType type, byte flags, ProtocolVersion version)
    {
        if (type == PacketType.Publish)
        {
            if ((flags & 0x06) == 0x06) return Violations.PublishQoS; // [MQTT-3.3.1-4]
            return (flags & 0x0E) == 0x08 && version != ProtocolVersion.V31 ? Violations.DupAtQoS0 : null; // [MQTT-3.3.1-2]
        }
        if (flags == type.RequiredFlags()) return null;
        // MQTT 3.1 uses DUP and QoS 1 in these three, and says nothing of the other bits.
        if (version == ProtocolVersion.V31 && type is PacketType.Pubrel or PacketType.Subscribe or PacketType.Unsubscribe) return null;
        return type switch
        {
            PacketType.Pubrel => Violations.PubrelFlags,
            PacketType.Subscribe => Violations.SubscribeFlags,
            PacketType.Unsubscribe => Violations.UnsubscribeFlags,
            PacketType.Disconnect => Violations.DisconnectFlags,
            PacketType.Auth => Violations.AuthFlags,
            _ => Violations.FixedHeaderFlags,
        };
    }

    private static FrameStatus Malformed(Violation found, out Violation? violation)
    {
        violation = found;
        return FrameStatus.Malformed;
    }
}
