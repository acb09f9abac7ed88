// One segment with "hello" behind each kind of link.
using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;
using Godwit.Capture.Tests.Tcp;
using Godwit.Testing;

namespace Godwit.Capture.Tests.Network;

public class LinkTests
{
    private static readonly byte[] Segment = Frames.Tcp(40_000, 1883, 100, 200, TcpFlags.Ack, "hello"u8);
    private static readonly byte[] V4 = Frames.IPv4("10.0.0.1", "10.0.0.2", Segment), V6 = Frames.IPv6("fe80::1", "fe80::2", Segment);

    [Theory]
    [InlineData(LinkType.Ethernet, "0102030405060708090a0b0c 0800", false)]
    [InlineData(LinkType.Ethernet, "0102030405060708090a0b0c 86dd", true)]
    [InlineData(LinkType.Ethernet, "0102030405060708090a0b0c 8100 0005 0800", false)]
    [InlineData(LinkType.Ethernet, "0102030405060708090a0b0c 88a8 0005 8100 0006 86dd", true)]
    [InlineData(LinkType.Ethernet, "0102030405060708090a0b0c 0040 aaaa03 000000 0800", false)] // 802.3, LLC, SNAP
    [InlineData(LinkType.Ethernet, "0102030405060708090a0b0c 8847 00001040 00002140", false)] // MPLS, two labels
    [InlineData(LinkType.Ethernet, "0102030405060708090a0b0c 8864 11 00 0001 002f 0021", false)] // PPPoE
    [InlineData(LinkType.LinuxCooked, "0000 0001 0006 0102030405060000 0800", false)]
    [InlineData(LinkType.LinuxCooked, "0000 0001 0006 0102030405060000 8100 0005 86dd", true)]
    [InlineData(LinkType.LinuxCooked2, "0800 0000 00000001 0304 00 06 0102030405060000", false)]
    [InlineData(LinkType.LinuxCooked2, "86dd 0000 00000001 0304 00 06 0102030405060000", true)]
    [InlineData(LinkType.Raw, "", false)]
    [InlineData(LinkType.Raw, "", true)]
    [InlineData(LinkType.RawOld, "", false)]
    [InlineData(LinkType.RawOpenBsd, "", true)]
    [InlineData(LinkType.RawIPv4, "", false)]
    [InlineData(LinkType.RawIPv6, "", true)]
    [InlineData(LinkType.Null, "02000000", false)]
    [InlineData(LinkType.Null, "00000002", false)]
    [InlineData(LinkType.Null, "1e000000", true)]
    [InlineData(LinkType.Null, "0000001c", true)]
    [InlineData(LinkType.Loop, "00000018", true)]
    [InlineData(LinkType.Loop, "02000000", false)]
    [InlineData(LinkType.Ppp, "ff03 0021", false)]
    [InlineData(LinkType.Ppp, "21", false)] // address and control left out, protocol compressed
    [InlineData(LinkType.PppHdlc, "ff03 0057", true)]
    [InlineData(LinkType.Wireless, "0801 0000 010203040506 010203040506 010203040506 0000 aaaa03 000000 0800", false)]
    [InlineData(LinkType.WirelessRadiotap, "00 00 0800 00000000 8802 0000 010203040506 010203040506 010203040506 0000 0000 aaaa03 000000 86dd", true)] // QoS
    public void Link_OfEachKind_ShowsItsIp(LinkType link, string header, bool isV6)
    {
        var wire = new Wire();
        byte[] bytes = Hex.Bytes(header);

        wire.Feed([.. bytes, .. isV6 ? V6 : V4], link);

        Assert.Equal("hello", wire.Stream.TextOf(Side.Initiator));
        Assert.Equal(bytes.Length, wire.Last.LinkHeaderLength);
        Assert.Equal(isV6 ? 40 : 20, wire.Last.IpHeaderLength);
        Assert.Equal(isV6 ? "[fe80::1]:40000" : "10.0.0.1:40000", wire.Stream.Connection.Initiator.ToString());
    }

    [Theory]
    [InlineData(LinkType.Ethernet, "0102030405060708090a0b0c 0806 0001", SkipReason.NotIp)] // ARP
    [InlineData(LinkType.Ethernet, "0102030405060708090a0b0c 0026 424203 0000", SkipReason.NotIp)] // spanning tree
    [InlineData(LinkType.Ethernet, "0102030405060708090a0b", SkipReason.BrokenLink)]
    [InlineData(LinkType.Ethernet, "0102030405060708090a0b0c 8100", SkipReason.BrokenLink)]
    [InlineData(LinkType.Ethernet, "0102030405060708090a0b0c 0800", SkipReason.BrokenIp)]
    [InlineData(LinkType.Null, "07000000 45", SkipReason.NotIp)]
    [InlineData(LinkType.Wireless, "8000 0000 010203040506 010203040506 010203040506 0000", SkipReason.Wireless)] // a beacon
    [InlineData(LinkType.Wireless, "0841 0000 010203040506 010203040506 010203040506 0000 aaaa03 000000 0800", SkipReason.Wireless)] // encrypted
    [InlineData((LinkType)147, "00", SkipReason.UnknownLink)]
    public void Link_WithoutIp_IsCounted(LinkType link, string frame, SkipReason reason)
    {
        var wire = new Wire();

        wire.Feed(Hex.Bytes(frame), link);

        Assert.Equal(1, wire.Counters[reason]);
        Assert.Equal((reason, 1), Assert.Single(wire.Counters.Skipped));
    }
}
