// Captures come from strangers: nothing in them may throw, hang or take memory without bound.
using Godwit.Capture.Files;
using Godwit.Capture.Network;
using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;
using Godwit.Capture.Tests.Files;
using Godwit.Capture.Tests.Network;
using Godwit.Capture.Tests.Tcp;
using Godwit.Testing;

namespace Godwit.Capture.Tests;

public class FuzzTests
{
    [Fact]
    public void CaptureFile_AnyBytes_IsReadOrRefused()
    {
        byte[][] seeds = [Samples.Pcap, Samples.Pcapng, Samples.Compress(Samples.Pcapng), Samples.Compress(Samples.Pcap)];

        Fuzz.Run(seeds, 1_500, (input, _) =>
        {
            try
            {
                using FrameSource source = CaptureFile.Open(new MemoryStream(input));
                var feed = new FrameFeed(new Sink(), new Sink());
                feed.Run(source);
                Assert.InRange(feed.Counters.Frames, 0, input.Length * 20);
            }
            catch (CaptureFormatException)
            {
            }
        });
    }

    [Fact]
    public void Frames_AnyBytes_StayWithinTheBounds()
    {
        var options = new CaptureOptions { MaxConnections = 20, MaxWaiting = 50_000, MaxWaitingPerDirection = 20_000, MaxFragments = 20_000 };
        var counters = new CaptureCounters();
        var tcp = new TcpLayer(new Sink(), new Sink(), options, counters);
        var ip = new IpLayer(tcp, options, counters);
        LinkType[] links = Enum.GetValues<LinkType>();
        long number = 0;

        Fuzz.Run(SeedFrames(), 200_000, (input, random) =>
        {
            LinkType link = random.Next(4) > 0 ? LinkType.Ethernet : links[random.Next(links.Length)];
            int length = random.Next(8) == 0 ? random.Next(input.Length + 1) : input.Length;
            ip.OnFrame(new Frame { Number = ++number, Time = number * 10_000, Link = link, Bytes = input.AsSpan(0, length), OriginalLength = input.Length });
            Assert.InRange(tcp.ConnectionCount, 0, options.MaxConnections);
            Assert.InRange(tcp.WaitingBytes, 0, options.MaxWaiting);
        });

        Assert.True(counters.Segments > 1000 && counters.Gaps > 10, $"{counters.Segments} segments, {counters.Gaps} gaps");
        tcp.Complete();
        Assert.Equal(0, tcp.WaitingBytes);
        Assert.Equal(0, tcp.ConnectionCount);
    }

    private static byte[][] SeedFrames()
    {
        List<byte[]> seeds = [];
        for (uint i = 0; i < 40; i++)
        {
            TcpFlags flags = i == 0 ? TcpFlags.Syn : i == 39 ? TcpFlags.Fin | TcpFlags.Ack : i == 38 ? TcpFlags.Rst : TcpFlags.Ack;
            byte[] there = Frames.Tcp(40_000, 1883, 1000 + i * 10, 2000 + i * 7, flags, new byte[4 + i % 10], options: [2, 4, 5, 180, 1, 3, 3, 7]);
            byte[] back = Frames.Tcp(1883, 40_000, 2000 + i * 7, 1000 + i * 10, flags | TcpFlags.Ack, new byte[7]);
            seeds.Add(Frames.Ethernet(Frames.IPv4Type, Frames.IPv4("10.0.0.1", "10.0.0.2", there, identification: (ushort)i)));
            seeds.Add(Frames.Ethernet(Frames.IPv4Type, Frames.IPv4("10.0.0.2", "10.0.0.1", back, identification: (ushort)i)));
            seeds.Add(Frames.Ethernet(Frames.IPv6Type, Frames.IPv6("fe80::1", "fe80::2", Frames.FragmentHeader(6, i / 2, i % 2 == 0 ? 0 : 16, i % 2 == 0, there.AsSpan(i % 2 == 0 ? 0 : 16, 16)), next: 44)));
        }
        return [.. seeds];
    }

    private sealed class Sink : IStreamConsumerFactory, IStreamConsumer, ISegmentObserver
    {
        public IStreamConsumer Open(StreamConnection connection) => this;

        public void OnBytes(Side from, ReadOnlySpan<byte> bytes, Arrival at) => Assert.False(bytes.IsEmpty);

        public void OnGap(Side from, long count, Arrival at) => Assert.True(count > 0);

        public void OnEnd(Side from, StreamEnd end, Arrival at)
        {
        }

        public void OnSegment(in SegmentInfo segment)
        {
        }
    }
}
