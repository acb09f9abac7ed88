using Godwit.Protocol;

namespace Godwit.Broker.Routing;

/// <summary>
/// Which properties of a PUBLISH or a will go on to subscribers unchanged and in their order: all but those that concern one
/// connection (topic alias, subscription identifier) or time (message expiry, will delay). <c>[MQTT-3.3.2-4]</c>
/// <c>[MQTT-3.3.2-15]</c> <c>[MQTT-3.3.2-16]</c> <c>[MQTT-3.3.2-17]</c> <c>[MQTT-3.3.2-18]</c> <c>[MQTT-3.3.2-20]</c>
/// 5.0: <c>[MQTT-3.1.3-10]</c>
/// </summary>
internal static class ForwardedProperties
{
    /// <summary>The properties without those that are not forwarded, on the heap.</summary>
    public static byte[] Of(MqttProperties properties)
    {
        byte[] kept = new byte[properties.Encoded.Length];
        return kept.AsSpan(0, Copy(properties, kept)).ToArray();
    }

    /// <summary>Copies the forwarded properties.</summary>
    /// <returns>How many bytes were written.</returns>
    public static int Copy(MqttProperties properties, Span<byte> destination)
    {
        int length = 0;
        foreach (MqttProperty property in properties)
        {
            if (!IsForwarded(property.Id)) continue;
            property.Encoded.CopyTo(destination[length..]);
            length += property.Encoded.Length;
        }
        return length;
    }

    /// <summary>Whether all of them are forwarded, so that the packet's own bytes can serve.</summary>
    public static bool AreAll(MqttProperties properties)
    {
        foreach (MqttProperty property in properties)
        {
            if (!IsForwarded(property.Id)) return false;
        }
        return true;
    }

    private static bool IsForwarded(PropertyId id) => id is not (PropertyId.TopicAlias or PropertyId.MessageExpiryInterval
        or PropertyId.SubscriptionIdentifier or PropertyId.WillDelayInterval);
}
