using Godwit.Capture.Tcp;

namespace Godwit.Capture.Streams;

/// <summary>What the frames of a connection have taken on the wire, those excepted that were captured twice.</summary>
public sealed class WireBytes
{
    /// <summary>Frames.</summary>
    public long Frames { get; private set; }

    /// <summary>All bytes of those frames.</summary>
    public long All { get; private set; }

    /// <summary>Bytes of IP headers.</summary>
    public long Ip { get; private set; }

    /// <summary>Bytes of TCP headers.</summary>
    public long Tcp { get; private set; }

    /// <summary>Bytes of the link: its header, and padding of short frames.</summary>
    public long Link => All - Ip - Tcp - Data;

    /// <summary>Bytes that TCP carried, with what was sent again.</summary>
    public long Data { get; private set; }

    /// <summary>Of <see cref="Data"/>, what belongs to the streams: each byte once, also if the capture has cut it off (snap length).</summary>
    public long Used { get; internal set; }

    /// <summary>Frames that only acknowledge.</summary>
    public long AckFrames { get; private set; }

    /// <summary>All bytes of those.</summary>
    public long AckBytes { get; private set; }

    /// <summary>Frames that were sent again.</summary>
    public long RepeatedFrames { get; private set; }

    internal void Add(in SegmentInfo segment)
    {
        if (segment.Kind == SegmentKind.Copy) return;
        Frames++;
        All += segment.FrameLength;
        Ip += segment.IpHeaderLength;
        Tcp += segment.TcpHeaderLength;
        Data += segment.PayloadLength;
        if (segment.Kind is SegmentKind.Ack or SegmentKind.DuplicateAck or SegmentKind.KeepAliveAck)
        {
            AckFrames++;
            AckBytes += segment.FrameLength;
        }
        else if (segment.Kind is SegmentKind.Retransmission or SegmentKind.FastRetransmission) RepeatedFrames++;
    }

    internal void Add(WireBytes other)
    {
        Frames += other.Frames;
        All += other.All;
        Ip += other.Ip;
        Tcp += other.Tcp;
        Data += other.Data;
        Used += other.Used;
        AckFrames += other.AckFrames;
        AckBytes += other.AckBytes;
        RepeatedFrames += other.RepeatedFrames;
    }
}
