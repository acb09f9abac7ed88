using System.Net;

namespace Godwit.Transport;

/// <summary>
/// Says which connections may stay, by their addresses, and hears of those that a listener has no room for. Asked on the loops' threads, several
/// at a time.
/// </summary>
public interface IAdmission
{
    /// <summary>
    /// The address of a client is known: its connection has been accepted, or a trusted proxy has named it. Nothing of the client's own has been read.
    /// </summary>
    /// <param name="loop">The loop whose thread this is.</param>
    /// <param name="address">The address; IPv4 is never mapped to IPv6.</param>
    /// <param name="arrival">The connection, until its client has said who it is.</param>
    /// <param name="place">What it takes up among those of its address; null if that is not counted.</param>
    /// <returns>False to close it at once.</returns>
    bool TryAdmit(EventLoop loop, IPAddress address, Arrival arrival, out IAddressPlace? place);

    /// <summary>A listener has closed a connection because there were too many.</summary>
    /// <param name="reason">Too many of what.</param>
    /// <param name="address">Where it came from; null on a Unix socket and in memory.</param>
    void OnNoRoom(NoRoom reason, IPAddress? address);
}

/// <summary>A connection among those of its address.</summary>
public interface IAddressPlace
{
    /// <summary>The client has said who it is.</summary>
    /// <returns>Whether the connection is counted on, until <see cref="OnEnded"/>.</returns>
    bool OnEstablished();

    /// <summary>The connection is gone. Comes once, also without <see cref="OnEstablished"/>.</summary>
    void OnEnded();
}

/// <summary>Why a listener has closed a connection of itself.</summary>
public enum NoRoom
{
    /// <summary>There were <see cref="ListenOptions.MaximumConnections"/> already.</summary>
    Connections,

    /// <summary>It was the oldest of <see cref="ListenOptions.MaximumOpening"/> that had not said who they are, and a new one came.</summary>
    Opening,
}
