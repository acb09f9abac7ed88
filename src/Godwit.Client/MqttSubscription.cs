using Godwit.Protocol;

namespace Godwit.Client;

/// <summary>What to subscribe to.</summary>
/// <param name="Filter">The topic filter; <c>$share/NAME/FILTER</c> for a shared subscription of MQTT 5.</param>
/// <param name="MaximumQoS">The highest QoS for delivery; default 0.</param>
public sealed record MqttSubscription(string Filter, QoS MaximumQoS = QoS.AtMostOnce)
{
    /// <summary>MQTT 5: do not send back what this client publishes; default false.</summary>
    public bool NoLocal { get; init; }

    /// <summary>MQTT 5: keep the RETAIN flag as it was published; default false.</summary>
    public bool RetainAsPublished { get; init; }

    /// <summary>MQTT 5: when retained messages are sent; default whenever the subscription is made.</summary>
    public RetainHandling RetainHandling { get; init; }

    internal SubscriptionOptions OptionsFor(ProtocolVersion version) =>
        version == ProtocolVersion.V5 ? new(MaximumQoS, NoLocal, RetainAsPublished, RetainHandling) : new(MaximumQoS);
}
