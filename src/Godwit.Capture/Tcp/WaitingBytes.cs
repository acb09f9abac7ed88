// Bytes of one direction that came before those that precede them. Pieces are sorted and do not overlap: of bytes that come twice the first
// are kept, as Wireshark does. A piece may have more bytes than were captured of it.
using System.Buffers;

namespace Godwit.Capture.Tcp;

/// <summary>Bytes that wait.</summary>
/// <param name="Position">Where in the stream they belong.</param>
/// <param name="Length">How many there are.</param>
/// <param name="Buffer">What was captured of them, in a buffer of the shared pool.</param>
/// <param name="Captured">How many those are.</param>
/// <param name="At">The frame that brought them.</param>
internal readonly record struct WaitingPiece(long Position, int Length, byte[] Buffer, int Captured, Arrival At)
{
    public long End => Position + Length;

    public ReadOnlySpan<byte> Bytes => Buffer.AsSpan(0, Captured);

    public void Release() => ArrayPool<byte>.Shared.Return(Buffer);
}

internal sealed class WaitingBytes
{
    // What a piece costs beside its bytes, so that many small ones do not come for free.
    private const int Overhead = 64, MaxPieces = 4096;

    private readonly List<WaitingPiece> _pieces = [];

    public bool IsEmpty => _pieces.Count == 0;

    public bool IsFull => _pieces.Count >= MaxPieces;

    /// <summary>The position of the first byte that waits.</summary>
    public long First => _pieces[0].Position;

    /// <summary>What all this costs in memory.</summary>
    public int Size { get; private set; }

    /// <summary>Keeps a copy of those bytes that are not there yet.</summary>
    /// <param name="position">Where they belong.</param>
    /// <param name="captured">What was captured of them.</param>
    /// <param name="length">How many there are.</param>
    /// <param name="at">The frame that brings them.</param>
    public void Add(long position, ReadOnlySpan<byte> captured, int length, Arrival at)
    {
        long start = position, end = position + length;
        int index = _pieces.Count;
        while (index > 0 && _pieces[index - 1].End > position) index--;
        for (; start < end; index++)
        {
            bool isLast = index == _pieces.Count || _pieces[index].Position >= end;
            long until = isLast ? end : _pieces[index].Position;
            if (until > start)
            {
                int from = (int)(start - position), count = (int)(until - start);
                _pieces.Insert(index++, Copy(start, captured[Math.Min(from, captured.Length)..Math.Min(from + count, captured.Length)], count, at));
            }
            if (isLast) break;
            start = _pieces[index].End;
        }
    }

    /// <summary>Whether all these bytes are there already.</summary>
    public bool Contains(long position, int length)
    {
        foreach (WaitingPiece piece in _pieces)
        {
            if (piece.Position > position) return false;
            if (piece.End <= position) continue;
            length -= (int)Math.Min(piece.End - position, length);
            position = piece.End;
            if (length == 0) return true;
        }
        return false;
    }

    /// <summary>Takes the first piece out; it is to be released.</summary>
    public WaitingPiece TakeFirst()
    {
        WaitingPiece first = _pieces[0];
        _pieces.RemoveAt(0);
        Size -= Overhead + first.Buffer.Length;
        return first;
    }

    private WaitingPiece Copy(long position, ReadOnlySpan<byte> bytes, int length, Arrival at)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(buffer);
        Size += Overhead + buffer.Length;
        return new WaitingPiece(position, length, buffer, bytes.Length, at);
    }
}
