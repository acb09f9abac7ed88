using System.Collections;

namespace Godwit.Broker.Connections;

/// <summary>The connections of a shard. Each knows its place, so that leaving costs no search and being there hardly any memory.</summary>
internal sealed class ConnectionList : IReadOnlyCollection<ClientConnection>
{
    private readonly List<ClientConnection> _all = [];

    public int Count => _all.Count;

    public ClientConnection this[int place] => _all[place];

    public void Add(ClientConnection connection)
    {
        connection.Place = _all.Count;
        _all.Add(connection);
    }

    /// <summary>Removes it, if it is there.</summary>
    public void Remove(ClientConnection connection)
    {
        if (connection.Place < 0) return;
        ClientConnection last = _all[^1];
        _all[connection.Place] = last;
        last.Place = connection.Place;
        _all.RemoveAt(_all.Count - 1);
        connection.Place = -1;
    }

    public IEnumerator<ClientConnection> GetEnumerator() => _all.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
