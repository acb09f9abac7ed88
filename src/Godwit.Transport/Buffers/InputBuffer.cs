// What a handler has not consumed. Normally nothing, and then a connection holds no buffer; an incomplete packet's tail waits in a
// small pooled buffer and is copied in front of the next bytes. A large packet (RequireInput) gets a buffer of its own that is
// received into directly, and that others can hold longer than the packet is looked at.
//
// An announced length alone must not be able to claim memory. So the own buffer has the whole length at once only if such a one is
// spare; a new one begins small and doubles as bytes arrive.
namespace Godwit.Transport;

internal struct InputBuffer
{
    /// <summary>Longer packets are received straight into a buffer of their own.</summary>
    public const int LargestShared = 32 * 1024;

    private const int FirstOwn = 64 * 1024;

    private byte[]? _small;

    /// <summary>The buffer of a large packet's own. While nobody looks at the packet, nobody else holds it.</summary>
    public SharedBuffer? Own { get; private set; }

    /// <summary>Bytes kept.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes that must be there before the handler is called again.</summary>
    public int Required { get; set; }

    public readonly ReadOnlySpan<byte> Kept => (Own?.Bytes ?? _small).AsSpan(0, Length);

    /// <summary>Room for the next bytes in the own buffer, never more than the required packet needs.</summary>
    public Memory<byte> OwnRoom(SharedBufferPool pool)
    {
        if (Length == Own!.Bytes.Length)
        {
            int target = Required > Length ? (int)Math.Min(Required, 2L * Length) : checked(2 * Length);
            Replace(pool.Rent(target), Kept);
        }
        int end = Required > Length ? Math.Min(Required, Own.Bytes.Length) : Own.Bytes.Length;
        return Own.Bytes.AsMemory(Length, end - Length);
    }

    public void AdvanceOwn(int count) => Length += count;

    /// <summary>Keeps what the handler left over, which may lie in this very buffer.</summary>
    public void Keep(ReadOnlySpan<byte> rest, BufferPool pool)
    {
        if (rest.IsEmpty)
        {
            Release(pool);
        }
        else if (Math.Max(rest.Length, Required) > LargestShared)
        {
            KeepOwn(rest, pool);
        }
        else if (_small is not null && _small.Length >= rest.Length)
        {
            rest.CopyTo(_small);
            Length = rest.Length;
        }
        else
        {
            byte[] small = pool.Rent(rest.Length);
            rest.CopyTo(small);
            Release(pool);
            _small = small;
            Length = rest.Length;
        }
    }

    public void Release(BufferPool pool)
    {
        if (_small is not null) pool.Return(_small);
        Own?.Release();
        _small = null;
        Own = null;
        Length = 0;
    }

    private void KeepOwn(ReadOnlySpan<byte> rest, BufferPool pool)
    {
        if (Own is { IsShared: false } && Own.Bytes.Length >= Math.Max(rest.Length, Math.Min(Required, FirstOwn))) rest.CopyTo(Own.Bytes);
        else Replace(pool.Shared.RentSpare(Math.Max(rest.Length, Required)) ?? pool.Shared.Rent(Math.Max(rest.Length, Math.Min(Required, FirstOwn))), rest);
        if (_small is not null) pool.Return(_small);
        _small = null;
        Length = rest.Length;
    }

    private void Replace(SharedBuffer larger, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(larger.Bytes);
        Own?.Release();
        Own = larger;
    }
}
