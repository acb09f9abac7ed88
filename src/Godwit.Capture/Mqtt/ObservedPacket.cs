using Godwit.Capture.Streams;
using Godwit.Protocol;

namespace Godwit.Capture.Mqtt;

/// <summary>One packet as it was seen. Its spans are valid during the call only.</summary>
public readonly ref struct ObservedPacket
{
    /// <summary>The connection.</summary>
    public required ObservedConnection Connection { get; init; }

    /// <summary>The end that has sent it.</summary>
    public required Side Side { get; init; }

    /// <summary>Whether that end is the MQTT client.</summary>
    public bool IsFromClient => Side == Connection.ClientSide;

    /// <summary>Its number among all packets, from 1 on in the order in which they were complete.</summary>
    public required long Number { get; init; }

    /// <summary>Where its first byte was seen.</summary>
    public required Arrival First { get; init; }

    /// <summary>Where its last byte was seen.</summary>
    public required Arrival Last { get; init; }

    /// <summary>The fixed header; type and length are right also where a violation concerns it.</summary>
    public required PacketFrame Frame { get; init; }

    /// <summary>The packet's bytes from the first on; only the first of them if not <see cref="IsWhole"/>.</summary>
    public required ReadOnlySpan<byte> Bytes { get; init; }

    /// <summary>Whether all bytes are here. Of a packet that is very large, or that the capture misses a part of, there are only the first.</summary>
    public bool IsWhole => Bytes.Length == Frame.Length;

    /// <summary>How many of its bytes the capture has not.</summary>
    public long Missing { get; init; }

    /// <summary>The version by which it was read.</summary>
    public required ProtocolVersion Version { get; init; }

    /// <summary>What is wrong with its bytes; null if nothing is. Not looked for in packets that are not whole.</summary>
    public Violation? Violation { get; init; }

    /// <summary>PUBLISH: its parts, as far as they could be read; empty if it is not whole, or something else.</summary>
    public PublishPacket Publish { get; init; }

    /// <summary>PUBLISH: the topic, also where a topic alias stands for it. Empty if the alias was given before the capture began.</summary>
    public ReadOnlySpan<byte> Topic { get; init; }

    /// <summary>The packet type.</summary>
    public PacketType Type => Frame.Type;
}
