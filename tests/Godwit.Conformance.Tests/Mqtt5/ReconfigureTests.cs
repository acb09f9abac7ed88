// Limits that change while the broker runs: a connected client keeps what it was told, the next one is told the new ones.
using Godwit.Broker;
using Godwit.Conformance.Tests.Harness;
using Godwit.Protocol;

namespace Godwit.Conformance.Tests.Mqtt5;

public class ReconfigureTests
{
    [Fact]
    public void Reconfigure_OutOfRange_ChangesNothing()
    {
        using var broker = new TestBroker();

        Assert.Throws<ArgumentException>(() => broker.Broker.Reconfigure(new BrokerOptions { MaximumInflight = 0 }));
        broker.Run();

        Assert.Equal(new BrokerOptions().MaximumInflight, broker.Broker.State.Shards[0].Options.MaximumInflight);
    }

    [Fact]
    public void Reconfigure_Limits_HoldOnEveryLoop()
    {
        using var broker = new TestBroker(loops: 2);

        broker.Broker.Reconfigure(new BrokerOptions { MaximumQoS = QoS.AtMostOnce, MaximumPacketSize = 1000, SysInterval = TimeSpan.FromSeconds(1) });
        broker.Run();

        Assert.All(broker.Broker.State.Shards, shard => Assert.Equal((QoS.AtMostOnce, 1000, TimeSpan.Zero), (shard.Options.MaximumQoS, shard.Options.MaximumPacketSize, shard.Options.SysInterval)));
    }

    [Fact]
    public void Reconfigure_ConnectTimeout_HoldsForWhoComesThen()
    {
        using var broker = new TestBroker();
        TestClient before = broker.Open();
        broker.Broker.Reconfigure(new BrokerOptions { ConnectTimeout = TimeSpan.FromSeconds(2) });
        broker.Run();

        TestClient after = broker.Open();
        broker.Advance(TimeSpan.FromSeconds(3));

        before.ExpectOpen();
        Assert.True(after.IsClosed);
    }
}
