// A connection's unsent output: a chain of segments, empty (three words) while nothing is pending. Growing chains a larger segment
// instead of copying; large payloads are chained by reference.
namespace Godwit.Transport;

/// <summary>A stretch of output: bytes copied into a pooled buffer, or somebody else's bytes by reference.</summary>
internal sealed class OutputSegment
{
    public byte[]? Buffer;
    public ReadOnlyMemory<byte> Reference;
    public int Start;
    public int End;
    public bool OwnsBuffer;
    public SharedBuffer? Shared; // what the bytes are part of, if that is to be released
    public OutputSegment? Next;

    public int Length => End - Start;

    public ReadOnlyMemory<byte> Memory => Buffer is null ? Reference[Start..End] : Buffer.AsMemory(Start, Length);

    public ReadOnlySpan<byte> Span => Buffer is null ? Reference.Span[Start..End] : Buffer.AsSpan(Start, Length);
}

internal struct OutputQueue
{
    /// <summary>References shorter than this are copied: cheaper than another element in the send.</summary>
    private const int SmallestReference = 512;

    /// <summary>Free space worth being used for what follows a reference.</summary>
    private const int SmallestRest = 128;

    private OutputSegment? _last;

    public OutputSegment? First { get; private set; }

    /// <summary>Bytes in the queue.</summary>
    public int Length { get; private set; }

    public readonly bool IsEmpty => Length == 0;

    public Span<byte> Reserve(int size, BufferPool pool)
    {
        OutputSegment? last = _last;
        if (last?.Buffer is { } buffer && buffer.Length - last.End >= size && size > 0) return buffer.AsSpan(last.End);
        return AddSegment(Math.Max(size, 1), pool);
    }

    public void Advance(int count)
    {
        OutputSegment? last = _last;
        if (last?.Buffer is null || (uint)count > (uint)(last.Buffer.Length - last.End))
            throw new ArgumentOutOfRangeException(nameof(count), count, "More than GetOutput returned.");
        last.End += count;
        Length += count;
    }

    public void Write(ReadOnlySpan<byte> bytes, BufferPool pool)
    {
        while (!bytes.IsEmpty)
        {
            Span<byte> room = _last?.Buffer is { } buffer && _last.End < buffer.Length
                ? buffer.AsSpan(_last.End)
                : AddSegment(Math.Min(bytes.Length, BufferPool.Largest), pool);
            int count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            Advance(count);
            bytes = bytes[count..];
        }
    }

    public void WriteReference(ReadOnlyMemory<byte> bytes, SharedBuffer? owner, BufferPool pool)
    {
        if (bytes.Length < SmallestReference)
        {
            Write(bytes.Span, pool);
            return;
        }
        OutputSegment? before = _last;
        OutputSegment segment = pool.RentSegment();
        owner?.Retain();
        segment.Reference = bytes;
        segment.Shared = owner;
        if (owner is null) pool.CountReference(bytes.Length);
        segment.Start = 0;
        segment.End = bytes.Length;
        Append(segment);
        Length += bytes.Length;

        // The next packet's header goes on in the buffer before the reference. Segments end in order, so the last one returns it.
        if (before is { OwnsBuffer: true, Buffer: { } buffer } && buffer.Length - before.End >= SmallestRest)
        {
            OutputSegment rest = pool.RentSegment();
            rest.Buffer = buffer;
            rest.OwnsBuffer = true;
            rest.Shared = before.Shared;
            rest.Start = rest.End = before.End;
            before.OwnsBuffer = false;
            before.Shared = null;
            Append(rest);
        }
    }

    /// <summary>Takes sent bytes off the front.</summary>
    public void Consume(int count, BufferPool pool)
    {
        Length -= count;
        while (First is { } first)
        {
            int length = first.Length;
            if (count < length)
            {
                first.Start += count;
                return;
            }
            count -= length;
            Remove(first, pool);
        }
    }

    public void Clear(BufferPool pool)
    {
        Length = 0;
        while (First is { } first) Remove(first, pool);
    }

    /// <summary>Puts its bytes in front of another chain, until <see cref="Unlink"/>.</summary>
    /// <returns>The beginning of both.</returns>
    public readonly OutputSegment LinkTo(OutputSegment chain)
    {
        if (_last is null) return chain;
        _last.Next = chain;
        return First!;
    }

    /// <summary>Ends <see cref="LinkTo"/>.</summary>
    public readonly void Unlink()
    {
        if (_last is not null) _last.Next = null;
    }

    private Span<byte> AddSegment(int size, BufferPool pool)
    {
        // 2 KiB, then 8, then 32: most turns append little to a connection, some very much.
        int preferred = _last?.Buffer is { } previous ? Math.Min(previous.Length * 4, BufferPool.Largest) : BufferPool.FirstOutput;
        OutputSegment segment = pool.RentSegment();
        if (size > BufferPool.Largest) segment.Shared = pool.Shared.Rent(size);
        segment.Buffer = segment.Shared?.Bytes ?? pool.Rent(Math.Max(size, preferred));
        segment.OwnsBuffer = true;
        segment.Start = segment.End = 0;
        Append(segment);
        return segment.Buffer;
    }

    private void Append(OutputSegment segment)
    {
        if (_last is null) First = segment;
        else _last.Next = segment;
        _last = segment;
    }

    private void Remove(OutputSegment segment, BufferPool pool)
    {
        First = segment.Next;
        if (First is null) _last = null;
        if (segment.Shared is { } shared) shared.Release();
        else if (segment is { OwnsBuffer: true, Buffer: { } buffer }) pool.Return(buffer);
        else if (segment.Buffer is null) pool.CountReference(-segment.Reference.Length);
        segment.OwnsBuffer = false;
        pool.ReturnSegment(segment);
    }
}
