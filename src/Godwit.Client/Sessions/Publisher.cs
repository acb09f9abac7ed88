// Messages to the server: those that wait for room, and those in flight, which outlive the connection. On the loop only.
//
// What waits keeps its order: a QoS 0 message does not overtake a QoS 1 message that waits for quota. Section 4.9 allows that.
using Godwit.Client.Connections;
using Godwit.Protocol;
using Godwit.Session;

namespace Godwit.Client.Sessions;

internal sealed class Publisher(ClientSession session)
{
    private readonly LinkedList<PublishOperation> _waiting = new();

    /// <summary>Whether the application waits for something that the server has to do.</summary>
    public bool IsWaiting => _waiting.Count > 0 || session.Flow.InFlight > 0;

    /// <summary>Takes a new message; it is sent at once if there is room.</summary>
    public void Submit(PublishOperation operation)
    {
        if (operation.IsOver) return;
        if (session.Refusal is { } refusal)
        {
            operation.Fail(refusal());
            return;
        }
        _waiting.AddLast(operation.Node);
        Pump();
        session.OnSubmitted();
    }

    /// <summary>The caller gives up: a message not sent yet is forgotten, one in flight goes on without him.</summary>
    public void Cancel(PublishOperation operation, Action<PublishOperation> tell)
    {
        if (operation.IsOver) return;
        if (operation.Node.List is null)
        {
            operation.Abandon(tell);
            return;
        }
        _waiting.Remove(operation.Node);
        tell(operation);
        operation.Complete(PublishResult.Accepted); // the caller has been told already; this gives the permit back
    }

    /// <summary>Sends what there is room for: first what is sent again, then what waits.</summary>
    public void Pump()
    {
        OutboundFlow<PublishOperation> flow = session.Flow;
        while (session.Connection is { CanSend: true } connection)
        {
            if (flow.IsResuming)
            {
                if (!flow.TryNextResend(out InFlightMessage<PublishOperation> next)) return;
                SendAgain(connection, next);
            }
            else if (_waiting.First is { Value: var operation } && (operation.QoS == QoS.AtMostOnce || flow.CanSend)) // [MQTT-4.9.0-2]
            {
                _waiting.RemoveFirst();
                Send(connection, operation);
            }
            else
            {
                return;
            }
        }
    }

    public void OnPuback(ClientConnection connection, in PublishAckPacket ack)
    {
        AckOutcome outcome = session.Flow.OnPuback(ack.PacketId, out PublishOperation? operation);
        if (outcome == AckOutcome.Completed) operation!.Complete(ResultOf(ack));
        else if (outcome == AckOutcome.Mismatch) Mismatch(connection, ack);
        Pump();
    }

    public void OnPubrec(ClientConnection connection, in PublishAckPacket ack)
    {
        switch (session.Flow.OnPubrec(ack.PacketId, ack.ReasonCode, out PublishOperation? operation))
        {
            case AckOutcome.Completed: // [MQTT-4.4.0-2]
                operation!.Complete(ResultOf(ack));
                break;
            case AckOutcome.SendPubrel: // [MQTT-4.3.3-4] [MQTT-4.6.0-4]
                operation!.Received = ResultOf(ack);
                operation.ReleasePayload();
                connection.SendAck(PacketType.Pubrel, ack.PacketId, ReasonCode.Success);
                break;
            case AckOutcome.Unknown:
                connection.SendAck(PacketType.Pubrel, ack.PacketId, ReasonCode.PacketIdentifierNotFound);
                break;
            default:
                Mismatch(connection, ack);
                break;
        }
        Pump();
    }

    public void OnPubcomp(ClientConnection connection, in PublishAckPacket ack)
    {
        AckOutcome outcome = session.Flow.OnPubcomp(ack.PacketId, out PublishOperation? operation);
        // 0x92, Packet Identifier not found, too: the server had ended the exchange when the connection was lost (section 3.7.2.1).
        if (outcome == AckOutcome.Completed) operation!.Complete(operation.Received);
        else if (outcome == AckOutcome.Mismatch) Mismatch(connection, ack);
        Pump();
    }

