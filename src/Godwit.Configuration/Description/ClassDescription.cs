// The settings of a client class: limits for some clients that differ from everybody's.
using Godwit.Broker.Sessions;

namespace Godwit.Configuration.Description;

/// <summary>What can be set for a class of clients.</summary>
public static class ClassDescription
{
    private const string AsForAll = "as for all";

    /// <summary>The settings.</summary>
    public static Section Section { get; } = new("client_classes", "Clients with limits of their own; the first class that a client belongs to decides.", isList: true,
        Of<string>("client_id", new TextKind("PATTERN"), "Which client identifiers belong to it; * stands for any characters, ? for one", c => c.ClientId, (c, v) => c with { ClientId = v },
            otherwise: "all"),
        Of<string>("user_name", new TextKind("NAME"), "Which user name belongs to it", c => c.UserName, (c, v) => c with { UserName = v }, otherwise: "all"),
        Of<long>("max_queued", new NumberKind(0, int.MaxValue), "Messages that may wait for a session, in memory or in the store", c => (long?)c.MaximumQueuedMessages,
            (c, v) => c with { MaximumQueuedMessages = (int)v }),
        Of<long>("max_queued_bytes", new SizeKind(), "Bytes that may wait for a session, in memory or in the store", c => c.MaximumQueuedBytes, (c, v) => c with { MaximumQueuedBytes = v }),
        Of<long>("max_inflight", new NumberKind(1, 49_152), "QoS 1 and 2 messages on their way to one client at a time", c => (long?)c.MaximumInflight,
            (c, v) => c with { MaximumInflight = (int)v }),
        Of<long>("max_packet_size", new SizeKind(64, 268_435_460), "Largest packet that is accepted, not more than that of all", c => (long?)c.MaximumPacketSize,
            (c, v) => c with { MaximumPacketSize = (int)v }),
        Of<long>("max_subscriptions", new NumberKind(1, int.MaxValue), "Subscriptions of one session", c => (long?)c.MaximumSubscriptions,
            (c, v) => c with { MaximumSubscriptions = (int)v }),
        Of<long>("max_topic_levels", new NumberKind(1, 2000), "Levels a topic may have", c => (long?)c.MaximumTopicLevels, (c, v) => c with { MaximumTopicLevels = (int)v }),
        Of<long>("max_message_rate", new NumberKind(0, int.MaxValue), "PUBLISH, SUBSCRIBE and UNSUBSCRIBE packets a second, 0 for no limit", c => (long?)c.MaximumMessageRate,
            (c, v) => c with { MaximumMessageRate = (int)v }),
        Of<long>("max_byte_rate", new SizeKind(), "Bytes a second, 0 for no limit", c => c.MaximumByteRate, (c, v) => c with { MaximumByteRate = v }),
        Of<string>("overflow", Words.Overflow, "Which message goes when a queue is full", c => null, (c, v) => c with { OverflowPolicy = Words.ReadOverflow(v) }));

    private static Setting<ClientClass> Of<TValue>(
        string name, ValueKind kind, string help, Func<ClientClass, object?> get, Func<ClientClass, TValue, ClientClass> set, string otherwise = AsForAll) =>
        Described.As(name, kind, help, get, set, option: null, otherwise: otherwise, isReloadable: true);
}
