using Godwit.Broker.Sessions;

namespace Godwit.Broker.Telemetry;

/// <summary>What the broker knows of one client: its session, with or without a connection.</summary>
public sealed record ClientStatistics
{
    /// <summary>The client identifier.</summary>
    public required string ClientId { get; init; }

    /// <summary>The user name of the latest connection; null without one.</summary>
    public string? UserName { get; init; }

    /// <summary>Whether it is connected now.</summary>
    public bool IsConnected { get; init; }

    /// <summary>How many subscriptions it has.</summary>
    public int Subscriptions { get; init; }

    /// <summary>QoS 1 and 2 messages sent to it and not acknowledged.</summary>
    public int InFlight { get; init; }

    /// <summary>Messages that wait for it beyond those in flight.</summary>
    public int Queued { get; init; }

    /// <summary>Bytes of the waiting messages.</summary>
    public long QueuedBytes { get; init; }

    /// <summary>Messages that were not delivered to it, by reason; reasons that did not occur are left out.</summary>
    public IReadOnlyDictionary<DropReason, long> Dropped { get; init; } = new Dictionary<DropReason, long>();

    internal static ClientStatistics Of(ClientSession session) => new()
    {
        ClientId = session.ClientId,
        UserName = session.Identity.UserName,
        IsConnected = session.Connection is not null,
        Subscriptions = session.Subscriptions.Count,
        InFlight = session.InFlight,
        Queued = session.QueuedMessages,
        QueuedBytes = session.QueuedBytes,
        Dropped = session.Drops is { } drops
            ? Enum.GetValues<DropReason>().Where(r => drops[r] > 0).ToDictionary(r => r, r => drops[r])
            : new Dictionary<DropReason, long>(),
    };
}
