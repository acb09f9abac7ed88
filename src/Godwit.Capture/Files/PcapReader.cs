// The pcap format (draft-ietf-opsawg-pcap): a header of 24 bytes, then records. The magic number says byte order and unit of time.
//
//     header:  magic | major, minor | 0 | 0 | snap length | link type (low 16 bits)
//     record:  seconds | microseconds or nanoseconds | bytes captured | bytes on the link | the bytes
namespace Godwit.Capture.Files;

internal sealed class PcapReader : FrameReader
{
    private const int FileHeader = 24, RecordHeader = 16;

    // A modified format of Linux 2.2 days has 8 more bytes in each record: interface index, protocol, packet type.
    private const int ModifiedRecordHeader = 24;

    private readonly ByteOrderReader _order;
    private readonly int _recordHeader, _nanosecondsPerUnit;
    private readonly CaptureInterface[] _interfaces;
    private readonly LinkType _link;

    private PcapReader(InputWindow window, ByteOrderReader order, int recordHeader, int nanosecondsPerUnit) : base(window)
    {
        (_order, _recordHeader, _nanosecondsPerUnit) = (order, recordHeader, nanosecondsPerUnit);
        ReadOnlySpan<byte> header = window.Peek(FileHeader);
        if (header.Length < FileHeader)
            throw new CaptureFormatException($"This pcap file has {header.Length} bytes; its header alone has {FileHeader}.");
        _link = (LinkType)(order.UInt32(header, 20) & 0xffff);
        _interfaces = [new CaptureInterface(_link, order.UInt32(header, 16))];
        window.Advance(FileHeader);
    }

    public override IReadOnlyList<CaptureInterface> Interfaces => _interfaces;

    /// <summary>A reader if the file is of this format, otherwise null.</summary>
    public static PcapReader? Recognise(InputWindow window)
    {
        ReadOnlySpan<byte> magic = window.Peek(4);
        return magic.Length < 4 ? null : (uint)(magic[0] << 24 | magic[1] << 16 | magic[2] << 8 | magic[3]) switch
        {
            0xa1b2c3d4 => new PcapReader(window, new ByteOrderReader(true), RecordHeader, 1000),
            0xd4c3b2a1 => new PcapReader(window, new ByteOrderReader(false), RecordHeader, 1000),
            0xa1b23c4d => new PcapReader(window, new ByteOrderReader(true), RecordHeader, 1),
            0x4d3cb2a1 => new PcapReader(window, new ByteOrderReader(false), RecordHeader, 1),
            0xa1b2cd34 => new PcapReader(window, new ByteOrderReader(true), ModifiedRecordHeader, 1000),
            0x34cdb2a1 => new PcapReader(window, new ByteOrderReader(false), ModifiedRecordHeader, 1000),
            _ => null,
        };
    }

    public override bool TryRead(out Frame frame)
    {
        frame = default;
        if (Damage is not null) return false;
        ReadOnlySpan<byte> header = Window.Peek(_recordHeader);
        if (header.Length < _recordHeader) return EndsWith(header.Length, "a record's header is cut off");
        long time = _order.UInt32(header, 0) * 1_000_000_000L + (long)_order.UInt32(header, 4) * _nanosecondsPerUnit;
        uint captured = _order.UInt32(header, 8), original = _order.UInt32(header, 12);
        if (captured > LargestFrame) return Breaks($"a record says that it has {captured} bytes, which no frame has");

        ReadOnlySpan<byte> record = Window.Peek(_recordHeader + (int)captured);
        if (record.Length < _recordHeader + captured) return EndsWith(record.Length, "a record is cut off");
        Window.Advance(record.Length);
        frame = new Frame
        {
            Number = ++Frames,
            Time = time,
            Link = _link,
            Bytes = record[_recordHeader..],
            OriginalLength = OriginalLength(captured, original),
        };
        return true;
    }
}
