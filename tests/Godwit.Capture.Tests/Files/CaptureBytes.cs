// Writes captures byte by byte, in either byte order: what the readers must understand and our own writer does not write.
using System.Buffers.Binary;

namespace Godwit.Capture.Tests.Files;

internal sealed class CaptureBytes(bool bigEndian)
{
    private readonly List<byte> _bytes = [];

    public byte[] ToArray() => [.. _bytes];

    public CaptureBytes U16(int value)
    {
        Span<byte> bytes = stackalloc byte[2];
        if (bigEndian) BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
        else BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)value);
        _bytes.AddRange(bytes);
        return this;
    }

    public CaptureBytes U32(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        if (bigEndian) BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        else BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        _bytes.AddRange(bytes);
        return this;
    }

    public CaptureBytes U64(ulong value) => bigEndian ? U32((uint)(value >> 32)).U32((uint)value) : U32((uint)value).U32((uint)(value >> 32));

    public CaptureBytes Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public CaptureBytes PcapHeader(uint magic, uint link, uint snapLength = 262_144) => U32(magic).U16(2).U16(4).U32(0).U32(0).U32(snapLength).U32(link);

    public CaptureBytes PcapRecord(uint seconds, uint fraction, ReadOnlySpan<byte> frame, int originalLength = 0) =>
        U32(seconds).U32(fraction).U32((uint)frame.Length).U32((uint)Math.Max(originalLength, frame.Length)).Raw(frame);

    public CaptureBytes Section(ReadOnlySpan<byte> options = default) =>
        Block(0x0a0d0d0a, new CaptureBytes(bigEndian).U32(0x1a2b3c4d).U16(1).U16(0).U64(ulong.MaxValue).Raw(options));

    public CaptureBytes Interface(int link, uint snapLength = 0, ReadOnlySpan<byte> options = default) =>
        Block(1, new CaptureBytes(bigEndian).U16(link).U16(0).U32(snapLength).Raw(options));

    public CaptureBytes Packet(uint interfaceId, ulong time, ReadOnlySpan<byte> frame, ReadOnlySpan<byte> options = default) =>
        Block(6, new CaptureBytes(bigEndian).U32(interfaceId).U32((uint)(time >> 32)).U32((uint)time).U32((uint)frame.Length).U32((uint)frame.Length).Raw(frame).Pad().Raw(options));

    public CaptureBytes Option(int code, ReadOnlySpan<byte> value) => U16(code).U16(value.Length).Raw(value).Pad();

    public CaptureBytes Pad()
    {
        while (_bytes.Count % 4 != 0) _bytes.Add(0);
        return this;
    }

    public CaptureBytes Block(uint type, CaptureBytes body)
    {
        byte[] content = body.Pad().ToArray();
        return U32(type).U32((uint)content.Length + 12).Raw(content).U32((uint)content.Length + 12);
    }
}
