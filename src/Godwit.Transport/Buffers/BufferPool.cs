// A loop's own stock of buffers: plain stacks without locks, because only the loop's thread uses them. Buffers are pinned, so that a
// gathering send can name many of them without pinning each. What overflows a size class is left to the GC; what is larger comes from
// the pool that the loops share.
namespace Godwit.Transport;

internal sealed class BufferPool
{
    /// <summary>The size of a connection's first output buffer: some twenty small packets.</summary>
    public const int FirstOutput = 2 * 1024;

    /// <summary>Larger buffers are <see cref="Shared"/>'s.</summary>
    public const int Largest = 32 * 1024;

    private const int ClassBytesKept = 16 * 1024 * 1024;
    private const int SegmentsKept = 16 * 1024;
    private static readonly int[] Sizes = [512, FirstOutput, 8 * 1024, Largest];

    private readonly byte[]?[][] _stacks = new byte[]?[Sizes.Length][];
    private readonly int[] _counts = new int[Sizes.Length];
    private OutputSegment? _segments;
    private int _segmentCount;

    public BufferPool(SharedBufferPool shared)
    {
        Shared = shared;
        for (int i = 0; i < _stacks.Length; i++) _stacks[i] = new byte[]?[16];
    }

    /// <summary>The stock of large buffers.</summary>
    public SharedBufferPool Shared { get; }

    /// <summary>A buffer of at least <paramref name="size"/> bytes, of which there are not more than <see cref="Largest"/>.</summary>
    public byte[] Rent(int size)
    {
        int index = ClassOf(size);
        int count = _counts[index];
        if (count == 0) return GC.AllocateUninitializedArray<byte>(Sizes[index], pinned: true);
        byte[]?[] stack = _stacks[index];
        byte[] buffer = stack[--count]!;
        stack[count] = null;
        _counts[index] = count;
        return buffer;
    }

    /// <summary>Takes a buffer back.</summary>
    public void Return(byte[] buffer)
    {
        int index = ClassOf(buffer.Length);
        int count = _counts[index];
        if (count == _stacks[index].Length)
        {
            if ((long)count * buffer.Length >= ClassBytesKept) return;
            Array.Resize(ref _stacks[index], count * 2);
        }
        _stacks[index][count] = buffer;
        _counts[index] = count + 1;
    }

    public OutputSegment RentSegment()
    {
        OutputSegment? segment = _segments;
        if (segment is null) return new OutputSegment();
        _segments = segment.Next;
        segment.Next = null;
        _segmentCount--;
        return segment;
    }

    public void ReturnSegment(OutputSegment segment)
    {
        segment.Buffer = null;
        segment.Reference = default;
        segment.Shared = null;
        segment.Next = null;
        if (_segmentCount == SegmentsKept) return;
        segment.Next = _segments;
        _segments = segment;
        _segmentCount++;
    }

    private static int ClassOf(int size) => size switch
    {
        <= 512 => 0,
        <= FirstOutput => 1,
        <= 8 * 1024 => 2,
        _ => 3,
    };
}
