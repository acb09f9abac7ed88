// Where lines go: to a stream in large pieces or, while a capture is live, at once; or into a ring of which the last ones are wanted.
namespace Godwit.Capture.Views;

/// <summary>Takes what is written of each packet.</summary>
/// <param name="stream">Where to; is not closed.</param>
/// <param name="isLive">Whether somebody waits for each record.</param>
/// <param name="last">How many records are wanted of the end; null = all.</param>
public sealed class RecordOutput(Stream stream, bool isLive = false, int? last = null) : IDisposable
{
    private const int FlushAt = 64 * 1024;

    private readonly Queue<byte[]> _ring = new();
    private readonly byte[] _buffer = new byte[FlushAt];
    private int _used;

    /// <summary>Records so far.</summary>
    public long Count { get; private set; }

    /// <summary>Takes a record.</summary>
    public void Write(ReadOnlySpan<byte> record)
    {
        Count++;
        if (last is { } most)
        {
            if (_ring.Count == most) _ring.Dequeue();
            _ring.Enqueue(record.ToArray());
            return;
        }
        Put(record);
        if (isLive) Flush();
    }

    /// <summary>Takes what is not a record: a heading.</summary>
    public void WriteHeading(ReadOnlySpan<byte> heading) => Put(heading);

    /// <summary>Hands over what is waiting.</summary>
    public void Flush()
    {
        if (_used > 0) stream.Write(_buffer, 0, _used);
        _used = 0;
        stream.Flush();
    }

    /// <summary>The capture is over: the last records are known now.</summary>
    public void Dispose()
    {
        while (_ring.TryDequeue(out byte[]? record)) Put(record);
        Flush();
    }

    private void Put(ReadOnlySpan<byte> record)
    {
        if (_used + record.Length > FlushAt)
        {
            if (_used > 0) stream.Write(_buffer, 0, _used);
            _used = 0;
            if (record.Length > FlushAt)
            {
                stream.Write(record);
                return;
            }
        }
        record.CopyTo(_buffer.AsSpan(_used));
        _used += record.Length;
    }
}
