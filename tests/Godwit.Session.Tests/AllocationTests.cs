using Godwit.Protocol;

namespace Godwit.Session.Tests;

public class AllocationTests
{
    [Fact]
    public void FLOW_SteadyTraffic_DoesNotAllocate()
    {
        var outbound = new OutboundFlow<string>();
        var inbound = new InboundFlow();
        var acks = new AckSequencer();
        Span<long> tickets = stackalloc long[100];

        // More rounds than identifiers, with 100 in flight at a time and back to none.
        void Run(int rounds, Span<long> open)
        {
            for (int round = 0; round < rounds; round++)
            {
                ushort first = 0;
                for (int i = 0; i < open.Length; i++)
                {
                    ushort id = outbound.Begin((i & 1) == 0 ? QoS.AtLeastOnce : QoS.ExactlyOnce, "message");
                    if (i == 0) first = id;
                    inbound.OnPublish((i & 1) == 0 ? QoS.AtLeastOnce : QoS.ExactlyOnce, id);
                    open[i] = acks.Register(PacketType.Puback, id);
                }
                for (int i = open.Length - 1; i >= 0; i--) acks.Complete(open[i], ReasonCode.Success);
                for (int i = 0; acks.TryDrain(out Ack ack); i++)
                {
                    if ((i & 1) == 0)
                    {
                        inbound.OnPubackSent();
                        outbound.OnPuback(ack.PacketId, out _);
                    }
                    else
                    {
                        outbound.OnPubrec(ack.PacketId, ReasonCode.Success, out _);
                        inbound.OnPubrel(ack.PacketId);
                        outbound.OnPubcomp(ack.PacketId, out _);
                    }
                }
            }
        }

        Run(2, tickets);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(1_000, tickets);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal((0, 0, 0), (outbound.InFlight, inbound.Unacknowledged, inbound.KnownIds));
    }

    [Fact]
    public void ALIAS_Known_DoesNotAllocate()
    {
        var outbound = new OutboundTopicAliases(10);
        var inbound = new InboundTopicAliases(10);
        for (int i = 0; i < 2; i++) inbound.Resolve("some/topic"u8, outbound.Assign("some/topic"u8, out _), out _);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
        {
            ushort alias = outbound.Assign("some/topic"u8, out _);
            inbound.Resolve("some/topic"u8, alias, out _);
            inbound.Resolve(default, alias, out _);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void SESSION_Idle_IsTiny()
    {
        Make();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Make();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 160);

        static object Make() => (new OutboundFlow<string>(), new InboundFlow());
    }

    [Fact]
    public void SESSION_TrimmedAfterTraffic_HasGivenItsTablesBack()
    {
        var outbound = new OutboundFlow<string>();
        var inbound = new InboundFlow();
        for (int i = 0; i < 65_535; i++) inbound.OnPublish(QoS.ExactlyOnce, outbound.Begin(QoS.AtLeastOnce, ""));
        outbound.Trim(); // something is in flight: nothing happens
        for (int id = 1; id <= 65_535; id++)
        {
            outbound.OnPuback((ushort)id, out _);
            inbound.OnPubrel((ushort)id);
        }
        outbound.Trim();
        inbound.Trim();

        long before = GC.GetAllocatedBytesForCurrentThread();
        outbound.Begin(QoS.AtLeastOnce, "");
        inbound.OnPublish(QoS.ExactlyOnce, 1);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 400);
    }
}
