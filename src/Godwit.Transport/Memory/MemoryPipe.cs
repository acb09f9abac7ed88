// One direction of a memory pair: what the kernel's socket buffers are to TCP. Bounded; the only place where the pair's two loops meet.
using System.Net.Sockets;

namespace Godwit.Transport.Memory;

internal sealed class MemoryPipe(int limit)
{
    private readonly Lock _lock = new();
    private byte[] _ring = [];
    private int _start;
    private int _count;
    private bool _isFinished; // the writer's end of stream
    private bool _isReaderGone;
    private bool _isReset;
    private bool _readerWaits;
    private bool _writerWaits;

    /// <summary>Who reads; is told when there is something to read.</summary>
    public MemoryEnd? Reader { private get; set; }

    /// <summary>Who writes; is told when there is room again.</summary>
    public MemoryEnd? Writer { private get; set; }

    /// <returns>Bytes taken; -1 if the reader is gone.</returns>
    public int Write(ReadOnlySpan<byte> bytes, out SocketError error)
    {
        int taken;
        bool wake;
        error = SocketError.Success;
        lock (_lock)
        {
            if (_isReset || _isReaderGone)
            {
                error = SocketError.ConnectionReset;
                return -1;
            }
            taken = Math.Min(bytes.Length, limit - _count);
            Append(bytes[..taken]);
            if (taken < bytes.Length) _writerWaits = true;
            wake = taken > 0 && _readerWaits;
            if (wake) _readerWaits = false;
        }
        if (wake) Reader!.AnnounceReadable();
        return taken;
    }

    /// <returns>Bytes read; 0 at the end; -1 with WouldBlock or ConnectionReset.</returns>
    public int Read(Span<byte> target, out SocketError error)
    {
        int count;
        bool wake;
        error = SocketError.Success;
        lock (_lock)
        {
            count = Math.Min(target.Length, _count);
            if (count == 0)
            {
                if (_isReset) error = SocketError.ConnectionReset;
                else if (_isFinished) return 0;
                else error = SocketError.WouldBlock;
                return -1;
            }
            int first = Math.Min(count, _ring.Length - _start);
            _ring.AsSpan(_start, first).CopyTo(target);
            _ring.AsSpan(0, count - first).CopyTo(target[first..]);
            _start = (_start + count) % _ring.Length;
            _count -= count;
            wake = _writerWaits;
            _writerWaits = false;
        }
        if (wake) Writer!.AnnounceWritable();
        return count;
    }

    /// <summary>Announces to the reader once there is something to read, possibly now.</summary>
    public void WaitForInput()
    {
        lock (_lock)
        {
            _readerWaits = _count == 0 && !_isFinished && !_isReset;
            if (_readerWaits) return;
        }
        Reader!.AnnounceReadable();
    }

    /// <summary>The writer sends nothing more; what is in the pipe stays readable.</summary>
    public void Finish()
    {
        lock (_lock)
        {
            _isFinished = true;
            _readerWaits = false;
        }
        Reader!.AnnounceReadable();
    }

    /// <summary>The reader is gone: writing fails from now on.</summary>
    public void ReaderGone()
    {
        lock (_lock)
        {
            _isReaderGone = true;
            _writerWaits = false;
            _count = 0;
            _ring = [];
        }
        Writer!.AnnounceWritable();
    }

    /// <summary>As if the network had failed: what is in the pipe is lost and both sides get an error.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            _isReset = true;
            _count = 0;
            _readerWaits = _writerWaits = false;
        }
        Reader!.AnnounceReadable();
        Writer!.AnnounceWritable();
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_count + bytes.Length > _ring.Length) Grow(_count + bytes.Length);
        int end = (int)(((long)_start + _count) % Math.Max(_ring.Length, 1));
        int first = Math.Min(bytes.Length, _ring.Length - end);
        bytes[..first].CopyTo(_ring.AsSpan(end));
        bytes[first..].CopyTo(_ring);
        _count += bytes.Length;
    }

    private void Grow(int needed)
    {
        var larger = new byte[(int)Math.Min(limit, Math.Max(2L * _ring.Length, Math.Max(needed, 256L)))];
        int first = Math.Min(_count, _ring.Length - _start);
        _ring.AsSpan(_start, first).CopyTo(larger);
        _ring.AsSpan(0, _count - first).CopyTo(larger.AsSpan(first));
        _ring = larger;
        _start = 0;
    }
}
