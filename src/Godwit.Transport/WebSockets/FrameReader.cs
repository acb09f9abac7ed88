// Takes frames apart where they lie: payloads are unmasked and moved together, so that what is left in the buffer is the MQTT stream.
// Frames need not be complete, and mean nothing to MQTT: a packet may begin and end anywhere in them. [MQTT-6.0.0-2]
// Nothing is kept but a header's or control frame's beginning, so the length of a frame claims no memory.
namespace Godwit.Transport.WebSockets;

internal sealed class FrameReader(bool expectsMask)
{
    private readonly byte[] _partial = new byte[FrameHeader.Longest];
    private byte[]? _control;
    private int _partialLength;
    private int _controlLength;
    private FrameHeader _header;
    private long _left;
    private uint _key;
    private bool _isInMessage;

    /// <summary>What is wrong with the stream; the status code of the close frame goes with it.</summary>
    public (CloseStatus Status, string Sentence)? Violation { get; private set; }

    /// <summary>The payload of a close frame, once one has come. What follows it is not looked at.</summary>
    public byte[]? Closed { get; private set; }

    /// <summary>The payload of the newest ping that is not answered yet.</summary>
    public byte[]? Ping { get; set; }

    private bool IsOver => Violation is not null || Closed is not null;

    /// <summary>Takes what has been received.</summary>
    /// <returns>How many bytes of payload are at the front of the buffer now.</returns>
    public int Read(Span<byte> bytes)
    {
        int read = 0, written = 0;
        while (read < bytes.Length && !IsOver)
        {
            if (_left == 0)
            {
                read += ReadHeader(bytes[read..]);
                continue;
            }
            int count = (int)Math.Min(_left, bytes.Length - read);
            Span<byte> part = bytes.Slice(read, count);
            if (_header.IsControl)
            {
                _key = FrameMask.Apply(_key, part, _control.AsSpan(_controlLength));
                _controlLength += count;
            }
            else
            {
                Span<byte> target = bytes[written..];
                if (_header.IsMasked) _key = FrameMask.Apply(_key, part, target);
                else if (read != written) part.CopyTo(target);
                written += count;
            }
            read += count;
            _left -= count;
            if (_left == 0 && _header.IsControl) EndControl();
        }
        return written;
    }

    private int ReadHeader(ReadOnlySpan<byte> bytes)
    {
        int taken = 0;
        while (_partialLength < FrameHeader.SizeOf(_partial.AsSpan(0, _partialLength)))
        {
            if (taken == bytes.Length) return taken;
            _partial[_partialLength++] = bytes[taken++];
        }
        _header = FrameHeader.Read(_partial.AsSpan(0, _partialLength));
        _partialLength = 0;
        Violation = Check(_header);
        if (Violation is not null) return taken;
        _left = _header.Length;
        _key = _header.Key;
        if (_header.IsControl)
        {
            _control ??= new byte[FrameHeader.LongestControl];
            _controlLength = 0;
            if (_left == 0) EndControl();
        }
        else
        {
            _isInMessage = !_header.IsFinal;
        }
        return taken;
    }

    private (CloseStatus, string)? Check(in FrameHeader header)
    {
        if (header.Type == FrameType.Text) return (CloseStatus.UnsupportedData, "MQTT needs binary frames; a text frame came"); // [MQTT-6.0.0-1]
        if (header.Type is not (FrameType.Continuation or FrameType.Binary or FrameType.Close or FrameType.Ping or FrameType.Pong))
            return Wrong($"frame type {(int)header.Type} does not exist");
        if (header.Reserved != 0) return Wrong("an extension is used that was not negotiated (reserved bits are set)");
        if (header.IsMasked != expectsMask) return Wrong(expectsMask ? "a client's frames must be masked" : "a server's frames must not be masked");
        if (header.Length < 0) return Wrong("the length of a frame is not encoded in the shortest way");
        if (header.IsControl && (!header.IsFinal || header.Length > FrameHeader.LongestControl))
            return Wrong("a control frame is fragmented or has more than 125 bytes");
        if (header.Type == FrameType.Binary && _isInMessage) return Wrong("a new message begins within a fragmented one");
        if (header.Type == FrameType.Continuation && !_isInMessage) return Wrong("a continuation frame continues nothing");
        return null;

        static (CloseStatus, string) Wrong(string sentence) => (CloseStatus.ProtocolError, sentence);
    }

    private void EndControl()
    {
        byte[] payload = _control.AsSpan(0, _controlLength).ToArray();
        if (_header.Type == FrameType.Ping) Ping = payload;
        else if (_header.Type == FrameType.Close && payload.Length == 1) Violation = (CloseStatus.ProtocolError, "a close frame has half a status code");
        else if (_header.Type == FrameType.Close) Closed = payload;
    }
}

/// <summary>Status codes of close frames, RFC 6455 section 7.4.1.</summary>
internal enum CloseStatus : ushort
{
    Normal = 1000,
    ProtocolError = 1002,
    UnsupportedData = 1003,
}
