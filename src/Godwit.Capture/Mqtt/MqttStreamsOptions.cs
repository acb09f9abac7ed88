using Godwit.Protocol;

namespace Godwit.Capture.Mqtt;

/// <summary>How byte streams are read as MQTT.</summary>
public sealed record MqttStreamsOptions
{
    /// <summary>The version of connections whose CONNECT was not seen; default <see cref="ProtocolVersion.Unknown"/>: find out.</summary>
    public ProtocolVersion Version { get; init; }

    /// <summary>Bytes of the largest packet that is kept as a whole when it comes in parts; of larger ones there is the head. Default 1 MiB.</summary>
    public int LargestPacketHeld { get; init; } = 1 << 20;

    /// <summary>Bytes that all connections together hold; beyond it large packets are read by their heads. Default 64 MiB.</summary>
    public long MostHeld { get; init; } = 64L << 20;
}
