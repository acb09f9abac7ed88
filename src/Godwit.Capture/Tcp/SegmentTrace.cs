// What a segment is in the course of its connection, by rules like those of Wireshark's analysis, so that both say the same; except that what was
// captured behind its own acknowledgement, or has just been overtaken, is not taken for a retransmission. Only for observers: nothing here
// decides what becomes of the bytes.
using System.Runtime.CompilerServices;
using Godwit.Capture.Network;
using Godwit.Capture.Streams;

namespace Godwit.Capture.Tcp;

/// <summary>What is remembered of one direction.</summary>
internal sealed class SegmentTrace
{
    private const long Millisecond = 1_000_000;

    // A fast retransmission follows the duplicate acknowledgements at once; what was only overtaken comes within some milliseconds.
    private const long FastWithin = 20 * Millisecond, OvertakenWithin = 3 * Millisecond;
    private const int EnoughDuplicates = 2;

    // IPv4 numbers its datagrams, so the same number is the same datagram. Without one, two equal headers at nearly the same time are.
    private const long CopyWithin = 100 * Millisecond, UnnumberedCopyWithin = Millisecond;

    private long _end, _endAt, _acknowledged, _window, _duplicateAt;
    private int _duplicates, _recentIndex;
    private bool _isProbing, _hasSent, _hasAcknowledged;
    private RecentSegments _recent;

    /// <summary>Describes a segment before it takes effect.</summary>
    public static SegmentInfo Describe(
        TcpConnection connection, in Datagram datagram, in TcpSegment segment, Side side, long position)
    {
        TcpDirection from = connection.From(side), to = connection.To(side);
        bool isAcknowledging = segment.Has(TcpFlags.Ack);
        long acknowledgement = isAcknowledging ? to.Position(segment.Acknowledgement) : 0;
        bool isScaled = !segment.Has(TcpFlags.Syn) && from.WindowScale >= 0 && to.WindowScale >= 0;
        long window = isScaled ? (long)segment.Window << from.WindowScale : segment.Window;
        SegmentKind kind = from.Trace!.Classify(connection, from, to, datagram, segment, position, acknowledgement, window, out SegmentNotes notes);
        return new SegmentInfo
        {
            Connection = connection.Stream,
            From = side,
            At = segment.At,
            Flags = segment.Flags,
            Sequence = position,
            Acknowledgement = acknowledgement,
            Window = window,
            PayloadLength = segment.PayloadLength,
            LinkHeaderLength = datagram.LinkHeader,
            IpHeaderLength = datagram.IpHeader,
            TcpHeaderLength = segment.HeaderLength,
            FrameLength = datagram.FrameLength,
            Kind = kind,
            Notes = notes,
        };
    }

    private SegmentKind Classify(TcpConnection connection, TcpDirection from, TcpDirection to, in Datagram datagram, in TcpSegment segment,
        long position, long acknowledgement, long window, out SegmentNotes notes)
    {
        notes = SegmentNotes.None;
        if (IsCopy(datagram, segment)) return SegmentKind.Copy;

        SegmentTrace other = to.Trace!;
        bool isControl = segment.Has(TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Rst), isAcknowledging = segment.Has(TcpFlags.Ack);
        if (segment.Window == 0 && !isControl) notes |= SegmentNotes.ZeroWindow;
        if (isAcknowledging && !segment.Has(TcpFlags.Rst) && other._hasSent && acknowledgement > other._end) notes |= SegmentNotes.AcksUnseen;
        if (segment.Payload.Length < segment.PayloadLength) notes |= SegmentNotes.CutOff;

        bool isProbe = segment.PayloadLength <= 1 && !isControl && _hasSent && position == _end - 1;
        SegmentKind kind =
            isProbe ? SegmentKind.KeepAlive
            : segment.SequenceLength > 0 ? Sending(connection, from, other, segment, position, ref notes)
            : isControl ? SegmentKind.Control
            : Acknowledging(other, acknowledgement, window, ref notes);
        _isProbing = isProbe;
        if (isAcknowledging)
        {
            if (kind == SegmentKind.DuplicateAck) (_duplicates, _duplicateAt) = (_duplicates + 1, segment.At.Time);
            else if (acknowledgement != _acknowledged) _duplicates = 0;
            (_hasAcknowledged, _acknowledged, _window) = (true, acknowledgement, window);
        }
        return kind;
    }

    private SegmentKind Sending(
        TcpConnection connection, TcpDirection from, SegmentTrace other, in TcpSegment segment, long position, ref SegmentNotes notes)
    {
        long start = segment.Has(TcpFlags.Syn) ? position + 1 : position, end = position + segment.SequenceLength;
        long last = _end, lastAt = _endAt;
        bool isNew = !_hasSent || end > last;
        if (isNew) (_end, _endAt) = (end, segment.At.Time);
        if (!_hasSent || position >= last)
        {
            if (_hasSent ? position > last : from.IsKnown && start > from.Next) notes |= SegmentNotes.LostBefore;
            _hasSent = true;
            return from.IsOver && segment.PayloadLength > 0 ? SegmentKind.Stray : segment.PayloadLength > 0 ? SegmentKind.Data : SegmentKind.Control;
        }
        if (other._duplicates >= EnoughDuplicates && other._acknowledged == position && segment.At.Time - other._duplicateAt <= FastWithin)
            return SegmentKind.FastRetransmission;
        bool isSeen = segment.PayloadLength > 0 ? from.HasSeen(start, (int)Math.Min(segment.PayloadLength, last - start)) : !isNew;
        return !isSeen && segment.At.Time - lastAt <= Math.Max(OvertakenWithin, connection.RoundTrip) ? SegmentKind.OutOfOrder : SegmentKind.Retransmission;
    }

    private SegmentKind Acknowledging(SegmentTrace other, long acknowledgement, long window, ref SegmentNotes notes)
    {
        if (!_hasAcknowledged || acknowledgement != _acknowledged) return SegmentKind.Ack;
        if (other._isProbing) return SegmentKind.KeepAliveAck;
        if (window != _window)
        {
            notes |= SegmentNotes.WindowUpdate;
            return SegmentKind.Ack;
        }
        return other._end > acknowledgement ? SegmentKind.DuplicateAck : SegmentKind.Ack;
    }

    private bool IsCopy(in Datagram datagram, in TcpSegment segment)
    {
        var hash = new HashCode();
        hash.Add(segment.Sequence);
        hash.Add(segment.Acknowledgement);
        hash.Add((uint)segment.Flags << 16 | segment.Window);
        hash.Add(segment.PayloadLength << 16 | datagram.Identification);
        hash.AddBytes(segment.Options);
        int mark = hash.ToHashCode();
        long within = datagram.Identification == 0 ? UnnumberedCopyWithin : CopyWithin;
        foreach (Recent recent in _recent)
            if (recent.Mark == mark && recent.Time != 0 && Math.Abs(segment.At.Time - recent.Time) <= within && segment.At.Frame != recent.Frame) return true;
        _recent[_recentIndex] = new Recent(mark, segment.At.Time, segment.At.Frame);
        _recentIndex = (_recentIndex + 1) % RecentSegments.Count;
        return false;
    }

    private readonly record struct Recent(int Mark, long Time, long Frame);

    [InlineArray(Count)]
    private struct RecentSegments
    {
        public const int Count = 8;

        private Recent _first;
    }
}
