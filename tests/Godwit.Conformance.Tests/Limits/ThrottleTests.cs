// Messages and bytes a second of one client: it waits, and nothing is lost.
using Godwit.Broker;
using Godwit.Broker.Sessions;

namespace Godwit.Conformance.Tests.Limits;

public class ThrottleTests
{
    [Fact]
    public void MessageRate_Flood_ComesAtThatRateAndNothingIsLost()
    {
        using var broker = new TestBroker(configure: o => o with { MaximumMessageRate = 10 });
        TestClient flood = broker.Connect("flood"), quiet = broker.Connect("quiet");

        flood.Send([.. Enumerable.Range(0, 50).Select(i => Packets.Publish(ProtocolVersion.V311, "a", Packets.Utf8($"{i}")))]);
        quiet.Publish("a", "x", QoS.AtLeastOnce, 1);

        quiet.ExpectPackets("PUBACK m1");
        Assert.InRange(broker.Statistics.PublishReceived, 11, 13);
        broker.Advance(TimeSpan.FromSeconds(2));
        Assert.InRange(broker.Statistics.PublishReceived, 31, 34);
        broker.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(51, broker.Statistics.PublishReceived);
        flood.ExpectOpen();
    }

    [Fact]
    public void ByteRate_LargeMessages_WaitForTheirBytes()
    {
        using var broker = new TestBroker(configure: o => o with { MaximumByteRate = 1000 });
        TestClient client = broker.Connect("c");
        string payload = new('x', 993); // 1,000 bytes with topic and header

        client.Send([.. Enumerable.Range(0, 5).Select(_ => Packets.Publish(ProtocolVersion.V311, "ab", Packets.Utf8(payload)))]);

        Assert.Equal(2, broker.Statistics.PublishReceived); // one that is paid for, and one on credit
        broker.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Equal(3, broker.Statistics.PublishReceived);
        broker.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(5, broker.Statistics.PublishReceived);
        client.ExpectOpen();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public void Throttled_KeepAlivePasses_IsNotTheClientsSilence(ushort keepAlive)
    {
        using var broker = new TestBroker(configure: o => o with { MaximumByteRate = 10 });
        TestClient client = broker.Connect("c", keepAlive: keepAlive);

        client.Publish("a", new string('x', 1000)); // worth 100 seconds
        client.Write(Packets.Pingreq);
        broker.Advance(TimeSpan.FromSeconds(98));
        client.ExpectOpen();
        broker.Advance(TimeSpan.FromSeconds(2));

        client.ExpectPackets("PINGRESP");
        Assert.False(client.IsClosed);
    }

    [Fact]
    public void Throttled_KeepAlive_BeginsWhenItIsReadAgain()
    {
        using var broker = new TestBroker(configure: o => o with { MaximumByteRate = 10 });
        TestClient client = broker.Connect("c", keepAlive: 10);
        client.Publish("a", new string('x', 285)); // 290 bytes, of which 10 are there: 28 seconds, between two looks at the clock

        broker.Advance(TimeSpan.FromSeconds(35));
        client.ExpectOpen();
        broker.Advance(TimeSpan.FromSeconds(15));

        Assert.True(client.IsClosed);
    }

    [Fact]
    public void Throttled_OfClass_OnlyThose()
    {
        using var broker = new TestBroker(configure: o => o with { ClientClasses = [new ClientClass { ClientId = "slow-*", MaximumMessageRate = 1 }] });
        TestClient slow = broker.Connect("slow-1"), fast = broker.Connect("fast");

        foreach (TestClient client in new[] { slow, fast }) client.Send([.. Enumerable.Range(0, 20).Select(_ => Packets.Publish(ProtocolVersion.V311, client == slow ? "s" : "f", []))]);

        Assert.Equal(22, broker.Statistics.PublishReceived);
    }

    [Fact]
    public void Throttled_Subscribes_CountToo()
    {
        using var broker = new TestBroker(configure: o => o with { MaximumMessageRate = 2 });
        TestClient client = broker.Connect("c");

        client.Send([.. Enumerable.Range(1, 10).Select(i => Packets.Subscribe(ProtocolVersion.V311, (ushort)i, [($"t/{i}", 0)]))]);

        Assert.Equal(3, client.Take().Count);
        client.Reset(); // while it is held
        broker.Advance(TimeSpan.FromSeconds(5));
        Assert.Null(broker.Session("c"));
    }
}
