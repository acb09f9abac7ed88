// Frames of one direction. Payload goes on as it comes, a frame need not be complete: MQTT packets begin and end anywhere in them. What is wrong
// is remarked once, and read nevertheless as far as that is possible.
using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Godwit.Capture.Streams;
using Godwit.Transport.WebSockets;

namespace Godwit.Capture.WebSockets;

internal sealed class WebSocketDirection(WebSocketStream owner, Side side, LayerBytes bytes) : IDisposable
{
    private const byte Compressed = 0x40;
    private const int LargestPiece = 16 * 1024;

    private readonly byte[] _partial = new byte[FrameHeader.Longest], _control = new byte[FrameHeader.LongestControl];
    private readonly HashSet<string> _remarked = [];
    private int _partialLength, _controlLength;
    private FrameHeader _header;
    private long _left;
    private uint _key;
    private bool _isInMessage, _isCompressed;

    /// <summary>Decompresses; null if nothing was agreed.</summary>
    public MessageInflater? Inflater { get; set; }

    /// <summary>Whether nothing more can be read.</summary>
    public bool IsLost { get; private set; }

    public void OnBytes(ReadOnlySpan<byte> input, Arrival at)
    {
        while (!input.IsEmpty && !IsLost)
        {
            if (_left == 0)
            {
                ReadHeader(ref input, at);
                continue;
            }
            ReadOnlySpan<byte> part = input[..(int)Math.Min(Math.Min(_left, input.Length), LargestPiece)];
            input = input[part.Length..];
            _left -= part.Length;
            if (_header.IsControl) ReadControl(part, at);
            else ReadPayload(part, at);
        }
    }

    public void OnGap(long count, Arrival at)
    {
        if (IsLost) return;
        if (count > _left || _header.IsControl || _isCompressed)
        {
            Lose(LayerRemarkKind.Lost, "the capture has a gap, behind which it is not known where frames begin", at);
            return;
        }
        _left -= count;
        int turn = (int)(count & 3) * 8;
        _key = BitConverter.IsLittleEndian ? uint.RotateRight(_key, turn) : uint.RotateLeft(_key, turn);
        owner.GiveGap(side, count, at);
        if (_left == 0) EndFrame(at);
    }

    public void Dispose() => Inflater?.Dispose();

    private void ReadHeader(ref ReadOnlySpan<byte> input, Arrival at)
    {
        while (_partialLength < FrameHeader.SizeOf(_partial.AsSpan(0, _partialLength)))
        {
            if (input.IsEmpty) return;
            _partial[_partialLength++] = input[0];
            input = input[1..];
        }
        _header = FrameHeader.Read(_partial.AsSpan(0, _partialLength));
        bytes.WebSocketFrames += _partialLength;
        _partialLength = 0;
        Check(at);
        if (IsLost) return;
        (_left, _key, _controlLength) = (_header.Length, _header.Key, 0);
        if (!_header.IsControl)
        {
            owner.CountFrame(side);
            if (_header.Type != FrameType.Continuation) _isCompressed = (_header.Reserved & Compressed) != 0 && Inflater is not null;
            _isInMessage = !_header.IsFinal;
        }
        if (_left == 0) EndFrame(at);
    }

    private void Check(Arrival at)
    {
        if (_header.Type == FrameType.Text) Remark("A text frame carries MQTT; it must be a binary frame.", at, "MQTT-6.0.0-1"); // [MQTT-6.0.0-1]
        if (_header.IsMasked != (side == Side.Initiator)) Remark(_header.IsMasked ? "The server masks its frames, which only clients may." : "The client does not mask its frames, which it must.", at);
        if (_header.Type == FrameType.Continuation && !_isInMessage) Remark("A continuation frame continues nothing.", at);
        if (_header.Type is FrameType.Text or FrameType.Binary && _isInMessage) Remark("A new message begins within one that is in parts.", at);
        byte allowed = Inflater is not null && _header.Type is FrameType.Text or FrameType.Binary ? Compressed : (byte)0;
        if ((_header.Reserved & ~allowed) != 0) Remark("An extension is used that was not agreed upon (reserved bits are set).", at);
        if (_header.Length < 0) Lose(LayerRemarkKind.Violation, "the length of a frame is not encoded in the shortest way", at);
        else if (_header.Type is not (FrameType.Continuation or FrameType.Text or FrameType.Binary or FrameType.Close or FrameType.Ping or FrameType.Pong))
            Lose(LayerRemarkKind.Violation, $"a frame has the type {(int)_header.Type}, which does not exist", at);
        else if (_header.IsControl && (!_header.IsFinal || _header.Length > FrameHeader.LongestControl))
            Lose(LayerRemarkKind.Violation, "a control frame is in parts or has more than 125 bytes", at);
    }

    private void ReadControl(ReadOnlySpan<byte> part, Arrival at)
    {
        part.CopyTo(_control.AsSpan(_controlLength));
        if (_header.IsMasked) _key = FrameMask.Apply(_key, part, _control.AsSpan(_controlLength));
        _controlLength += part.Length;
        bytes.WebSocketFrames += part.Length;
        if (_left == 0) EndFrame(at);
    }

    private void ReadPayload(ReadOnlySpan<byte> part, Arrival at)
    {
        byte[]? unmasked = null;
        if (_header.IsMasked)
        {
            unmasked = ArrayPool<byte>.Shared.Rent(part.Length);
            _key = FrameMask.Apply(_key, part, unmasked);
            part = unmasked.AsSpan(0, part.Length);
        }
        if (_isCompressed)
        {
            bytes.WebSocketFrames += part.Length;
            Inflater!.Add(part);
            Inflate(at);
        }
        else owner.Give(side, part, at);
        if (unmasked is not null) ArrayPool<byte>.Shared.Return(unmasked);
        if (_left == 0) EndFrame(at);
    }

    private void EndFrame(Arrival at)
    {
        if (_header.Type == FrameType.Close) ReadClose(_control.AsSpan(0, _controlLength), at);
        if (_header.IsControl || !_header.IsFinal || !_isCompressed) return;
        Inflater!.AddEnd();
        Inflate(at);
        Inflater.Finish();
        _isCompressed = false;
    }

    private void Inflate(Arrival at)
    {
        try
        {
            while (Inflater!.TryRead(out ReadOnlySpan<byte> inflated))
            {
                bytes.WebSocketFrames -= inflated.Length;
                owner.Give(side, inflated, at);
            }
        }
        catch (InvalidDataException)
        {
            Lose(LayerRemarkKind.Violation, "a message cannot be decompressed", at);
        }
    }

    private void ReadClose(ReadOnlySpan<byte> payload, Arrival at)
    {
        if (payload.Length == 1) Remark("A close frame has half a status code.", at);
        int code = payload.Length < 2 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(payload);
        string reason = payload.Length > 2 ? $", and gives as reason: {Encoding.UTF8.GetString(payload[2..])}" : "";
        owner.OnClose(side, code, reason, at);
    }

    private void Remark(string sentence, Arrival at, string? statement = null)
    {
        if (_remarked.Add(sentence)) owner.Remark(LayerRemarkKind.Violation, side, sentence, at, statement);
    }

    private void Lose(LayerRemarkKind kind, string why, Arrival at)
    {
        IsLost = true;
        owner.Remark(kind, side, $"What the {(side == Side.Initiator ? "client" : "server")} sends from here on cannot be read: {why}.", at);
    }
}
