// The PROXY protocol's header, versions 1 and 2: who the client of a proxy in front is. The analyser is compiled with this file, too.
using System.Buffers.Binary;
using System.Net;
using System.Numerics;
using System.Text;

namespace Godwit.Transport.Opening;

/// <summary>A PROXY header.</summary>
/// <param name="Version">1 = a line of text, 2 = binary.</param>
/// <param name="Length">How many bytes it has.</param>
/// <param name="Source">The client; null if the proxy speaks for itself, or does not say, or the address is not of IP.</param>
/// <param name="Destination">Where the client has connected to; null likewise.</param>
/// <param name="CommonName">Of the client's certificate, if the proxy did TLS and has verified it.</param>
internal sealed record ProxyHeader(int Version, int Length, IPEndPoint? Source = null, IPEndPoint? Destination = null, string? CommonName = null)
{
    private const int LongestHeader = 4 * 1024, LongestLine = 107, FixedPart = 16;
    private const byte TypeChecksum = 0x03, TypeTls = 0x20, TypeCommonName = 0x22;

    /// <summary>Reads the header that begins here.</summary>
    /// <param name="input">The first bytes of a connection; they begin with a signature of <see cref="FirstBytes"/>.</param>
    /// <param name="problem">What is wrong with it.</param>
    /// <returns>Null if there is a problem or, without one, more bytes are needed.</returns>
    public static ProxyHeader? Read(ReadOnlySpan<byte> input, out string? problem)
    {
        problem = null;
        return input.StartsWith(FirstBytes.ProxySignature2) ? ReadBinary(input, ref problem) : ReadLine(input, ref problem);
    }

    // PROXY TCP4 192.0.2.1 192.0.2.2 56324 1883\r\n
    private static ProxyHeader? ReadLine(ReadOnlySpan<byte> input, ref string? problem)
    {
        int end = input[..Math.Min(input.Length, LongestLine)].IndexOf("\r\n"u8);
        if (end < 0)
        {
            if (input.Length >= LongestLine) problem = "the PROXY header has no end";
            return null;
        }
        string[] words = Encoding.Latin1.GetString(input[..end]).Split(' ');
        if (words is ["PROXY", "UNKNOWN", ..]) return new ProxyHeader(1, end + 2);
        if (words is ["PROXY", "TCP4" or "TCP6", _, _, _, _] && EndPoint(words[2], words[4]) is { } source)
            return new ProxyHeader(1, end + 2, source, EndPoint(words[3], words[5]));
        problem = "the PROXY header is malformed";
        return null;
    }

    private static ProxyHeader? ReadBinary(ReadOnlySpan<byte> input, ref string? problem)
    {
        if (input.Length < FixedPart) return null;
        int length = FixedPart + BinaryPrimitives.ReadUInt16BigEndian(input[14..]);
        if (length > LongestHeader) problem = "the PROXY header has more than 4 KiB";
        if (length > LongestHeader || input.Length < length) return null;
        ReadOnlySpan<byte> rest = input[FixedPart..length];
        if (input[12] == 0x20) return new ProxyHeader(2, length); // LOCAL: the proxy speaks for itself, for instance to see whether we live
        if (input[12] != 0x21) problem = "the PROXY header has a version or command that does not exist";
        (int addressSize, bool isIp) = (input[13] >> 4) switch { 1 => (4, true), 2 => (16, true), 3 => (108, false), _ => (0, false) };
        int size = isIp ? 2 * addressSize + 4 : 2 * addressSize;
        if (problem is null && rest.Length < size) problem = "the PROXY header is malformed";
        if (problem is null && !IsIntact(input[..length], FixedPart + size)) problem = "the PROXY header's checksum is wrong";
        if (problem is not null) return null;
        string? name = CommonNameIn(rest[size..]);
        if (!isIp) return new ProxyHeader(2, length, CommonName: name);
        int ports = 2 * addressSize;
        var source = new IPEndPoint(new IPAddress(rest[..addressSize]), BinaryPrimitives.ReadUInt16BigEndian(rest[ports..]));
        var destination = new IPEndPoint(new IPAddress(rest[addressSize..ports]), BinaryPrimitives.ReadUInt16BigEndian(rest[(ports + 2)..]));
        return new ProxyHeader(2, length, source, destination, name);
    }

    private static IPEndPoint? EndPoint(string address, string port) =>
        IPAddress.TryParse(address, out IPAddress? ip) && ushort.TryParse(port, out ushort number) ? new IPEndPoint(ip, number) : null;

    // CRC32c of the header, counted with its own field as zeros. A header may do without.
    private static bool IsIntact(ReadOnlySpan<byte> header, int fieldsAt)
    {
        ReadOnlySpan<byte> fields = header[fieldsAt..];
        while (TryNext(ref fields, out byte type, out ReadOnlySpan<byte> value))
        {
            if (type != TypeChecksum) continue;
            if (value.Length != sizeof(uint)) return false;
            int at = header.Length - fields.Length - sizeof(uint);
            uint crc = uint.MaxValue;
            for (int i = 0; i < header.Length; i++) crc = BitOperations.Crc32C(crc, i >= at && i < at + sizeof(uint) ? (byte)0 : header[i]);
            return ~crc == BinaryPrimitives.ReadUInt32BigEndian(value);
        }
        return true;
    }

    private static string? CommonNameIn(ReadOnlySpan<byte> fields)
    {
        while (TryNext(ref fields, out byte type, out ReadOnlySpan<byte> value))
        {
            if (type != TypeTls || value.Length < 5) continue;
            bool isVerified = (value[0] & 0b110) != 0 && BinaryPrimitives.ReadInt32BigEndian(value[1..]) == 0;
            ReadOnlySpan<byte> inner = value[5..];
            while (isVerified && TryNext(ref inner, out byte innerType, out ReadOnlySpan<byte> name))
            {
                if (innerType == TypeCommonName) return Encoding.UTF8.GetString(name);
            }
        }
        return null;
    }

    private static bool TryNext(ref ReadOnlySpan<byte> fields, out byte type, out ReadOnlySpan<byte> value)
    {
        type = 0;
        value = default;
        if (fields.Length < 3) return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(fields[1..]);
        if (fields.Length < 3 + length) return false;
        type = fields[0];
        value = fields.Slice(3, length);
        fields = fields[(3 + length)..];
        return true;
    }
}
