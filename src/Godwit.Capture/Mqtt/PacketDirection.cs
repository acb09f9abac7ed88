// One direction of an MQTT connection: bytes to packets. Packets are read in place; only what is split is copied. Three states: in step with
// the packets; inside a packet of which only the head is kept; searching for where packets begin, behind a gap or in the middle of a stream.
using Godwit.Capture.Streams;
using Godwit.Protocol;

namespace Godwit.Capture.Mqtt;

internal sealed class PacketDirection(MqttStream stream, Side side, MqttStreamsOptions options, HeldBudget budget)
{
    // Of a packet that is too large to be held: the fixed header, the longest topic and a bit.
    private const int HeadLength = 66_000;

    // While searching: where no packet begins in so many bytes, the first half of them is given up.
    private const int MostSearched = 131_072;

    private readonly HeldBytes _held = new(budget);
    private PacketFrame _frame; // of the packet that _skip is about
    private Violation? _frameViolation;
    private long _skip, _missing; // bytes of it that are still to come, and that were not in the capture
    private int _searchedAt;

    /// <summary>Whether it is not known where packets begin.</summary>
    public bool IsSearching { get; private set; }

    /// <summary>Whether nothing more is to come.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Begins with a search.</summary>
    public void Search() => IsSearching = true;

    public void OnBytes(ReadOnlySpan<byte> bytes, Arrival at)
    {
        while (!bytes.IsEmpty)
        {
            if (IsSearching)
            {
                _held.Append(bytes, at);
                TryFindBeginning(at, isLast: false);
                return;
            }
            if (_skip > 0) Skip(ref bytes, at);
            else if (_held.Length > 0) Complete(ref bytes, at);
            else ReadInPlace(ref bytes, at);
        }
    }

    public void OnGap(long count, Arrival at)
    {
        stream.ReportSkipped(side, count, UnreadReason.Missing, at);
        if (IsSearching)
        {
            ReportHeld(UnreadReason.Unsynchronised, at);
            return;
        }
        if (stream.IsInWholePackets && _skip == 0 && _held.Length == 0) return;
        if (_skip == 0 && _held.Length > 0 && IsHeaderHeld()) _skip = _frame.Length - _held.Length;
        if (_skip >= count && count > 0)
        {
            // Within a packet whose end is known: its head is kept, and nothing else is lost.
            _skip -= count;
            _missing += count;
            if (_skip == 0) DeliverHead(at);
            return;
        }
        _skip = _missing = 0;
        ReportHeld(UnreadReason.Incomplete, at);
        IsSearching = true;
    }

    public void OnEnd(Arrival at)
    {
        if (HasEnded) return;
        HasEnded = true;
        if (IsSearching && _held.Length > 0) TryFindBeginning(at, isLast: true);
        _skip = 0;
        ReportHeld(IsSearching ? UnreadReason.Unsynchronised : UnreadReason.Incomplete, at);
        _held.Release();
    }

    private void ReadInPlace(ref ReadOnlySpan<byte> bytes, Arrival at)
    {
        switch (FrameFinder.Find(bytes, stream.Connection.Version, out PacketFrame frame, out Violation? violation))
        {
            case FrameStatus.Complete:
                stream.Deliver(side, frame, bytes[..frame.Length], violation, at, at);
                bytes = bytes[frame.Length..];
                return;
            case FrameStatus.NeedMore:
                Hold(ref bytes, frame, violation, at);
                return;
            default:
                LoseStep(ref bytes, at);
                return;
        }
    }

    private void Hold(ref ReadOnlySpan<byte> bytes, in PacketFrame frame, Violation? violation, Arrival at)
    {
        bool isTooLarge = frame.HeaderLength > 0 && frame.Length > (budget.IsSpent ? HeadLength : options.LargestPacketHeld);
        if (isTooLarge)
        {
            (_frame, _frameViolation) = (frame, violation);
            _skip = frame.Length - bytes.Length;
            _held.Append(bytes[..Math.Min(bytes.Length, HeadLength)], at);
        }
        else _held.Append(bytes, at);
        bytes = default;
    }

