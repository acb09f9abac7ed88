// The lists a loop keeps of its connections. Each connection knows its place in them, so leaving one (moving, ending) is O(1).
namespace Godwit.Transport;

/// <summary>All connections of a loop.</summary>
internal sealed class ConnectionSet
{
    private BufferedConnection?[] _items = new BufferedConnection?[16];
    private volatile int _count;

    public int Count => _count;

    public void Add(BufferedConnection connection)
    {
        int count = _count;
        if (count == _items.Length) Array.Resize(ref _items, count * 2);
        _items[count] = connection;
        connection.SetIndex = count;
        _count = count + 1;
    }

    public void Remove(BufferedConnection connection)
    {
        int index = connection.SetIndex;
        if (index < 0) return;
        int last = _count - 1;
        BufferedConnection moved = _items[last]!;
        _items[index] = moved;
        moved.SetIndex = index;
        _items[last] = null;
        connection.SetIndex = -1;
        _count = last;
    }

    public BufferedConnection[] ToArray() => _items.AsSpan(0, _count).ToArray()!;
}

/// <summary>Which list of a loop.</summary>
internal enum WorkKind
{
    /// <summary>Kept input is to be offered again.</summary>
    Ready,

    /// <summary>Output is to be sent.</summary>
    Dirty,

    /// <summary>The end is to be reported.</summary>
    Ended,
}

/// <summary>Connections for which something is to be done once, later in the turn or in the next one.</summary>
internal sealed class WorkList(WorkKind kind)
{
    private BufferedConnection?[] _items = new BufferedConnection?[16];
    private int _count;

    public bool IsEmpty => _count == 0;

    public void Add(BufferedConnection connection)
    {
        ref int place = ref connection.PlaceIn(kind);
        if (place >= 0) return;
        if (_count == _items.Length) Array.Resize(ref _items, _count * 2);
        place = _count;
        _items[_count++] = connection;
    }

    public void Remove(BufferedConnection connection)
    {
        ref int place = ref connection.PlaceIn(kind);
        if (place < 0) return;
        _items[place] = null;
        place = -1;
    }

    /// <summary>Does it for all that are listed now; those that come meanwhile wait for the next call.</summary>
    public bool Run(EventLoop loop, Action<BufferedConnection> action)
    {
        int count = _count;
        if (count == 0) return false;
        for (int i = 0; i < count; i++)
        {
            BufferedConnection? connection = _items[i];
            if (connection is null) continue;
            _items[i] = null;
            connection.PlaceIn(kind) = -1;
            try
            {
                action(connection);
            }
            catch (Exception exception)
            {
                loop.OnUnexpected(exception);
            }
        }
        int added = 0;
        for (int i = count; i < _count; i++)
        {
            BufferedConnection? connection = _items[i];
            if (connection is null) continue;
            _items[i] = null;
            connection.PlaceIn(kind) = added;
            _items[added++] = connection;
        }
        _count = added;
        return true;
    }
}
