using Godwit.Protocol;

namespace Godwit.Broker.Storage;

/// <summary>A message on its way to or from a store: a view of somebody else's bytes.</summary>
public readonly ref struct StoredMessage
{
    /// <summary>The topic name in UTF-8.</summary>
    public ReadOnlySpan<byte> Topic { get; init; }

    /// <summary>The MQTT 5 properties that are passed on unchanged, encoded as in a PUBLISH, without their length.</summary>
    public ReadOnlySpan<byte> Properties { get; init; }

    /// <summary>The application message.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>The QoS it was published with.</summary>
    public QoS QoS { get; init; }

    /// <summary>The RETAIN flag it was published with.</summary>
    public bool Retain { get; init; }

    /// <summary>The client identifier of who published it; null for the broker itself.</summary>
    public string? PublisherId { get; init; }

    /// <summary>When it came, in Unix milliseconds.</summary>
    public long ReceivedAt { get; init; }

    /// <summary>When it expires, in Unix milliseconds; null for never.</summary>
    public long? ExpiresAt { get; init; }
}
