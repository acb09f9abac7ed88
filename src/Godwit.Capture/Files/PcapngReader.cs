// The pcapng format (draft-ietf-opsawg-pcapng): blocks, each with type and length before and length behind. A section's first block says its
// byte order; interfaces belong to their section, and each has its own kind of link and unit of time.
//
//     block:            type | total length | body, padded to 4 bytes | total length
//     section header:   magic | major, minor | section length (not needed: sections end where the next begins) | options
//     interface:        link type, reserved | snap length | options
//     enhanced packet:  interface | time high | time low | bytes captured | bytes on the link | the bytes | options
using System.Text;

namespace Godwit.Capture.Files;

internal sealed class PcapngReader : FrameReader
{
    private const uint ByteOrderMagic = 0x1a2b3c4d;
    private const int BlockHeader = 8, LeastBlock = 12, LeastSection = 28, PacketHeader = 20, LargestBlock = LargestFrame + 65_536;

    private readonly List<CaptureInterface> _interfaces = [];
    private readonly List<TimeResolution> _resolutions = [];
    private ByteOrderReader _order;
    private int _sectionStart;
    private long _lastTime;

    private PcapngReader(InputWindow window) : base(window)
    {
    }

    public override IReadOnlyList<CaptureInterface> Interfaces => _interfaces;

    /// <summary>A reader if the file is of this format, otherwise null.</summary>
    public static PcapngReader? Recognise(InputWindow window) =>
        window.Peek(4) is [0x0a, 0x0d, 0x0d, 0x0a] && window.Peek(12) is [.., 0x1a, 0x2b, 0x3c, 0x4d] or [.., 0x4d, 0x3c, 0x2b, 0x1a] ? new PcapngReader(window) : null;

    public override bool TryRead(out Frame frame)
    {
        frame = default;
        while (Damage is null && TryReadBlock(out uint type, out ReadOnlySpan<byte> body))
        {
            long offset = Window.Offset;
            Window.Advance(body.Length + LeastBlock);
            bool isFrame = false, isRight = type switch
            {
                BlockType.EnhancedPacket => isFrame = TryEnhancedPacket(body, out frame),
                BlockType.ObsoletePacket => isFrame = TryObsoletePacket(body, out frame),
                BlockType.SimplePacket => isFrame = TrySimplePacket(body, out frame),
                BlockType.Section => TrySection(body),
                BlockType.Interface => TryInterface(body),
                BlockType.InterfaceStatistics => TryStatistics(body),
                BlockType.Secrets => TrySecrets(body),
                _ => true,
            };
            if (!isRight) Damage = new CaptureDamage(offset, $"a block of type {type} contradicts itself");
            if (isFrame) return true;
        }
        return false;
    }

    private bool TryReadBlock(out uint type, out ReadOnlySpan<byte> body)
    {
        type = 0;
        body = default;
        ReadOnlySpan<byte> head = Window.Peek(LeastBlock);
        if (head.Length < LeastBlock) return EndsWith(head.Length, "a block's header is cut off");
        type = _order.UInt32(head, 0); // the same in both byte orders if it is a section's
        if (type == BlockType.Section)
        {
            bool isBig = new ByteOrderReader(true).UInt32(head, BlockHeader) == ByteOrderMagic;
            _order = new ByteOrderReader(isBig);
            if (_order.UInt32(head, BlockHeader) != ByteOrderMagic) return Breaks("a section does not say its byte order");
        }
        uint length = _order.UInt32(head, 4);
        if (length < LeastBlock || length % 4 != 0 || length > LargestBlock) return Breaks($"a block says that it has {length} bytes, which cannot be");
        ReadOnlySpan<byte> block = Window.Peek((int)length);
        if (block.Length < length) return EndsWith(block.Length, "a block is cut off");
        if (_order.UInt32(block, (int)length - 4) != length) return Breaks("the lengths at the two ends of a block differ");
        body = block[BlockHeader..^4];
        return true;
    }

    private bool TrySection(ReadOnlySpan<byte> body)
    {
        if (body.Length < LeastSection - LeastBlock) return false;
        _sectionStart = _interfaces.Count;
        NoteComments(body[16..]);
        return true;
    }

