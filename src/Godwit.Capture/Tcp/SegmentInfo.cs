using Godwit.Capture.Streams;

namespace Godwit.Capture.Tcp;

/// <summary>What a segment is in the course of its connection.</summary>
public enum SegmentKind : byte
{
    /// <summary>SYN, FIN or RST without data, for the first time.</summary>
    Control,

    /// <summary>Data that is sent for the first time.</summary>
    Data,

    /// <summary>An acknowledgement without data.</summary>
    Ack,

    /// <summary>The same acknowledgement again while data is under way: the receiver has got something out of order, or misses something.</summary>
    DuplicateAck,

    /// <summary>Sent again after a time-out; also if its first sending is not in the capture.</summary>
    Retransmission,

    /// <summary>Sent again because of duplicate acknowledgements.</summary>
    FastRetransmission,

    /// <summary>Sent once, and overtaken by what was sent after it.</summary>
    OutOfOrder,

    /// <summary>A probe whether the other end is still there (RFC 9293, section 3.8.4).</summary>
    KeepAlive,

    /// <summary>The answer to such a probe.</summary>
    KeepAliveAck,

    /// <summary>The same frame captured a second time, on another interface or on its way back; it was sent once.</summary>
    Copy,

    /// <summary>Data of a direction that is over, or from far outside of the window; it was not used.</summary>
    Stray,
}

/// <summary>What else is to be said about a segment.</summary>
[Flags]
public enum SegmentNotes : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The sender can take nothing more at the moment.</summary>
    ZeroWindow = 1,

    /// <summary>Nothing but the window has changed.</summary>
    WindowUpdate = 2,

    /// <summary>Before its data there is some that has not been captured, or not yet.</summary>
    LostBefore = 4,

    /// <summary>It acknowledges data that has not been captured, or not yet.</summary>
    AcksUnseen = 8,

    /// <summary>The capture has not all of its data (snap length).</summary>
    CutOff = 16,
}

/// <summary>A TCP segment, as others than the consumers of bytes want it: pictures, statistics, findings.</summary>
public readonly struct SegmentInfo
{
    /// <summary>Its connection.</summary>
    public required StreamConnection Connection { get; init; }

    /// <summary>Who has sent it.</summary>
    public required Side From { get; init; }

    /// <summary>Its frame.</summary>
    public required Arrival At { get; init; }

    /// <summary>Its control bits.</summary>
    public required TcpFlags Flags { get; init; }

    /// <summary>The position of its first byte: 0 = SYN, 1 = first byte of data (of those that were seen, if the beginning was not). Does not wrap.</summary>
    public required long Sequence { get; init; }

    /// <summary>The position in the other direction up to which, exclusively, its sender has everything; 0 without <see cref="TcpFlags.Ack"/>.</summary>
    public required long Acknowledgement { get; init; }

    /// <summary>How many bytes its sender can take: scaled, if the handshake was seen, otherwise the number in the header.</summary>
    public required long Window { get; init; }

    /// <summary>Bytes of data.</summary>
    public required int PayloadLength { get; init; }

    /// <summary>Bytes before the IP header.</summary>
    public required int LinkHeaderLength { get; init; }

    /// <summary>Bytes of the IP header, with options or extensions; of all its headers, if it came in fragments.</summary>
    public required int IpHeaderLength { get; init; }

    /// <summary>Bytes of the TCP header, with options.</summary>
    public required int TcpHeaderLength { get; init; }

    /// <summary>Bytes of the frame on the link; of all its frames, if it came in fragments.</summary>
    public required int FrameLength { get; init; }

    /// <summary>What it is in the course of the connection.</summary>
    public required SegmentKind Kind { get; init; }

    /// <summary>What else is to be said about it.</summary>
    public required SegmentNotes Notes { get; init; }
}

/// <summary>Is told about every segment, before its bytes go to the connection's consumer.</summary>
public interface ISegmentObserver
{
    /// <summary>A segment of a connection.</summary>
    void OnSegment(in SegmentInfo segment);
}
