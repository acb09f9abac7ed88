using System.ComponentModel;
using System.Diagnostics;
using Godwit.Capture.Files;
using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;

namespace Godwit.Capture.Bench;

/// <summary>What is measured. Each step gives the number of frames, or 0 if it cannot be done here.</summary>
internal static class Steps
{
    public static long ReadFrames(string file)
    {
        using FrameSource source = CaptureFile.Open(file);
        long count = 0;
        while (source.TryRead(out _)) count++;
        return count;
    }

    public static long Follow(string file, bool isObserved)
    {
        using FrameSource source = CaptureFile.Open(file);
        var counter = new Counter();
        var feed = new FrameFeed(counter, isObserved ? counter : null);
        feed.Run(source);
        if (feed.Counters.Gaps > 0 || counter.Bytes != MqttCapture.DataBytes(feed.Counters.Frames)) throw new InvalidOperationException("The streams are wrong.");
        return feed.Counters.Frames;
    }

    public static long Tshark(string file)
    {
        try
        {
            using Process tshark = Process.Start(new ProcessStartInfo("tshark", ["-r", file, "-T", "fields", "-e", "tcp.len"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            tshark.ErrorDataReceived += (_, _) => { };
            tshark.BeginErrorReadLine();
            long count = 0;
            while (tshark.StandardOutput.ReadLine() is not null) count++;
            tshark.WaitForExit();
            return count;
        }
        catch (Win32Exception)
        {
            return 0;
        }
    }

    /// <summary>Does nothing but count.</summary>
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
