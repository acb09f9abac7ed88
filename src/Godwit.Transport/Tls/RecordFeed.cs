// The stream that SslStream sees as the network. It hands out whole records only, so that whether a read will complete is known before it
// is begun; a read that finds nothing all the same (the record before was a message of TLS itself) completes when the next record comes.
// During the handshake SslStream runs on the thread pool and gets one record at a time, lest it takes what belongs behind the handshake;
// afterwards everything happens on the loop's thread, within calls.
using System.Buffers;
using System.Buffers.Binary;
using System.Threading.Tasks.Sources;

namespace Godwit.Transport.Tls;

/// <summary>Who sends what SslStream writes, and lets a handshake's reads go on.</summary>
internal interface IRecordSink
{
    void Write(ReadOnlySpan<byte> records);

    void Run(Action step);
}

internal sealed class RecordFeed(IRecordSink sink) : Stream, IValueTaskSource<int>
{
    private const int HeaderSize = 5;
    private const int SmallestRoom = 512;

    private readonly Lock _lock = new();
    private ManualResetValueTaskSourceCore<int> _read;
    private Memory<byte> _target;
    private byte[]? _bytes;
    private int _start, _complete, _end; // from start to complete there are whole records, then the beginning of one
    private int _recordLeft; // of the record that is being handed out, during the handshake
    private bool _isWaiting;
    private bool _isEnded;
    private Action? _completeRead;

    /// <summary>Whether SslStream's handshake is still under way.</summary>
    public bool IsHandshake { get; set; } = true;

    public bool HasRecord => _complete > _start;

    /// <summary>Bytes that wait.</summary>
    public int Waiting => _end - _start;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Room for ciphertext. On the loop.</summary>
    public Memory<byte> Room(int size)
    {
        lock (_lock)
        {
            if (_bytes is null || _bytes.Length - _end < size) Replace(Math.Max(Waiting + size, SmallestRoom));
            return _bytes.AsMemory(_end, size);
        }
    }

    /// <summary>So much of the room has been filled. On the loop.</summary>
    public void Advance(int count)
    {
        bool completes;
        lock (_lock)
        {
            _end += count;
            while (_end - _complete >= HeaderSize)
            {
                int length = HeaderSize + BinaryPrimitives.ReadUInt16BigEndian(_bytes.AsSpan(_complete + 3));
                if (_end - _complete < length) break;
                _complete += length;
            }
            completes = _isWaiting && HasRecord;
            if (completes) _isWaiting = false;
        }
        if (completes) Complete();
    }

    /// <summary>Nothing more comes: a read that waits ends. On the loop.</summary>
    public void End()
    {
        bool completes;
        lock (_lock)
        {
            _isEnded = true;
            completes = _isWaiting;
            _isWaiting = false;
        }
        if (completes) Complete();
    }

    /// <summary>Holds no more memory than what is left needs. On the loop, when no room is being filled.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            if (_bytes is null) return;
            if (Waiting > 0 && _bytes.Length <= 2 * Math.Max(Waiting, SmallestRoom)) return;
            if (Waiting > 0)
            {
                Replace(Waiting);
                return;
            }
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = null;
            _start = _complete = _end = 0;
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (HasRecord || _isEnded) return new ValueTask<int>(Take(buffer.Span));
            _target = buffer;
            _isWaiting = true;
            _read.Reset();
            return new ValueTask<int>(this, _read.Version);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        sink.Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        sink.Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override void Write(byte[] buffer, int offset, int count) => sink.Write(buffer.AsSpan(offset, count));

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    int IValueTaskSource<int>.GetResult(short token) => _read.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);

    private void Complete()
    {
        if (IsHandshake) sink.Run(_completeRead ??= CompleteRead);
        else CompleteRead();
    }

    private void CompleteRead()
    {
        int count;
        lock (_lock)
        {
            count = Take(_target.Span);
            _target = default;
        }
        _read.SetResult(count);
    }

    private int Take(Span<byte> target)
    {
        int most = _complete - _start;
        if (IsHandshake && most > 0)
        {
            if (_recordLeft == 0) _recordLeft = HeaderSize + BinaryPrimitives.ReadUInt16BigEndian(_bytes.AsSpan(_start + 3));
            most = _recordLeft;
        }
        int count = Math.Min(most, target.Length);
        _bytes.AsSpan(_start, count).CopyTo(target);
        _start += count;
        if (IsHandshake) _recordLeft -= count;
        return count;
    }

    private void Replace(int size)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(size);
        _bytes.AsSpan(_start, Waiting).CopyTo(bytes);
        if (_bytes is not null) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = bytes;
        _complete -= _start;
        _end -= _start;
        _start = 0;
    }
}
