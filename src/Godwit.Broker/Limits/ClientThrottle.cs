// How much a client may send: it has an allowance that grows with time, up to that of a second. Once it is used up the client is not read from until
// it is worth something again; TCP makes the client wait.
using Godwit.Broker.Connections;
using Godwit.Broker.Sessions;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Broker.Limits;

internal sealed class ClientThrottle : LoopTimer
{
    /// <summary>No shorter pause is worth the trouble; several packets go then.</summary>
    private const double ShortestPause = 10;

    /// <summary>More than any client sends; finite, because it is reckoned with.</summary>
    private const double Unlimited = 1e12;

    private readonly ClientConnection _connection;
    private readonly double _messageRate, _byteRate; // in a millisecond
    private double _messages, _bytes;
    private long _paidAt;
    private bool _isHeld;

    private ClientThrottle(ClientConnection connection, ClientLimits limits)
    {
        _connection = connection;
        _messageRate = limits.MessageRate > 0 ? limits.MessageRate / 1000.0 : Unlimited;
        _byteRate = limits.ByteRate > 0 ? limits.ByteRate / 1000.0 : Unlimited;
        _messages = _messageRate * 1000;
        _bytes = _byteRate * 1000;
        _paidAt = connection.Shard.Loop.Now;
    }

    /// <summary>That of a client; null if it may send as much as it can.</summary>
    public static ClientThrottle? For(ClientConnection connection, ClientLimits limits) =>
        limits is { MessageRate: 0, ByteRate: 0 } ? null : new ClientThrottle(connection, limits);

    /// <summary>A packet has come, and has been dealt with.</summary>
    public void Take(PacketType type, int length)
    {
        if (type == PacketType.Connect) return; // came before the allowance
        Pay(_connection.Shard.Loop.Now);
        if (type is PacketType.Publish or PacketType.Subscribe or PacketType.Unsubscribe) _messages--;
        _bytes -= length;
        if (_isHeld || (_messages >= 0 && _bytes >= 0) || _connection.Phase != ConnectionPhase.Connected) return;
        _isHeld = true;
        double pause = Math.Max(Math.Max(-_messages / _messageRate, -_bytes / _byteRate), ShortestPause);
        _connection.Hold();
        _connection.Shard.Loop.Schedule(this, _paidAt + (long)Math.Ceiling(pause));
    }

    protected override void OnDue(EventLoop loop)
    {
        _isHeld = false;
        _connection.Release();
    }

    private void Pay(long now)
    {
        if (now == _paidAt) return;
        _messages = Math.Min(_messageRate * 1000, _messages + (now - _paidAt) * _messageRate);
        _bytes = Math.Min(_byteRate * 1000, _bytes + (now - _paidAt) * _byteRate);
        _paidAt = now;
    }
}
