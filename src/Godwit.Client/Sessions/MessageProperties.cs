// The properties of PUBLISH and of the will (sections 3.3.2.3 and 3.1.3.2) to and from MqttMessage.
using Godwit.Protocol;
using Godwit.Protocol.Topics;

namespace Godwit.Client.Sessions;

internal static class MessageProperties
{
    /// <summary>Encodes what an application may set: no subscription identifier <c>[MQTT-3.3.4-6]</c>, no topic alias.</summary>
    /// <exception cref="ArgumentException">A value is not allowed.</exception>
    public static byte[] Encode(MqttMessage message, uint willDelay = 0)
    {
        if (!HasProperties(message) && willDelay == 0) return [];
        if (message.PayloadFormatIndicator is > 1) throw new ArgumentException("The payload format indicator is 0 or 1.", nameof(message));
        if (message.ResponseTopic is { } responseTopic && TopicName.Check(Text.Encode(responseTopic, nameof(message.ResponseTopic))) is { } violation)
            throw new ArgumentException($"{nameof(message.ResponseTopic)}: {violation}", nameof(message)); // [MQTT-3.3.2-14]
        var buffer = new PropertyBuffer();
        buffer.Add(PropertyId.WillDelayInterval, willDelay == 0 ? null : willDelay);
        buffer.Add(PropertyId.PayloadFormatIndicator, message.PayloadFormatIndicator);
        buffer.Add(PropertyId.MessageExpiryInterval, message.MessageExpiryInterval);
        buffer.Add(PropertyId.ContentType, message.ContentType); // [MQTT-3.3.2-19]
        buffer.Add(PropertyId.ResponseTopic, message.ResponseTopic); // [MQTT-3.3.2-13]
        buffer.Add(PropertyId.CorrelationData, message.CorrelationData);
        buffer.Add(message.UserProperties);
        return buffer.ToArray();
    }

    /// <summary>A received PUBLISH as a message of its own: nothing of it refers to the packet.</summary>
    public static MqttMessage Decode(in PublishPacket publish, ReadOnlySpan<byte> topic)
    {
        var message = new MqttMessage
        {
            Topic = Text.Decode(topic),
            Payload = publish.Payload.ToArray(),
            QoS = publish.QoS,
            Retain = publish.Retain,
            Dup = publish.Dup,
            PacketId = publish.PacketId,
        };
        MqttProperties properties = publish.Properties;
        if (properties.IsEmpty) return message;
        return message with
        {
            PayloadFormatIndicator = (byte?)properties.Number(PropertyId.PayloadFormatIndicator),
            MessageExpiryInterval = properties.Number(PropertyId.MessageExpiryInterval),
            ContentType = Text.Find(properties, PropertyId.ContentType),
            ResponseTopic = Text.Find(properties, PropertyId.ResponseTopic),
            CorrelationData = Text.FindBytes(properties, PropertyId.CorrelationData),
            UserProperties = Text.UserProperties(properties),
            SubscriptionIdentifiers = Identifiers(properties),
            TopicAlias = (ushort?)properties.Number(PropertyId.TopicAlias),
        };
    }

    private static bool HasProperties(MqttMessage message) =>
        message.PayloadFormatIndicator is not null || message.MessageExpiryInterval is not null || message.ContentType is not null
        || message.ResponseTopic is not null || message.CorrelationData is not null || message.UserProperties.Count > 0;

    private static List<uint> Identifiers(in MqttProperties properties)
    {
        List<uint> found = [];
        foreach (MqttProperty property in properties)
        {
            if (property.Id == PropertyId.SubscriptionIdentifier) found.Add(property.Number);
        }
        return found;
    }
}
