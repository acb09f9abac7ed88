using Godwit.Capture.Network;
using Godwit.Capture.Streams;

namespace Godwit.Capture.Tcp;

/// <summary>To whom a segment belongs.</summary>
internal enum Belonging : byte
{
    /// <summary>To the connection.</summary>
    Here,

    /// <summary>To a new connection between the same two ends.</summary>
    New,

    /// <summary>To nobody: it is from far outside of what was expected.</summary>
    Nobody,
}

/// <summary>A TCP connection that is followed: two directions and who takes their bytes.</summary>
internal sealed class TcpConnection
{
    // No window is larger (RFC 7323, section 2.3), so nothing that belongs to the stream is farther away.
    private const int MaxWindow = 1 << 30;

    // How far data of a connection that is over may still be from its end, and how many strays make a new connection probable.
    private const int NearEnd = 1 << 20, EnoughStrays = 3;

    private readonly TcpDirection _fromInitiator, _fromResponder;
    private readonly bool _initiatorIsLow;

    public TcpConnection(TcpLayer layer, FlowKey key, bool initiatorIsLow, StreamConnection stream, IStreamConsumer consumer)
    {
        (Layer, Key, _initiatorIsLow, Stream, Consumer) = (layer, key, initiatorIsLow, stream, consumer);
        _fromInitiator = new TcpDirection(this, Side.Initiator) { Trace = layer.Observer is null ? null : new SegmentTrace() };
        _fromResponder = new TcpDirection(this, Side.Responder) { Trace = layer.Observer is null ? null : new SegmentTrace() };
    }

    public TcpLayer Layer { get; }

    public FlowKey Key { get; }

    public StreamConnection Stream { get; }

    public IStreamConsumer Consumer { get; }

    /// <summary>Whether nothing more is given to the consumer.</summary>
    public bool IsOver => _fromInitiator.IsOver && _fromResponder.IsOver;

    /// <summary>The chain that it is in; the neighbours are the chain's business.</summary>
    public ConnectionChain? Chain { get; set; }

    /// <inheritdoc cref="Chain"/>
    public TcpConnection? Older { get; set; }

    /// <inheritdoc cref="Chain"/>
    public TcpConnection? Newer { get; set; }

    /// <summary>How long the answer to the first segment took, in nanoseconds; 0 if unknown.</summary>
    public long RoundTrip { get; private set; }

    public Side SideOf(bool isFromLow) => isFromLow == _initiatorIsLow ? Side.Initiator : Side.Responder;

    public TcpDirection From(Side side) => side == Side.Initiator ? _fromInitiator : _fromResponder;

    public TcpDirection To(Side side) => side == Side.Initiator ? _fromResponder : _fromInitiator;

    /// <summary>Whether a segment belongs to this connection, or to a later one between the same ports.</summary>
    public Belonging BelongingOf(in TcpSegment segment, Side side)
    {
        TcpDirection from = From(side), to = To(side);
        if (segment.Has(TcpFlags.Syn)) return IsOwnSyn(segment, from, to) ? Belonging.Here : Belonging.New;
        if (!from.IsKnown) return Belonging.Here;
        long distance = from.Position(segment.Sequence) - from.Next;
        if (IsOver) return segment.PayloadLength > 0 && Math.Abs(distance) > NearEnd ? Belonging.New : Belonging.Here;
        if (Math.Abs(distance) <= MaxWindow)
        {
            from.Strays = 0;
            return Belonging.Here;
        }
        return segment.PayloadLength == 0 || ++from.Strays < EnoughStrays ? Belonging.Nobody : Belonging.New;
    }

    public void OnSegment(in Datagram datagram, in TcpSegment segment, Side side)
    {
        TcpDirection from = From(side), to = To(side);
        bool isSyn = segment.Has(TcpFlags.Syn), isReset = segment.Has(TcpFlags.Rst), isAcknowledging = segment.Has(TcpFlags.Ack) && !isReset;
        if (isSyn)
        {
            from.Start(segment.Sequence);
            from.WindowScale = segment.WindowScale();
            if (segment.Has(TcpFlags.Ack) && RoundTrip == 0) RoundTrip = segment.At.Time - Stream.Opened.Time;
        }
        // A bare acknowledgement may be a probe, whose number is one less than what comes next.
        else if (segment.SequenceLength > 0 && !isReset)
        {
            from.Start(segment.Sequence - 1);
        }
        if (isAcknowledging) to.Start(segment.Acknowledgement - 1);

        long position = from.Position(segment.Sequence);
        if (Layer.Observer is { } observer)
        {
            SegmentInfo described = SegmentTrace.Describe(this, datagram, segment, side, position);
            Stream.Wire!.Add(described);
            observer.OnSegment(described);
        }
        if (isSyn) position++;

        if (isAcknowledging) to.OnAcknowledgement(to.Position(segment.Acknowledgement), segment.At);
        if (segment.PayloadLength > 0) from.OnData(position, segment.Payload, segment.PayloadLength, segment.At);
        if (segment.Has(TcpFlags.Fin)) from.OnFin(position + segment.PayloadLength, segment.At);
        if (isReset) End(side, StreamEnd.Reset, segment.At);
    }

    /// <summary>One direction has come to its end in order.</summary>
    public void OnClosed(Side side, Arrival at)
    {
        Stream.IsOver = IsOver;
        Consumer.OnEnd(side, StreamEnd.Closed, at);
        if (IsOver) Layer.OnOver(this);
    }

    /// <summary>Ends what has not ended yet: gives out what waits, and says why nothing more comes.</summary>
    public void End(Side side, StreamEnd end, Arrival at)
    {
        if (IsOver) return;
        _fromInitiator.GiveUpAll(at);
        _fromResponder.GiveUpAll(at);
        if (IsOver) return;
        if (end == StreamEnd.Lost && From(side).IsOver) side = side == Side.Initiator ? Side.Responder : Side.Initiator;
        _fromInitiator.IsOver = _fromResponder.IsOver = Stream.IsOver = true;
        Consumer.OnEnd(side, end, at);
        Layer.OnOver(this);
    }

    private bool IsOwnSyn(in TcpSegment segment, TcpDirection from, TcpDirection to)
    {
        // Sent again; or acknowledged before it was seen, as capturing may swap frames.
        if (from.IsKnown) return from.Position(segment.Sequence) == 0;
        // The answer to the other end's SYN, and to data that this may have had with it; or two SYNs that cross each other.
        return segment.Has(TcpFlags.Ack) ? !to.IsKnown || to.Position(segment.Acknowledgement) is >= 1 and <= ushort.MaxValue : !IsOver;
    }
}
