// The PROXY protocol, versions 1 and 2: a proxy in front says who the client is. Taken from trusted proxies only: anybody else could claim to
// be anybody.
using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Godwit.Transport.Opening;

internal sealed class ProxyStage : OpeningStage
{
    private const int LongestHeader = 4 * 1024, LongestLine = 107, FixedPart = 16;
    private const byte TypeTls = 0x20, TypeCommonName = 0x22;

    public override string AwaitedThing => "the PROXY header of the proxy";

    public override int OnReceived(OpeningHandler opening, ReadOnlySpan<byte> input)
    {
        if (!opening.Options.Trusts(opening.Peer.DirectEndPoint))
        {
            opening.Refuse("this address is not among the trusted proxies, from which alone the PROXY protocol is taken (--trusted-proxy).");
            return input.Length;
        }
        if (input.StartsWith(FirstBytes.ProxySignature2)) return ReadBinary(opening, input);
        if (input.StartsWith(FirstBytes.ProxySignature1)) return ReadLine(opening, input);
        if (FirstBytes.Recognise(input) == FirstProtocol.Undecided) return 0;
        return Refuse(opening, input, "there is no PROXY header. Switch it on in the proxy (send-proxy, proxy_protocol on), or off for this listener");
    }

    // PROXY TCP4 192.0.2.1 192.0.2.2 56324 1883\r\n
    private static int ReadLine(OpeningHandler opening, ReadOnlySpan<byte> input)
    {
        int end = input[..Math.Min(input.Length, LongestLine)].IndexOf("\r\n"u8);
        if (end < 0) return input.Length < LongestLine ? 0 : Refuse(opening, input, "the PROXY header has no end");
        string[] words = Encoding.Latin1.GetString(input[..end]).Split(' ');
        if (words is ["PROXY", "UNKNOWN", ..]) return Proceed(opening, null, end + 2);
        if (words is ["PROXY", "TCP4" or "TCP6", _, _, _, _] && IPAddress.TryParse(words[2], out IPAddress? address) && ushort.TryParse(words[4], out ushort port))
            return Proceed(opening, new IPEndPoint(address, port), end + 2);
        return Refuse(opening, input, "the PROXY header is malformed");
    }

    private static int ReadBinary(OpeningHandler opening, ReadOnlySpan<byte> input)
    {
        if (input.Length < FixedPart) return 0;
        int length = FixedPart + BinaryPrimitives.ReadUInt16BigEndian(input[14..]);
        if (length > LongestHeader) return Refuse(opening, input, "the PROXY header has more than 4 KiB");
        if (input.Length < length) return 0;
        ReadOnlySpan<byte> rest = input[FixedPart..length];
        if (input[12] == 0x20) return Proceed(opening, null, length); // LOCAL: the proxy speaks for itself, for instance to see whether we live
        if (input[12] != 0x21) return Refuse(opening, input, "the PROXY header has a version or command that does not exist");
        (int addressSize, bool isIp) = (input[13] >> 4) switch { 1 => (4, true), 2 => (16, true), 3 => (108, false), _ => (0, false) };
        int size = isIp ? 2 * addressSize + 4 : 2 * addressSize;
        if (rest.Length < size) return Refuse(opening, input, "the PROXY header is malformed");
        IPEndPoint? remote = isIp ? new IPEndPoint(new IPAddress(rest[..addressSize]), BinaryPrimitives.ReadUInt16BigEndian(rest[(2 * addressSize)..])) : null;
        opening.Peer.ProxyCommonName = CommonName(rest[size..]);
        return Proceed(opening, remote, length);
    }

    // Of the client's certificate, if the proxy did TLS and has verified it.
    private static string? CommonName(ReadOnlySpan<byte> fields)
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

    private static int Proceed(OpeningHandler opening, IPEndPoint? remote, int consumed)
    {
        if (remote is not null)
        {
            opening.Peer.RemoteEndPoint = remote;
            opening.Peer.IsForwarded = true;
            if (!opening.TryAdmit(remote.Address))
            {
                opening.TurnAway();
                return consumed;
            }
        }
        opening.Proceed();
        return consumed;
    }

    private static int Refuse(OpeningHandler opening, ReadOnlySpan<byte> input, string what)
    {
        opening.Refuse($"{what}.");
        return input.Length;
    }
}
