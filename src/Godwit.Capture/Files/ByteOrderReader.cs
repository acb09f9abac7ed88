// Capture files are written in the byte order of the machine that captured; each says which.
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Godwit.Capture.Files;

internal readonly struct ByteOrderReader(bool bigEndian)
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint UInt32(ReadOnlySpan<byte> bytes, int at) =>
        bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ushort UInt16(ReadOnlySpan<byte> bytes, int at) =>
        bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]) : BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    public ulong UInt64(ReadOnlySpan<byte> bytes, int at) =>
        bigEndian ? BinaryPrimitives.ReadUInt64BigEndian(bytes[at..]) : BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}
