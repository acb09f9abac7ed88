// Puts records together from the bytes of one direction. A record that comes in one piece is given out where it lies.
using System.Buffers;

namespace Godwit.Capture.Tls;

internal sealed class RecordAssembler : IDisposable
{
    private byte[] _buffer = [];
    private int _length, _needed, _holeLeft;
    private bool _isGivenOut;

    /// <summary>Whether what came is not TLS.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Whether it is in the middle of a record.</summary>
    public bool IsWithin => _length > 0 && !_isGivenOut;

    /// <summary>Bytes of a record of which a part is missing; 0 = there is none.</summary>
    public int HoleLength { get; private set; }

    /// <summary>Takes bytes.</summary>
    /// <param name="bytes">What has come; afterwards what is left of it.</param>
    /// <param name="record">A whole record, with its header; valid until the next call.</param>
    /// <returns>Whether there is one. If not, and it is not broken, all bytes have been taken.</returns>
    public bool TryNext(ref ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> record)
    {
        record = default;
        if (_isGivenOut) Release();
        if (_length == 0 && bytes.Length >= RecordHeader.Length)
        {
            if (RecordHeader.Read(bytes) is not { } header) return Break();
            if (bytes.Length >= header.RecordLength)
            {
                record = bytes[..header.RecordLength];
                bytes = bytes[header.RecordLength..];
                return true;
            }
        }
        while (!bytes.IsEmpty)
        {
            if (_length < RecordHeader.Length)
            {
                Take(ref bytes, RecordHeader.Length);
                if (_length < RecordHeader.Length) return RecordHeader.MayBegin(_buffer.AsSpan(0, _length)) ? false : Break();
                if (RecordHeader.Read(_buffer) is not { } header) return Break();
                _needed = header.RecordLength;
            }
            Take(ref bytes, _needed);
            if (_length < _needed) continue;
            _isGivenOut = true;
            record = _buffer.AsSpan(0, _length);
            return true;
        }
        return false;
    }

    /// <summary>Takes note of bytes that are missing, if they are all of the record that has begun: its end is then still known.</summary>
    /// <returns>Whether they are. Then <see cref="TrySkipHole"/> is to be called first for what follows.</returns>
    public bool TrySkip(long count)
    {
        int left = _holeLeft > 0 ? _holeLeft : IsWithin && _length >= RecordHeader.Length ? _needed - _length : 0;
        if (count > left) return false;
        if (HoleLength == 0)
        {
            HoleLength = _needed;
            Release();
        }
        _holeLeft = left - (int)count;
        return true;
    }

    /// <summary>Takes what is left of a record of which a part is missing.</summary>
    /// <returns>Whether the record is over: <see cref="HoleLength"/> says how long it was, once.</returns>
    public bool TrySkipHole(ref ReadOnlySpan<byte> bytes, out int length)
    {
        length = HoleLength;
        int count = Math.Min(_holeLeft, bytes.Length);
        bytes = bytes[count..];
        _holeLeft -= count;
        if (_holeLeft > 0) return false;
        HoleLength = 0;
        return true;
    }

    /// <summary>What there is of the record that has begun; empty if a part of it is missing.</summary>
    public ReadOnlySpan<byte> Begun => IsWithin ? _buffer.AsSpan(0, _length) : default;

    /// <summary>How many bytes of a record with a missing part are still to come.</summary>
    public int HoleLeft => HoleLength > 0 ? _holeLeft : 0;

    /// <summary>Forgets the record that has begun.</summary>
    /// <returns>How many bytes of it there were.</returns>
    public int Forget()
    {
        int length = IsWithin ? _length : 0;
        Release();
        return length;
    }

    public void Dispose() => Release();

    private void Take(ref ReadOnlySpan<byte> bytes, int until)
    {
        if (_buffer.Length < until)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(until);
            _buffer.AsSpan(0, _length).CopyTo(larger);
            Return();
            _buffer = larger;
        }
        int count = Math.Min(until - _length, bytes.Length);
        bytes[..count].CopyTo(_buffer.AsSpan(_length));
        _length += count;
        bytes = bytes[count..];
    }

    private bool Break()
    {
        IsBroken = true;
        return false;
    }

    // The buffer goes back at once: of very many connections few are in the middle of a record.
    private void Release()
    {
        Return();
        (_buffer, _length, _isGivenOut) = ([], 0, false);
    }

    private void Return()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
    }
}
