namespace Godwit.Broker.Sessions;

/// <summary>Why a message was not delivered to a session. Every drop is counted by client and reason.</summary>
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

    /// <summary>The session ended with messages still waiting.</summary>
    SessionEnded,

    /// <summary>A hook or the client itself (PUBACK or PUBREC with an error) refused it.</summary>
    Refused,

    /// <summary>QoS 0 for a shared subscription none of whose members could take it.</summary>
    NoMemberAvailable,
}

/// <summary>The words of each <see cref="DropReason"/>.</summary>
internal static class DropReasons
{
    private static readonly string[] Texts =
    [
        "its queue is full", "it does not read fast enough", "they expired", "they are larger than its Maximum Packet Size",
        "its session ended", "it or a hook refused them", "no member of the shared subscription could take them",
    ];

    /// <summary>Completes the sentence "messages for this client are dropped: ...".</summary>
    public static string Text(this DropReason reason) => Texts[(int)reason];
}

/// <summary>Counters by <see cref="DropReason"/>.</summary>
internal sealed class DropCounts
{
    private readonly long[] _counts = new long[Enum.GetValues<DropReason>().Length];

    public long this[DropReason reason] => Volatile.Read(ref _counts[(int)reason]);

    public long Total => _counts.Sum();

    public void Add(DropReason reason, long count = 1) => _counts[(int)reason] += count;
}
