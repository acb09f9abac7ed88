namespace Godwit.Protocol;

/// <summary>The protocol versions, with the value of CONNECT's protocol level byte (section 3.1.2.2).</summary>
public enum ProtocolVersion : byte
{
    /// <summary>No CONNECT has been seen yet; only what is common to all versions is checked.</summary>
    Unknown = 0,

    /// <summary>MQTT 3.1, protocol name <c>MQIsdp</c>.</summary>
    V31 = 3,

    /// <summary>MQTT 3.1.1, protocol name <c>MQTT</c>.</summary>
    V311 = 4,

    /// <summary>MQTT 5.0, protocol name <c>MQTT</c>.</summary>
    V5 = 5,
}
