using System.Text;
using System.Text.Json.Serialization;
using Godwit.Broker.Connections;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Protocol;

namespace Godwit.Broker.Control;

/// <summary>A session in a list.</summary>
public sealed record SessionSummary
{
    /// <summary>The client identifier.</summary>
    public required string ClientId { get; init; }

    /// <summary>The user name of the latest connection; null without one.</summary>
    public string? UserName { get; init; }

    /// <summary>Whether its client is connected.</summary>
    public required bool Connected { get; init; }

    /// <summary>Since when it is connected, or away.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>How often the client has connected to this session.</summary>
    public required int Connects { get; init; }

    /// <summary>Seconds that it outlives its connection; null for ever.</summary>
    public uint? ExpiryInterval { get; init; }

    /// <summary>How many subscriptions it has.</summary>
    public required int Subscriptions { get; init; }

    /// <summary>QoS 1 and 2 messages sent and not acknowledged.</summary>
    public required int InFlight { get; init; }

    /// <summary>Messages that wait beyond those.</summary>
    public required int Queued { get; init; }

    /// <summary>Their bytes.</summary>
    public required long QueuedBytes { get; init; }

    /// <summary>Messages that were not delivered to it, and its client's that were refused.</summary>
    public required long Lost { get; init; }

    internal static SessionSummary Of(ClientSession session, Func<long, DateTimeOffset> clock) => new()
    {
        ClientId = session.ClientId,
        UserName = session.Identity.UserName,
        Connected = session.Connection is not null,
        Since = clock(session.Since),
        Connects = session.Connects,
        ExpiryInterval = session.ExpiryInterval == uint.MaxValue ? null : session.ExpiryInterval,
        Subscriptions = session.Subscriptions.Count,
        InFlight = session.InFlight,
        Queued = session.QueuedMessages,
        QueuedBytes = session.QueuedBytes,
        Lost = session.Drops?.Total ?? 0,
    };
}

/// <summary>The answer of <c>sessions</c>.</summary>
/// <param name="Sessions">Some of the sessions, in no order.</param>
/// <param name="Cursor">Where to go on; null at the end.</param>
public sealed record SessionPage(IReadOnlyList<SessionSummary> Sessions, string? Cursor = null);

/// <summary>The answer of <c>session</c>.</summary>
/// <param name="Session">The session.</param>
/// <param name="Address">Where its client is connected from; null if it is not, or within the broker's process.</param>
/// <param name="Waiting">The messages that wait and go first, at most ten.</param>
/// <param name="History">Its client's last connections that have ended, the newest first, at most ten, as far as the broker still knows.</param>
public sealed record SessionDetails(
    SessionSummary Session, string? Address, IReadOnlyList<WaitingMessage> Waiting, IReadOnlyList<EndedConnection> History)
{
    private const int Most = 10;

    internal static SessionDetails Of(ClientSession session, Func<long, DateTimeOffset> clock) => new(
        SessionSummary.Of(session, clock), session.Connection?.RemoteEndPoint?.ToString(), [.. session.NextWaiting(Most).Select(WaitingMessage.Of)],
        session.Shard.Ended.Find(session.ClientId, Most, clock));
}

/// <summary>A message that waits for a session.</summary>
/// <param name="Topic">Its topic.</param>
/// <param name="Size">Bytes of its payload.</param>
/// <param name="QoS">The QoS it will be delivered with.</param>
/// <param name="Publisher">Who published it; null for the broker itself.</param>
public sealed record WaitingMessage(string Topic, int Size, [property: JsonPropertyName("qos")] QoS QoS, string? Publisher)
{
    internal static WaitingMessage Of(Delivery delivery)
    {
        Publication message = delivery.Publication!;
        return new WaitingMessage(Encoding.UTF8.GetString(message.Topic), message.Payload.Length, delivery.QoS, message.PublisherId);
    }
}

/// <summary>A subscription of a session.</summary>
/// <param name="Filter">The filter.</param>
/// <param name="QoS">The highest QoS for delivery.</param>
public sealed record SubscriptionSummary(string Filter, [property: JsonPropertyName("qos")] QoS QoS)
{
    internal static SubscriptionSummary Of(Subscription subscription) => new(subscription.FilterText, subscription.Options.MaximumQoS);
}

/// <summary>The answer of <c>subscriptions</c>.</summary>
/// <param name="Subscriptions">Some of the session's subscriptions.</param>
/// <param name="Cursor">Where to go on; null at the end.</param>
public sealed record SubscriptionPage(IReadOnlyList<SubscriptionSummary> Subscriptions, string? Cursor = null);

/// <summary>The answer of <c>delete-session</c>.</summary>
/// <param name="Deleted">The client identifier of the session that is no more.</param>
public sealed record SessionDeletion(string Deleted);
