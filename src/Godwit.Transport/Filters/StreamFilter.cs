// A layer between a connection's carrier and its handler: changes bytes on their way, on the loop's thread, and says some of its own. The
// connection sees only the topmost one.
using System.Net.Sockets;

namespace Godwit.Transport.Filters;

internal abstract class StreamFilter(BufferedConnection connection) : IByteStream
{
    /// <summary>What the filter has made of its output, or says itself, and has not been taken below yet.</summary>
    protected OutputQueue Own;

    private byte[]? _early;
    private int _earlyStart;
    private IByteStream? _below;

    /// <summary>Why the stream cannot go on, in words for the log; once it is set the connection closes.</summary>
    public TransportException? Failure { get; private set; }

    public virtual bool HasInput => _early is not null || Below.HasInput;

    public abstract int PendingOutput { get; }

    protected BufferedConnection Connection => connection;

    protected IByteStream Below => _below!;

    public abstract int Receive(Memory<byte> buffer, out SocketError error);

    public abstract int Send(OutputSegment first, out int offered, out SocketError error);

    public abstract bool TryFlush(out SocketError error);

    public abstract bool TryFinish(out SocketError error);

    /// <summary>Puts it on a stream.</summary>
    /// <param name="below">The stream.</param>
    /// <param name="output">What was to be sent before the filter was there: goes out first, as it is.</param>
    internal void PutOn(IByteStream below, OutputQueue output)
    {
        _below = below;
        Own = output;
    }

    /// <summary>Bytes that were received before the filter was there.</summary>
    internal void Prepend(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        _early = bytes.ToArray();
        _earlyStart = 0;
    }

    public virtual void Release()
    {
        Own.Clear(Pool);
        Below.Release();
    }

    protected BufferPool Pool => connection.Loop.Pool;

    /// <summary>Sends the filter's own output and what is pending below.</summary>
    protected bool TryFlushOwn(out SocketError error)
    {
        while (!Own.IsEmpty)
        {
            int sent = Below.Send(Own.First!, out int offered, out error);
            if (sent < 0 && error == SocketError.Interrupted) continue;
            if (sent < 0) return false;
            Own.Consume(sent, Pool);
            if (sent < offered) return false;
        }
        return Below.TryFlush(out error);
    }

    /// <summary>Receives from below.</summary>
    protected int ReceiveBelow(Memory<byte> buffer, out SocketError error)
    {
        if (_early is null) return Below.Receive(buffer, out error);
        error = SocketError.Success;
        int count = Math.Min(buffer.Length, _early.Length - _earlyStart);
        _early.AsSpan(_earlyStart, count).CopyTo(buffer.Span);
        _earlyStart += count;
        if (_earlyStart == _early.Length) _early = null;
        return count;
    }

    /// <summary>The stream cannot go on.</summary>
    /// <returns>What <see cref="Receive"/> returns then.</returns>
    protected int Fail(string message, out SocketError error, Exception? inner = null)
    {
        Failure ??= new TransportException(message, inner);
        error = SocketError.WouldBlock;
        return -1;
    }
}
