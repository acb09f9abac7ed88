using Godwit.Capture.Network;
using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;
using Godwit.Capture.Tests.Tcp;

namespace Godwit.Capture.Tests.Network;

public class IpTests
{
    private static readonly byte[] Segment = Frames.Tcp(40_000, 1883, 100, 200, TcpFlags.Ack, "hello, this is a segment that is long enough to be cut into fragments"u8);
    private static readonly string Text = "hello, this is a segment that is long enough to be cut into fragments";

    [Fact]
    public void IPv4_WithOptions_IsUnderstood()
    {
        var wire = new Wire();
        wire.Feed(Frames.IPv4("10.0.0.1", "10.0.0.2", Segment, options: [0x94, 4, 0, 0]), LinkType.Raw);

        Assert.Equal(Text, wire.Stream.TextOf(Side.Initiator));
        Assert.Equal(24, wire.Last.IpHeaderLength);
    }

    [Fact]
    public void IPv4_WithoutLength_TakesTheFrames()
    {
        byte[] packet = Frames.IPv4("10.0.0.1", "10.0.0.2", Segment);
        packet[2] = packet[3] = 0;
        var wire = new Wire();
        wire.Feed(packet, LinkType.Raw);

        Assert.Equal(Text, wire.Stream.TextOf(Side.Initiator));
    }

    [Fact]
    public void IPv6_WithExtensions_IsUnderstood()
    {
        byte[] hop = [60, 0, 1, 4, 0, 0, 0, 0], destination = [44, 0, 1, 4, 0, 0, 0, 0];
        var wire = new Wire();
        wire.Feed(Frames.IPv6("fe80::1", "fe80::2", [.. hop, .. destination, .. Frames.FragmentHeader(6, 7, 0, false, Segment)], next: 0), LinkType.Raw);

        Assert.Equal(Text, wire.Stream.TextOf(Side.Initiator));
        Assert.Equal(64, wire.Last.IpHeaderLength);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(41)]
    public void Tunnel_IpInIp_IsFollowed(byte protocol)
    {
        byte[] inner = protocol == 4 ? Frames.IPv4("10.0.0.1", "10.0.0.2", Segment) : Frames.IPv6("fe80::1", "fe80::2", Segment);
        var wire = new Wire();
        wire.Feed(Frames.IPv4("192.168.0.1", "192.168.0.2", inner, protocol), LinkType.Raw);

        Assert.Equal(Text, wire.Stream.TextOf(Side.Initiator));
    }

    [Theory]
    [InlineData(false, "0 1 2")]
    [InlineData(false, "2 0 1")]
    [InlineData(false, "1 1 2 0")]
    [InlineData(true, "0 1 2")]
    [InlineData(true, "2 1 0")]
    public void Fragments_InAnyOrder_ArePutTogether(bool isV6, string order)
    {
        var wire = new Wire();
        foreach (int index in order.Split(' ').Select(int.Parse)) wire.Feed(Fragment(isV6, index), LinkType.Raw);

        Assert.Equal(Text, wire.Stream.TextOf(Side.Initiator));
        Assert.Equal(order.Split(' ').Length - 1, wire.Counters[SkipReason.Fragment]);
    }

    [Fact]
    public void Fragments_ThatOverlap_FirstWins()
    {
        byte[] other = [.. Segment];
        other.AsSpan(30).Fill((byte)'x');
        var wire = new Wire();
        wire.Feed(Frames.IPv4("10.0.0.1", "10.0.0.2", Segment.AsSpan(0, 40), identification: 9, more: true), LinkType.Raw);
        wire.Feed(Frames.IPv4("10.0.0.1", "10.0.0.2", other.AsSpan(24), identification: 9, fragmentOffset: 24), LinkType.Raw);

        Assert.Equal(Text[..20] + new string('x', Text.Length - 20), wire.Stream.TextOf(Side.Initiator));
    }

    [Fact]
    public void Fragments_CutOffBySnapLength_GiveWhatIsThere()
    {
        var wire = new Wire { SnapLength = 20 + 24 };
        for (int i = 0; i < 3; i++) wire.Feed(Fragment(false, i), LinkType.Raw);

        Assert.Equal($"I+{4} I-{Text.Length - 4}", wire.Stream.ToString());
    }

    [Fact]
    public void Fragments_ThatMakeNoSense_AreCounted()
    {
        var wire = new Wire();
        wire.Feed(Frames.IPv4("10.0.0.1", "10.0.0.2", new byte[7], identification: 9, more: true), LinkType.Raw); // no multiple of 8
        wire.Feed(Frames.IPv4("10.0.0.1", "10.0.0.2", new byte[100], identification: 9, fragmentOffset: 65_528), LinkType.Raw); // too far
        wire.Feed(Frames.IPv4("10.0.0.1", "10.0.0.2", new byte[80], identification: 8, fragmentOffset: 80), LinkType.Raw);
        wire.Feed(Frames.IPv4("10.0.0.1", "10.0.0.2", new byte[80], identification: 8, fragmentOffset: 160), LinkType.Raw); // a second end

        Assert.Equal(3, wire.Counters[SkipReason.BrokenFragment]);
        Assert.Empty(wire.Streams.All);
    }

    [Fact]
    public void Fragments_OfVeryManyDatagrams_AreBounded()
    {
        const int Limit = 100_000;
        var table = new FragmentTable(Limit);
        for (uint i = 0; i < 10_000; i++)
        {
            var fragment = new Datagram { Bytes = new byte[800], Length = 800, Protocol = 6 };
            Assert.Equal(FragmentOutcome.Waits, table.Add(ref fragment, i, 0, true));
        }

        Assert.InRange(table.Count, 1, Limit / 800);
    }

    [Theory]
    [InlineData(17, SkipReason.Udp)]
    [InlineData(1, SkipReason.OtherTransport)]
    [InlineData(6, SkipReason.BrokenTcp)]
    public void Datagram_WithoutTcp_IsCounted(byte protocol, SkipReason reason)
    {
        var wire = new Wire();
        wire.Feed(Frames.IPv4("10.0.0.1", "10.0.0.2", new byte[19], protocol), LinkType.Raw);

        Assert.Equal((reason, 1), Assert.Single(wire.Counters.Skipped));
    }

    private static byte[] Fragment(bool isV6, int index)
    {
        int from = index * 32, to = index == 2 ? Segment.Length : from + 32;
        ReadOnlySpan<byte> part = Segment.AsSpan(from, to - from);
        return isV6
            ? Frames.IPv6("fe80::1", "fe80::2", Frames.FragmentHeader(6, 77, from, index < 2, part), next: 44)
            : Frames.IPv4("10.0.0.1", "10.0.0.2", part, identification: 77, fragmentOffset: from, more: index < 2);
    }
}
