// What TCP makes of it: losses on the way, receivers that do not read, and the wait of a small packet for an acknowledgement that is itself
// delayed (Nagle's algorithm and delayed acknowledgements: 40 ms and more for nothing).
using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;

namespace Godwit.Capture.Findings;

internal sealed class TransportFindings(FindingsCollector findings) : FindingGroup(findings)
{
    // Connections whose last segments are remembered.
    private const int MostFollowed = 65_536;

    // ns: an acknowledgement that was held back for so long, and what waited for it follows at once.
    private const long DelayedAck = 30_000_000, AtOnce = 3_000_000;

    // Bytes: smaller than any network's segments, so that the sender could have sent it.
    private const int SmallSegment = 500;

    private static readonly FindingRule Retransmission = new("tcp-retransmission", Severity.Warning, "TCP had to send data again", null, null,
        "Packets get lost on the way: a bad radio link, an overloaded network, or a receiver that is gone. Each costs at least 200 ms.");
    private static readonly FindingRule ZeroWindow = new("tcp-zero-window", Severity.Warning, "A receiver does not read (TCP window 0)", null, null,
        "Whoever announces it is too slow: it is busy, or it waits for something. Messages pile up at the sender.");
    private static readonly FindingRule Nagle = new("nagle-delay", Severity.Warning, "A small packet waited for the acknowledgement of the one before", null, null,
        "Set TCP_NODELAY at the sender: Nagle's algorithm and delayed acknowledgements wait for each other.");

    private readonly Dictionary<StreamConnection, Latest> _latest = [];

    public static IEnumerable<FindingRule> Rules => [Retransmission, ZeroWindow, Nagle];

    public void OnSegment(in SegmentInfo segment)
    {
        if (segment.Kind is SegmentKind.Retransmission or SegmentKind.FastRetransmission) ReportRepeated(segment, segment.From, segment.PayloadLength);
        if ((segment.Notes & SegmentNotes.ZeroWindow) != 0 && segment.Kind is not SegmentKind.Control) ReportZeroWindow(segment, segment.From);
        FollowNagle(segment);
    }

    private void ReportRepeated(in SegmentInfo segment, Side from, int length) =>
        Report(Retransmission, segment.Connection, segment.At, from.ToString(), () => $"{Name(from)} has sent {length:N0} bytes again.");

    private void ReportZeroWindow(in SegmentInfo segment, Side from) =>
        Report(ZeroWindow, segment.Connection, segment.At, from.ToString(), () => $"{Name(from)} takes no more data.");

    private static string Name(Side side) => side == Side.Initiator ? "The end that has connected" : "The end that was connected to";

    // Small data of one end; then, late, its acknowledgement by the other without data; and at once the next small data.
    private void FollowNagle(in SegmentInfo segment)
    {
        if (!_latest.TryGetValue(segment.Connection, out Latest? latest))
        {
            if (_latest.Count >= MostFollowed) _latest.Clear();
            _latest[segment.Connection] = latest = new Latest();
        }
        int side = (int)segment.From;
        if (segment.Kind == SegmentKind.Ack && latest.SentAt[1 - side] is > 0 and var sent)
        {
            latest.AckedAt[1 - side] = segment.At.Time - sent >= DelayedAck ? segment.At.Time : 0;
            return;
        }
        if (segment.Kind != SegmentKind.Data) return;
        if (latest.AckedAt[side] > 0 && segment.At.Time - latest.AckedAt[side] <= AtOnce && segment.PayloadLength < SmallSegment)
        {
            long waited = (segment.At.Time - latest.SentAt[side]) / 1_000_000;
            Report(Nagle, segment.Connection, segment.At, segment.From.ToString(), () => $"The packet left {waited} ms after the one before, at the moment of its acknowledgement.");
        }
        latest.SentAt[side] = segment.PayloadLength < SmallSegment ? segment.At.Time : 0;
        latest.AckedAt[side] = 0;
        latest.SentAt[1 - side] = 0; // data carries the acknowledgement
    }

    private sealed class Latest
    {
        public long[] SentAt { get; } = new long[2];

        public long[] AckedAt { get; } = new long[2];
    }
}
