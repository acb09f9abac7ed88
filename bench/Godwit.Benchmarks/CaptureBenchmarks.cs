using BenchmarkDotNet.Attributes;
using Godwit.Capture;
using Godwit.Capture.Bench;
using Godwit.Capture.Files;
using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;

namespace Godwit.Benchmarks;

/// <summary>From the bytes of a capture to the bytes of its streams, for each frame. What is allocated is there once, for the connections.</summary>
[MemoryDiagnoser]
public class CaptureBenchmarks
{
    private const int Frames = 100_000;

    private readonly Nobody _nobody = new();
    private byte[] _file = [];

    /// <summary>Makes the capture.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var stream = new MemoryStream();
        MqttCapture.Write(stream, Frames);
        _file = stream.ToArray();
    }

    /// <summary>The frames alone.</summary>
    [Benchmark(OperationsPerInvoke = Frames)]
    public int Read()
    {
        using FrameSource source = CaptureFile.Open(new MemoryStream(_file));
        int bytes = 0;
        while (source.TryRead(out Frame frame)) bytes += frame.Bytes.Length;
        return bytes;
    }

    /// <summary>Links, IP and TCP, into streams.</summary>
    [Benchmark(OperationsPerInvoke = Frames)]
    public long Follow() => Run(null);

    /// <summary>The same with somebody who wants to know about segments.</summary>
    [Benchmark(OperationsPerInvoke = Frames)]
    public long FollowObserved() => Run(_nobody);

    private long Run(ISegmentObserver? observer)
    {
        using FrameSource source = CaptureFile.Open(new MemoryStream(_file));
        var feed = new FrameFeed(_nobody, observer);
        feed.Run(source);
        return feed.Counters.StreamBytes;
    }

    private sealed class Nobody : IStreamConsumerFactory, IStreamConsumer, ISegmentObserver
    {
        public IStreamConsumer Open(StreamConnection connection) => this;

        public void OnBytes(Side from, ReadOnlySpan<byte> bytes, Arrival at)
        {
        }

        public void OnGap(Side from, long count, Arrival at)
        {
        }

        public void OnEnd(Side from, StreamEnd end, Arrival at)
        {
        }

        public void OnSegment(in SegmentInfo segment)
        {
        }
    }
}
