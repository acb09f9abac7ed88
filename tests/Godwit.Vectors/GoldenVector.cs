// One packet as bytes that were worked out by hand from the specification. Whoever reads or writes packets compares with these.
using Godwit.Protocol;

namespace Godwit.Vectors;

/// <summary>One packet as the specification prints it.</summary>
/// <param name="Name">Unique: packet, version, situation, for example <c>connect-311-python-test</c>.</param>
/// <param name="Version">
/// The connection's protocol version. For CONNECT it is what the packet asks for, <see cref="ProtocolVersion.Unknown"/> if that cannot be
/// served.
/// </param>
/// <param name="Hex">The bytes with a comment for each field; see <see cref="Testing.Hex.Bytes"/>.</param>
/// <param name="Violation">What is wrong with it; null for a valid packet.</param>
public sealed record GoldenVector(string Name, ProtocolVersion Version, string Hex, Violation? Violation = null)
{
    /// <summary>
    /// Whether the bytes are those that a writer chooses. False where the specification allows a longer form of the same packet, such
    /// as PUBACK with reason code 0 written out, or where MQTT 3.1 has the receiver disregard bits.
    /// </summary>
    public bool IsCanonical { get; init; } = true;

    /// <summary>The receiver's limit, in bytes; by default the longest packet there can be.</summary>
    public int MaximumPacketSize { get; init; } = 268_435_460;

    /// <summary>The packet's bytes, a new array each time.</summary>
    public byte[] Bytes => Testing.Hex.Bytes(Hex);

    /// <summary>The packet type in the first byte.</summary>
    public PacketType Type => (PacketType)(Bytes[0] >> 4);

    /// <summary>The version that a reader knows when the packet arrives: none before CONNECT.</summary>
    public ProtocolVersion ReaderVersion => Type == PacketType.Connect ? ProtocolVersion.Unknown : Version;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
