using Godwit.Protocol;

namespace Godwit.Broker.Storage;

/// <summary>A place in a queue.</summary>
public readonly struct StoredDelivery
{
    /// <summary>The queue: a session's or a shared subscription's number.</summary>
    public long Queue { get; init; }

    /// <summary>The place; places of one queue only ever go up.</summary>
    public long Sequence { get; init; }

    /// <summary>The message; 0 once PUBREC has come and only PUBREL and PUBCOMP are missing.</summary>
    public long MessageId { get; init; }

    /// <summary>The QoS of this delivery.</summary>
    public QoS QoS { get; init; }

    /// <summary>The RETAIN flag of this delivery.</summary>
    public bool Retain { get; init; }

    /// <summary>Bytes it counts for in the queue's limits.</summary>
    public int Size { get; init; }

    /// <summary>The subscription identifiers; null for none.</summary>
    public uint[]? Identifiers { get; init; }
}
