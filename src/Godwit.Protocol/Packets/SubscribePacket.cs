// SUBSCRIBE (section 3.8), client to server:
//
//   82 | remaining length
//   packet identifier (2)
//   [5.0: property length, properties]
//   one or more of: topic filter | options
//
//   options: retain handling 30 | retain as published 08 | no local 04 | maximum QoS 03      3.x: QoS 03 only
using System.Buffers.Binary;
using Godwit.Protocol.Fields;
using Godwit.Protocol.Topics;
using Godwit.Protocol.Wire;

namespace Godwit.Protocol;

/// <summary>SUBSCRIBE: one or more subscriptions.</summary>
public readonly ref struct SubscribePacket
{
    /// <summary>1 to 65,535.</summary>
    public ushort PacketId { get; init; }

    /// <summary>MQTT 5 properties.</summary>
    public MqttProperties Properties { get; init; }

    /// <summary>The filters with their options.</summary>
    public SubscriptionList Subscriptions { get; init; }

    private int RemainingLength(ProtocolVersion version) => 2 + FieldWriter.SizeOf(Properties, version) + Subscriptions.Encoded.Length;

    /// <summary>Bytes of the encoded packet.</summary>
    public int Length(ProtocolVersion version) => PacketFrame.SizeOf(RemainingLength(version));

    /// <summary>Reads the packet.</summary>
    public static bool TryRead(scoped in PacketFrame frame, ReadOnlySpan<byte> packet, ProtocolVersion version, out SubscribePacket subscribe, out Violation? violation)
    {
        return TryRead(frame, packet, version, default(NoFields), out subscribe, out violation);
    }

    internal static bool TryRead<TSink>(
        scoped in PacketFrame frame, ReadOnlySpan<byte> packet, ProtocolVersion version, TSink sink, out SubscribePacket subscribe, out Violation? violation)
        where TSink : struct, IFieldSink
    {
        var reader = new FieldReader<TSink>(packet, frame.HeaderLength, frame.Length, version, sink);
        ushort packetId = reader.PacketId();
        MqttProperties properties = reader.Properties(PropertyOwner.Subscribe);
        int start = reader.Position;
        if (reader.Violation is null && reader.Remaining == 0) reader.Fail(Violations.SubscribeWithoutFilter); // [MQTT-3.8.3-3], 5.0: [MQTT-3.8.3-2]
        while (reader.Remaining > 0)
        {
            ReadOnlySpan<byte> filter = reader.Binary(FieldName.TopicFilter);
            if (reader.Violation is null && TopicFilter.Check(filter, version) is { } filterViolation) reader.Fail(filterViolation);
            byte options = reader.FlagByte();
            if (reader.Violation is not null) break;
            reader.Bits(FieldName.Reserved, version == ProtocolVersion.V5 ? (byte)0xC0 : (byte)0xFC);
            if (version == ProtocolVersion.V5)
            {
                reader.Bits(FieldName.RetainHandling, 0x30);
                reader.Bits(FieldName.RetainAsPublished, 0x08);
                reader.Bits(FieldName.NoLocal, 0x04);
            }
            reader.Bits(FieldName.MaximumQoS, 0x03);
            if (SubscriptionOptions.Check(options, filter, version) is { } optionViolation) reader.Fail(optionViolation);
        }
        violation = reader.Violation;
        subscribe = new SubscribePacket
        {
            PacketId = packetId,
            Properties = properties,
            Subscriptions = new SubscriptionList(violation is null ? reader.Between(start, frame.Length) : default),
        };
        return violation is null;
    }

    /// <summary>Writes the packet.</summary>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    public int Write(Span<byte> destination, ProtocolVersion version)
    {
        var writer = new FieldWriter(destination, PacketType.Subscribe, 2, RemainingLength(version));
        writer.PacketId(PacketId);
        writer.Properties(Properties, version);
        writer.Raw(Subscriptions.Encoded);
        return writer.Length;
    }
}

/// <summary>When retained messages are sent for a subscription (MQTT 5 section 3.8.3.1).</summary>
public enum RetainHandling : byte
{
    /// <summary>0: whenever it is made. <c>5.0: [MQTT-3.3.1-9]</c></summary>
    Send = 0,

    /// <summary>1: only if it did not exist before. <c>5.0: [MQTT-3.3.1-10]</c></summary>
    SendIfNew = 1,

    /// <summary>2: never. <c>5.0: [MQTT-3.3.1-11]</c></summary>
    DoNotSend = 2,
}

