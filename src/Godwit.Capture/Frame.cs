namespace Godwit.Capture;

/// <summary>
/// A frame of a capture: what one link carried at one moment. Its spans are valid until the next one is read.
/// </summary>
public readonly ref struct Frame
{
    /// <summary>Its number, from 1 on, as other analysers count.</summary>
    public long Number { get; init; }

    /// <summary>When it was captured: nanoseconds since 1970-01-01 00:00 UTC.</summary>
    public long Time { get; init; }

    /// <summary>What kind of link it comes from, which says how its bytes begin.</summary>
    public LinkType Link { get; init; }

    /// <summary>The index of its interface in <see cref="FrameSource.Interfaces"/>.</summary>
    public int Interface { get; init; }

    /// <summary>What was captured of it: all, or its beginning.</summary>
    public ReadOnlySpan<byte> Bytes { get; init; }

    /// <summary>How many bytes it had on the link.</summary>
    public int OriginalLength { get; init; }

    /// <summary>What somebody has noted down about it, in UTF-8; empty if nobody has. Of several comments the first.</summary>
    public ReadOnlySpan<byte> Comment { get; init; }

    /// <summary>Number and time.</summary>
    public Arrival Arrival => new(Number, Time);
}
