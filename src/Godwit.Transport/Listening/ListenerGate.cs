// The door of a listener: how many connections may be inside, and how many of them without having said who they are. The lock is taken when
// a connection comes, gets a step further and is established; never for a message.
using System.Net;

namespace Godwit.Transport;

internal sealed class ListenerGate(ListenOptions options, IConnectionAcceptor acceptor, EndPoint endPoint)
{
    private readonly LinkedList<Arrival> _opening = new(); // who got no further for longest is first
    private volatile ListenerEntrance _entrance = new(options, acceptor, endPoint);
    private int _connections;
    private int _isFull;

    /// <summary>Connections now.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Connections now that have not been established.</summary>
    public int Opening
    {
        get
        {
            lock (_opening) return _opening.Count;
        }
    }

    /// <summary>Changes what holds for connections from now on; all of them are counted together.</summary>
    public void Replace(ListenOptions next, IConnectionAcceptor nextAcceptor) => _entrance = new ListenerEntrance(next, nextAcceptor, endPoint);

    /// <summary>Lets a connection in.</summary>
    /// <returns>Null if it has to go at once.</returns>
    public Arrival? TryEnter(EventLoop loop, IPAddress? address)
    {
        if (address is { IsIPv4MappedToIPv6: true }) address = address.MapToIPv4();
        ListenerEntrance entrance = _entrance;
        if (Interlocked.Increment(ref _connections) > entrance.Options.MaximumConnections && entrance.Options.MaximumConnections > 0)
        {
            Leave();
            entrance.Options.Admission?.OnNoRoom(NoRoom.Connections, address);
            return null;
        }
        var arrival = new Arrival(this, entrance, loop, address);
        if (address is not null && !entrance.Layers.Trusts(address) && !arrival.TryAdmit(loop, address)) // whom a proxy speaks for it says later
        {
            Leave();
            return null;
        }
        Add(arrival, loop);
        return arrival;
    }

    /// <summary>A connection that was let in has not come to be.</summary>
    public void Withdraw(Arrival arrival)
    {
        arrival.End();
        Leave();
    }

    /// <summary>A connection is gone.</summary>
    public void Leave() => Interlocked.Decrement(ref _connections);

    public void Refresh(Arrival arrival)
    {
        lock (_opening)
        {
            if (arrival.Node is not { } node) return;
            _opening.Remove(node);
            _opening.AddLast(node);
        }
    }

    public void Remove(Arrival arrival)
    {
        lock (_opening)
        {
            if (arrival.Node is not { } node) return;
            arrival.Node = null;
            _opening.Remove(node);
            if (_opening.Count <= _entrance.MostOpening / 2) _isFull = 0;
        }
    }

    private void Add(Arrival arrival, EventLoop loop)
    {
        ListenerEntrance entrance = arrival.Entrance;
        Arrival? oldest = null;
        bool hasBecomeFull = false;
        lock (_opening)
        {
            if (_opening.Count >= entrance.MostOpening)
            {
                oldest = _opening.First!.Value;
                oldest.Node = null;
                _opening.RemoveFirst();
                hasBecomeFull = _isFull == 0;
                _isFull = 1;
            }
            arrival.Node = _opening.AddLast(arrival);
        }
        if (oldest is null) return;
        oldest.MakeWay();
        entrance.Options.Admission?.OnNoRoom(NoRoom.Opening, oldest.Address);
        if (hasBecomeFull) TransportLog.TooManyOpening(loop.Logger, entrance.Name, entrance.MostOpening);
    }
}
