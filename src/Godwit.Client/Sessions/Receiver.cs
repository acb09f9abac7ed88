// Messages from the server: into the queue, and acknowledged when they are in it. On the loop only.
//
// When the queue is full the connection is not read, except while the application waits for an answer of the server's: the answer
// may be behind more messages, and the application may be waiting for it before it takes the next one. Then reading goes on. QoS 1 and 2
// messages are held without acknowledgement, of which the Receive Maximum allows only so many; QoS 0 messages have to go.
using Godwit.Client.Connections;
using Godwit.Protocol;
using Godwit.Session;

namespace Godwit.Client.Sessions;

internal sealed class Receiver(ClientSession session, MessageQueue queue, int receiveMaximum)
{
    private readonly Queue<(MqttMessage Message, ClientConnection Connection)> _held = new();
    private InboundFlow _flow = new(receiveMaximum);
    private long _dropped;

    /// <summary>QoS 0 messages that had to go.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Whether the next PUBLISH may be taken from the connection; if not, reading is to stop.</summary>
    public bool CanTake => (_held.Count == 0 && queue.HasRoom) || (session.IsWaiting && _held.Count < receiveMaximum);

    /// <summary>PUBLISH has come; <see cref="CanTake"/> holds.</summary>
    public void OnPublish(ClientConnection connection, in PublishPacket publish, ReadOnlySpan<byte> topic)
    {
        switch (_flow.OnPublish(publish.QoS, publish.PacketId))
        {
            case PublishVerdict.ReceiveMaximumExceeded:
                connection.Fail(ReasonCode.ReceiveMaximumExceeded, $"More than {receiveMaximum} messages came without acknowledgement");
                break;
            case PublishVerdict.Duplicate: // [MQTT-4.3.3-10]
                connection.SendAck(PacketType.Pubrec, publish.PacketId, ReasonCode.Success);
                break;
            default:
                Take(connection, MessageProperties.Decode(publish, topic));
                break;
        }
    }

    public void OnPubrel(ClientConnection connection, ushort id)
    {
        ReasonCode code = _flow.OnPubrel(id) == PubrelVerdict.Release ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound;
        connection.SendAck(PacketType.Pubcomp, id, code); // [MQTT-4.3.3-11]
    }

    /// <summary>The application has taken messages out of a full queue.</summary>
    public void OnRoom()
    {
        while (_held.Count > 0 && queue.HasRoom)
        {
            (MqttMessage message, ClientConnection connection) = _held.Dequeue();
            queue.TryAdd(message);
            Acknowledge(connection, message);
        }
        if (_held.Count == 0) session.Connection?.ResumeReading();
    }

    public void OnConnectionLost() => _flow.OnConnectionLost();

    /// <summary>The server has a new session: packet identifiers of the old one mean nothing any more. 5.0: <c>[MQTT-3.2.2-5]</c></summary>
    public void StartOver() => _flow = new InboundFlow(receiveMaximum);

    private void Take(ClientConnection connection, MqttMessage message)
    {
        if (_held.Count == 0 && queue.TryAdd(message))
        {
            Acknowledge(connection, message);
        }
        else if (message.QoS != QoS.AtMostOnce)
        {
            _held.Enqueue((message, connection));
        }
        else if (Interlocked.Increment(ref _dropped) == 1)
        {
            connection.LogDropping();
        }
    }

    // In the order of the PUBLISHes, since those held are released in order before any other is taken. [MQTT-4.6.0-2] [MQTT-4.6.0-3]
    private void Acknowledge(ClientConnection connection, MqttMessage message)
    {
        if (message.QoS == QoS.AtMostOnce || session.Connection != connection) return; // of an earlier connection: the server sends it again
        if (message.QoS == QoS.AtLeastOnce)
        {
            connection.SendAck(PacketType.Puback, message.PacketId, ReasonCode.Success); // [MQTT-4.3.2-4]
            _flow.OnPubackSent();
        }
        else
        {
            connection.SendAck(PacketType.Pubrec, message.PacketId, ReasonCode.Success); // [MQTT-4.3.3-8]
            _flow.OnPubrecSent(message.PacketId, ReasonCode.Success);
        }
    }
}
