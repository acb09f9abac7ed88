using Godwit.Capture.Streams;

namespace Godwit.Capture.Mqtt;

/// <summary>
/// Finds MQTT in byte streams, on any port, and turns it into packets for observers. Not thread-safe: one capture, one thread. In steady
/// state nothing is allocated for a packet.
/// </summary>
public sealed class MqttStreams : IStreamConsumerFactory
{
    private readonly IContentTakeover? _takeover;

    /// <summary>Makes it.</summary>
    /// <param name="observers">Told of everything, in this order.</param>
    /// <param name="options">How to read.</param>
    /// <param name="takeover">Takes connections over that carry MQTT inside TLS or WebSocket; null to leave those.</param>
    public MqttStreams(IEnumerable<IPacketObserver> observers, MqttStreamsOptions? options = null, IContentTakeover? takeover = null)
    {
        Observers = [.. observers];
        Options = options ?? new MqttStreamsOptions();
        Budget = new HeldBudget(Options.MostHeld);
        _takeover = takeover;
    }

    /// <summary>How many packets there have been.</summary>
    public long Packets { get; internal set; }

    /// <summary>Bytes that are held because their packets are not complete.</summary>
    public long Held => Budget.Held;

    internal IPacketObserver[] Observers { get; }

    internal MqttStreamsOptions Options { get; }

    internal HeldBudget Budget { get; }

    /// <inheritdoc/>
    public IStreamConsumer Open(StreamConnection connection) => new MqttStream(this, connection, isEncrypted: false);

    internal IStreamConsumer? TakeOver(ContentKind kind, StreamConnection connection, bool isEncrypted) =>
        kind is ContentKind.Tls or ContentKind.WebSocketUpgrade or ContentKind.ProxyProtocol
            ? _takeover?.TryOpen(kind, connection, new Inner(this, isEncrypted || kind == ContentKind.Tls))
            : null;

    // Makes the consumers of what is inside.
    private sealed class Inner(MqttStreams owner, bool isEncrypted) : IStreamConsumerFactory
    {
        public IStreamConsumer Open(StreamConnection connection) => new MqttStream(owner, connection, isEncrypted);
    }
}
