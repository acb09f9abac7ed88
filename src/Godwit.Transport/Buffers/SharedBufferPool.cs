// The stock of large buffers, one for all loops: a payload that was received on one loop is given back on another. Taking one is rare
// beside moving its bytes, so a lock does. New memory costs more than filling it (page faults, collections), hence the stock; it is
// bounded, and what nobody has needed for a while can be let go.
using System.Numerics;

namespace Godwit.Transport;

internal sealed class SharedBufferPool
{
    /// <summary>Bytes of spare buffers kept at most.</summary>
    public const long MostSpare = 64 * 1024 * 1024;

    // Four sizes between a power of two and the next, so that at most a fifth of a buffer is unused: 64 KiB, 80, 96, 112, 128, 160 ...
    private const int SmallestPower = 16;
    private const int Classes = (31 - SmallestPower) * 4;

    private readonly Lock _lock = new();
    private readonly SizeClass[] _classes = new SizeClass[Classes];
    private long _spare;
    private long _rents;

    /// <summary>Bytes of spare buffers.</summary>
    public long Spare
    {
        get
        {
            lock (_lock) return _spare;
        }
    }

    /// <summary>A buffer of at least this size, with one reference.</summary>
    public SharedBuffer Rent(int size) => RentSpare(size) ?? new SharedBuffer(this, Capacity(ClassOf(size)));

    /// <summary>The same if there is one already, which costs no memory; otherwise null.</summary>
    public SharedBuffer? RentSpare(int size)
    {
        lock (_lock)
        {
            ref SizeClass sizes = ref _classes[ClassOf(size)];
            sizes.LastRent = ++_rents;
            if (sizes.Count == 0) return null;
            SharedBuffer buffer = sizes.Take();
            _spare -= buffer.Bytes.Length;
            buffer.Reuse();
            return buffer;
        }
    }

    /// <summary>Takes a buffer back that nobody holds any more.</summary>
    public void Return(SharedBuffer buffer)
    {
        int size = buffer.Bytes.Length, index = ClassOf(size);
        lock (_lock)
        {
            while (_spare + size > MostSpare)
            {
                int oldest = LeastRecent();
                if (oldest < 0 || oldest == index) return;
                _spare -= _classes[oldest].Take().Bytes.Length;
            }
            _classes[index].Put(buffer);
            _spare += size;
        }
    }

    /// <summary>Lets go of what was spare ever since the last call.</summary>
    /// <returns>How many bytes; the garbage collector's from now on.</returns>
    public long DropUnused()
    {
        lock (_lock)
        {
            long before = _spare;
            for (int i = 0; i < Classes; i++) _spare -= (long)_classes[i].DropUnused() * Capacity(i);
            return before - _spare;
        }
    }

    private static int ClassOf(int size)
    {
        int last = Math.Max(size, 1 << SmallestPower) - 1;
        int power = BitOperations.Log2((uint)last);
        return (power - SmallestPower + 1) * 4 + ((last >> (power - 2)) & 3) - 3;
    }

    private static int Capacity(int index)
    {
        (int power, int quarter) = Math.DivRem(index + 3, 4);
        return (quarter + 5) << (power + SmallestPower - 3);
    }

    // Of the sizes that have spare buffers, the one that was not asked for the longest; -1 if there is none.
    private int LeastRecent()
    {
        int oldest = -1;
        for (int i = 0; i < Classes; i++)
        {
            if (_classes[i].Count > 0 && (oldest < 0 || _classes[i].LastRent < _classes[oldest].LastRent)) oldest = i;
        }
        return oldest;
    }

    private struct SizeClass
    {
        private Stack<SharedBuffer>? _spare;
        private int _unused; // the fewest there have been since the last call of DropUnused

        public long LastRent;

        public readonly int Count => _spare?.Count ?? 0;

        public SharedBuffer Take()
        {
            SharedBuffer buffer = _spare!.Pop();
            _unused = Math.Min(_unused, _spare.Count);
            return buffer;
        }

        public void Put(SharedBuffer buffer) => (_spare ??= new Stack<SharedBuffer>()).Push(buffer);

        public int DropUnused()
        {
            int dropped = _unused;
            for (int i = 0; i < dropped; i++) _spare!.Pop();
            _unused = Count;
            return dropped;
        }
    }
}
