namespace Godwit.Capture.Explain;

/// <summary>One step from a broken packet to a valid one.</summary>
/// <param name="Offset">Where in the broken packet.</param>
/// <param name="Removed">The byte that goes; null if one is inserted.</param>
/// <param name="Inserted">The byte that comes; null if one is removed.</param>
/// <param name="Field">What the byte is, in the valid packet.</param>
public readonly record struct ByteChange(int Offset, byte? Removed, byte? Inserted, string Field)
{
    /// <inheritdoc/>
    public override string ToString() => (Removed, Inserted) switch
    {
        (null, { } inserted) => $"at byte {Offset} insert {inserted:X2} ({Field})",
        ({ } removed, null) => $"at byte {Offset} remove {removed:X2} ({Field})",
        _ => $"byte {Offset} ({Field}): {Removed:X2} -> {Inserted:X2}",
    };
}

/// <summary>The valid packet that is nearest to a broken one.</summary>
/// <param name="Bytes">The valid packet.</param>
/// <param name="Changes">What leads to it, in the order of the bytes.</param>
/// <param name="Lines">The two packets in hexadecimal, one below the other, and a line that marks where they differ.</param>
public sealed record NearestPacket(ReadOnlyMemory<byte> Bytes, IReadOnlyList<ByteChange> Changes, IReadOnlyList<string> Lines);
