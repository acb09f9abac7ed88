using Godwit.Protocol;

namespace Godwit.Session.Tests;

/// <summary>
/// A sender and a receiver with packets under way between them. A script moves packets, finishes what acknowledgements wait for, and
/// cuts the connection, which loses everything under way; sometimes a side also restarts from what a store has kept. Each step
/// asserts what must always hold.
/// </summary>
internal sealed class LossyNetwork
{
    private readonly record struct Packet(PacketType Type, ushort Id, QoS QoS = default, int Message = 0, bool Dup = false, ReasonCode Code = default);

    private readonly Queue<Packet> _toReceiver = new();
    private readonly Queue<Packet> _toSender = new();
    private readonly Queue<(QoS QoS, int Message)> _queued = new();

    private OutboundFlow<int> _outbound = new(4);
    private readonly HashSet<ushort> _unacknowledged = []; // PUBLISHes of this connection, as the sender sees it
    private int _receiveMaximum = 4;
    private int _offered;

    private InboundFlow _inbound = new(4);
    private readonly AckSequencer _acks = new();
    private readonly List<(long Ticket, ushort Id, ReasonCode Code)> _open = [];
    private readonly Queue<(PacketType Type, ushort Id)> _ackOrder = new();

    public List<(QoS QoS, int Message)> Offered { get; } = [];

    public List<(QoS QoS, int Message)> Delivered { get; } = [];

    /// <summary>Messages that the receiver refuses, always: each attempt ends with a reason code of 0x80 or above.</summary>
    public static bool IsRefused(int message) => message % 7 == 0;

    public void Step(byte action, byte argument)
    {
        switch (action % 16)
        {
            case < 4: Offer((QoS)(1 + argument % 2)); break;
            case < 8: Receive(); break;
            case < 12: Answer(); break;
            case < 15: Finish(argument); break;
            default:
                if (argument % 3 == 0) Reconnect(1 + argument % 6, restartSender: argument % 2 == 0, restartReceiver: argument % 5 == 0);
                break;
        }
        Send();
    }

    /// <summary>Lets everything come to its end without further losses.</summary>
    public void Settle()
    {
        for (int rounds = 0; _queued.Count + _outbound.InFlight + _toReceiver.Count + _toSender.Count > 0; rounds++)
        {
            Assert.True(rounds < 100_000, "The flows hang.");
            Send();
            Receive();
            Finish(0);
            Answer();
        }
        Assert.Equal((0, 0), (_inbound.KnownIds, _acks.Count));
        Assert.Equal(_receiveMaximum, _outbound.SendQuota);
    }

    private void Offer(QoS qos)
    {
        _queued.Enqueue((qos, ++_offered));
        Offered.Add((qos, _offered));
    }

    private void Send()
    {
        while (_outbound.TryNextResend(out InFlightMessage<int> next))
        {
            if (next.IsPubrel) _toReceiver.Enqueue(new Packet(PacketType.Pubrel, next.PacketId));
            else Publish(new Packet(PacketType.Publish, next.PacketId, next.QoS, next.Message, Dup: true));
        }
        while (_outbound.CanSend && _queued.TryDequeue(out (QoS QoS, int Message) message))
            Publish(new Packet(PacketType.Publish, _outbound.Begin(message.QoS, message.Message), message.QoS, message.Message));
    }

    private void Publish(Packet packet)
    {
        Assert.True(_unacknowledged.Add(packet.Id), "The identifier is in use.");
        Assert.True(_unacknowledged.Count <= _receiveMaximum, "The quota is exceeded.");
        _toReceiver.Enqueue(packet);
    }

    private void Receive()
    {
        if (!_toReceiver.TryDequeue(out Packet packet)) return;
        if (packet.Type == PacketType.Pubrel)
        {
            PubrelVerdict verdict = _inbound.OnPubrel(packet.Id);
            ReasonCode code = verdict == PubrelVerdict.Release ? ReasonCode.Success : ReasonCode.PacketIdentifierNotFound;
            _toSender.Enqueue(new Packet(PacketType.Pubcomp, packet.Id, Code: code));
            return;
        }
        PublishVerdict publish = _inbound.OnPublish(packet.QoS, packet.Id);
        Assert.NotEqual(PublishVerdict.ReceiveMaximumExceeded, publish);
        if (publish == PublishVerdict.Duplicate) Assert.True(packet.Dup);
        bool isRefused = IsRefused(packet.Message);
        if (publish == PublishVerdict.Deliver && !isRefused) Delivered.Add((packet.QoS, packet.Message));
        PacketType type = packet.QoS == QoS.AtLeastOnce ? PacketType.Puback : PacketType.Pubrec;
        _open.Add((_acks.Register(type, packet.Id), packet.Id, isRefused ? ReasonCode.NotAuthorized : ReasonCode.Success));
        _ackOrder.Enqueue((type, packet.Id));
    }

    private void Finish(byte which)
    {
        if (_open.Count == 0) return;
        int index = which % _open.Count;
        _acks.Complete(_open[index].Ticket, _open[index].Code);
        _open.RemoveAt(index);
        while (_acks.TryDrain(out Ack ack))
        {
            Assert.Equal(_ackOrder.Dequeue(), (ack.Type, ack.PacketId));
            if (ack.Type == PacketType.Puback) _inbound.OnPubackSent();
            else _inbound.OnPubrecSent(ack.PacketId, ack.Code);
            _toSender.Enqueue(new Packet(ack.Type, ack.PacketId, Code: ack.Code));
        }
    }

    private void Answer()
    {
        if (!_toSender.TryDequeue(out Packet packet)) return;
        AckOutcome outcome = packet.Type switch
        {
            PacketType.Puback => _outbound.OnPuback(packet.Id, out _),
            PacketType.Pubrec => _outbound.OnPubrec(packet.Id, packet.Code, out _),
            _ => _outbound.OnPubcomp(packet.Id, out _),
        };
        if (outcome == AckOutcome.SendPubrel) _toReceiver.Enqueue(new Packet(PacketType.Pubrel, packet.Id));
        else Assert.Equal(AckOutcome.Completed, outcome);
        if (outcome == AckOutcome.Completed) _unacknowledged.Remove(packet.Id);
    }

    private void Reconnect(int receiveMaximum, bool restartSender, bool restartReceiver)
    {
        _toReceiver.Clear();
        _toSender.Clear();
        _unacknowledged.Clear();
        _inbound.OnConnectionLost();
        // What is refused must not count as taken when it comes again.
        foreach (Ack refused in RefusedPubrecs()) _inbound.OnPubrecSent(refused.PacketId, refused.Code);
        _acks.Clear();
        _open.Clear();
        _ackOrder.Clear();

        if (restartSender)
        {
            OutboundFlow<int> kept = _outbound;
            _outbound = new OutboundFlow<int>();
            foreach (InFlightMessage<int> entry in kept) Assert.True(_outbound.Restore(entry));
        }
        if (restartReceiver)
        {
            InboundFlow kept = _inbound;
            _inbound = new InboundFlow();
            foreach (ushort id in kept.PacketIds) _inbound.Restore(id);
        }
        _receiveMaximum = receiveMaximum;
        _inbound.ReceiveMaximum = receiveMaximum;
        _outbound.Resume(receiveMaximum);
    }

    private IEnumerable<Ack> RefusedPubrecs()
    {
        foreach ((long ticket, _, ReasonCode code) in _open) _acks.Complete(ticket, code);
        while (_acks.TryDrain(out Ack ack))
        {
            if (ack.Type == PacketType.Pubrec && ack.Code.IsError()) yield return ack;
        }
    }
}
