// A table that strangers fill, so it has a size: when it is full, the entry goes that nobody has asked for longest. Entries in use stay; whoever
// uses them bounds them. Not for several threads.
namespace Godwit.Broker.Limits;

internal abstract class AgingEntry<TKey>
{
    public required TKey Key { get; init; }

    /// <summary>How many use it.</summary>
    public int Uses { get; set; }
}

/// <param name="capacity">Entries that nobody uses.</param>
internal sealed class AgingTable<TKey, TEntry>(int capacity) where TKey : notnull where TEntry : AgingEntry<TKey>
{
    private readonly Dictionary<TKey, LinkedListNode<TEntry>> _entries = [];
    private readonly LinkedList<TEntry> _unused = new(); // whom nobody has asked for longest is first

    public int Count => _entries.Count;

    public IEnumerable<TEntry> Entries => _entries.Values.Select(node => node.Value);

    /// <summary>The entry; made if it is not there.</summary>
    public TEntry Get(TKey key, Func<TKey, TEntry> make)
    {
        if (_entries.TryGetValue(key, out LinkedListNode<TEntry>? node))
        {
            if (node.Value.Uses == 0)
            {
                _unused.Remove(node);
                _unused.AddLast(node);
            }
            return node.Value;
        }
        _entries[key] = _unused.AddLast(make(key));
        Shrink();
        return _unused.Last!.Value;
    }

    public void Use(TEntry entry)
    {
        if (entry.Uses++ == 0) _unused.Remove(_entries[entry.Key]);
    }

    public void Release(TEntry entry)
    {
        if (--entry.Uses > 0) return;
        _unused.AddLast(_entries[entry.Key]);
        Shrink();
    }

    private void Shrink()
    {
        if (_unused.Count <= capacity) return;
        _entries.Remove(_unused.First!.Value.Key);
        _unused.RemoveFirst();
    }
}
