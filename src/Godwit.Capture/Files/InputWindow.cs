// A window on a stream: the bytes that are being looked at, in one piece and without copying them out. One large read for many frames costs a
// fraction of a nanosecond a byte, the same as the page faults of a mapped file; and unlike a mapping it also works for pipes, for
// files that grow and for files that become shorter while they are read.
namespace Godwit.Capture.Files;

/// <param name="stream">The stream; it is closed with the window.</param>
/// <param name="largestRead">How much is read from it at a time; what a decompression had ready in the reading that finds damage is lost.</param>
internal sealed class InputWindow(Stream stream, int largestRead = int.MaxValue) : IDisposable
{
    private const int InitialSize = 256 * 1024;

    private byte[] _buffer = new byte[InitialSize];
    private int _start, _end;
    private bool _atEnd;

    /// <summary>The position of the next byte in the stream.</summary>
    public long Offset { get; private set; }

    /// <summary>How many bytes have been read from the stream, including those that nobody has looked at yet.</summary>
    public long Position => Offset + _end - _start;

    /// <summary>Whether the stream has ended because its compressed data is damaged.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>The next bytes: as many as asked for, fewer only at the end. Waits for no more than that. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Peek(int count) =>
        _end - _start >= count ? new ReadOnlySpan<byte>(_buffer, _start, count) : Fill(count);

    /// <summary>Goes on behind bytes that have been seen.</summary>
    public void Advance(int count)
    {
        _start += count;
        Offset += count;
    }

    /// <summary>Takes bytes out, as a stream does: at least one, 0 at the end.</summary>
    public int Read(Span<byte> target)
    {
        if (_start == _end) Fill(1);
        int count = Math.Min(target.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(target);
        Advance(count);
        return count;
    }

    public void Dispose() => stream.Dispose();

    private ReadOnlySpan<byte> Fill(int count)
    {
        MakeRoom(count);
        while (_end - _start < count && !_atEnd)
        {
            int read = ReadStream();
            _end += read;
            _atEnd = read == 0;
        }
        return _buffer.AsSpan(_start, Math.Min(count, _end - _start));
    }

    private void MakeRoom(int count)
    {
        if (_buffer.Length - _start >= count) return;
        byte[] target = count <= _buffer.Length ? _buffer : new byte[Math.Max(count, 2 * _buffer.Length)];
        _buffer.AsSpan(_start, _end - _start).CopyTo(target);
        _end -= _start;
        _start = 0;
        _buffer = target;
    }

    private int ReadStream()
    {
        try
        {
            return stream.Read(_buffer.AsSpan(_end, Math.Min(_buffer.Length - _end, largestRead)));
        }
        catch (InvalidDataException)
        {
            IsDamaged = true;
            return 0;
        }
    }
}
