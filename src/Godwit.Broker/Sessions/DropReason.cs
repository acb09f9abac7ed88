// Why messages are not delivered. A new reason is one member and one line of the table below; counters, ledger, $SYS, log and tools
// follow.
namespace Godwit.Broker.Sessions;

/// <summary>
/// Why a message was not delivered. Every loss is counted by client and reason, and in the ledger by topic too. Most are deliveries, one
/// of a message to one session; the last ones are publishes that got no further than the broker.
/// </summary>
public enum DropReason
{
    /// <summary>The session's queue was full; the overflow policy decided which message had to go.</summary>
    QueueFull,

    /// <summary>QoS 0 for a client that does not read fast enough.</summary>
    SlowConsumer,

    /// <summary>The message expired before it could be sent. <c>[MQTT-3.3.2-5]</c></summary>
    Expired,

    /// <summary>Larger than the client's Maximum Packet Size. <c>[MQTT-3.1.2-25]</c></summary>
    PacketTooLarge,

    /// <summary>
    /// The session ended with messages still waiting: a clean start, or the end of a connection that it did not outlive. Of a shared
    /// subscription: its last member has gone.
    /// </summary>
    SessionEnded,

    /// <summary>The session expired with messages still waiting.</summary>
    SessionExpired,

    /// <summary>There were too many sessions whose clients are away, and this one had to go.</summary>
    SessionRemoved,

    /// <summary>An administrator deleted the session.</summary>
    SessionDeleted,

    /// <summary>Sent, but the session ended before the client acknowledged it: the client may or may not have it.</summary>
    Unacknowledged,

    /// <summary>QoS 0 for a session whose client is not connected.</summary>
    Offline,

    /// <summary>The client refused it: PUBACK or PUBREC with an error.</summary>
    Refused,

    /// <summary>A hook dropped it on its way to the client.</summary>
    HookRefused,

    /// <summary>QoS 0 for a shared subscription none of whose members could take it.</summary>
    NoMemberAvailable,

    /// <summary>The store could not keep it.</summary>
    StoreFailed,

    /// <summary>The broker stopped while it waited in memory.</summary>
    BrokerStopped,

    /// <summary>The broker's memory budget was used, and this is what had to go.</summary>
    Memory,

    /// <summary>The client has subscribed to it, by a wildcard for example, but may not receive its topic.</summary>
    NotAuthorizedToReceive,

    /// <summary>A publish (or will) to a topic that its client may not publish to. Counted once, whoever has subscribed.</summary>
    NotAuthorized,

    /// <summary>A publish that a hook refused. Counted once, whoever has subscribed.</summary>
    PublishRefused,

    /// <summary>Delivered, but not retained: the limit of retained messages is reached, or the memory budget used.</summary>
    NotRetained,
}

/// <summary>The words of each <see cref="DropReason"/>.</summary>
public static class DropReasons
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<DropReason> All { get; } = Enum.GetValues<DropReason>();

    private static readonly (string Name, bool IsDelivery, string Text)[] Table =
    [
        ("queue-full", true, "the queue is full"),
        ("slow-consumer", true, "the client does not read fast enough"),
        ("expired", true, "expired"),
        ("packet-too-large", true, "larger than the client's Maximum Packet Size"),
        ("session-ended", true, "the session ended"),
        ("session-expired", true, "the session expired"),
        ("session-removed", true, "too many clients were away, and the session had to go"),
        ("session-deleted", true, "an administrator deleted the session"),
        ("unacknowledged", true, "sent, but not acknowledged before the session ended"),
        ("offline", true, "QoS 0 while the client is not connected"),
        ("refused", true, "refused by the client"),
        ("hook-refused", true, "dropped by a hook"),
        ("no-member-available", true, "no member of the shared subscription could take it"),
        ("store-failed", true, "the store could not keep it"),
        ("broker-stopped", true, "the broker stopped while it waited in memory"),
        ("memory", true, "the memory budget was used"),
        ("not-authorized-to-receive", true, "the client may not receive the topic"),
        ("not-authorized", false, "the client may not publish there"),
        ("publish-refused", false, "refused by a hook"),
        ("not-retained", false, "not retained, there are too many retained messages or too little memory"),
    ];

    /// <summary>Its name in <c>$SYS</c>, JSON and tables.</summary>
    public static string Name(this DropReason reason) => Table[(int)reason].Name;

    /// <summary>The reason of that name; null if there is none.</summary>
    public static DropReason? Parse(string? name) => Array.FindIndex(Table, row => row.Name == name) is >= 0 and var place ? (DropReason)place : null;

    /// <summary>Whether it ends a delivery to one session; otherwise a publish, before there are deliveries.</summary>
    public static bool IsDelivery(this DropReason reason) => Table[(int)reason].IsDelivery;

    /// <summary>Completes the sentence "messages were not delivered: ...".</summary>
    public static string Text(this DropReason reason) => Table[(int)reason].Text;

    /// <summary>
    /// Whether nobody did anything wrong: a client that is away has asked for nothing else at QoS 0, and one that may read a part of what its
    /// wildcard matches gets that part.
    /// </summary>
    public static bool IsUsual(this DropReason reason) => reason is DropReason.Offline or DropReason.NotAuthorizedToReceive;
}

/// <summary>Counters by <see cref="DropReason"/>.</summary>
internal sealed class DropCounts
{
    private readonly long[] _counts = new long[DropReasons.All.Count];

    public long this[DropReason reason] => Volatile.Read(ref _counts[(int)reason]);

    public long Total => _counts.Sum();

    public void Add(DropReason reason, long count = 1) => _counts[(int)reason] += count;
}
