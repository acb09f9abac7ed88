namespace Godwit.Broker.Telemetry;

/// <summary>The broker's counters at one moment, summed over its loops. Totals count from its start.</summary>
public sealed record BrokerStatistics
{
    /// <summary>Packets received, of every type.</summary>
    public long MessagesReceived { get; init; }

    /// <summary>Packets sent, of every type.</summary>
    public long MessagesSent { get; init; }

    /// <summary>PUBLISH packets received.</summary>
    public long PublishReceived { get; init; }

    /// <summary>PUBLISH packets sent.</summary>
    public long PublishSent { get; init; }

    /// <summary>Payload bytes of the PUBLISH packets received.</summary>
    public long PublishBytesReceived { get; init; }

    /// <summary>Payload bytes of the PUBLISH packets sent.</summary>
    public long PublishBytesSent { get; init; }

    /// <summary>Bytes received.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Bytes sent.</summary>
    public long BytesSent { get; init; }

    /// <summary>Deliveries to a session that were not made, but for QoS 0 to clients that are not connected: that is no fault of anybody.</summary>
    public long Dropped { get; init; }

    /// <summary>
    /// Deliveries to a session that were not made, for any reason. What was published, times the sessions and shared subscriptions that match,
    /// is what was delivered, what waits or is in flight, and this.
    /// </summary>
    public long Undelivered { get; init; }

    /// <summary>What was lost by reason, refused publishes included.</summary>
    public IReadOnlyDictionary<Sessions.DropReason, long> DroppedByReason { get; init; } = new Dictionary<Sessions.DropReason, long>();

    /// <summary>Connections opened.</summary>
    public long SocketsOpened { get; init; }

    /// <summary>Connections that were not let in, or had to make way before their clients had said who they are, by reason.</summary>
    public IReadOnlyDictionary<Limits.RefusalReason, long> RefusedByReason { get; init; } = new Dictionary<Limits.RefusalReason, long>();

    /// <summary>Clients that were accepted.</summary>
    public long ConnectsAccepted { get; init; }

    /// <summary>Clients connected now.</summary>
    public int ClientsConnected { get; init; }

    /// <summary>Sessions now, with or without a connection.</summary>
    public int Sessions { get; init; }

    /// <summary>Sessions that expired.</summary>
    public int SessionsExpired { get; init; }

    /// <summary>Sessions that had to go because there were too many whose clients are away.</summary>
    public int SessionsRemoved { get; init; }

    /// <summary>Subscriptions now, shared ones not counted.</summary>
    public int Subscriptions { get; init; }

    /// <summary>Memberships in shared subscriptions now.</summary>
    public int SharedSubscriptions { get; init; }

    /// <summary>Retained messages now.</summary>
    public int RetainedMessages { get; init; }

    /// <summary>Bytes of the retained messages.</summary>
    public long RetainedBytes { get; init; }

    /// <summary>Messages in memory that wait for a session beyond those in flight, retained messages included.</summary>
    public long StoredMessages { get; init; }

    /// <summary>What memory is used for.</summary>
    public Memory.MemoryUse Memory { get; init; } = new();

    /// <summary>Bytes of the stored messages, each waiting session counted.</summary>
    public long StoredBytes { get; init; }
}
