using Godwit.Capture.Files;
using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;
using Godwit.Capture.Tests.Network;

namespace Godwit.Capture.Tests;

public class AllocationTests
{
    private const int Frames = 20_000, Connections = 10;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Frames_OfOpenConnections_DoNotAllocate(bool isObserved)
    {
        byte[] capture = Capture();

        // What the runtime needs once, when it compiles anew, is not ours.
        Assert.Equal(0, Enumerable.Range(0, 5).Min(_ => AllocatedFor(capture, isObserved)));
    }

    private static long AllocatedFor(byte[] capture, bool isObserved)
    {
        using FrameSource source = CaptureFile.Open(new MemoryStream(capture));
        var counter = new Counter();
        var feed = new FrameFeed(counter, isObserved ? counter : null);
        for (int i = 0; i < Connections && source.TryRead(out Frame first); i++) feed.OnFrame(first);

        long before = GC.GetAllocatedBytesForCurrentThread();
        while (source.TryRead(out Frame frame)) feed.OnFrame(frame);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(Frames * 10, counter.Bytes);
        Assert.Equal(isObserved ? Frames : 0, counter.Segments);
        return allocated;
    }

    private static byte[] Capture()
    {
        var stream = new MemoryStream();
        using (var writer = new PcapngWriter(stream, leaveOpen: true))
        {
            int index = writer.AddInterface(LinkType.Ethernet);
            for (int i = 0; i < Frames; i++)
                writer.WriteFrame(index, i, Network.Frames.Ethernet(Network.Frames.IPv4Type, Network.Frames.IPv4("10.0.0.1", "10.0.0.2",
                    Network.Frames.Tcp((ushort)(40_000 + i % Connections), 1883, (uint)(i / Connections * 10), 1, TcpFlags.Ack, new byte[10]), identification: (ushort)i)));
        }
        return stream.ToArray();
    }

    private sealed class Counter : IStreamConsumerFactory, IStreamConsumer, ISegmentObserver
    {
        public long Bytes { get; private set; }

        public long Segments { get; private set; }

        public IStreamConsumer Open(StreamConnection connection) => this;

        public void OnBytes(Side from, ReadOnlySpan<byte> bytes, Arrival at) => Bytes += bytes.Length;

        public void OnGap(Side from, long count, Arrival at)
        {
        }

        public void OnEnd(Side from, StreamEnd end, Arrival at)
        {
        }

        public void OnSegment(in SegmentInfo segment) => Segments++;
    }
}
