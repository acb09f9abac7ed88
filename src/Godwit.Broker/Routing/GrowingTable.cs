// A hash table for millions of entries. The entries carry hash and link themselves, so that there is no second object for each; and the
// table grows by one bucket at a time ("linear hashing"), so that no insertion is ever followed by a long pause.
//
// Writers hold their owner's lock. Readers need none: growing moves entries to another bucket, where a reader may miss them, so a reader
// that finds nothing looks again if entries were moved meanwhile. One that finds something is right in any case.
using System.Collections;
using System.Numerics;

namespace Godwit.Broker.Routing;

/// <summary>What stands in a <see cref="GrowingTable"/>.</summary>
/// <param name="hash">The hash of its key.</param>
internal abstract class TableEntry(int hash)
{
    private TableEntry? _next;

    /// <summary>The hash of its key.</summary>
    public int Hash { get; } = hash;

    /// <summary>Four bytes that the memory layout has to spare, for the kind of entry to use.</summary>
    protected int Spare { get; set; }

    /// <summary>The next one in the same bucket. One that was removed keeps it: a reader may stand there.</summary>
    internal TableEntry? NextInBucket
    {
        get => Volatile.Read(ref _next);
        set => Volatile.Write(ref _next, value);
    }
}

/// <summary>What is looked for.</summary>
internal interface ITableKey
{
    int Hash { get; }

    /// <summary>Whether an entry of this hash is the one.</summary>
    bool Is(TableEntry entry);
}

internal sealed class GrowingTable : IEnumerable<TableEntry>
{
    private const int Smallest = 16, SegmentBits = 10, SegmentSize = 1 << SegmentBits;

    private TableEntry?[][] _segments = [new TableEntry?[SegmentSize]];
    private int _buckets = Smallest;
    private int _version; // odd while entries are moved

    /// <summary>Entries in the table; for writers.</summary>
    public int Count { get; private set; }

    /// <summary>Finds an entry; null if there is none. On any thread.</summary>
    public TableEntry? Find<TKey>(TKey key) where TKey : struct, ITableKey, allows ref struct
    {
        int hash = key.Hash;
        while (true)
        {
            int version = Volatile.Read(ref _version);
            for (TableEntry? entry = Volatile.Read(ref BucketOf(hash)); entry is not null; entry = entry.NextInBucket)
            {
                if (entry.Hash == hash && key.Is(entry)) return entry;
            }
            if ((version & 1) == 0 && Volatile.Read(ref _version) == version) return null;
        }
    }

    /// <summary>Adds an entry, of which there must be none.</summary>
    public void Add(TableEntry entry)
    {
        ref TableEntry? bucket = ref BucketOf(entry.Hash);
        entry.NextInBucket = bucket;
        Volatile.Write(ref bucket, entry);
        if (++Count > _buckets) Grow();
    }

    /// <summary>Removes an entry that is there.</summary>
    public void Remove(TableEntry entry)
    {
        ref TableEntry? bucket = ref BucketOf(entry.Hash);
        if (bucket == entry)
        {
            Volatile.Write(ref bucket, entry.NextInBucket);
        }
        else
        {
            TableEntry previous = bucket!;
            while (previous.NextInBucket != entry) previous = previous.NextInBucket!;
            previous.NextInBucket = entry.NextInBucket;
        }
        Count--;
    }

    /// <summary>
    /// How many buckets there are. There are never fewer again, and an entry never moves to an earlier one: whoever goes through them, with
    /// changes in between, misses none, but may see one twice.
    /// </summary>
    public int Buckets => _buckets;

    /// <summary>The entries of one bucket; for writers.</summary>
    public IEnumerable<TableEntry> Bucket(int index)
    {
        for (TableEntry? entry = At((uint)index); entry is not null; entry = entry.NextInBucket) yield return entry;
    }

    /// <summary>All entries, in no order; for writers.</summary>
    public IEnumerator<TableEntry> GetEnumerator()
    {
        for (int i = 0; i < _buckets; i++)
        {
            foreach (TableEntry entry in Bucket(i)) yield return entry;
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // Buckets are numbered by as many low bits of the hash as all of them need; those not there yet are still part of the one without
    // the highest of these bits.
    private ref TableEntry? BucketOf(int hash)
    {
        uint buckets = (uint)Volatile.Read(ref _buckets), mask = BitOperations.RoundUpToPowerOf2(buckets) - 1;
        uint index = (uint)hash & mask;
        if (index >= buckets) index &= mask >> 1;
        return ref At(index);
    }

    private ref TableEntry? At(uint index) => ref _segments[index >> SegmentBits][index & (SegmentSize - 1)];

    // One more bucket: it takes its entries out of the one that has had them so far.
    private void Grow()
    {
        int added = _buckets;
        if (added >> SegmentBits == _segments.Length) Volatile.Write(ref _segments, [.. _segments, new TableEntry?[SegmentSize]]);
        int highestBit = 1 << BitOperations.Log2((uint)added);
        ref TableEntry? from = ref At((uint)(added - highestBit)), to = ref At((uint)added);
        Interlocked.Increment(ref _version);
        Volatile.Write(ref _buckets, added + 1);
        TableEntry? previous = null, next;
        for (TableEntry? entry = from; entry is not null; entry = next)
        {
            next = entry.NextInBucket;
            if ((entry.Hash & (highestBit * 2 - 1)) != added)
            {
                previous = entry;
                continue;
            }
            if (previous is null) Volatile.Write(ref from, next);
            else previous.NextInBucket = next;
            entry.NextInBucket = to;
            Volatile.Write(ref to, entry);
        }
        Interlocked.Increment(ref _version);
    }
}
