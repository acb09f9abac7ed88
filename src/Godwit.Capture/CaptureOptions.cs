namespace Godwit.Capture;

/// <summary>Bounds and habits of following connections through a capture.</summary>
public sealed record CaptureOptions
{
    /// <summary>
    /// Connections that are followed at once. Beyond it the one that has been silent for longest is given up (<see cref="Streams.StreamEnd.Lost"/>),
    /// closed ones first. Default 200,000, which take up to 130 MB, or 230 MB with an <see cref="Tcp.ISegmentObserver"/>, beside what their consumers take.
    /// </summary>
    public int MaxConnections { get; init; } = 200_000;

    /// <summary>
    /// Bytes of one direction that may wait for a gap before them to be filled. Beyond it the gap is given up. Default 4 MiB, which is more than
    /// usual systems let be under way.
    /// </summary>
    public int MaxWaitingPerDirection { get; init; } = 4 * 1024 * 1024;

    /// <summary>The same of all connections together. Beyond it the oldest gap is given up. Default 128 MiB.</summary>
    public long MaxWaiting { get; init; } = 128L * 1024 * 1024;

    /// <summary>Bytes of IP datagrams whose fragments are not all there yet. Beyond it the oldest datagram is given up. Default 16 MiB.</summary>
    public int MaxFragments { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// For how long a gap that the receiver has acknowledged, so that it got what the capture missed, is still waited for: capturing on several
    /// interfaces or queues may swap frames. Default 1 ms, by the capture's clock.
    /// </summary>
    public TimeSpan Reordering { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// Ports that are connected to, by which the two ends of a connection are told apart if its beginning was not seen. Of two ports that are both
    /// here, or both not, the lower is taken. Default: those of MQTT, HTTP and what else brokers listen on.
    /// </summary>
    public IReadOnlyCollection<int> ResponderPorts { get; init; } =
        [1883, 8883, 1884, 8884, 80, 443, 8080, 8081, 8083, 8084, 8443, 9001, 9883, 14567, 18083];

    /// <summary>
    /// Whether segments with a wrong checksum are left out. Default false: what a machine captures of its own sending has no checksum yet if the
    /// network card computes it.
    /// </summary>
    public bool VerifyChecksums { get; init; }

    internal static CaptureOptions Default { get; } = new();
}
