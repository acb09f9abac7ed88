// The checksum of a segment: RFC 9293, section 3.1, with the pseudo header of RFC 793 or RFC 8200, which give the same sum.
using System.Buffers.Binary;
using Godwit.Capture.Network;

namespace Godwit.Capture.Tcp;

internal static class TcpChecksum
{
    private const int Protocol = 6;

    /// <summary>Whether it is right, or cannot be checked because the capture has not all of the segment.</summary>
    public static bool IsRight(in Datagram datagram)
    {
        if (datagram.Bytes.Length < datagram.Length) return true;
        // The prefix of an IPv4 address in 16 bytes is ffff, which adds nothing to a sum in ones' complement.
        ulong sum = Halves(datagram.Source) + Halves(datagram.Destination) + Protocol + (uint)datagram.Length;
        ReadOnlySpan<byte> bytes = datagram.Bytes;
        for (; bytes.Length >= 4; bytes = bytes[4..]) sum += BinaryPrimitives.ReadUInt32BigEndian(bytes);
        if (bytes.Length >= 2) sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (bytes.Length % 2 != 0) sum += (uint)bytes[^1] << 8;
        while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
        return sum == 0xffff;
    }

    private static ulong Halves(IpAddress address) => (address.High >> 32) + (uint)address.High + (address.Low >> 32) + (uint)address.Low;
}
