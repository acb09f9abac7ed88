namespace Godwit.Interop.Tests.Peers;

/// <summary>Other people's MQTT clients.</summary>
public enum PeerKind
{
    /// <summary>mosquitto_pub and mosquitto_sub.</summary>
    Mosquitto,

    /// <summary>Paho for Python 1.6.</summary>
    PahoPython,

    /// <summary>Paho for C 1.3, its synchronous client.</summary>
    PahoC,

    /// <summary>mqtt.js 5.</summary>
    MqttJs,
}
