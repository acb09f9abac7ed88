// Looks at a chain of output segments that belongs to somebody else, or shows a part of it only.
namespace Godwit.Transport;

internal static class SegmentChain
{
    /// <summary>Bytes from a segment on, counted up to a limit.</summary>
    public static int Length(OutputSegment first, int limit)
    {
        long length = 0;
        for (OutputSegment? segment = first; segment is not null && length < limit; segment = segment.Next) length += segment.Length;
        return (int)Math.Min(length, limit);
    }

    /// <summary>Lets the chain end after this many bytes, until <see cref="Cut.Restore"/>.</summary>
    public static Cut CutAt(OutputSegment first, int length)
    {
        OutputSegment segment = first;
        while (segment.Length < length && segment.Next is { } next)
        {
            length -= segment.Length;
            segment = next;
        }
        var cut = new Cut(segment);
        if (segment.Length > length) segment.End = segment.Start + length;
        segment.Next = null;
        return cut;
    }

    /// <summary>Where a chain was cut.</summary>
    public readonly struct Cut(OutputSegment segment)
    {
        private readonly int _end = segment.End;
        private readonly OutputSegment? _next = segment.Next;

        public void Restore()
        {
            segment.End = _end;
            segment.Next = _next;
        }
    }
}
