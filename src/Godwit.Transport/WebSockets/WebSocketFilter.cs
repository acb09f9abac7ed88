// RFC 6455 between the MQTT stream and TCP or TLS, on both sides. What a turn appends leaves as one binary frame; the server's payload is
// not copied for it: the frame's header is put in front of the chain of segments. A client has to mask, and so to copy.
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Godwit.Transport.Filters;

namespace Godwit.Transport.WebSockets;

internal sealed class WebSocketFilter(BufferedConnection connection, bool isServer) : StreamFilter(connection)
{
    /// <summary>The longest frame; more is another one.</summary>
    private const int LongestFrame = 1024 * 1024;

    /// <summary>Bytes that a client masks at one time.</summary>
    private const int LongestMasked = 64 * 1024;

    private readonly FrameReader _reader = new(expectsMask: isServer);
    private int _frameLeft; // bytes of the frame begun that have not been sent
    private CloseStatus _status = CloseStatus.Normal;
    private bool _isFinished;

    public override bool HasInput => base.HasInput || _reader.Closed is not null;

    public override int PendingOutput => Own.Length + (_reader.Ping is null ? 0 : _reader.Ping.Length + 2) + Below.PendingOutput;

    public override int Receive(Memory<byte> buffer, out SocketError error)
    {
        error = SocketError.Success;
        if (_reader.Closed is not null) return 0;
        int count = ReceiveBelow(buffer, out error);
        if (count <= 0) return count;
        int payload = _reader.Read(buffer.Span[..count]);
        if (_reader.Violation is { } violation)
        {
            _status = violation.Status;
            return Fail($"WebSocket: {violation.Sentence}.", out error);
        }
        if (payload > 0) return payload;
        if (_reader.Closed is not null) return 0;
        error = SocketError.WouldBlock;
        return -1;
    }

    public override int Send(OutputSegment first, out int offered, out SocketError error)
    {
        offered = 1;
        if (_frameLeft == 0 && !TryFlush(out error)) return error == SocketError.Success ? 0 : -1;
        return isServer ? SendFrame(first, out offered, out error) : SendMasked(first, out offered, out error);
    }

    public override bool TryFlush(out SocketError error)
    {
        if (_frameLeft == 0 && _reader.Ping is { } ping)
        {
            WriteOwn(FrameType.Pong, ping);
            _reader.Ping = null;
        }
        if (_frameLeft == 0) return TryFlushOwn(out error);
        // Within a frame nothing of ours may go out, and Send goes on with the rest of it.
        return Below.TryFlush(out error);
    }

    public override bool TryFinish(out SocketError error)
    {
        if (!_isFinished && _frameLeft == 0) WriteOwn(FrameType.Close, ClosePayload());
        _isFinished = true;
        return TryFlush(out error) && Below.TryFinish(out error);
    }

    private int SendFrame(OutputSegment first, out int offered, out SocketError error)
    {
        if (_frameLeft == 0)
        {
            _frameLeft = SegmentChain.Length(first, LongestFrame);
            Own.Advance(FrameHeader.Write(Own.Reserve(FrameHeader.Longest, Pool), FrameType.Binary, _frameLeft, isMasked: false));
        }
        int headers = Own.Length;
        SegmentChain.Cut cut = SegmentChain.CutAt(first, _frameLeft);
        int sent = Below.Send(Own.LinkTo(first), out offered, out error);
        Own.Unlink();
        cut.Restore();
        if (sent < 0) return sent;
        Own.Consume(Math.Min(sent, headers), Pool);
        sent = Math.Max(sent - headers, 0);
        offered = Math.Max(offered - headers, sent + (Own.IsEmpty ? 0 : 1));
        _frameLeft -= sent;
        return sent;
    }

    private int SendMasked(OutputSegment first, out int offered, out SocketError error)
    {
        int length = SegmentChain.Length(first, LongestMasked);
        Span<byte> key = stackalloc byte[4];
        RandomNumberGenerator.Fill(key);
        BeginMasked(FrameType.Binary, length, key);
        uint turning = FrameMask.Read(key);
        int left = length;
        for (OutputSegment? segment = first; left > 0; segment = segment!.Next)
        {
            ReadOnlySpan<byte> part = segment!.Span;
            if (part.Length > left) part = part[..left];
            left -= part.Length;
            while (!part.IsEmpty)
            {
                Span<byte> room = Own.Reserve(1, Pool);
                int count = Math.Min(part.Length, room.Length);
                turning = FrameMask.Apply(turning, part[..count], room);
                Own.Advance(count);
                part = part[count..];
            }
        }
        bool isThrough = TryFlush(out error);
        offered = isThrough ? length : length + 1;
        return !isThrough && error is not (SocketError.Success or SocketError.WouldBlock) ? -1 : length;
    }

    private void WriteOwn(FrameType type, ReadOnlySpan<byte> payload)
    {
        if (isServer)
        {
            Own.Advance(FrameHeader.Write(Own.Reserve(FrameHeader.Longest, Pool), type, payload.Length, isMasked: false));
            Own.Write(payload, Pool);
            return;
        }
        Span<byte> key = stackalloc byte[4];
        RandomNumberGenerator.Fill(key);
        BeginMasked(type, payload.Length, key);
        Span<byte> masked = stackalloc byte[FrameHeader.LongestControl];
        FrameMask.Apply(FrameMask.Read(key), payload, masked);
        Own.Write(masked[..payload.Length], Pool);
    }

    private void BeginMasked(FrameType type, int length, ReadOnlySpan<byte> key)
    {
        Own.Advance(FrameHeader.Write(Own.Reserve(FrameHeader.Longest, Pool), type, length, isMasked: true));
        Own.Write(key, Pool);
    }

    // An answer repeats the status; a reason says what was wrong.
    private byte[] ClosePayload()
    {
        if (_reader.Closed is { Length: >= 2 } closed) return closed[..2];
        string reason = Failure is null ? "" : Failure.Message;
        var payload = new byte[Math.Min(2 + Encoding.ASCII.GetByteCount(reason), FrameHeader.LongestControl)];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)_status);
        Encoding.ASCII.TryGetBytes(reason.AsSpan(0, Math.Min(reason.Length, payload.Length - 2)), payload.AsSpan(2), out _);
        return payload;
    }
}
