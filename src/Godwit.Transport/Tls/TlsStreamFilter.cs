// TLS by SslStream, made to behave as a non-blocking socket. The handshake runs on the thread pool (HandshakeQueue); from then on records are
// decrypted and encrypted on the loop's thread, several in a turn: ciphertext is received until it is used up, and a turn's output is gathered
// into records of 16 KiB that leave in one send.
using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Godwit.Transport.Filters;

namespace Godwit.Transport.Tls;

[SuppressMessage("Design", "CA1001", Justification = "Release disposes of the stream, once the handshake is not running.")]
internal sealed class TlsStreamFilter : StreamFilter, IRecordSink
{
    /// <summary>Ciphertext received at one time.</summary>
    private const int ReceiveSize = 32 * 1024;

    /// <summary>Ciphertext that may wait while the handshake is being computed; more than all of its messages have.</summary>
    private const int MostHandshakeInput = 128 * 1024;

    /// <summary>Bytes of one record.</summary>
    private const int RecordSize = 16 * 1024;

    /// <summary>A segment of this size gets records of its own instead of being gathered.</summary>
    private const int LargeSegment = 4 * 1024;

    /// <summary>Plain bytes that are encrypted at one time, and ciphertext beyond which nothing more is encrypted.</summary>
    private const int MostAtOnce = 128 * 1024;

    private readonly RecordFeed _feed;
    private readonly TlsStream _stream;
    private Action? _onOpen; // until then
    private readonly Lock _handshakeLock = new();
    private ArrayBufferWriter<byte>? _handshakeOutput = new();
    private ValueTask<int> _pendingRead;
    private string? _handshakeFailure;
    private Exception? _handshakeException;
    private TlsPhase _phase;
    private bool _isReadPending;
    private bool _mayHaveMore; // SslStream filled the buffer it was given
    private bool _isEnded; // close_notify has come
    private bool _isFinished; // ours has been sent
    private bool _isReleased;

    /// <param name="connection">The connection.</param>
    /// <param name="onOpen">Called on the loop when the handshake has succeeded.</param>
    public TlsStreamFilter(BufferedConnection connection, Action onOpen) : base(connection)
    {
        _onOpen = onOpen;
        _feed = new RecordFeed(this);
        _stream = new TlsStream(_feed);
    }

    public override bool HasInput => base.HasInput || (_phase == TlsPhase.Open && CanDecrypt) || _isEnded;

    public override int PendingOutput => Own.Length + Below.PendingOutput;

    // A read that waited has taken its record from the feed already.
    private bool CanDecrypt => _feed.HasRecord || _mayHaveMore || (_isReadPending && _pendingRead.IsCompleted);

    /// <summary>Begins the handshake.</summary>
    /// <param name="authenticate">SslStream's part of it.</param>
    /// <param name="explain">Says in a sentence why it failed.</param>
    public void Start(Func<TlsStream, Task> authenticate, Func<Exception, TlsStream, string> explain) =>
        Run(() => _ = HandshakeAsync(authenticate, explain));

    public TlsInfo Describe() => new(_stream.SslProtocol, _stream.NegotiatedCipherSuite, _stream.TargetHostName,
        _stream.NegotiatedApplicationProtocol.ToString(), _stream.RemoteCertificate as X509Certificate2);

    public override int Receive(Memory<byte> buffer, out SocketError error)
    {
        if (_phase == TlsPhase.Failed) return Fail(_handshakeFailure!, out error, _handshakeException);
        if (_phase == TlsPhase.Handshake) return ReceiveHandshake(out error);
        int total = 0;
        try
        {
            total = ReceivePlain(buffer, out error);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            return Fail($"TLS: {TlsErrors.Explain(exception)}", out error, exception);
        }
        finally
        {
            _feed.Trim();
        }
        return total;
    }

    public override int Send(OutputSegment first, out int offered, out SocketError error)
    {
        offered = 1;
        error = SocketError.Success;
        if (_phase != TlsPhase.Open || (Own.Length >= MostAtOnce && !TryFlushOwn(out error)))
            return error is SocketError.Success or SocketError.WouldBlock ? 0 : -1;
        int taken = 0;
        byte[]? gathered = null;
        try
        {
            for (OutputSegment? segment = first; segment is not null && taken < MostAtOnce;)
            {
                ReadOnlyMemory<byte> bytes = segment.Memory;
                if (bytes.Length >= LargeSegment || segment.Next is null)
                {
                    if (bytes.Length > MostAtOnce) bytes = bytes[..MostAtOnce];
                    segment = segment.Next;
                }
                else
                {
                    gathered ??= Pool.Rent(RecordSize);
                    bytes = Gather(ref segment, gathered.AsMemory(0, RecordSize));
                }
                Encrypt(bytes);
                taken += bytes.Length;
            }
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            error = SocketError.ConnectionAborted;
            return -1;
        }
        finally
        {
            if (gathered is not null) Pool.Return(gathered);
        }
        bool isThrough = TryFlushOwn(out error);
        offered = isThrough ? taken : taken + 1;
        return !isThrough && error is not (SocketError.Success or SocketError.WouldBlock) ? -1 : taken;
    }

    public override bool TryFlush(out SocketError error) => TryFlushOwn(out error);

