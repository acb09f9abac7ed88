// PUBACK and PUBREC go out in the order of their PUBLISHes ([MQTT-4.6.0-2], [MQTT-4.6.0-3]), although messages are stored in any order:
// one for which others still have to answer holds back those behind it.
using Godwit.Broker.Durability;
using Godwit.Protocol;

namespace Godwit.Broker.Connections;

/// <summary>The acknowledgements that a connection owes its client, in order. Used only where they wait for a store.</summary>
internal sealed class PublishAcknowledger(ClientConnection connection)
{
    private Pending[] _ring = new Pending[16];
    private long _first, _next;
    private bool _isOver;

    /// <summary>How many wait.</summary>
    public int Count => (int)(_next - _first);

    /// <summary>Acknowledges a message for which nobody has to answer any more.</summary>
    public void Send(PacketType type, ushort packetId, ReasonCode code)
    {
        if (_first == _next) Send(connection, type, packetId, code);
        else Append(new Pending(type, packetId, code, IsReady: true));
    }

    /// <summary>Acknowledges a message once everybody has answered for it.</summary>
    public void SendWhenSettled(MessageRecord record, PacketType type, ushort packetId, ReasonCode code)
    {
        record.Await(connection, _next);
        Append(new Pending(type, packetId, code, IsReady: false));
    }

    /// <summary>Everybody has answered for a message.</summary>
    public void OnSettled(MessageRecord record)
    {
        record.Forget();
        if (_isOver) return;
        _ring[record.Ticket & (_ring.Length - 1)].IsReady = true;
        while (_first < _next && _ring[_first & (_ring.Length - 1)] is { IsReady: true } ready)
        {
            _first++;
            Send(connection, ready.Type, ready.PacketId, ready.Code);
        }
    }

    /// <summary>The connection has ended: nothing is acknowledged any more.</summary>
    public void End()
    {
        _isOver = true;
        _first = _next;
    }

    /// <summary>Sends PUBACK or PUBREC.</summary>
    public static void Send(ClientConnection connection, PacketType type, ushort packetId, ReasonCode code)
    {
        if (connection.Session is not { } session) return;
        if (type == PacketType.Puback) session.Inbound.OnPubackSent();
        else session.Inbound.OnPubrecSent(packetId, code);
        if (code.IsError()) ReasonedPackets.SendAck(connection, type, packetId, code, code.Name());
        else connection.SendAck(type, packetId, code);
    }

    private void Append(in Pending pending)
    {
        if (_next - _first == _ring.Length)
        {
            var larger = new Pending[_ring.Length * 2];
            for (long i = _first; i < _next; i++) larger[i & (larger.Length - 1)] = _ring[i & (_ring.Length - 1)];
            _ring = larger;
        }
        _ring[_next++ & (_ring.Length - 1)] = pending;
    }

    private record struct Pending(PacketType Type, ushort PacketId, ReasonCode Code, bool IsReady);
}
