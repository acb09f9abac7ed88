using Godwit.Capture.Files;
using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;
using Godwit.Capture.Tests.Network;

namespace Godwit.Capture.Tests;

public class AllocationTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Frames_OfOpenConnections_DoNotAllocate(bool isObserved)
    {
        const int Count = 20_000;
        byte[] capture = Capture(Count);
        using (FrameSource first = CaptureFile.Open(new MemoryStream(capture)))
            new FrameFeed(new Counter(), new Counter()).Run(first); // whatever the runtime needs once
        using FrameSource source = CaptureFile.Open(new MemoryStream(capture));
        var counter = new Counter();
        var feed = new FrameFeed(counter, isObserved ? counter : null);
        // The connections appear.
        for (int i = 0; i < 1000 && source.TryRead(out Frame frame); i++) feed.OnFrame(frame);

        long before = GC.GetAllocatedBytesForCurrentThread();
        while (source.TryRead(out Frame frame)) feed.OnFrame(frame);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(Count * 10, counter.Bytes);
        Assert.Equal(isObserved ? Count : 0, counter.Segments);
    }

    private static byte[] Capture(int count)
    {
        var stream = new MemoryStream();
        using (var writer = new PcapngWriter(stream, leaveOpen: true))
        {
            int index = writer.AddInterface(LinkType.Ethernet);
            for (int i = 0; i < count; i++)
                writer.WriteFrame(index, i, Frames.Ethernet(Frames.IPv4Type, Frames.IPv4("10.0.0.1", "10.0.0.2",
                    Frames.Tcp((ushort)(40_000 + i % 10), 1883, (uint)(i / 10 * 10), 1, TcpFlags.Ack, new byte[10]), identification: (ushort)i)));
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
