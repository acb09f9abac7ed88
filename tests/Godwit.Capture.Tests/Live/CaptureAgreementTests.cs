// Real connections over the loopback interface, captured by dumpcap and by ourselves: we must find what was sent, and what tshark finds.
using System.Diagnostics;
using Godwit.Capture.Files;
using Godwit.Capture.Live;
using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;
using Godwit.Capture.Tests.Tcp;
using Godwit.Testing;
using Xunit.Sdk;

namespace Godwit.Capture.Tests.Live;

public sealed class CaptureAgreementTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("godwit-capture-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Dumpcap_ThroughAPipe_GivesTheStreamsThatTsharkSees()
    {
        using var traffic = new LoopbackTraffic();
        using Process dumpcap = Peer.Start("dumpcap", "-q", "-i", "lo", "-f", $"tcp port {traffic.Port}", "-a", "duration:30", "-w", "-");
        string file = Path.Combine(_directory, "lo.pcapng");
        RecordedStreams streams = new();
        using (var copy = File.Create(file))
        {
            await UntilCapturingAsync(dumpcap);
            Task<FrameFeed> reading = Task.Run(() => FeedUntilOver(CaptureFile.Open(new TeeStream(dumpcap.StandardOutput.BaseStream, copy)), streams, null));
            await traffic.RunAsync();
            await reading.WaitAsync(TimeSpan.FromSeconds(20));
            dumpcap.Kill();
        }

        AssertContent(streams);
        await AssertTsharkAgreesAsync(file, streams);
    }

    [Fact]
    public async Task LiveCapture_OnLoopback_GivesEachSegmentOnce()
    {
        using var traffic = new LoopbackTraffic();
        using FrameSource source = OpenLoopback(new LiveOptions { Interface = "lo", Ports = [traffic.Port] });
        RecordedStreams streams = new();
        var kinds = new Kinds();

        Task<FrameFeed> reading = Task.Run(() => FeedUntilOver(source, streams, kinds));
        await traffic.RunAsync();
        FrameFeed feed = await reading.WaitAsync(TimeSpan.FromSeconds(20));

        AssertContent(streams);
        Assert.DoesNotContain(SegmentKind.Copy, kinds.Seen);
        Assert.Equal(feed.Counters.Frames, feed.Counters.Segments);
        Assert.Equal(0, source.Dropped);
        Assert.Equal("lo", Assert.Single(source.Interfaces).Name);
    }

    [Fact]
    public async Task LiveCapture_OnAllInterfaces_SeesLoopbackToo()
    {
        using var traffic = new LoopbackTraffic();
        using FrameSource source = OpenLoopback(new LiveOptions { Ports = [1, 2, traffic.Port] });
        RecordedStreams streams = new();

        Task<FrameFeed> reading = Task.Run(() => FeedUntilOver(source, streams, null));
        await traffic.RunAsync();
        await reading.WaitAsync(TimeSpan.FromSeconds(20));

        AssertContent(streams);
    }

    [Fact]
    public async Task LiveCapture_Stopped_EndsAtOnce()
    {
        using var cancellation = new CancellationTokenSource();
        using FrameSource source = OpenLoopback(new LiveOptions { Interface = "lo", Ports = [1] });
        Task running = Task.Run(() => new FrameFeed(new RecordedStreams()).Run(source, cancellation: cancellation.Token));

        await cancellation.CancelAsync();

        await running.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void LiveCapture_OfNoInterface_SaysWhichThereAre()
    {
        var exception = Assert.Throws<LiveCaptureException>(() => LiveCapture.Open(new LiveOptions { Interface = "nosuch0" }));

        Assert.StartsWith("There is no interface nosuch0; there are any, ", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mqtt31-pub-qos2.pcap")]
    [InlineData("mqtt311-pub-qos1.pcap")]
    [InlineData("mqtt5-pub-props.pcap")]
    [InlineData("zeek-mqtt.pcap")]
    public async Task PublicCapture_InAnyFormat_GivesTheStreamsThatTsharkSees(string name)
    {
        string original = Repository.PathOf($"tests/captures/{name}");
        RecordedStreams streams = Read(original);
        await AssertTsharkAgreesAsync(original, streams);

        foreach (string format in new[] { "nsecpcap", "modpcap", "pcapng" })
        {
            string file = Path.Combine(_directory, format);
            await Peer.RunAsync("editcap", "-F", format, original, file);
            Assert.Equal(streams.All.Select(Describe), Read(file).All.Select(Describe));
        }

        static string Describe(RecordedStream stream) => $"{stream} {stream.TextOf(Side.Initiator)} {stream.TextOf(Side.Responder)}";
    }

    [Fact]
    public async Task Writer_WhatItWrites_IsReadByTshark()
    {
        string file = Path.Combine(_directory, "ours.pcapng");
        await File.WriteAllBytesAsync(file, Files.Samples.Pcapng);

        string[] lines = (await Peer.RunAsync("tshark", "-r", file, "-T", "fields", "-e", "frame.time_epoch", "-e", "frame.comment")).TrimEnd().Split('\n');

        Assert.Equal(13, lines.Length);
        Assert.Matches(@"^\d+\.\d{9}\tnumber 13$", lines[12]);
    }

    private static RecordedStreams Read(string file)
    {
        var streams = new RecordedStreams();
        using FrameSource source = CaptureFile.Open(file);
        new FrameFeed(streams).Run(source);
        return streams;
    }

    private static FrameSource OpenLoopback(LiveOptions options)
    {
        try
        {
            return LiveCapture.Open(options);
        }
        catch (LiveCaptureException e)
        {
            throw new XunitException($"This test captures on the loopback interface: run it as root or with CAP_NET_RAW.\n{e.Message}");
        }
    }

    private static async Task UntilCapturingAsync(Process dumpcap)
    {
        // It says where it writes to as soon as it captures.
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        string said = "";
        while (await dumpcap.StandardError.ReadLineAsync(timeout.Token) is { } line)
        {
            said += $"{line}\n";
            if (line.StartsWith("File: ", StringComparison.Ordinal)) return;
        }
        throw new XunitException($"dumpcap does not capture on the loopback interface: run this test as root, or as a member of the group wireshark.\n{said}");
    }

    private static FrameFeed FeedUntilOver(FrameSource source, RecordedStreams streams, ISegmentObserver? observer)
    {
        var feed = new FrameFeed(streams, observer);
        bool IsOver() => streams.All.Count == LoopbackTraffic.Connections && streams.All.All(stream => stream.Ends is [1, 1]);
        while (!IsOver() && source.TryRead(out Frame frame)) feed.OnFrame(frame);
        return feed;
    }

    private static void AssertContent(RecordedStreams streams)
    {
        Assert.Equal(LoopbackTraffic.Connections, streams.All.Count);
        for (int i = 0; i < LoopbackTraffic.Connections; i++)
        {
            Assert.True(LoopbackTraffic.Request(i).AsSpan().SequenceEqual(streams.All[i].BytesOf(Side.Initiator)), $"connection {i}, initiator");
            Assert.True(LoopbackTraffic.Answer(i).AsSpan().SequenceEqual(streams.All[i].BytesOf(Side.Responder)), $"connection {i}, responder");
        }
    }

    private static async Task AssertTsharkAgreesAsync(string file, RecordedStreams streams)
    {
        string[] arguments = ["-r", file, "-q", .. Enumerable.Range(0, streams.All.Count).SelectMany(index => new[] { "-z", $"follow,tcp,raw,{index}" })];
        string[] follows = [.. (await Peer.RunAsync("tshark", arguments)).Split("Filter: ")[1..].OrderBy(follow => follow, StringComparer.Ordinal)];
        Assert.Equal(streams.All.Count, follows.Length);
        for (int i = 0; i < follows.Length; i++)
        {
            Assert.StartsWith($"tcp.stream eq {i}", follows[i], StringComparison.Ordinal);
            // The answering end's lines begin with a tab; all others but hexadecimal ones are about the connection.
            string[] lines = [.. follows[i].Split('\n').Where(line => line.Length > 0 && line.Trim().All(char.IsAsciiHexDigitLower))];
            Assert.Equal(string.Concat(lines.Where(line => line[0] != '\t')), Convert.ToHexStringLower(streams.All[i].BytesOf(Side.Initiator)));
            Assert.Equal(string.Concat(lines.Where(line => line[0] == '\t').Select(line => line[1..])), Convert.ToHexStringLower(streams.All[i].BytesOf(Side.Responder)));
        }
    }

    private sealed class Kinds : ISegmentObserver
    {
        public HashSet<SegmentKind> Seen { get; } = [];

        public void OnSegment(in SegmentInfo segment) => Seen.Add(segment.Kind);
    }

    /// <summary>Reads a stream and keeps a copy of what was read.</summary>
    private sealed class TeeStream(Stream source, Stream copy) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = source.Read(buffer, offset, count);
            copy.Write(buffer, offset, read);
            return read;
        }

        public override void Flush() => copy.Flush();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