    private bool TryInterface(ReadOnlySpan<byte> body)
    {
        if (body.Length < 8) return false;
        byte resolution = 6;
        long offset = 0;
        string? name = null, description = null;
        for (var options = new PcapngOptions(body[8..], _order); options.MoveNext();)
        {
            switch (options.Code)
            {
                case OptionCode.InterfaceName: name = TextOf(options.Value); break;
                case OptionCode.InterfaceDescription: description = TextOf(options.Value); break;
                case OptionCode.TimeResolution when options.Value.Length == 1: resolution = options.Value[0]; break;
                case OptionCode.TimeOffset when options.Value.Length == 8: offset = (long)_order.UInt64(options.Value, 0); break;
            }
        }
        _interfaces.Add(new CaptureInterface((LinkType)_order.UInt16(body, 0), _order.UInt32(body, 4), name, description));
        _resolutions.Add(new TimeResolution(resolution, offset));
        NoteComments(body[8..]);
        return true;
    }

    private bool TryEnhancedPacket(ReadOnlySpan<byte> body, out Frame frame)
    {
        frame = default;
        return body.Length >= PacketHeader && TryPacket(body, _order.UInt32(body, 0), out frame);
    }

    private bool TryObsoletePacket(ReadOnlySpan<byte> body, out Frame frame)
    {
        // Like the enhanced one, but the interface has 16 bits; the other 16 count lost frames.
        frame = default;
        return body.Length >= PacketHeader && TryPacket(body, _order.UInt16(body, 0), out frame);
    }

    private bool TryPacket(ReadOnlySpan<byte> body, uint interfaceId, out Frame frame)
    {
        frame = default;
        uint captured = _order.UInt32(body, 12), original = _order.UInt32(body, 16);
        if (interfaceId >= _interfaces.Count - _sectionStart || captured > body.Length - PacketHeader) return false;
        int index = _sectionStart + (int)interfaceId;
        _lastTime = _resolutions[index].Nanoseconds((ulong)_order.UInt32(body, 4) << 32 | _order.UInt32(body, 8));
        int options = PacketHeader + PcapngOptions.Padded((int)captured);
        frame = new Frame
        {
            Number = ++Frames,
            Time = _lastTime,
            Link = _interfaces[index].Link,
            Interface = index,
            Bytes = body.Slice(PacketHeader, (int)captured),
            OriginalLength = OriginalLength(captured, original),
            Comment = options < body.Length ? CommentIn(body[options..]) : default,
        };
        return true;
    }

    private bool TrySimplePacket(ReadOnlySpan<byte> body, out Frame frame)
    {
        frame = default;
        if (body.Length < 4 || _interfaces.Count == _sectionStart) return false;
        CaptureInterface first = _interfaces[_sectionStart];
        uint original = _order.UInt32(body, 0), captured = first.SnapLength == 0 ? original : (uint)Math.Min(original, first.SnapLength);
        if (captured > body.Length - 4) return false;
        frame = new Frame
        {
            Number = ++Frames,
            Time = _lastTime, // such a block has no time; the last that was seen keeps the order
            Link = first.Link,
            Interface = _sectionStart,
            Bytes = body.Slice(4, (int)captured),
            OriginalLength = OriginalLength(captured, original),
        };
        return true;
    }

    private bool TryStatistics(ReadOnlySpan<byte> body)
    {
        if (body.Length < 12) return false;
        // The counters are totals, but there is only one such block for each interface, at the end.
        for (var options = new PcapngOptions(body[12..], _order); options.MoveNext();)
            if (options.Code is OptionCode.FramesDropped or OptionCode.FramesDroppedBySystem && options.Value.Length == 8)
                Dropped = unchecked(Dropped + (long)_order.UInt64(options.Value, 0));
        return true;
    }

    private bool TrySecrets(ReadOnlySpan<byte> body)
    {
        if (body.Length < 8) return false;
        uint length = _order.UInt32(body, 4);
        if (length > body.Length - 8) return false;
        Notes?.OnSecrets(_order.UInt32(body, 0), body.Slice(8, (int)length));
        return true;
    }

    private void NoteComments(ReadOnlySpan<byte> optionBytes)
    {
        if (Notes is not { } notes) return;
        for (var options = new PcapngOptions(optionBytes, _order); options.MoveNext();)
            if (options.Code == OptionCode.Comment) notes.OnComment(TextOf(options.Value));
    }

    private ReadOnlySpan<byte> CommentIn(ReadOnlySpan<byte> optionBytes)
    {
        for (var options = new PcapngOptions(optionBytes, _order); options.MoveNext();)
            if (options.Code == OptionCode.Comment) return options.Value;
        return default;
    }

    /// <summary>Strings are UTF-8; some programs end them with a zero.</summary>
    private static string TextOf(ReadOnlySpan<byte> value) => Encoding.UTF8.GetString(value.TrimEnd((byte)0));
}
