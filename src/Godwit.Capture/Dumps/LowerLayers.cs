// A dump of a whole frame begins with what carries TCP: tcpdump -X shows the IP header, Wireshark the Ethernet header too. Who pastes one wants
// to know about MQTT, so these are left out. MQTT cannot be taken for them: type 4 with flags 5 is no packet, and neither is type 0.
using System.Buffers.Binary;

namespace Godwit.Capture.Dumps;

/// <summary>Finds what TCP carries in a copied frame.</summary>
public static class LowerLayers
{
    /// <summary>How many bytes of Ethernet, IP and TCP headers stand in front; 0 if the bytes do not begin with a whole set of them.</summary>
    /// <param name="bytes">A frame, an IP packet, or something else.</param>
    public static int HeaderLength(ReadOnlySpan<byte> bytes)
    {
        int ip = IpHeader(bytes, 0) > 0 ? 0 : 14; // Ethernet: two addresses, a type
        if (ip == 14 && (bytes.Length < 14 || BinaryPrimitives.ReadUInt16BigEndian(bytes[12..]) is not (0x0800 or 0x86DD))) return 0;
        int ipLength = IpHeader(bytes, ip);
        if (ipLength == 0 || bytes.Length < ip + ipLength + 20) return 0;
        int tcpLength = bytes[ip + ipLength + 12] >> 4 << 2;
        int all = ip + ipLength + tcpLength;
        return tcpLength >= 20 && all < bytes.Length ? all : 0;
    }

    // An IPv4 or IPv6 header in front of TCP, or 0.
    private static int IpHeader(ReadOnlySpan<byte> bytes, int at)
    {
        const byte tcp = 6;
        if (bytes.Length < at + 40) return 0;
        ReadOnlySpan<byte> header = bytes[at..];
        if (header[0] >> 4 == 4 && (header[0] & 15) >= 5 && header[9] == tcp && BinaryPrimitives.ReadUInt16BigEndian(header[2..]) <= header.Length)
            return (header[0] & 15) * 4;
        return header[0] >> 4 == 6 && header[6] == tcp && BinaryPrimitives.ReadUInt16BigEndian(header[4..]) + 40 <= header.Length ? 40 : 0;
    }
}
