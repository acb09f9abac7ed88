using Godwit.Protocol;

namespace Godwit.Capture.Explain;

/// <summary>How it is known which protocol version a packet belongs to.</summary>
public enum VersionSource : byte
{
    /// <summary>A CONNECT says so: this packet, or one in front of it.</summary>
    Connect,

    /// <summary>The caller has said so.</summary>
    Given,

    /// <summary>These bytes can be read in this version only.</summary>
    Bytes,

    /// <summary>These bytes fit MQTT 3.1.1 and 5; this is the likelier one.</summary>
    Guess,
}

/// <summary>A violation and its place.</summary>
/// <param name="Violation">What is wrong.</param>
/// <param name="Offset">The byte, counted from the packet's first.</param>
/// <param name="Length">How many bytes are concerned; 0 where something is missing.</param>
public readonly record struct PlacedViolation(Violation Violation, int Offset, int Length);

/// <summary>Everything there is to say about one packet: the one form from which text, JSON and pages are made.</summary>
public sealed record PacketExplanation
{
    /// <summary>Where the packet begins in the input.</summary>
    public required int Start { get; init; }

    /// <summary>The packet's bytes, as far as they are there.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>The packet type; <see cref="PacketType.None"/> for bytes that are no packet.</summary>
    public required PacketType Type { get; init; }

    /// <summary>The version by which the packet was read; <see cref="ProtocolVersion.Unknown"/> for a CONNECT that asks for none there is.</summary>
    public required ProtocolVersion Version { get; init; }

    /// <summary>How the version is known.</summary>
    public required VersionSource VersionSource { get; init; }

    /// <summary>Bytes of the fixed header.</summary>
    public int FixedHeaderLength { get; init; }

    /// <summary>Bytes of the variable header.</summary>
    public int VariableHeaderLength { get; init; }

    /// <summary>Bytes of the payload, as far as they are there.</summary>
    public int PayloadLength => Bytes.Length - FixedHeaderLength - VariableHeaderLength;

    /// <summary>Bytes of the packet that are not there; null if not even its length is.</summary>
    public int? Missing { get; init; }

    /// <summary>One sentence: <c>PUBLISH to "a/b", QoS 1, packet identifier 7, 12 bytes of payload</c>.</summary>
    public string Summary { get; init; } = "";

    /// <summary>The groups Fixed header, Variable header and Payload, as far as the packet has them.</summary>
    public required IReadOnlyList<ExplainedField> Fields { get; init; }

    /// <summary>What is wrong with the packet, in the order of its bytes.</summary>
    public IReadOnlyList<PlacedViolation> Violations { get; init; } = [];

    /// <summary>For a CONNECT that a server refuses to read: the nearest bytes that are valid. Null if it is valid, or nothing near is.</summary>
    public NearestPacket? Nearest { get; init; }

    /// <summary>The fields without groups.</summary>
    public IEnumerable<ExplainedField> Leaves => Fields.SelectMany(group => group.Leaves);
}
