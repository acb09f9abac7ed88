// A layer between a connection's carrier and its handler: changes bytes on their way, on the loop's thread, and says some of its own. The
// connection sees only the topmost one.
using System.Net.Sockets;

namespace Godwit.Transport.Filters;

internal abstract class StreamFilter(BufferedConnection connection) : IByteStream
{
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

    /// <summary>Puts it on a stream, of which somebody else has already received the first bytes.</summary>
    internal void PutOn(IByteStream below) => _below = below;

    /// <summary>Bytes that were received before the filter was there.</summary>
    internal void Prepend(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        _early = bytes.ToArray();
        _earlyStart = 0;
    }

    public virtual void Release() => Below.Release();

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
