// What one loop has collected for a trace and not handed over yet: a turn's packets, so that many of them make one message.
using Godwit.Transport;

namespace Godwit.Broker.Tracing;

internal sealed class TracePart(Trace trace, Shard shard) : ILoopWork
{
    /// <summary>Bytes that are handed over before the turn ends.</summary>
    private const int Piece = 32 * 1024;

    private byte[] _buffer = [];
    private int _used = TraceMessage.HeadLength;
    private bool _isPosted;

    /// <summary>Room for records.</summary>
    /// <param name="size">The most that they take.</param>
    /// <param name="room">So many bytes.</param>
    /// <returns>False if the reader is too slow: they are left out.</returns>
    public bool TryReserve(int size, out Span<byte> room)
    {
        room = default;
        if (!trace.HasRoom(size)) return false;
        if (_used > TraceMessage.HeadLength && _used + size > Piece) HandOver();
        if (_buffer.Length < _used + size) Array.Resize(ref _buffer, Math.Max(Piece, _used + size));
        room = _buffer.AsSpan(_used, size);
        return true;
    }

    /// <summary>So many bytes of the room have been used.</summary>
    public void Commit(int packets, int bytes)
    {
        _used += bytes;
        trace.Count(packets, bytes);
        if (_isPosted) return;
        _isPosted = true;
        shard.Loop.Post(this); // behind what the rest of this turn adds
    }

    /// <summary>Hands over what there is: before anything else may be said of it on another loop.</summary>
    public void HandOver()
    {
        if (_used == TraceMessage.HeadLength) return;
        trace.HandOver(_buffer.AsSpan(0, _used).ToArray());
        _used = TraceMessage.HeadLength;
    }

    void ILoopWork.Run(EventLoop loop)
    {
        _isPosted = false;
        HandOver();
    }
}
