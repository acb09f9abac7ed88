namespace Godwit.Broker;

/// <summary>
/// What has happened to a message (or a subscription, or a session) before the broker acknowledges it with PUBACK, PUBREC, PUBCOMP,
/// SUBACK, UNSUBACK or CONNACK.
/// </summary>
public enum AcknowledgementLevel
{
    /// <summary>Every matching session has taken it. Survives every client and connection, not the broker's process.</summary>
    Memory,

    /// <summary>The store has given it to the operating system, or every persistent session has it. Survives the death of the process.</summary>
    Os,

    /// <summary>The store has it on disk, or every persistent session has it. Survives the loss of power.</summary>
    Fsync,
}

/// <summary>The names of the levels as users write them.</summary>
internal static class AcknowledgementLevels
{
    /// <summary><c>memory</c>, <c>os</c> or <c>fsync</c>.</summary>
    public static string Name(this AcknowledgementLevel level) => level switch
    {
        AcknowledgementLevel.Memory => "memory",
        AcknowledgementLevel.Os => "os",
        _ => "fsync",
    };
}
