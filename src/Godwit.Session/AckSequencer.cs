// PUBACKs and PUBRECs are sent in the order in which the PUBLISHes came ([MQTT-4.6.0-2], [MQTT-4.6.0-3]), but what they wait for
// (a store, other nodes) may finish in any order. One sequence serves both kinds: stricter than the specification asks, and simpler.
using Godwit.Protocol;

namespace Godwit.Session;

/// <summary>An acknowledgement that may be sent now.</summary>
/// <param name="Type">PUBACK or PUBREC.</param>
/// <param name="PacketId">The PUBLISH's identifier.</param>
/// <param name="Code">Its reason code.</param>
public readonly record struct Ack(PacketType Type, ushort PacketId, ReasonCode Code);

/// <summary>
/// Acknowledgements in the order of their PUBLISHes: registered, completed in any order, drained in order. Belongs to one connection.
/// While <see cref="IsEmpty"/>, one that is complete at once is sent directly and never registered: that costs nothing. The Receive
/// Maximum bounds new messages, not repeated QoS 2 PUBLISHes: the owner stops reading while <see cref="Count"/> is above it.
/// </summary>
public sealed class AckSequencer
{
    private const int SmallestRing = 16;

    private Slot[] _ring = [];
    private long _head;
    private long _tail;

    /// <summary>Whether none is registered, so that the next one may be sent directly.</summary>
    public bool IsEmpty => _head == _tail;

    /// <summary>How many are registered and not drained.</summary>
    public int Count => (int)(_tail - _head);

    /// <summary>Registers the acknowledgement of a PUBLISH that waits for something.</summary>
    /// <returns>A ticket for <see cref="Complete"/>; never given twice.</returns>
    public long Register(PacketType type, ushort id)
    {
        Append(new Slot(new Ack(type, id, default), false));
        return _tail - 1;
    }

    /// <summary>Puts one that is complete already behind those that wait.</summary>
    public void Enqueue(Ack ack) => Append(new Slot(ack, true));

    /// <summary>What the acknowledgement waited for has happened. A ticket from before <see cref="Clear"/> is ignored.</summary>
    public void Complete(long ticket, ReasonCode code)
    {
        if (ticket < _head || ticket >= _tail) return;
        ref Slot slot = ref At(ticket);
        slot = new Slot(slot.Ack with { Code = code }, true);
    }

    /// <summary>Takes the next acknowledgement if it is complete: to be sent now. Call until false.</summary>
    public bool TryDrain(out Ack ack)
    {
        ack = default;
        if (IsEmpty || !At(_head).IsComplete) return false;
        ack = At(_head).Ack;
        _head++;
        return true;
    }

    /// <summary>The connection has ended: none will be sent. Gives the memory back; tickets handed out become void.</summary>
    public void Clear()
    {
        _head = _tail;
        _ring = [];
    }

    private ref Slot At(long ticket) => ref _ring[ticket & (_ring.Length - 1)];

    private void Append(Slot slot)
    {
        if (Count == _ring.Length) Grow();
        At(_tail++) = slot;
    }

    private void Grow()
    {
        var ring = new Slot[Math.Max(SmallestRing, _ring.Length * 2)];
        for (long ticket = _head; ticket < _tail; ticket++) ring[ticket & (ring.Length - 1)] = At(ticket);
        _ring = ring;
    }

    private readonly record struct Slot(Ack Ack, bool IsComplete);
}
