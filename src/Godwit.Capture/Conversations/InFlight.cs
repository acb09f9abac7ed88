// What one side has sent and the other has to answer, by packet identifier. The table of a direction is bounded by the 65,536 identifiers; it
// links an answer to its request in either way, and keeps the order in which PUBLISHes were sent.
using Godwit.Protocol;

namespace Godwit.Capture.Conversations;

/// <summary>What a packet identifier waits for.</summary>
internal enum Awaited : byte
{
    Puback,
    Pubrec,
    Pubrel,
    Pubcomp,
    Suback,
    Unsuback,
}

/// <summary>A packet that waits for its answer.</summary>
internal struct Waiting
{
    public Awaited For;
    public long First;          // the number of the packet that began it
    public long Latest;         // of the packet that is answered next
    public Arrival BegunAt;
    public Arrival LatestAt;
    public int Filters;         // SUBSCRIBE, UNSUBSCRIBE
    public bool IsEarlier;      // from an earlier connection of the session
}

internal sealed class InFlight
{
    private readonly Dictionary<ushort, Waiting> _waiting = [];
    private readonly Queue<(ushort Id, long Number)> _order = new(); // QoS 1 and 2 PUBLISHes that have no PUBACK or PUBREC yet

    public int Count => _waiting.Count;

    public IEnumerable<KeyValuePair<ushort, Waiting>> All => _waiting;

    public bool TryGet(ushort id, out Waiting waiting) => _waiting.TryGetValue(id, out waiting);

    public void Set(ushort id, in Waiting waiting) => _waiting[id] = waiting;

    public void Remove(ushort id) => _waiting.Remove(id);

    /// <summary>A PUBLISH was sent.</summary>
    public void Enqueue(ushort id, long number)
    {
        _order.Enqueue((id, number));
        if (_order.Count > 2 * ushort.MaxValue) _order.Dequeue();
    }

    /// <summary>A PUBLISH is acknowledged.</summary>
    /// <returns>The number of an earlier one that is not, or 0.</returns>
    public long Acknowledge(ushort id, long number)
    {
        // What was acknowledged out of order has left the table and is dropped when its turn comes.
        while (_order.TryPeek(out (ushort Id, long Number) first))
        {
            bool isSame = first == (id, number);
            bool isWaiting = _waiting.TryGetValue(first.Id, out Waiting waiting) && waiting.First == first.Number && waiting.For is Awaited.Puback or Awaited.Pubrec;
            if (!isSame && isWaiting) return first.Number;
            _order.Dequeue();
            if (isSame) return 0;
        }
        return 0;
    }

    /// <summary>The connection has ended and the session lives on.</summary>
    public void OnConnectionLost()
    {
        _order.Clear();
        foreach ((ushort id, Waiting waiting) in _waiting.ToArray())
        {
            if (waiting.For is Awaited.Suback or Awaited.Unsuback) _waiting.Remove(id);
            else _waiting[id] = waiting with { IsEarlier = true };
        }
    }

    public void Clear()
    {
        _waiting.Clear();
        _order.Clear();
    }
}