/// <summary>The options byte of a subscription.</summary>
/// <param name="MaximumQoS">The highest QoS for delivery.</param>
/// <param name="NoLocal">Do not send back what this client published.</param>
/// <param name="RetainAsPublished">Forward the RETAIN flag as it came.</param>
/// <param name="RetainHandling">When retained messages are sent.</param>
public readonly record struct SubscriptionOptions(
    QoS MaximumQoS, bool NoLocal = false, bool RetainAsPublished = false, RetainHandling RetainHandling = RetainHandling.Send)
{
    /// <summary>The options as a byte.</summary>
    public byte Encoded => (byte)((int)MaximumQoS | (NoLocal ? 4 : 0) | (RetainAsPublished ? 8 : 0) | (int)RetainHandling << 4);

    /// <summary>The QoS of a delivery: the lower of published and granted. <c>[MQTT-3.8.4-6]</c>, 5.0: <c>[MQTT-3.8.4-8]</c></summary>
    public QoS DeliveryQoS(QoS published) => published < MaximumQoS ? published : MaximumQoS;

    /// <summary>The options from a byte that has been checked.</summary>
    public static SubscriptionOptions FromByte(byte value) =>
        new((QoS)(value & 3), (value & 4) != 0, (value & 8) != 0, (RetainHandling)(value >> 4 & 3));

    internal static Violation? Check(byte options, ReadOnlySpan<byte> filter, ProtocolVersion version)
    {
        int reserved = version == ProtocolVersion.V5 ? 0xC0 : 0xFC;
        if ((options & reserved) != 0) return Violations.SubscriptionOptions; // [MQTT-3.8.3-4], 5.0: [MQTT-3.8.3-5]
        if ((options & 3) == 3) return Violations.SubscriptionQoS; // 3.1.1: [MQTT-3.8.3-4]
        if (version != ProtocolVersion.V5) return null;
        if ((options & 0x30) == 0x30) return Violations.RetainHandling;
        return (options & 4) != 0 && TopicFilter.IsShared(filter) ? Violations.NoLocalOnShared : null; // 5.0: [MQTT-3.8.3-4]
    }
}

/// <summary>The filters of a SUBSCRIBE with their options: a view of their encoded bytes.</summary>
/// <param name="encoded">The packet's payload.</param>
public readonly ref struct SubscriptionList(ReadOnlySpan<byte> encoded)
{
    /// <summary>The bytes as they stand in the packet.</summary>
    public ReadOnlySpan<byte> Encoded { get; } = encoded;

    /// <summary>The subscriptions in their order.</summary>
    public Enumerator GetEnumerator() => new(Encoded);

    /// <summary>Appends one subscription to a buffer.</summary>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="ArgumentException">It does not fit, or the filter has more than 65,535 bytes.</exception>
    public static int Write(Span<byte> destination, ReadOnlySpan<byte> filter, SubscriptionOptions options)
    {
        if (destination.Length < filter.Length + 3) throw new ArgumentException("The destination is too short for the subscription.", nameof(destination));
        int length = FilterList.Write(destination, filter);
        destination[length] = options.Encoded;
        return length + 1;
    }

    /// <summary>Walks over the subscriptions.</summary>
    /// <param name="rest">The encoded subscriptions.</param>
    public ref struct Enumerator(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> _rest = rest;

        /// <summary>The subscription reached.</summary>
        public RequestedSubscription Current { get; private set; }

        /// <summary>Goes to the next subscription.</summary>
        public bool MoveNext()
        {
            if (_rest.IsEmpty) return false;
            int length = BinaryPrimitives.ReadUInt16BigEndian(_rest);
            Current = new RequestedSubscription(_rest.Slice(2, length), SubscriptionOptions.FromByte(_rest[2 + length]));
            _rest = _rest[(3 + length)..];
            return true;
        }
    }
}

/// <summary>One entry of a SUBSCRIBE.</summary>
/// <param name="filter">The topic filter, <c>$share/NAME/</c> included.</param>
/// <param name="options">Its options.</param>
public readonly ref struct RequestedSubscription(ReadOnlySpan<byte> filter, SubscriptionOptions options)
{
    /// <summary>The topic filter, <c>$share/NAME/</c> included.</summary>
    public ReadOnlySpan<byte> Filter { get; } = filter;

    /// <summary>Its options.</summary>
    public SubscriptionOptions Options { get; } = options;
}
