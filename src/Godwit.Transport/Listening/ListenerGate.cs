// The door of a listener: how many connections may be inside, and how many of them without having said who they are. The lock is taken when
// a connection comes, gets a step further and is established; never for a message.
using System.Net;
using Godwit.Transport.Opening;
using Microsoft.Extensions.Logging;

namespace Godwit.Transport;

internal sealed class ListenerGate(ListenOptions options, IConnectionAcceptor acceptor, EndPoint endPoint)
{
    private readonly LinkedList<Arrival> _opening = new(); // who got no further for longest is first
    private readonly LayerOptions _layers = options.Layers ?? new LayerOptions();
    private readonly int _mostOpening = Math.Min(options.MaximumOpening, DescriptorLimit.MostOpening);
    private int _connections;
    private int _isFull;

    public ListenOptions Options => options;

    public LayerOptions Layers => _layers;

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

    /// <summary>Lets a connection in.</summary>
    /// <returns>Null if it has to go at once.</returns>
    public Arrival? TryEnter(EventLoop loop, IPAddress? address)
    {
        if (address is { IsIPv4MappedToIPv6: true }) address = address.MapToIPv4();
        if (Interlocked.Increment(ref _connections) > options.MaximumConnections && options.MaximumConnections > 0)
        {
            Leave();
            options.Admission?.OnNoRoom(NoRoom.Connections, address);
            return null;
        }
        var arrival = new Arrival(this, loop, address);
        if (address is not null && !_layers.Trusts(address) && !arrival.TryAdmit(loop, address)) // whom a proxy speaks for it says later
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

    /// <summary>Who serves a connection that has been let in.</summary>
    public IConnectionHandler CreateHandler(EventLoop loop) => options.Layers is null ? acceptor.Accept(loop) : new OpeningHandler(this);

    /// <summary>Who serves a connection whose layers are open.</summary>
    public IConnectionHandler CreateRealHandler(EventLoop loop) => acceptor.Accept(loop);

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
            if (_opening.Count <= _mostOpening / 2) _isFull = 0;
        }
    }

    public void LogRefusal(ILogger logger, EndPoint? remote, string reason)
    {
        if (logger.IsEnabled(LogLevel.Warning)) TransportLog.OpeningRefused(logger, remote, NameOf(), reason);
    }

    private void Add(Arrival arrival, EventLoop loop)
    {
        Arrival? oldest = null;
        bool hasBecomeFull = false;
        lock (_opening)
        {
            if (_opening.Count >= _mostOpening)
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
        options.Admission?.OnNoRoom(NoRoom.Opening, oldest.Address);
        if (hasBecomeFull) TransportLog.TooManyOpening(loop.Logger, NameOf(), _mostOpening);
    }

    // With the port that the system chose.
    private string NameOf() => options.Layers is null ? $"{endPoint}"
        : _layers.Name.EndsWith(":0", StringComparison.Ordinal) && endPoint is IPEndPoint ip ? $"{_layers.Name[..^1]}{ip.Port}"
        : _layers.Name;
}
