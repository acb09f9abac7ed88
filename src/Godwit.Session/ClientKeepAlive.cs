// The client's side of keep alive (sections 3.1.2.10 and 3.12): time is an argument, in milliseconds of any clock that never goes back.
namespace Godwit.Session;

/// <summary>What a client has to do for its keep alive now.</summary>
public enum KeepAliveAction : byte
{
    /// <summary>Nothing before <see cref="ClientKeepAlive.NextCheck"/>.</summary>
    None,

    /// <summary>Send PINGREQ.</summary>
    SendPingreq,

    /// <summary>The server does not answer: close the connection.</summary>
    Close,
}

/// <summary>
/// When a client sends PINGREQ, <c>[MQTT-3.1.2-23]</c>, 5.0: <c>[MQTT-3.1.2-20]</c>, and when it gives the server up. It pings after
/// three quarters of the keep alive without sending, so that a late timer still keeps within it, and also without receiving: a client
/// that only publishes with QoS 0 would otherwise never learn that nobody is there.
/// </summary>
/// <param name="keepAliveSeconds">The Server Keep Alive of CONNACK, else what CONNECT said; 0 turns keep alive off. <c>[MQTT-3.2.2-21]</c></param>
/// <param name="now">The time at which CONNACK came, in milliseconds.</param>
/// <param name="responseTimeout">
/// Milliseconds without anything received after which an unanswered PINGREQ means that the connection is dead; 0, the default, takes
/// three quarters of the keep alive too. The specification says a reasonable time.
/// </param>
public struct ClientKeepAlive(ushort keepAliveSeconds, long now, int responseTimeout = 0)
{
    private readonly int _interval = keepAliveSeconds * 750;
    private readonly int _timeout = responseTimeout > 0 ? responseTimeout : keepAliveSeconds * 750;
    private long _lastSent = now;
    private long _lastReceived = now;
    private long? _waitingSince;

    /// <summary>When to call <see cref="Check"/>, in milliseconds; <see cref="long.MaxValue"/> means never. Moves later with traffic.</summary>
    public readonly long NextCheck => _interval == 0 ? long.MaxValue
        : _waitingSince is { } since ? Math.Min(since + _timeout, _lastSent + _interval)
        : Math.Min(_lastSent, _lastReceived) + _interval;

    /// <summary>A packet other than PINGREQ was sent.</summary>
    public void OnSent(long now) => _lastSent = now;

    /// <summary>PINGREQ was sent.</summary>
    public void OnPingreqSent(long now)
    {
        _lastSent = now;
        _waitingSince ??= now;
    }

    /// <summary>A packet has come: PINGRESP, or any other, which proves as well that the server is there.</summary>
    public void OnReceived(long now)
    {
        _lastReceived = now;
        _waitingSince = null;
    }

    /// <summary>What is to be done at this time.</summary>
    public readonly KeepAliveAction Check(long now)
    {
        if (now < NextCheck) return KeepAliveAction.None;
        return _waitingSince is { } since && now >= since + _timeout ? KeepAliveAction.Close : KeepAliveAction.SendPingreq;
    }
}
