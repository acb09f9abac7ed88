// The table of connections: who takes which segment, what is given up when there is too much. Open connections are chained in the order of last
// use; those that are over stay for a while, for what comes late, in the order of their ends.
using Godwit.Capture.Network;
using Godwit.Capture.Streams;

namespace Godwit.Capture.Tcp;

internal sealed class TcpLayer(IStreamConsumerFactory consumers, ISegmentObserver? observer, CaptureOptions options, CaptureCounters counters)
{
    // Late segments come soon: this many are seconds, even where connections are short.
    private const int MaxOver = 10_000;

    private readonly Dictionary<FlowKey, TcpConnection> _table = [];
    private readonly HashSet<int> _responderPorts = [.. options.ResponderPorts];
    private readonly LinkedList<TcpDirection> _waiting = new();
    private readonly ConnectionChain _open = new(), _over = new();
    private long _waitingBytes;
    private Arrival _last;

    public ISegmentObserver? Observer => observer;

    public CaptureCounters Counters => counters;

    public int MaxWaitingPerDirection => options.MaxWaitingPerDirection;

    /// <summary>For how long a gap that was acknowledged is still waited for, in nanoseconds.</summary>
    public long Reordering { get; } = options.Reordering.Ticks * TimeSpan.NanosecondsPerTick;

    /// <summary>What waits for gaps in all connections, in bytes of memory.</summary>
    public long WaitingBytes => _waitingBytes;

    public int ConnectionCount => _table.Count;

    public void OnDatagram(in Datagram datagram)
    {
        if (!TcpSegment.TryRead(datagram, out TcpSegment segment))
        {
            counters.Skip(SkipReason.BrokenTcp);
            return;
        }
        if (options.VerifyChecksums && !TcpChecksum.IsRight(datagram))
        {
            counters.Skip(SkipReason.BadChecksum);
            return;
        }
        _last = segment.At;
        // One after the other is looked at, so that a gap is also given up if its own connection has become silent.
        if (_waiting.First is { } node) Recheck(node);

        var key = new FlowKey(datagram.Source, segment.SourcePort, datagram.Destination, segment.DestinationPort, out bool isFromLow);
        TcpConnection? connection = Find(key, segment, isFromLow, out bool isStray);
        if (isStray) return;
        connection ??= segment.Has(TcpFlags.Rst) ? null : Open(key, datagram, segment, isFromLow);
        if (connection is null)
        {
            counters.Skip(SkipReason.StrayReset);
            return;
        }
        counters.Segments++;
        if (!connection.IsOver) _open.Append(connection);
        connection.OnSegment(datagram, segment, connection.SideOf(isFromLow));
    }

    /// <summary>The capture is over: gives out what waits and ends what is open, in the order of last use.</summary>
    public void Complete()
    {
        while ((_open.Oldest ?? _over.Oldest) is { } connection) Remove(connection);
    }

    /// <summary>A connection is over.</summary>
    public void OnOver(TcpConnection connection)
    {
        _over.Append(connection);
        if (_over.Count > MaxOver) Remove(_over.Oldest!);
    }

    /// <summary>A direction has a gap, and waiting bytes cost so much more than before.</summary>
    public void Waits(TcpDirection direction, int size)
    {
        _waitingBytes += size;
        direction.WaitingNode ??= _waiting.AddLast(direction);
        while (_waitingBytes > options.MaxWaiting && _waiting.First is { } first) first.Value.GiveUpGap(_last);
    }

    /// <summary>A direction's waiting bytes cost so much less than before.</summary>
    public void Waited(TcpDirection direction, int size, bool hasGap)
    {
        _waitingBytes -= size;
        if (hasGap || direction.WaitingNode is not { } node) return;
        _waiting.Remove(node);
        direction.WaitingNode = null;
    }

    private void Recheck(LinkedListNode<TcpDirection> node)
    {
        node.Value.GiveUpWhatWasReceived(_last);
        if (node.List is null) return;
        _waiting.Remove(node);
        _waiting.AddLast(node);
    }

    private TcpConnection? Find(in FlowKey key, in TcpSegment segment, bool isFromLow, out bool isStray)
    {
        isStray = false;
        if (!_table.TryGetValue(key, out TcpConnection? connection)) return null;
        switch (connection.BelongingOf(segment, connection.SideOf(isFromLow)))
        {
            case Belonging.Here:
                return connection;
            case Belonging.New:
                Remove(connection);
                return null;
            default:
                counters.Skip(SkipReason.OutsideWindow);
                isStray = true;
                return null;
        }
    }

    private TcpConnection Open(in FlowKey key, in Datagram datagram, in TcpSegment segment, bool isFromLow)
    {
        if (_table.Count >= options.MaxConnections) MakeRoom();
        bool isFromInitiator = IsFromInitiator(segment);
        var source = datagram.Source.WithPort(segment.SourcePort);
        var destination = datagram.Destination.WithPort(segment.DestinationPort);
        var stream = new StreamConnection(++counters.Connections, isFromInitiator ? source : destination, isFromInitiator ? destination : source, segment.At)
        {
            IsFromBeginning = segment.Has(TcpFlags.Syn),
            Wire = observer is null ? null : new WireBytes(),
        };
        var connection = new TcpConnection(this, key, isFromInitiator == isFromLow, stream, consumers.Open(stream));
        _table.Add(key, connection);
        return connection;
    }

    private bool IsFromInitiator(in TcpSegment segment)
    {
        if (segment.Has(TcpFlags.Syn)) return !segment.Has(TcpFlags.Ack);
        bool isToKnown = _responderPorts.Contains(segment.DestinationPort), isFromKnown = _responderPorts.Contains(segment.SourcePort);
        return isToKnown != isFromKnown ? isToKnown : segment.DestinationPort <= segment.SourcePort;
    }

    private void MakeRoom()
    {
        if (_over.Oldest is null) counters.ConnectionsGivenUp++;
        Remove((_over.Oldest ?? _open.Oldest)!);
    }

    private void Remove(TcpConnection connection)
    {
        connection.End(Side.Initiator, StreamEnd.Lost, _last);
        _table.Remove(connection.Key);
        connection.Chain?.Remove(connection);
    }
}