    // A packet's beginning is held: takes what it needs.
    private void Complete(ref ReadOnlySpan<byte> bytes, Arrival at)
    {
        if (!IsHeaderHeld())
        {
            _held.Append(bytes[..1], at);
            bytes = bytes[1..];
            if (_held.Length > 1 && FrameFinder.Find(_held.Span, stream.Connection.Version, out _, out _) == FrameStatus.Malformed)
            {
                stream.ReportSkipped(side, _held.Length, UnreadReason.Unreadable, at);
                _held.Clear();
                IsSearching = true;
                return;
            }
            if (!IsHeaderHeld()) return;
            if (_frame.Length > options.LargestPacketHeld || (budget.IsSpent && _frame.Length > HeadLength)) _skip = _frame.Length - _held.Length;
        }
        if (_skip > 0) return;
        int count = (int)Math.Min(_frame.Length - _held.Length, bytes.Length);
        _held.Append(bytes[..count], at);
        bytes = bytes[count..];
        if (_held.Length == _frame.Length) DeliverHead(at);
    }

    private bool IsHeaderHeld()
    {
        FrameFinder.Find(_held.Span, stream.Connection.Version, out _frame, out _frameViolation);
        return _frame.HeaderLength > 0;
    }

    private void Skip(ref ReadOnlySpan<byte> bytes, Arrival at)
    {
        int count = (int)Math.Min(_skip, bytes.Length);
        if (_held.Length < HeadLength && _held.Length + _skip == _frame.Length) _held.Append(bytes[..Math.Min(count, HeadLength - _held.Length)], at);
        _skip -= count;
        bytes = bytes[count..];
        if (_skip == 0) DeliverHead(at);
    }

    private void DeliverHead(Arrival at)
    {
        stream.Deliver(side, _frame, _held.Span, _frameViolation, _held.First, at, _missing);
        _held.Clear();
        _missing = 0;
    }

    private void LoseStep(ref ReadOnlySpan<byte> bytes, Arrival at)
    {
        stream.ReportSkipped(side, 1, UnreadReason.Unreadable, at);
        bytes = bytes[1..];
        IsSearching = true;
    }

    private void ReportHeld(UnreadReason reason, Arrival at)
    {
        if (_held.Length > 0) stream.ReportSkipped(side, _held.Length, reason, at);
        _held.Clear();
        _searchedAt = 0;
    }

    private void TryFindBeginning(Arrival at, bool isLast)
    {
        // Not for every byte that is added to much.
        if (!isLast && _held.Length < _searchedAt + _searchedAt / 8) return;
        _searchedAt = _held.Length;
        int found = FindBeginning(_held.Span, isLast);
        if (found < 0)
        {
            if (_held.Length < MostSearched) return;
            stream.ReportSkipped(side, _held.Length / 2, UnreadReason.Unsynchronised, at);
            _held.Drop(_held.Length / 2);
            _searchedAt = 0;
            return;
        }
        if (found > 0) stream.ReportSkipped(side, found, UnreadReason.Unsynchronised, at);
        List<(byte[] Bytes, Arrival At)> pieces = _held.TakeFrom(found);
        IsSearching = false;
        _searchedAt = 0;
        foreach ((byte[] piece, Arrival pieceAt) in pieces) OnBytes(piece, pieceAt);
    }

    // The first place that is convincing. Behind a gap the next packet often begins at once: that place needs less.
    private static int FindBeginning(ReadOnlySpan<byte> bytes, bool isLast)
    {
        for (int start = 0; start < bytes.Length; start++)
        {
            PacketChain chain = PacketChain.Read(bytes[start..]);
            if (chain.Score >= (start == 0 ? PacketChain.Likely : PacketChain.Convincing)) return start;
            if (isLast && chain.IsExact && chain.Score >= (start == 0 ? 3 : PacketChain.Likely)) return start;
        }
        return -1;
    }
}
