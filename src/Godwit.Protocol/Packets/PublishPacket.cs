// PUBLISH (section 3.3), both ways:
//
//   30 + flags (DUP 08 | QoS 06 | RETAIN 01) | remaining length
//   topic name
//   [QoS 1, 2: packet identifier (2)]
//   [5.0: property length, properties]
//   application message: the rest
using Godwit.Protocol.Fields;
using Godwit.Protocol.Topics;
using Godwit.Protocol.Wire;

namespace Godwit.Protocol;

/// <summary>PUBLISH: one application message.</summary>
public readonly ref struct PublishPacket
{
    /// <summary>This is, or may be, a repetition. <c>[MQTT-3.3.1-1]</c></summary>
    public bool Dup { get; init; }

    /// <summary>The Quality of Service.</summary>
    public QoS QoS { get; init; }

    /// <summary>The RETAIN flag.</summary>
    public bool Retain { get; init; }

    /// <summary>The topic name; in MQTT 5 empty when a topic alias stands for it.</summary>
    public ReadOnlySpan<byte> Topic { get; init; }

    /// <summary>1 to 65,535 at QoS 1 and 2; 0 at QoS 0, where there is none. <c>[MQTT-2.3.1-5]</c></summary>
    public ushort PacketId { get; init; }

    /// <summary>MQTT 5 properties.</summary>
    public MqttProperties Properties { get; init; }

    /// <summary>The application message.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    private int RemainingLength(ProtocolVersion version) =>
        2 + Topic.Length + (QoS == QoS.AtMostOnce ? 0 : 2) + FieldWriter.SizeOf(Properties, version) + Payload.Length;

    /// <summary>Bytes of the encoded packet.</summary>
    public int Length(ProtocolVersion version) => PacketFrame.SizeOf(RemainingLength(version));

    /// <summary>Reads the packet.</summary>
    /// <param name="frame">Its fixed header, from <see cref="PacketFrame.Read"/>, which has checked the flags.</param>
    /// <param name="packet">Its bytes from the first on.</param>
    /// <param name="version">The connection's protocol version.</param>
    /// <param name="publish">The packet: views of <paramref name="packet"/>.</param>
    /// <param name="violation">What is wrong, when the result is false.</param>
    public static bool TryRead(scoped in PacketFrame frame, ReadOnlySpan<byte> packet, ProtocolVersion version, out PublishPacket publish, out Violation? violation)
    {
        return TryRead(frame, packet, version, default(NoFields), out publish, out violation);
    }

    internal static bool TryRead<TSink>(
        scoped in PacketFrame frame, ReadOnlySpan<byte> packet, ProtocolVersion version, TSink sink, out PublishPacket publish, out Violation? violation)
        where TSink : struct, IFieldSink
    {
        var reader = new FieldReader<TSink>(packet, frame.HeaderLength, frame.Length, version, sink);
        var qos = (QoS)(frame.Flags >> 1 & 3);
        ReadOnlySpan<byte> topic = reader.Binary(FieldName.TopicName);
        bool mayBeEmpty = version == ProtocolVersion.V5; // then an alias must stand for it, checked below
        if (!(topic.IsEmpty && mayBeEmpty) && reader.Violation is null && TopicName.Check(topic) is { } topicViolation) reader.Fail(topicViolation);
        ushort packetId = qos == QoS.AtMostOnce ? (ushort)0 : reader.PacketId();
        MqttProperties properties = reader.Properties(PropertyOwner.Publish);
        if (topic.IsEmpty && reader.Violation is null && !properties.TryFind(PropertyId.TopicAlias, out _))
            reader.Fail(Violations.EmptyTopicName);
        ReadOnlySpan<byte> payload = reader.Rest(FieldName.ApplicationMessage);
        violation = reader.Violation;
        publish = new PublishPacket
        {
            Dup = (frame.Flags & 8) != 0,
            QoS = qos,
            Retain = (frame.Flags & 1) != 0,
            Topic = topic,
            PacketId = packetId,
            Properties = properties,
            Payload = payload,
        };
        return violation is null;
    }

    /// <summary>Writes the packet.</summary>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="ArgumentException">It does not fit, or the topic is too long.</exception>
    public int Write(Span<byte> destination, ProtocolVersion version)
    {
        int headerLength = WriteHeader(destination, version, Payload.Length);
        if (destination.Length - headerLength < Payload.Length) throw new ArgumentException("The destination is too short for the payload.", nameof(destination));
        Payload.CopyTo(destination[headerLength..]);
        return headerLength + Payload.Length;
    }

    /// <summary>Bytes in front of the payload.</summary>
    public int HeaderLength(ProtocolVersion version) => Length(version) - Payload.Length;

    /// <summary>
    /// Writes everything in front of a payload of the given length, for a sender that passes the payload on by reference.
    /// </summary>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="ArgumentException">It does not fit, or the topic is too long.</exception>
    public int WriteHeader(Span<byte> destination, ProtocolVersion version, int payloadLength)
    {
        int remainingLength = RemainingLength(version) - Payload.Length + payloadLength;
        var writer = new FieldWriter(destination, PacketType.Publish, (Dup ? 8 : 0) | (int)QoS << 1 | (Retain ? 1 : 0), remainingLength, payloadLength);
        writer.Prefixed(Topic);
        if (QoS != QoS.AtMostOnce) writer.PacketId(PacketId);
        writer.Properties(Properties, version);
        return writer.Length;
    }
}
