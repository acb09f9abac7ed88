namespace Godwit.Capture;

/// <summary>Why a frame, or what it carried, did not become part of a stream.</summary>
public enum SkipReason
{
    /// <summary>A kind of link that is not known here.</summary>
    UnknownLink,

    /// <summary>The link's header is cut off or makes no sense.</summary>
    BrokenLink,

    /// <summary>Something else than IP: ARP, LLC, ...</summary>
    NotIp,

    /// <summary>A wireless frame that is encrypted, or that carries no data.</summary>
    Wireless,

    /// <summary>The IP header is cut off or makes no sense.</summary>
    BrokenIp,

    /// <summary>IP, but neither TCP nor UDP: ICMP, IPsec, ...</summary>
    OtherTransport,

    /// <summary>UDP.</summary>
    Udp,

    /// <summary>A fragment that waits for the others of its datagram. What belongs together and was complete has been used.</summary>
    Fragment,

    /// <summary>A fragment that makes no sense, or repeats another.</summary>
    BrokenFragment,

    /// <summary>The TCP header is cut off or makes no sense.</summary>
    BrokenTcp,

    /// <summary>The TCP checksum is wrong. Only with <see cref="CaptureOptions.VerifyChecksums"/>.</summary>
    BadChecksum,

    /// <summary>A segment far from what was expected next, such as a forged or very old one.</summary>
    OutsideWindow,

    /// <summary>Data of a connection that is over.</summary>
    AfterEnd,

    /// <summary>RST of a connection that was not seen.</summary>
    StrayReset,
}

/// <summary>Counts what became of the frames, so that "why do I see nothing" has an answer.</summary>
public sealed class CaptureCounters
{
    private readonly long[] _skipped = new long[Enum.GetValues<SkipReason>().Length];

    /// <summary>Frames of the capture.</summary>
    public long Frames { get; internal set; }

    /// <summary>Bytes that those had on the link.</summary>
    public long Bytes { get; internal set; }

    /// <summary>Frames of which only the beginning was captured (snap length).</summary>
    public long CutFrames { get; internal set; }

    /// <summary>TCP segments that belong to a connection.</summary>
    public long Segments { get; internal set; }

    /// <summary>Connections that have been seen.</summary>
    public long Connections { get; internal set; }

    /// <summary>Open connections that were given up because there were too many: <see cref="CaptureOptions.MaxConnections"/>.</summary>
    public long ConnectionsGivenUp { get; internal set; }

    /// <summary>Bytes that were given to consumers.</summary>
    public long StreamBytes { get; internal set; }

    /// <summary>Gaps in the streams: bytes that were sent and are not in the capture.</summary>
    public long Gaps { get; internal set; }

    /// <summary>Bytes of all gaps.</summary>
    public long MissingBytes { get; internal set; }

    /// <summary>How often something was left out for a reason.</summary>
    public long this[SkipReason reason] => _skipped[(int)reason];

    /// <summary>Everything that was left out, with reason.</summary>
    public IEnumerable<(SkipReason Reason, long Count)> Skipped =>
        Enum.GetValues<SkipReason>().Select(reason => (reason, this[reason])).Where(entry => entry.Item2 > 0);

    internal void Skip(SkipReason reason) => _skipped[(int)reason]++;
}
