// The bytes that one end of a connection sends, put in order. Positions are 64 bits wide: 0 is SYN, 1 the first byte of data; the 32 bits of a
// sequence number are taken for the position that is nearest to what is expected next.
//
// A gap is waited for until it is filled, or until it is certain that it will not be: the other end has acknowledged what lies behind it, so it
// was received and the capture missed it; or too much waits behind it; or the connection ends.
using Godwit.Capture.Streams;

namespace Godwit.Capture.Tcp;

internal sealed class TcpDirection(TcpConnection connection, Side side)
{
    private uint _first;
    private long _fin = -1, _acknowledged, _aheadSince;
    private WaitingBytes? _waiting;

    /// <summary>Whether it is known where this end's sequence numbers are.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>The position of the byte that is expected next.</summary>
    public long Next { get; private set; }

    /// <summary>Whether its end has been given to the consumer.</summary>
    public bool IsOver { get; set; }

    /// <summary>By how many bits this end's windows are shifted, or -1 if its SYN does not say or was not seen.</summary>
    public int WindowScale { get; set; } = -1;

    /// <summary>Segments from far outside of the window, one after the other.</summary>
    public int Strays { get; set; }

    /// <summary>What the observer's classification remembers; null if there is no observer.</summary>
    public SegmentTrace? Trace { get; init; }

    /// <summary>Its place among those that wait for a gap, or null.</summary>
    public LinkedListNode<TcpDirection>? WaitingNode { get; set; }

    /// <summary>What the waiting bytes cost in memory.</summary>
    public int WaitingSize => _waiting?.Size ?? 0;

    private bool HasGap => !IsOver && (_waiting is { IsEmpty: false } || _fin > Next);

    /// <summary>Learns the sequence number of position 0, if it is not known.</summary>
    public void Start(uint first)
    {
        if (IsKnown) return;
        (IsKnown, _first, Next) = (true, first, 1);
    }

    /// <summary>The position of a sequence number; 1 as long as nothing is known.</summary>
    public long Position(uint sequence) => IsKnown ? Next + (int)(sequence - _first - (uint)Next) : 1;

    /// <summary>Whether a range has been seen completely, in order or not.</summary>
    public bool HasSeen(long position, int length)
    {
        if (position + length <= Next) return true;
        int known = (int)Math.Max(0, Next - position);
        return _waiting is { } waiting && waiting.Contains(position + known, length - known);
    }

    /// <summary>Whether the end of this direction has been seen at this position.</summary>
    public bool HasFinAt(long position) => _fin == position;

    /// <summary>Data has come.</summary>
    public void OnData(long position, ReadOnlySpan<byte> captured, int length, Arrival at)
    {
        if (position + length <= Next) return;
        if (_fin >= 0 && position + length > _fin) length = (int)Math.Max(0, _fin - position);
        if (IsOver || length == 0)
        {
            connection.Layer.Counters.Skip(SkipReason.AfterEnd);
            return;
        }
        if (captured.Length > length) captured = captured[..length];
        if (position < Next)
        {
            int seen = (int)(Next - position);
            captured = captured[Math.Min(seen, captured.Length)..];
            length -= seen;
            position = Next;
        }
        if (position == Next && _waiting is null or { IsEmpty: true })
        {
            Give(captured, length, at);
            CloseIfAtEnd(at);
        }
        else
        {
            Wait(position, captured, length, at);
        }
    }

    /// <summary>The end of this direction has come.</summary>
    public void OnFin(long position, Arrival at)
    {
        if (IsOver || position < Next) return;
        if (_fin < 0) _fin = position;
        GiveWaiting(at);
        if (!HasGap) return;
        connection.Layer.Waits(this, 0);
        GiveUpWhatWasReceived(at);
    }

    /// <summary>The other end acknowledges everything before a position.</summary>
    public void OnAcknowledgement(long position, Arrival at)
    {
        if (position > _acknowledged)
        {
            if (_acknowledged <= Next && position > Next) _aheadSince = at.Time;
            _acknowledged = position;
        }
        if (_acknowledged > Next) GiveUpWhatWasReceived(at);
    }

    /// <summary>Gives up gaps that the other end has acknowledged long enough ago, so that the capture has missed what was in them.</summary>
    public void GiveUpWhatWasReceived(Arrival at)
    {
        while (HasGap && _acknowledged >= EndOfGap && at.Time - _aheadSince >= connection.Layer.Reordering) GiveUpGap(at);
    }

    /// <summary>Gives up the first gap.</summary>
    public void GiveUpGap(Arrival at)
    {
        if (EndOfGap > Next) Miss(EndOfGap - Next, at);
        GiveWaiting(at);
    }

    /// <summary>Gives up all gaps: nothing more comes.</summary>
    public void GiveUpAll(Arrival at)
    {
        while (HasGap) GiveUpGap(at);
    }

    private long EndOfGap => _waiting is { IsEmpty: false } waiting ? waiting.First : _fin;

    private void Wait(long position, ReadOnlySpan<byte> captured, int length, Arrival at)
    {
        _waiting ??= new WaitingBytes();
        int before = _waiting.Size;
        _waiting.Add(position, captured, length, at);
        connection.Layer.Waits(this, _waiting.Size - before);
        GiveWaiting(at);
        while (HasGap && (_waiting.IsFull || _waiting.Size > connection.Layer.MaxWaitingPerDirection)) GiveUpGap(at);
        GiveUpWhatWasReceived(at);
    }

    private void GiveWaiting(Arrival at)
    {
        int before = WaitingSize;
        while (_waiting is { IsEmpty: false } waiting && waiting.First == Next)
        {
            WaitingPiece piece = waiting.TakeFirst();
            // What waits behind the end does not belong to the stream.
            int length = _fin < 0 ? piece.Length : (int)Math.Clamp(_fin - piece.Position, 0, piece.Length);
            Give(piece.Bytes[..Math.Min(piece.Captured, length)], length, piece.At);
            piece.Release();
        }
        CloseIfAtEnd(at);
        if (!HasGap) ReleaseWaiting();
        connection.Layer.Waited(this, before - WaitingSize, HasGap);
    }

    private void ReleaseWaiting()
    {
        while (_waiting is { IsEmpty: false } waiting) waiting.TakeFirst().Release();
    }

    private void Give(ReadOnlySpan<byte> captured, int length, Arrival at)
    {
        if (connection.Stream.Wire is { } wire) wire.Used += length;
        if (captured.Length > 0)
        {
            Next += captured.Length;
            connection.Layer.Counters.StreamBytes += captured.Length;
            connection.Consumer.OnBytes(side, captured, at);
        }
        if (length > captured.Length) Miss(length - captured.Length, at);
    }

    private void Miss(long count, Arrival at)
    {
        Next += count;
        connection.Layer.Counters.Gaps++;
        connection.Layer.Counters.MissingBytes += count;
        connection.Consumer.OnGap(side, count, at);
    }

    private void CloseIfAtEnd(Arrival at)
    {
        if (IsOver || _fin != Next) return;
        Next++;
        IsOver = true;
        connection.OnClosed(side, at);
    }
}
