using Godwit.Capture.Findings;
using Godwit.Protocol;

namespace Godwit.Capture.Ladders;

/// <summary>What a row of a ladder is.</summary>
public enum LadderRowKind : byte
{
    /// <summary>An MQTT packet.</summary>
    Packet,

    /// <summary>Several PINGREQ and PINGRESP of one connection, one after the other.</summary>
    Pings,

    /// <summary>A segment of TCP that carries no packet.</summary>
    Segment,

    /// <summary>An end has closed.</summary>
    Closed,

    /// <summary>An end has aborted the connection.</summary>
    Reset,

    /// <summary>Bytes that were not read.</summary>
    Unread,
}

/// <summary>Packets that belong together: a request with its answer, the three or four packets of a QoS 1 or QoS 2 delivery.</summary>
public sealed class LadderFlow
{
    /// <summary>Its number in the ladder, from 0 on.</summary>
    public required int Number { get; init; }

    /// <summary>The type of its first packet.</summary>
    public required PacketType Type { get; init; }

    /// <summary>Which of the lines beside the ladder it has, from 0 on; -1 if there is no room for it, or it has one row only.</summary>
    public int Lane { get; internal set; } = -1;

    internal int FirstRow { get; set; } = -1;

    internal int LastRow { get; set; } = -1;
}

/// <summary>Something to be said about a row.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Text">A sentence.</param>
public sealed record LadderMark(Severity Severity, string Text);

/// <summary>A row of a ladder: an arrow from one participant to another.</summary>
public sealed class LadderRow
{
    /// <summary>What it is.</summary>
    public required LadderRowKind Kind { get; init; }

    /// <summary>When it was complete.</summary>
    public required Arrival At { get; init; }

    /// <summary>The connection's number.</summary>
    public required long Connection { get; init; }

    /// <summary>Whether the client has sent it.</summary>
    public bool IsFromClient { get; internal set; }

    /// <summary>The packet's number; of several the first; 0 if it is none.</summary>
    public long Packet { get; internal set; }

    /// <summary>What stands on the arrow: the packet type, <c>SYN</c>, <c>closes</c>.</summary>
    public required string Title { get; init; }

    /// <summary>What stands beside it; safe to show, without control characters.</summary>
    public string Details { get; internal set; } = "";

    /// <summary>Bytes of the packet, or of the segment's data.</summary>
    public int Size { get; internal set; }

    /// <summary>The index of the participant where the arrow begins.</summary>
    public int From { get; internal set; }

    /// <summary>The index of the participant where it ends.</summary>
    public int To { get; internal set; }

    /// <summary>What it belongs to; null if it stands alone.</summary>
    public LadderFlow? Flow { get; internal set; }

    /// <summary>Of an answer: the time since the packet that it answers.</summary>
    public TimeSpan? Response { get; internal set; }

    /// <summary>What is to be said about it, the worst first.</summary>
    public IReadOnlyList<LadderMark> Marks { get; internal set; } = [];

    /// <summary>The time since the row before it, if that is long enough to be shown as a gap; otherwise null.</summary>
    public TimeSpan? GapBefore { get; internal set; }

    /// <summary>Of pings: when the last of them was.</summary>
    public Arrival Last { get; internal set; }

    internal long Order { get; init; }

    internal LadderConnection? Owner { get; init; }

    internal PacketType Type { get; init; }

    internal long LastPacket { get; set; }

    internal PingRun? Pings { get; set; }
}
