namespace Godwit.Session;

/// <summary>What to do with a PUBLISH that has come.</summary>
public enum PublishVerdict : byte
{
    /// <summary>A new message: deliver it, then acknowledge as its QoS demands.</summary>
    Deliver,

    /// <summary>
    /// QoS 2, and this message has been taken before: send PUBREC again, deliver nothing. <c>[MQTT-4.3.3-10]</c> If the first PUBREC
    /// still waits for a store, this one must wait as long.
    /// </summary>
    Duplicate,

    /// <summary>More unacknowledged messages than this side's Receive Maximum: DISCONNECT 0x93 (MQTT 5 section 3.3.4).</summary>
    ReceiveMaximumExceeded,
}

/// <summary>What to answer to a PUBREL.</summary>
public enum PubrelVerdict : byte
{
    /// <summary>The identifier was known and is free now: PUBCOMP with Success.</summary>
    Release,

    /// <summary>The identifier is not known: PUBCOMP with 0x92, Packet Identifier not found; before MQTT 5 a plain PUBCOMP.</summary>
    Unknown,
}
