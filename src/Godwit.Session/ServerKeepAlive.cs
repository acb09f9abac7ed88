// The server's side of keep alive (section 3.1.2.10): time is an argument, in milliseconds of any clock that never goes back.
namespace Godwit.Session;

/// <summary>
/// When a client has been silent too long: one and a half times its keep alive. <c>[MQTT-3.1.2-24]</c>, 5.0: <c>[MQTT-3.1.2-22]</c>
/// </summary>
/// <param name="keepAliveSeconds">From CONNECT, or the Server Keep Alive of CONNACK if one was sent; 0 means no limit.</param>
/// <param name="now">The time at which CONNECT came, in milliseconds.</param>
public struct ServerKeepAlive(ushort keepAliveSeconds, long now)
{
    private readonly int _allowed = keepAliveSeconds * 1500;
    private long _lastReceived = now;

    /// <summary>When the connection is to be closed if nothing comes, in milliseconds; <see cref="long.MaxValue"/> means never.</summary>
    public readonly long Deadline => _allowed == 0 ? long.MaxValue : _lastReceived + _allowed;

    /// <summary>A packet has come, of whatever kind.</summary>
    public void OnReceived(long now) => _lastReceived = now;

    /// <summary>Whether to close: MQTT 5 by DISCONNECT 0x8D, Keep Alive timeout; in either case as if the network had failed.</summary>
    public readonly bool IsExpired(long now) => now >= Deadline;
}