    /// <summary>
    /// The server has no session: it has forgotten what was in flight. Messages that it had taken (PUBREC) are done; the others become
    /// new messages in their old order, because nobody has said that they arrived. 5.0: <c>[MQTT-3.2.2-5]</c>
    /// </summary>
    public void StartOver()
    {
        InFlightMessage<PublishOperation>[] inFlight = [.. Enumerate()];
        session.Flow.Clear();
        foreach (InFlightMessage<PublishOperation> entry in inFlight.Reverse())
        {
            PublishOperation operation = entry.Message;
            if (entry.IsPubrel || operation.Task.IsCompleted) operation.Complete(operation.Received); // or nobody waits for it any more
            else _waiting.AddFirst(operation.Node);
        }
    }

    /// <summary>The client is disconnected and does not try again: nobody is left waiting. What is in flight stays part of a session that lives on.</summary>
    public void Abandon(Func<MqttException> reason, bool keepInFlight)
    {
        while (_waiting.First is { Value: var operation })
        {
            _waiting.RemoveFirst();
            operation.Fail(reason());
        }
        foreach (InFlightMessage<PublishOperation> entry in Enumerate().ToArray())
        {
            if (keepInFlight) entry.Message.Abandon(operation => operation.TrySetException(reason()));
            else entry.Message.Fail(reason());
        }
        if (!keepInFlight) session.Flow.Clear();
    }

    private void Send(ClientConnection connection, PublishOperation operation)
    {
        if (CheckLimits(connection, operation) is { } refusal)
        {
            operation.Fail(refusal);
        }
        else if (operation.QoS == QoS.AtMostOnce)
        {
            connection.Sender.SendPublish(operation, packetId: 0, dup: false); // [MQTT-4.3.1-1] [MQTT-3.3.1-2]
            operation.Complete(PublishResult.Accepted);
        }
        else
        {
            ushort id = session.Flow.Begin(operation.QoS, operation); // [MQTT-2.2.1-3]
            connection.Sender.SendPublish(operation, id, dup: false);
        }
    }

    private void SendAgain(ClientConnection connection, in InFlightMessage<PublishOperation> entry)
    {
        if (entry.IsPubrel)
        {
            connection.SendAck(PacketType.Pubrel, entry.PacketId, ReasonCode.Success); // [MQTT-4.3.3-6]
        }
        else if (CheckLimits(connection, entry.Message) is { } refusal)
        {
            session.Flow.TryCancel(entry.PacketId, out _);
            entry.Message.Fail(refusal);
        }
        else
        {
            connection.Sender.SendPublish(entry.Message, entry.PacketId, dup: true); // [MQTT-3.3.1-1] [MQTT-4.4.0-1]
        }
    }

    private static MqttException? CheckLimits(ClientConnection connection, PublishOperation operation)
    {
        ConnectionLimits limits = connection.Limits;
        if (operation.QoS > limits.MaximumQoS) // [MQTT-3.2.2-11]
            return new MqttException($"The server takes messages up to QoS {(int)limits.MaximumQoS}; this one has QoS {(int)operation.QoS}.", ReasonCode.QoSNotSupported);
        if (operation.Retain && !limits.RetainAvailable) // [MQTT-3.2.2-14]
            return new MqttException("The server keeps no retained messages.", ReasonCode.RetainNotSupported);
        int length = connection.Sender.LengthOf(operation);
        return limits.Fits(length) ? null : new MqttException( // [MQTT-3.2.2-15]
            $"The message would make a packet of {length:N0} bytes; the server takes {limits.MaximumPacketSize:N0}.", ReasonCode.PacketTooLarge);
    }

    private static void Mismatch(ClientConnection connection, in PublishAckPacket ack) =>
        connection.Fail(ReasonCode.ProtocolError, $"{ack.Type.Name()} came for packet identifier {ack.PacketId}, which awaits another answer");

    private static PublishResult ResultOf(in PublishAckPacket ack) => new()
    {
        ReasonCode = ack.ReasonCode,
        PacketId = ack.PacketId,
        ReasonString = Text.Find(ack.Properties, PropertyId.ReasonString),
        UserProperties = Text.UserProperties(ack.Properties),
    };

    private IEnumerable<InFlightMessage<PublishOperation>> Enumerate()
    {
        foreach (InFlightMessage<PublishOperation> entry in session.Flow) yield return entry;
    }
}
