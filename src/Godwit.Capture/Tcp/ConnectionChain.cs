namespace Godwit.Capture.Tcp;

/// <summary>Connections in the order in which they were added; linked by themselves, so that moving one to the end costs nothing but a few references.</summary>
internal sealed class ConnectionChain
{
    private TcpConnection? _newest;

    public TcpConnection? Oldest { get; private set; }

    public int Count { get; private set; }

    /// <summary>Makes a connection the newest, wherever it was before.</summary>
    public void Append(TcpConnection connection)
    {
        if (_newest == connection) return;
        connection.Chain?.Remove(connection);
        connection.Chain = this;
        connection.Older = _newest;
        if (_newest is null) Oldest = connection;
        else _newest.Newer = connection;
        _newest = connection;
        Count++;
    }

    public void Remove(TcpConnection connection)
    {
        if (connection.Older is null) Oldest = connection.Newer;
        else connection.Older.Newer = connection.Newer;
        if (connection.Newer is null) _newest = connection.Older;
        else connection.Newer.Older = connection.Older;
        connection.Older = connection.Newer = null;
        connection.Chain = null;
        Count--;
    }
}
