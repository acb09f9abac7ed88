using System.Buffers.Binary;
using System.Net;

namespace Godwit.Capture.Network;

/// <summary>An address of IPv6, or one of IPv4 as ::ffff:a.b.c.d; 16 bytes without an object.</summary>
internal readonly record struct IpAddress(ulong High, ulong Low) : IComparable<IpAddress>
{
    private const ulong MappedPrefix = 0xffff_0000_0000;

    public static IpAddress V4(uint address) => new(0, MappedPrefix | address);

    public static IpAddress V6(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    public int CompareTo(IpAddress other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    public IPEndPoint WithPort(int port)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, High);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Low);
        bool mapped = High == 0 && Low >> 32 == MappedPrefix >> 32;
        return new IPEndPoint(new IPAddress(mapped ? bytes[12..] : bytes), port);
    }
}
