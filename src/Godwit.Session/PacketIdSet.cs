// A set of packet identifiers that a peer has chosen, so any of the 65,535 may come: a hash table with linear probing, at most half
// full, two bytes a place. Its memory follows the number of identifiers, not their values; a bit map would be smaller only from some
// thousands on. Removing shifts what follows back, so there are no tombstones that would have to be cleaned up.
using System.Collections;
using System.Numerics;

namespace Godwit.Session;

/// <summary>A small mutable set of packet identifiers. A default value is an empty set without memory.</summary>
internal struct PacketIdSet : IEnumerable<ushort>
{
    private const int SmallestTable = 8;

    // 2^32 by the golden ratio: sequential identifiers, the usual ones, spread evenly.
    private const uint Multiplier = 0x9E37_79B1;

    private ushort[]? _slots;

    public int Count { get; private set; }

    public readonly bool Contains(ushort id) => Count != 0 && _slots![Locate(_slots, id)] != 0;

    public bool Add(ushort id)
    {
        if (_slots is null || Count >= _slots.Length / 2) Grow();
        ref ushort slot = ref _slots![Locate(_slots, id)];
        if (slot != 0 || id == 0) return false;
        slot = id;
        Count++;
        return true;
    }

    public bool Remove(ushort id)
    {
        if (Count == 0) return false;
        ushort[] slots = _slots!;
        int hole = Locate(slots, id), mask = slots.Length - 1;
        if (slots[hole] == 0) return false;
        for (int next = (hole + 1) & mask; slots[next] != 0; next = (next + 1) & mask)
        {
            // An entry may move back into the hole unless its home lies between the hole and itself.
            if (((next - Home(slots, slots[next])) & mask) < ((next - hole) & mask)) continue;
            slots[hole] = slots[next];
            hole = next;
        }
        slots[hole] = 0;
        Count--;
        return true;
    }

    /// <summary>Adds all to the other set and empties this one.</summary>
    public void MoveTo(ref PacketIdSet other)
    {
        if (other.Count == 0) other = this;
        else foreach (ushort id in this) other.Add(id);
        this = default;
    }

    public void Trim()
    {
        if (Count == 0) _slots = null;
    }

    public readonly IEnumerator<ushort> GetEnumerator() => (_slots ?? []).Where(id => id != 0).GetEnumerator();

    readonly IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // The place of the identifier, or the empty one where it would go.
    private static int Locate(ushort[] slots, ushort id)
    {
        int index = Home(slots, id);
        while (slots[index] != 0 && slots[index] != id) index = (index + 1) & (slots.Length - 1);
        return index;
    }

    private static int Home(ushort[] slots, ushort id) => 
        (int)(id * Multiplier >> BitOperations.LeadingZeroCount((uint)slots.Length - 1));

    private void Grow()
    {
        ushort[] old = _slots ?? [];
        _slots = new ushort[Math.Max(SmallestTable, old.Length * 2)];
        foreach (ushort id in old)
        {
            if (id != 0) _slots[Locate(_slots, id)] = id;
        }
    }
}
