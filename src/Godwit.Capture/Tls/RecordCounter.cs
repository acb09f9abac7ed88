// Goes from header to header through records that nobody can open. Keeps nothing but a header's beginning.
namespace Godwit.Capture.Tls;

internal sealed class RecordCounter(int skip)
{
    private readonly byte[] _partial = new byte[RecordHeader.Length];
    private int _length, _skip = skip;
    private bool _isBroken;

    /// <summary>Takes bytes up to the end of the next header.</summary>
    /// <returns>Whether there is one. If not, all bytes have been taken.</returns>
    public bool TryNext(ref ReadOnlySpan<byte> bytes, out RecordHeader header)
    {
        header = default;
        if (_isBroken) return false;
        int skipped = Math.Min(_skip, bytes.Length);
        _skip -= skipped;
        bytes = bytes[skipped..];
        int taken = Math.Min(RecordHeader.Length - _length, bytes.Length);
        bytes[..taken].CopyTo(_partial.AsSpan(_length));
        _length += taken;
        bytes = bytes[taken..];
        if (_length < RecordHeader.Length) return false;
        _length = 0;
        if (RecordHeader.Read(_partial) is { } read) (header, _skip) = (read, read.FragmentLength);
        else _isBroken = true;
        return !_isBroken;
    }

    /// <summary>There is a gap: where records begin is not known any more.</summary>
    public void Break() => _isBroken = true;
}
