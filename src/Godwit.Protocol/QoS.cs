namespace Godwit.Protocol;

/// <summary>Quality of Service (section 4.3).</summary>
public enum QoS : byte
{
    /// <summary>QoS 0: not acknowledged, may be lost.</summary>
    AtMostOnce = 0,

    /// <summary>QoS 1: acknowledged by PUBACK, may arrive twice.</summary>
    AtLeastOnce = 1,

    /// <summary>QoS 2: PUBREC, PUBREL, PUBCOMP; arrives exactly once.</summary>
    ExactlyOnce = 2,
}
