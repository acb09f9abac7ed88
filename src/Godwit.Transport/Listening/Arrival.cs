// An accepted connection whose client has not said yet who it is. Such connections cost memory and a descriptor and are nobody's, so they
// are counted and bounded: when there are too many, the one goes that has got no further for longest.
using System.Net;

namespace Godwit.Transport;

/// <summary>A connection on its way from being accepted to being established.</summary>
public sealed class Arrival : ILoopWork
{
    private readonly EventLoop _loop;
    private IAddressPlace? _place;

    internal Arrival(ListenerGate gate, ListenerEntrance entrance, EventLoop loop, IPAddress? address)
    {
        Gate = gate;
        Entrance = entrance;
        _loop = loop;
        Address = address;
    }

    /// <summary>Where it came in.</summary>
    internal ListenerGate Gate { get; }

    /// <summary>What holds for it.</summary>
    internal ListenerEntrance Entrance { get; }

    /// <summary>Where the client connects from; null on a Unix socket and in memory.</summary>
    internal IPAddress? Address { get; private set; }

    /// <summary>Its place among the listener's; null when it is none of them any more.</summary>
    internal LinkedListNode<Arrival>? Node { get; set; }

    internal BufferedConnection? Connection { get; set; }

    /// <summary>Closes the connection unless it has been established meanwhile: a newer one needs its room. From any thread.</summary>
    public void MakeWay() => _loop.Post(this);

    void ILoopWork.Run(EventLoop loop)
    {
        if (Connection is not { IsEstablished: false } connection) return;
        if (connection.Loop == loop) connection.MakeWay();
        else connection.Loop.Post(this); // it is with its home loop already
    }

    /// <summary>The client's address is known.</summary>
    /// <returns>Whether the connection may stay.</returns>
    internal bool TryAdmit(EventLoop loop, IPAddress address)
    {
        Address = address;
        return Entrance.Options.Admission?.TryAdmit(loop, address, this, out _place) ?? true;
    }

    /// <summary>It has got a step further: a whole layer, not some bytes.</summary>
    internal void Progress() => Gate.Refresh(this);

    /// <summary>The client has said who it is.</summary>
    /// <returns>Whether it is counted on.</returns>
    internal bool Establish()
    {
        Gate.Remove(this);
        if (_place is not null && !_place.OnEstablished()) _place = null;
        return _place is not null;
    }

    /// <summary>The connection is gone.</summary>
    internal void End()
    {
        Gate.Remove(this);
        _place?.OnEnded();
        _place = null;
    }
}
