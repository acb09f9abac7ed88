namespace Godwit.Client;

/// <summary>What the server publishes in the client's name when its connection is lost (section 3.1.2.5).</summary>
/// <param name="Message">The message.</param>
public sealed record MqttWill(MqttMessage Message)
{
    /// <summary>Seconds that the server waits, MQTT 5, so that a client that comes back in time has none; default 0.</summary>
    public uint DelayInterval { get; init; }
}