    public override bool TryFinish(out SocketError error)
    {
        if (!_isFinished && _phase == TlsPhase.Open && Failure is null)
        {
            try
            {
                _ = _stream.ShutdownAsync(); // writes the alert into the feed at once
            }
            catch (Exception exception) when (exception is IOException or InvalidOperationException)
            {
                // The session is unusable: then it ends without close_notify.
            }
        }
        _isFinished = true;
        return TryFlushOwn(out error) && Below.TryFinish(out error);
    }

    public override void Release()
    {
        _isReleased = true;
        _feed.End();
        if (_phase != TlsPhase.Handshake) _stream.Dispose();
        base.Release();
    }

    void IRecordSink.Write(ReadOnlySpan<byte> records)
    {
        if (_feed.IsHandshake)
        {
            lock (_handshakeLock) _handshakeOutput!.Write(records);
            Connection.Loop.Post(SendHandshake);
        }
        else if (!_isReleased)
        {
            Own.Write(records, Pool);
        }
    }

    // A test's loop has no thread to be spared, and is to be deterministic.
    public void Run(Action step)
    {
        if (Connection.Loop.IsManual) step();
        else HandshakeQueue.Shared.Post(step);
    }

    private async Task HandshakeAsync(Func<TlsStream, Task> authenticate, Func<Exception, TlsStream, string> explain)
    {
        Exception? failure = null;
        try
        {
            await authenticate(_stream).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = exception;
        }
        Connection.Loop.Post(() => EndHandshake(failure, failure is null ? null : explain(failure, _stream)));
    }

    private void EndHandshake(Exception? failure, string? sentence)
    {
        SendHandshake();
        _handshakeOutput = null;
        _feed.IsHandshake = false;
        if (_isReleased)
        {
            _stream.Dispose();
            return;
        }
        (_handshakeException, _handshakeFailure) = (failure, sentence);
        _phase = failure is null ? TlsPhase.Open : TlsPhase.Failed;
        if (Connection.IsClosing) return;
        Connection.ResumeReading();
        Connection.OnFilterChanged();
        Action? onOpen = _onOpen;
        _onOpen = null;
        if (failure is null) onOpen!();
    }

    private void SendHandshake()
    {
        if (_isReleased || _handshakeOutput is null) return;
        lock (_handshakeLock)
        {
            Own.Write(_handshakeOutput.WrittenSpan, Pool);
            _handshakeOutput.ResetWrittenCount();
        }
        Connection.Loop.MarkDirty(Connection);
    }

    private int ReceiveHandshake(out SocketError error)
    {
        int count = ReceiveBelow(_feed.Room(RecordSize), out error);
        if (count < 0) return count;
        if (count == 0) _feed.End(); // the handshake's end says why: the other side may have closed because of what it was told
        else _feed.Advance(count);
        if (count == 0 || _feed.Waiting > MostHandshakeInput) Connection.PauseReading();
        error = SocketError.WouldBlock;
        return -1;
    }

    private int ReceivePlain(Memory<byte> buffer, out SocketError error)
    {
        int total = 0;
        bool isUsedUp = false;
        error = SocketError.Success;
        while (total < buffer.Length && !_isEnded)
        {
            if (CanDecrypt)
            {
                total += Decrypt(buffer[total..]);
                continue;
            }
            if (isUsedUp) break;
            Memory<byte> room = _feed.Room(ReceiveSize);
            int count = ReceiveBelow(room, out error);
            if (count == 0) error = SocketError.ConnectionReset; // without close_notify it may have been cut by anybody
            if (count <= 0) break;
            isUsedUp = count < room.Length;
            _feed.Advance(count);
        }
        if (total > 0 || (_isEnded && total == 0)) return total;
        if (error == SocketError.Success) error = SocketError.WouldBlock;
        return -1;
    }

    // First without a buffer: if this does not complete, nothing of ours is kept by it. If it does, there is plain text or the end.
    [SuppressMessage("Reliability", "CA2012", Justification = "It is looked at once, when it has completed.")]
    private int Decrypt(Memory<byte> target)
    {
        if (!_isReadPending) _pendingRead = _stream.ReadAsync(Memory<byte>.Empty);
        _isReadPending = !_pendingRead.IsCompleted;
        if (_isReadPending)
        {
            _mayHaveMore = false;
            return 0;
        }
        _pendingRead.GetAwaiter().GetResult();
        ValueTask<int> read = _stream.ReadAsync(target);
        if (!read.IsCompleted) throw new InvalidOperationException("a read waits although there is plain text.");
        int count = read.GetAwaiter().GetResult();
        _isEnded = count == 0;
        _mayHaveMore = count == target.Length;
        return count;
    }

    private void Encrypt(ReadOnlyMemory<byte> bytes)
    {
        ValueTask write = _stream.WriteAsync(bytes);
        if (!write.IsCompleted) throw new InvalidOperationException("a write waits, which only renegotiation could cause.");
        write.GetAwaiter().GetResult();
    }

    private static ReadOnlyMemory<byte> Gather(ref OutputSegment? segment, Memory<byte> room)
    {
        int length = 0;
        while (segment is not null && segment.Length < LargeSegment && length + segment.Length <= room.Length)
        {
            segment.Span.CopyTo(room.Span[length..]);
            length += segment.Length;
            segment = segment.Next;
        }
        return room[..length];
    }

    private enum TlsPhase : byte
    {
        Handshake,
        Open,
        Failed,
    }
}
