// From frames to datagrams: IPv4 (RFC 791) with options, IPv6 (RFC 8200) with extension headers, fragments of both, and IP in IP.
//
// What counts is the length that the IP header states: what a short Ethernet frame has behind it is padding, and what the capture has cut
// off (snap length) is missing and not zero.
using System.Buffers.Binary;
using Godwit.Capture.Tcp;

namespace Godwit.Capture.Network;

internal sealed class IpLayer(TcpLayer tcp, CaptureOptions options, CaptureCounters counters)
{
    private const int Tcp = 6, Udp = 17, IPv4InIp = 4, IPv6InIp = 41;
    private const int HopByHop = 0, Routing = 43, FragmentHeader = 44, DestinationOptions = 60, Authentication = 51;
    private const int MaxNesting = 4, MaxExtensions = 16;

    private readonly FragmentTable _fragments = new(options.MaxFragments);

    public void OnFrame(in Frame frame)
    {
        counters.Frames++;
        counters.Bytes += frame.OriginalLength;
        if (frame.Bytes.Length < frame.OriginalLength) counters.CutFrames++;
        if (!LinkLayer.TryFindIp(frame.Link, frame.Bytes, out int header, out SkipReason reason) || frame.Bytes.Length < header)
        {
            counters.Skip(reason);
            return;
        }
        var datagram = new Datagram { At = frame.Arrival, LinkHeader = header, FrameLength = frame.OriginalLength };
        OnPacket(ref datagram, frame.Bytes[header..], Math.Max(0, frame.OriginalLength - header), 0);
    }

    /// <param name="datagram">What is known of it.</param>
    /// <param name="packet">From the IP header on.</param>
    /// <param name="available">How many bytes there were on the link, padding included.</param>
    /// <param name="nesting">How many IP headers came before.</param>
    private void OnPacket(ref Datagram datagram, ReadOnlySpan<byte> packet, int available, int nesting)
    {
        bool understood = packet.IsEmpty || nesting > MaxNesting ? false
            : packet[0] >> 4 == 4 ? OnIPv4(ref datagram, packet, available, nesting)
            : packet[0] >> 4 == 6 && OnIPv6(ref datagram, packet, available, nesting);
        if (!understood) counters.Skip(SkipReason.BrokenIp);
    }

    private bool OnIPv4(ref Datagram datagram, ReadOnlySpan<byte> packet, int available, int nesting)
    {
        if (packet.Length < 20) return false;
        int header = (packet[0] & 0x0f) * 4, total = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        if (total == 0) total = available; // the network card will cut this into segments (TSO), and fill in the length of each
        if (header < 20 || total < header || packet.Length < header) return false;

        datagram.Source = IpAddress.V4(BinaryPrimitives.ReadUInt32BigEndian(packet[12..]));
        datagram.Destination = IpAddress.V4(BinaryPrimitives.ReadUInt32BigEndian(packet[16..]));
        datagram.Protocol = packet[9];
        datagram.Identification = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        datagram.IpHeader += header;
        datagram.Bytes = packet[header..Math.Min(total, packet.Length)];
        datagram.Length = total - header;

        int fragment = BinaryPrimitives.ReadUInt16BigEndian(packet[6..]);
        if ((fragment & 0x3fff) == 0) OnDatagram(ref datagram, nesting);
        else OnFragment(ref datagram, datagram.Identification, (fragment & 0x1fff) * 8, (fragment & 0x2000) != 0, nesting);
        return true;
    }

    private bool OnIPv6(ref Datagram datagram, ReadOnlySpan<byte> packet, int available, int nesting)
    {
        if (packet.Length < 40) return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        if (length == 0) length = Math.Max(0, available - 40); // a jumbogram, or not yet cut into segments
        datagram.Source = IpAddress.V6(packet[8..]);
        datagram.Destination = IpAddress.V6(packet[24..]);
        datagram.Identification = 0;
        datagram.Protocol = packet[6];
        datagram.IpHeader += 40;
        datagram.Bytes = packet[40..Math.Min(40 + length, packet.Length)];
        datagram.Length = length;
        return TryExtensions(ref datagram, nesting);
    }

    private bool TryExtensions(ref Datagram datagram, int nesting)
    {
        for (int extensions = 0; extensions < MaxExtensions; extensions++)
        {
            ReadOnlySpan<byte> bytes = datagram.Bytes;
            byte kind = datagram.Protocol;
            if (kind is not (HopByHop or Routing or FragmentHeader or DestinationOptions or Authentication))
            {
                OnDatagram(ref datagram, nesting);
                return true;
            }
            if (bytes.Length < 8) return false;
            int header = kind switch { FragmentHeader => 8, Authentication => (bytes[1] + 2) * 4, _ => (bytes[1] + 1) * 8 };
            if (bytes.Length < header) return false;
            datagram.Protocol = bytes[0];
            datagram.IpHeader += header;
            datagram.Bytes = bytes[header..];
            datagram.Length -= header;
            if (kind != FragmentHeader) continue;

            int fragment = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
            if ((fragment & 0xfff9) == 0) continue; // an "atomic" fragment, which is the whole datagram
            OnFragment(ref datagram, BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]), fragment & 0xfff8, (fragment & 1) != 0, nesting);
            return true;
        }
        return false;
    }

    private void OnFragment(ref Datagram datagram, uint identification, int offset, bool more, int nesting)
    {
        switch (_fragments.Add(ref datagram, identification, offset, more))
        {
            case FragmentOutcome.Waits: counters.Skip(SkipReason.Fragment); break;
            case FragmentOutcome.Refused: counters.Skip(SkipReason.BrokenFragment); break;
            default: OnDatagram(ref datagram, nesting); break;
        }
    }

    private void OnDatagram(ref Datagram datagram, int nesting)
    {
        switch (datagram.Protocol)
        {
            case Tcp: tcp.OnDatagram(datagram); break;
            case Udp: counters.Skip(SkipReason.Udp); break;
            case IPv4InIp or IPv6InIp: OnPacket(ref datagram, datagram.Bytes, datagram.Length, nesting + 1); break;
            default: counters.Skip(SkipReason.OtherTransport); break;
        }
    }
}
