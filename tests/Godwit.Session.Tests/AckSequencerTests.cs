using Godwit.Protocol;
using Godwit.Testing;

namespace Godwit.Session.Tests;

public class AckSequencerTests
{
    private readonly AckSequencer _acks = new();

    [Fact]
    [Statement("MQTT-4.6.0-2", "3.1.1")]
    [Statement("MQTT-4.6.0-2", "5.0")]
    [Statement("MQTT-4.6.0-3", "3.1.1")]
    [Statement("MQTT-4.6.0-3", "5.0")]
    public void ACK_CompletedOutOfOrder_IsSentInOrder()
    {
        long a = _acks.Register(PacketType.Puback, 1), b = _acks.Register(PacketType.Pubrec, 2), c = _acks.Register(PacketType.Puback, 3);

        _acks.Complete(c, ReasonCode.Success);
        _acks.Complete(b, ReasonCode.QuotaExceeded);
        Assert.Empty(Drain());
        _acks.Enqueue(new Ack(PacketType.Puback, 4, ReasonCode.NoMatchingSubscribers));
        Assert.Equal(4, _acks.Count);
        _acks.Complete(a, ReasonCode.Success);

        Assert.Equal(
            [
                new(PacketType.Puback, 1, ReasonCode.Success), new(PacketType.Pubrec, 2, ReasonCode.QuotaExceeded),
                new(PacketType.Puback, 3, ReasonCode.Success), new(PacketType.Puback, 4, ReasonCode.NoMatchingSubscribers),
            ],
            Drain());
        Assert.True(_acks.IsEmpty);
    }

    [Fact]
    public void ACK_TicketFromBeforeTheConnectionWasLost_IsIgnored()
    {
        long old = _acks.Register(PacketType.Puback, 1);
        _acks.Clear();
        Assert.True(_acks.IsEmpty);
        long ticket = _acks.Register(PacketType.Puback, 2);

        _acks.Complete(old, ReasonCode.Success);
        Assert.Empty(Drain());
        _acks.Complete(ticket, ReasonCode.Success);
        Assert.Equal(2, Assert.Single(Drain()).PacketId);
        _acks.Complete(ticket, ReasonCode.Success);
        Assert.Empty(Drain());
    }

    [Fact]
    public void ACK_RandomCompletion_EqualsAQueue()
    {
        RandomEvents.Check(script =>
        {
            var acks = new AckSequencer();
            var open = new List<long>();
            ushort registered = 0, drained = 0;
            foreach (byte step in script)
            {
                if (step < 140 || open.Count == 0)
                {
                    open.Add(acks.Register(PacketType.Puback, ++registered));
                    continue;
                }
                int index = step % open.Count;
                acks.Complete(open[index], ReasonCode.Success);
                open.RemoveAt(index);
                while (acks.TryDrain(out Ack ack)) Assert.Equal(++drained, ack.PacketId);
            }
            foreach (long ticket in open) acks.Complete(ticket, ReasonCode.Success);
            while (acks.TryDrain(out Ack ack)) Assert.Equal(++drained, ack.PacketId);
            Assert.Equal(registered, drained);
        });
    }

    private List<Ack> Drain()
    {
        var list = new List<Ack>();
        while (_acks.TryDrain(out Ack ack)) list.Add(ack);
        return list;
    }
}
