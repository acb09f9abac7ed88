// UNSUBSCRIBE (section 3.10), client to server:
//
//   A2 | remaining length
//   packet identifier (2)
//   [5.0: property length, properties]
//   one or more topic filters
using System.Buffers.Binary;
using Godwit.Protocol.Fields;
using Godwit.Protocol.Topics;
using Godwit.Protocol.Wire;

namespace Godwit.Protocol;

/// <summary>UNSUBSCRIBE: ends one or more subscriptions.</summary>
public readonly ref struct UnsubscribePacket
{
    /// <summary>1 to 65,535.</summary>
    public ushort PacketId { get; init; }

    /// <summary>MQTT 5 properties.</summary>
    public MqttProperties Properties { get; init; }

    /// <summary>The filters.</summary>
    public FilterList Filters { get; init; }

    private int RemainingLength(ProtocolVersion version) => 2 + FieldWriter.SizeOf(Properties, version) + Filters.Encoded.Length;

    /// <summary>Bytes of the encoded packet.</summary>
    public int Length(ProtocolVersion version) => PacketFrame.SizeOf(RemainingLength(version));

    /// <summary>Reads the packet.</summary>
    public static bool TryRead(scoped in PacketFrame frame, ReadOnlySpan<byte> packet, ProtocolVersion version, out UnsubscribePacket unsubscribe, out Violation? violation)
    {
        return TryRead(frame, packet, version, default(NoFields), out unsubscribe, out violation);
    }

    internal static bool TryRead<TSink>(
        scoped in PacketFrame frame, ReadOnlySpan<byte> packet, ProtocolVersion version, TSink sink, out UnsubscribePacket unsubscribe, out Violation? violation)
        where TSink : struct, IFieldSink
    {
        var reader = new FieldReader<TSink>(packet, frame.HeaderLength, frame.Length, version, sink);
        ushort packetId = reader.PacketId();
        MqttProperties properties = reader.Properties(PropertyOwner.Unsubscribe);
        int start = reader.Position;
        if (reader.Violation is null && reader.Remaining == 0) reader.Fail(Violations.UnsubscribeWithoutFilter); // [MQTT-3.10.3-2]
        while (reader.Remaining > 0)
        {
            ReadOnlySpan<byte> filter = reader.Binary(FieldName.TopicFilter);
            if (reader.Violation is null && TopicFilter.Check(filter, version) is { } filterViolation) reader.Fail(filterViolation);
        }
        violation = reader.Violation;
        unsubscribe = new UnsubscribePacket
        {
            PacketId = packetId,
            Properties = properties,
            Filters = new FilterList(violation is null ? reader.Between(start, frame.Length) : default),
        };
        return violation is null;
    }

    /// <summary>Writes the packet.</summary>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    public int Write(Span<byte> destination, ProtocolVersion version)
    {
        var writer = new FieldWriter(destination, PacketType.Unsubscribe, 2, RemainingLength(version));
        writer.PacketId(PacketId);
        writer.Properties(Properties, version);
        writer.Raw(Filters.Encoded);
        return writer.Length;
    }
}

/// <summary>The filters of an UNSUBSCRIBE: a view of their encoded bytes.</summary>
/// <param name="encoded">The packet's payload.</param>
public readonly ref struct FilterList(ReadOnlySpan<byte> encoded)
{
    /// <summary>The bytes as they stand in the packet.</summary>
    public ReadOnlySpan<byte> Encoded { get; } = encoded;

    /// <summary>The filters in their order.</summary>
    public Enumerator GetEnumerator() => new(Encoded);

    /// <summary>Appends one filter to a buffer.</summary>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="ArgumentException">It does not fit, or the filter has more than 65,535 bytes.</exception>
    public static int Write(Span<byte> destination, ReadOnlySpan<byte> filter)
    {
        if (filter.Length > Utf8Text.MaxLength) throw new ArgumentException("A topic filter has at most 65,535 bytes. [MQTT-4.7.3-3]", nameof(filter));
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)filter.Length);
        filter.CopyTo(destination[2..]);
        return 2 + filter.Length;
    }

    /// <summary>Walks over the filters.</summary>
    /// <param name="rest">The encoded filters.</param>
    public ref struct Enumerator(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        /// <summary>The filter reached.</summary>
        public ReadOnlySpan<byte> Current { get; private set; }

        /// <summary>Goes to the next filter.</summary>
        public bool MoveNext()
        {
            if (_rest.IsEmpty) return false;
            int length = BinaryPrimitives.ReadUInt16BigEndian(_rest);
            Current = _rest.Slice(2, length);
            _rest = _rest[(2 + length)..];
            return true;
        }
    }
}
