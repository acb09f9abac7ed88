// Builds frames from the inside out: Tcp(...), then IPv4(...) or IPv6(...), then a link's header.
using System.Buffers.Binary;
using System.Net;
using Godwit.Capture.Tcp;

namespace Godwit.Capture.Tests.Network;

internal static class Frames
{
    public const ushort IPv4Type = 0x0800, IPv6Type = 0x86dd;

    public static byte[] Tcp(ushort source, ushort destination, uint sequence, uint acknowledgement, TcpFlags flags, ReadOnlySpan<byte> data = default,
        ushort window = 1000, ReadOnlySpan<byte> options = default)
    {
        int header = 20 + (options.Length + 3 & ~3);
        byte[] bytes = new byte[header + data.Length];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, source);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), destination);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), acknowledgement);
        bytes[12] = (byte)(header / 4 << 4);
        bytes[13] = (byte)flags;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(14), window);
        options.CopyTo(bytes.AsSpan(20));
        data.CopyTo(bytes.AsSpan(header));
        return bytes;
    }

    public static byte[] IPv4(string source, string destination, ReadOnlySpan<byte> payload, byte protocol = 6, ushort identification = 0,
        int fragmentOffset = 0, bool more = false, ReadOnlySpan<byte> options = default)
    {
        int header = 20 + (options.Length + 3 & ~3);
        byte[] bytes = new byte[header + payload.Length];
        bytes[0] = (byte)(0x40 | header / 4);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)bytes.Length);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), identification);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(6), (ushort)(fragmentOffset / 8 | (more ? 0x2000 : 0)));
        bytes[8] = 64;
        bytes[9] = protocol;
        IPAddress.Parse(source).GetAddressBytes().CopyTo(bytes, 12);
        IPAddress.Parse(destination).GetAddressBytes().CopyTo(bytes, 16);
        options.CopyTo(bytes.AsSpan(20));
        payload.CopyTo(bytes.AsSpan(header));
        return bytes;
    }

    public static byte[] IPv6(string source, string destination, ReadOnlySpan<byte> payload, byte next = 6)
    {
        byte[] bytes = new byte[40 + payload.Length];
        bytes[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), (ushort)payload.Length);
        bytes[6] = next;
        bytes[7] = 64;
        IPAddress.Parse(source).GetAddressBytes().CopyTo(bytes, 8);
        IPAddress.Parse(destination).GetAddressBytes().CopyTo(bytes, 24);
        payload.CopyTo(bytes.AsSpan(40));
        return bytes;
    }

    /// <summary>An IPv6 fragment header and what follows it.</summary>
    public static byte[] FragmentHeader(byte next, uint identification, int offset, bool more, ReadOnlySpan<byte> payload)
    {
        byte[] bytes = new byte[8 + payload.Length];
        bytes[0] = next;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)(offset | (more ? 1 : 0)));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), identification);
        payload.CopyTo(bytes.AsSpan(8));
        return bytes;
    }

    /// <summary>Two addresses, the type, the payload, and padding to 60 bytes as every short frame has it.</summary>
    public static byte[] Ethernet(ushort type, ReadOnlySpan<byte> payload)
    {
        byte[] bytes = new byte[Math.Max(60, 14 + payload.Length)];
        bytes.AsSpan(14 + payload.Length).Fill(0xee);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(12), type);
        payload.CopyTo(bytes.AsSpan(14));
        return bytes;
    }

    /// <summary>A VLAN tag without its type, and what follows.</summary>
    public static byte[] Tag(ushort vlan, ushort type, ReadOnlySpan<byte> payload) =>
        [(byte)(vlan >> 8), (byte)vlan, (byte)(type >> 8), (byte)type, .. payload];

    /// <summary>Fills in the checksum of a TCP segment for these addresses.</summary>
    public static byte[] WithChecksum(byte[] tcp, string source, string destination)
    {
        byte[] all = [.. IPAddress.Parse(source).GetAddressBytes(), .. IPAddress.Parse(destination).GetAddressBytes(), 0, 6, (byte)(tcp.Length >> 8), (byte)tcp.Length, .. tcp];
        if (all.Length % 2 != 0) all = [.. all, 0];
        uint sum = 0;
        for (int i = 0; i < all.Length; i += 2) sum += (uint)(all[i] << 8 | all[i + 1]);
        while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(tcp.AsSpan(16), (ushort)~sum);
        return tcp;
    }
}
