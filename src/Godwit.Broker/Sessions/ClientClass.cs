// Limits for some clients that differ from everybody's: the first class that a client belongs to decides, when it connects.
using Godwit.Broker.Auth;

namespace Godwit.Broker.Sessions;

/// <summary>Clients with limits of their own, in <see cref="BrokerOptions.ClientClasses"/>. What is null is as for everybody.</summary>
public sealed record ClientClass
{
    /// <summary>Which client identifiers belong to it; <c>*</c> stands for any characters, <c>?</c> for one. Null: all of them.</summary>
    public string? ClientId { get; init; }

    /// <summary>Which user name belongs to it. Null: all of them, and clients without one.</summary>
    public string? UserName { get; init; }

    /// <summary>Messages that may wait for a session, in memory or in the store.</summary>
    public int? MaximumQueuedMessages { get; init; }

    /// <summary>Bytes of the messages that may wait for a session, in memory or in the store.</summary>
    public long? MaximumQueuedBytes { get; init; }

    /// <inheritdoc cref="BrokerOptions.MaximumInflight"/>
    public int? MaximumInflight { get; init; }

    /// <summary>Bytes of the largest packet accepted from the client; not more than <see cref="BrokerOptions.MaximumPacketSize"/>.</summary>
    public int? MaximumPacketSize { get; init; }

    /// <summary>Subscriptions of one session.</summary>
    public int? MaximumSubscriptions { get; init; }

    /// <summary>Levels of the topics and filters that the client uses.</summary>
    public int? MaximumTopicLevels { get; init; }

    /// <inheritdoc cref="BrokerOptions.MaximumMessageRate"/>
    public int? MaximumMessageRate { get; init; }

    /// <inheritdoc cref="BrokerOptions.MaximumByteRate"/>
    public long? MaximumByteRate { get; init; }

    /// <summary>What happens when a queue is full.</summary>
    public OverflowPolicy? OverflowPolicy { get; init; }

    /// <summary>Whether a client belongs to the class.</summary>
    internal bool Includes(ClientIdentity client) =>
        (UserName is null || UserName == client.UserName)
        && (ClientId is null || ClientIdPattern.Matches(ClientId, client.ClientId));
}

/// <summary>What holds for one client.</summary>
internal sealed record ClientLimits(
    long QueuedMessages, long QueuedBytes, long StoredMessages, long StoredBytes, int Inflight, int PacketSize, int Subscriptions, int TopicLevels,
    OverflowPolicy Overflow, int MessageRate, long ByteRate)
{
    /// <summary>Those of everybody.</summary>
    public static ClientLimits Of(BrokerOptions options) => new(
        options.MaximumQueuedMessages, options.MaximumQueuedBytes, options.MaximumStoredMessages, options.MaximumStoredBytes, options.MaximumInflight,
        options.MaximumPacketSize, options.MaximumSubscriptions, options.MaximumTopicLevels, options.OverflowPolicy,
        options.MaximumMessageRate, options.MaximumByteRate);

    /// <summary>Those of a class.</summary>
    public ClientLimits With(ClientClass own) => new(
        own.MaximumQueuedMessages ?? QueuedMessages, own.MaximumQueuedBytes ?? QueuedBytes, own.MaximumQueuedMessages ?? StoredMessages,
        own.MaximumQueuedBytes ?? StoredBytes, own.MaximumInflight ?? Inflight, own.MaximumPacketSize ?? PacketSize,
        own.MaximumSubscriptions ?? Subscriptions, own.MaximumTopicLevels ?? TopicLevels, own.OverflowPolicy ?? Overflow,
        own.MaximumMessageRate ?? MessageRate, own.MaximumByteRate ?? ByteRate);
}

/// <summary>The limits of all classes, made once: clients share them.</summary>
internal sealed class ClientClasses(BrokerOptions options)
{
    private readonly ClientLimits _everybody = ClientLimits.Of(options);
    private readonly (ClientClass Class, ClientLimits Limits)[] _classes = [.. options.ClientClasses.Select(c => (c, ClientLimits.Of(options).With(c)))];

    /// <summary>What holds for a client.</summary>
    public ClientLimits LimitsOf(ClientIdentity client)
    {
        foreach ((ClientClass own, ClientLimits limits) in _classes)
        {
            if (own.Includes(client)) return limits;
        }
        return _everybody;
    }
}
