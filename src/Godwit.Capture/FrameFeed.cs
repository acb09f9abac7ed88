// Where frames become streams: links, IP and TCP in one object, which whoever has frames pushes them into.
using Godwit.Capture.Network;
using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;

namespace Godwit.Capture;

/// <summary>Follows the TCP connections in a sequence of frames, and gives their bytes to consumers. Not to be used by several threads at once.</summary>
public sealed class FrameFeed
{
    private readonly TcpLayer _tcp;
    private readonly IpLayer _ip;

    /// <summary>Begins with no connection.</summary>
    /// <param name="consumers">Makes a consumer for each connection.</param>
    /// <param name="observer">Is told about every segment; null = nobody, which makes it faster.</param>
    /// <param name="options">Bounds and habits; null = the defaults.</param>
    public FrameFeed(IStreamConsumerFactory consumers, ISegmentObserver? observer = null, CaptureOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(consumers);
        options ??= CaptureOptions.Default;
        _tcp = new TcpLayer(consumers, observer, options, Counters);
        _ip = new IpLayer(_tcp, options, Counters);
    }

    /// <summary>What became of the frames.</summary>
    public CaptureCounters Counters { get; } = new();

    /// <summary>Takes a frame. Consumers are called before this returns.</summary>
    public void OnFrame(in Frame frame) => _ip.OnFrame(frame);

    /// <summary>There are no more frames: consumers get what waited for gaps, and the end of what is still open. Call it once.</summary>
    public void Complete() => _tcp.Complete();

    /// <summary>Takes all frames of a source, and completes.</summary>
    /// <param name="source">The source; it is not disposed of.</param>
    /// <param name="cancellation">Ends before the source does; what was read is completed.</param>
    /// <param name="progress">Is told now and then how much of the source has been read, by <see cref="FrameSource.Position"/>.</param>
    public void Run(FrameSource source, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        const int FramesBetweenReports = 16_384;
        using CancellationTokenRegistration registration = cancellation.Register(source.Stop);
        for (long frames = 1; !cancellation.IsCancellationRequested && source.TryRead(out Frame frame); frames++)
        {
            OnFrame(frame);
            if (frames % FramesBetweenReports == 0) progress?.Report(source.Position);
        }
        progress?.Report(source.Position);
        Complete();
    }
}
