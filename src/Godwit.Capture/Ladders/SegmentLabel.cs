using Godwit.Capture.Tcp;

namespace Godwit.Capture.Ladders;

/// <summary>Names segments of TCP by what they are for.</summary>
internal static class SegmentLabel
{
    /// <summary>Null for a segment that only carries packets, which are shown themselves.</summary>
    public static (string Title, string Details)? Of(in SegmentInfo segment)
    {
        string data = segment.PayloadLength > 0 ? $"{segment.PayloadLength:N0} B of data" : "";
        bool isAcknowledging = (segment.Flags & TcpFlags.Ack) != 0;
        if ((segment.Flags & TcpFlags.Rst) != 0) return ("RST", "connection aborted");
        string title = (segment.Flags & TcpFlags.Syn) != 0 ? isAcknowledging ? "SYN ACK" : "SYN" : (segment.Flags & TcpFlags.Fin) != 0 ? "FIN" : "ACK";
        string? about = segment.Kind switch
        {
            SegmentKind.Retransmission => "retransmission",
            SegmentKind.FastRetransmission => "fast retransmission",
            SegmentKind.OutOfOrder => "out of order",
            SegmentKind.KeepAlive => "TCP keep-alive",
            SegmentKind.KeepAliveAck => "answer to TCP keep-alive",
            SegmentKind.DuplicateAck => "duplicate acknowledgement",
            SegmentKind.Copy => "captured a second time",
            SegmentKind.Stray => "stray data",
            _ => null,
        };
        if (about is not null && segment.PayloadLength > 0) return ("TCP", $"{about}, {data}");
        if (segment.Kind == SegmentKind.Data && title == "ACK") return null;
        string details = about ?? title switch
        {
            "SYN" => "wants to connect",
            "SYN ACK" => "agrees",
            "FIN" => "has no more to send",
            _ => segment.Acknowledgement <= 1 ? "agrees too" : $"got {segment.Acknowledgement - 1:N0} B so far",
        };
        if ((segment.Notes & SegmentNotes.ZeroWindow) != 0) details += ", can take nothing more";
        else if ((segment.Notes & SegmentNotes.WindowUpdate) != 0) details += $", can take {segment.Window:N0} B";
        return (title, data.Length > 0 ? $"{details}, {data}" : $"{details}, {segment.FrameLength:N0} B on the wire");
    }
}
