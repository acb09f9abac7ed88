// Writes packet fields into a span that the packet has measured before. The counterpart of FieldReader.
using System.Buffers.Binary;

namespace Godwit.Protocol.Wire;

internal ref struct FieldWriter
{
    private readonly Span<byte> _destination;

    /// <summary>Begins a packet with its fixed header.</summary>
    /// <exception cref="ArgumentException">The packet is longer than the protocol allows, or does not fit.</exception>
    /// <param name="destination">Where to write.</param>
    /// <param name="type">The packet type.</param>
    /// <param name="flags">The fixed header's flags.</param>
    /// <param name="remainingLength">The remaining length to announce.</param>
    /// <param name="writtenElsewhere">Bytes at the packet's end that the caller writes, so that they need no room here.</param>
    public FieldWriter(Span<byte> destination, PacketType type, int flags, int remainingLength, int writtenElsewhere = 0)
    {
        if (remainingLength > VariableByteInteger.MaxValue)
            throw new ArgumentException($"{type.Name()} would have {remainingLength:N0} bytes; 268,435,455 is the longest packet (section 2.1.4).");
        int needed = PacketFrame.SizeOf(remainingLength) - writtenElsewhere;
        if (destination.Length < needed)
            throw new ArgumentException($"{type.Name()} needs {needed} bytes, the destination has {destination.Length}.", nameof(destination));
        _destination = destination;
        destination[0] = (byte)((int)type << 4 | flags);
        Length = 1 + VariableByteInteger.Write(destination[1..], remainingLength);
    }

    public int Length { get; private set; }

    public void Byte(int value) => _destination[Length++] = (byte)value;

    public void UInt16(int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_destination[Length..], (ushort)value);
        Length += 2;
    }

    /// <summary>A packet identifier. <c>[MQTT-2.3.1-1]</c> <c>[MQTT-2.2.1-3]</c></summary>
    /// <exception cref="ArgumentException">It is 0.</exception>
    public void PacketId(ushort id)
    {
        if (id == 0) throw new ArgumentException("A packet identifier is 1 to 65,535 (section 2.2.1).");
        UInt16(id);
    }

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_destination[Length..]);
        Length += bytes.Length;
    }

    /// <summary>A string or binary data with its length in front.</summary>
    /// <exception cref="ArgumentException">Longer than 65,535 bytes.</exception>
    public void Prefixed(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > Utf8Text.MaxLength)
            throw new ArgumentException($"A string or binary field has {bytes.Length:N0} bytes; 65,535 is the longest (section 1.5.4).");
        UInt16(bytes.Length);
        Raw(bytes);
    }

    /// <summary>The properties with their length in front; nothing before MQTT 5. <c>5.0: [MQTT-2.2.2-1]</c></summary>
    public void Properties(MqttProperties properties, ProtocolVersion version)
    {
        if (version != ProtocolVersion.V5) return;
        Length += VariableByteInteger.Write(_destination[Length..], properties.Encoded.Length);
        Raw(properties.Encoded);
    }

    /// <summary>What <see cref="Properties"/> will take.</summary>
    public static int SizeOf(MqttProperties properties, ProtocolVersion version) =>
        version == ProtocolVersion.V5 ? VariableByteInteger.Size(properties.Encoded.Length) + properties.Encoded.Length : 0;
}
