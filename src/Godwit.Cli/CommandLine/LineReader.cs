namespace Godwit.Cli.CommandLine;

/// <summary>Lines of a stream as bytes: without the line feed, otherwise as they are. A last line needs no line feed.</summary>
internal sealed class LineReader(Stream input)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>The next line, or null at the end.</summary>
    public async ValueTask<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        int searched = 0;
        while (true)
        {
            int found = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (found >= 0) return Take(searched + found, skip: 1);
            searched = _end - _start;
            MakeRoom();
            // A read from a terminal or pipe cannot be cancelled; the wait for it can.
            int read = await input.ReadAsync(_buffer.AsMemory(_end), cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            if (read == 0) return searched > 0 ? Take(searched, skip: 0) : null;
            _end += read;
        }
    }

    private byte[] Take(int length, int skip)
    {
        byte[] line = _buffer.AsSpan(_start, length).ToArray();
        _start += length + skip;
        return line;
    }

    private void MakeRoom()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
    }
}
