// What a handler has not consumed. Normally nothing, and then a connection holds no buffer; an incomplete packet's tail waits in a
// small pooled buffer and is copied in front of the next bytes. A large packet (RequireInput) gets a buffer of its own that is
// received into directly. That one grows as bytes arrive: an announced length alone must not be able to claim memory.
namespace Godwit.Transport;

internal struct InputBuffer
{
    /// <summary>Longer packets are received straight into a buffer of their own.</summary>
    private const int LargestShared = 32 * 1024;

    private const int FirstOwn = 64 * 1024;

    private byte[]? _buffer;
    private bool _detached;

    /// <summary>Bytes kept.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes that must be there before the handler is called again.</summary>
    public int Required { get; set; }

    public readonly ReadOnlySpan<byte> Kept => _buffer.AsSpan(0, Length);

    /// <summary>Whether the next bytes go behind the kept ones in their own buffer.</summary>
    public readonly bool IsOwn => _buffer is not null && Math.Max(Length, Required) > LargestShared;

    /// <summary>Room for the next bytes in the own buffer, never more than the required packet needs.</summary>
    public Span<byte> OwnRoom()
    {
        byte[] buffer = _buffer!;
        if (Length == buffer.Length)
        {
            int target = Required > Length ? (int)Math.Min(Required, 2L * Length) : checked(2 * Length);
            byte[] larger = GC.AllocateUninitializedArray<byte>(target);
            buffer.CopyTo(larger, 0);
            _buffer = buffer = larger;
        }
        return buffer.AsSpan(Length);
    }

    public void AdvanceOwn(int count) => Length += count;

    /// <summary>Keeps what the handler left over, which may lie in this very buffer.</summary>
    public void Keep(ReadOnlySpan<byte> rest, BufferPool pool)
    {
        if (rest.IsEmpty)
        {
            Release(pool);
            return;
        }
        bool own = Math.Max(rest.Length, Required) > LargestShared;
        int size = Math.Max(rest.Length, own ? Math.Min(Required, FirstOwn) : 0);
        byte[]? old = _detached ? null : _buffer;
        if (old is null || old.Length < size || own != old.Length > LargestShared)
        {
            _buffer = own ? GC.AllocateUninitializedArray<byte>(size) : pool.Rent(size);
            rest.CopyTo(_buffer);
            if (old is not null) pool.Return(old);
        }
        else
        {
            rest.CopyTo(old);
        }
        _detached = false;
        Length = rest.Length;
    }

    /// <summary>Gives the own buffer away; its bytes stay readable until the handler returns.</summary>
    public byte[]? Detach()
    {
        if (_detached) return null;
        _detached = true;
        return _buffer;
    }

    public void Release(BufferPool pool)
    {
        if (_buffer is not null && !_detached) pool.Return(_buffer);
        _buffer = null;
        _detached = false;
        Length = 0;
    }
}
