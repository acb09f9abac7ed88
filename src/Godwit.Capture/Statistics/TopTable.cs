// Which keys have the most, in bounded memory (Space-Saving, Metwally 2005, in its simple form): while there is room every key is counted exactly.
// When it is full the smaller half leaves, and goes to "others": what stays afterwards may be missing what it had before.
namespace Godwit.Capture.Statistics;

/// <summary>Counters by key, of which the largest are kept.</summary>
/// <typeparam name="T">What is counted for each key.</typeparam>
public sealed class TopTable<T> where T : TableEntry, new()
{
    private readonly Dictionary<string, T> _entries = [];
    private readonly Dictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> _byChars;
    private readonly int _capacity;

    internal TopTable(int capacity)
    {
        _capacity = capacity;
        _byChars = _entries.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The entries that were kept, by key.</summary>
    public IReadOnlyDictionary<string, T> Entries => _entries;

    /// <summary>What the entries had that were not kept.</summary>
    public T Others { get; } = new();

    /// <summary>How often a key was dropped; 0 = everything is exact.</summary>
    public long Dropped { get; private set; }

    /// <summary>The largest entries.</summary>
    public IEnumerable<KeyValuePair<string, T>> Largest => _entries.OrderByDescending(entry => entry.Value.Packets).ThenBy(entry => entry.Key, StringComparer.Ordinal);

    internal T this[ReadOnlySpan<char> key]
    {
        get
        {
            if (_byChars.TryGetValue(key, out T? entry)) return entry;
            if (_entries.Count >= _capacity) DropHalf();
            return _entries[key.ToString()] = new T();
        }
    }

    private void DropHalf()
    {
        foreach (KeyValuePair<string, T> small in _entries.OrderBy(entry => entry.Value.Packets).Take(_capacity / 2).ToList())
        {
            Others.AddFrom(small.Value);
            _entries.Remove(small.Key);
            Dropped++;
        }
    }
}

/// <summary>What is counted for a key.</summary>
public class TableEntry
{
    /// <summary>Packets.</summary>
    public long Packets { get; internal set; }

    /// <summary>Bytes of those packets.</summary>
    public long Bytes { get; internal set; }

    internal virtual void AddFrom(TableEntry other)
    {
        Packets += other.Packets;
        Bytes += other.Bytes;
    }
}
