using Godwit.Capture.Streams;

namespace Godwit.Capture.Mqtt;

/// <summary>
/// Finds MQTT in byte streams, on any port, and turns it into packets for observers. Not thread-safe: one capture, one thread. In steady
/// state nothing is allocated for a packet.
/// </summary>
public sealed class MqttStreams : IStreamConsumerFactory
{
    /// <summary>Makes it.</summary>
    /// <param name="observers">Told of everything, in this order.</param>
    /// <param name="options">How to read.</param>
    public MqttStreams(IEnumerable<IPacketObserver> observers, MqttStreamsOptions? options = null)
    {
        Observers = [.. observers];
        Options = options ?? new MqttStreamsOptions();
        Budget = new HeldBudget(Options.MostHeld);
    }

    /// <summary>How many packets there have been.</summary>
    public long Packets { get; internal set; }

    /// <summary>Bytes that are held because their packets are not complete.</summary>
    public long Held => Budget.Held;

    internal IPacketObserver[] Observers { get; }

    internal MqttStreamsOptions Options { get; }

    internal HeldBudget Budget { get; }

    /// <inheritdoc/>
    public IStreamConsumer Open(StreamConnection connection) => new MqttStream(this, connection);
}
