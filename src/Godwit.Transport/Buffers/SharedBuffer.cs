// A large buffer that many may read at one time: the connection that received a packet into it, and the output of all who are sent the
// packet's payload, on whatever loops they are. Who needs it longer than the call that shows it holds a reference; with the last one it
// goes back to the pool. A reference that is never given back is no leak: the buffer is the garbage collector's then.
namespace Godwit.Transport;

/// <summary>A pooled buffer with a count of those who hold it. From the first sharing on, its bytes must not change.</summary>
public sealed class SharedBuffer
{
    private readonly SharedBufferPool _pool;
    private int _references;

    internal SharedBuffer(SharedBufferPool pool, int capacity)
    {
        _pool = pool;
        Bytes = GC.AllocateUninitializedArray<byte>(capacity, pinned: true);
        _references = 1;
    }

    /// <summary>All of its bytes; more than what was asked for.</summary>
    public byte[] Bytes { get; }

    /// <summary>Whether others hold it too.</summary>
    internal bool IsShared => Volatile.Read(ref _references) > 1;

    /// <summary>Holds it for longer. From any thread, by somebody who holds it or is shown it.</summary>
    public void Retain() => Interlocked.Increment(ref _references);

    /// <summary>Gives a reference back; the bytes are not to be looked at any more. From any thread.</summary>
    public void Release()
    {
        int left = Interlocked.Decrement(ref _references);
        if (left < 0) throw new InvalidOperationException("A shared buffer has been released more often than it was retained.");
        if (left == 0) _pool.Return(this);
    }

    /// <summary>It leaves the pool.</summary>
    internal void Reuse() => Volatile.Write(ref _references, 1);
}
