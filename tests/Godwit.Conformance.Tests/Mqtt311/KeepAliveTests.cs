// Keep alive: section 3.1.2.10.
namespace Godwit.Conformance.Tests.Mqtt311;

public class KeepAliveTests
{
    [Theory]
    [Loops]
    [Statement("MQTT-3.1.2-24", "3.1.1")]
    public void KeepAlive_NothingForOneAndAHalfTimes_ClosesAndPublishesTheWill(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient watcher = broker.Connect(broker.ClientId("watcher", 0));
        watcher.Subscribe("w");
        TestClient client = broker.Connect(broker.ClientId("client", 1), keepAlive: 10, will: new TestWill("w", "gone"));

        broker.Advance(TimeSpan.FromSeconds(14.9));
        client.ExpectOpen();
        broker.Advance(TimeSpan.FromSeconds(0.2));

        client.ExpectClosed();
        watcher.ExpectPackets("PUBLISH w=gone q0");
    }

    [Theory]
    [InlineData("C0 00")]
    [InlineData("30 04 00 01 'a' 'x'")]
    [InlineData("82 06 00 01 00 01 'a' 00")]
    [InlineData("40 02 00 01")]
    [Statement("MQTT-3.1.2-24", "3.1.1")]
    public void KeepAlive_AnyPacket_StartsItAgain(string packet)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("client", keepAlive: 10);

        for (int i = 0; i < 5; i++)
        {
            broker.Advance(TimeSpan.FromSeconds(14));
            client.Send(packet);
            client.Take();
        }
        Assert.False(client.IsClosed);
        broker.Advance(TimeSpan.FromSeconds(15));

        client.ExpectClosed();
    }

    [Fact]
    [Statement("MQTT-3.1.2-24", "3.1.1")]
    public void KeepAlive_PartOfAPacket_DoesNotCount()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("client", keepAlive: 10);
        broker.Advance(TimeSpan.FromSeconds(14));
        client.Send("30 04 00");

        broker.Advance(TimeSpan.FromSeconds(1));

        client.ExpectClosed();
    }

    [Fact]
    [Statement("MQTT-3.1.2-24", "3.1.1")]
    public void KeepAlive_ReceivingAlone_DoesNotCount()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("client", keepAlive: 10), publisher = broker.Connect("publisher");
        client.Subscribe("a");
        for (int i = 0; i < 15; i++)
        {
            publisher.Publish("a", "x");
            broker.Advance(TimeSpan.FromSeconds(1));
        }

        client.Take();
        client.ExpectClosed();
    }

    [Fact]
    public void KeepAlive_SlowReaderOfALargeMessage_IsStillHeard()
    {
        using var broker = new TestBroker(configure: o => o with { OutputLimit = 64 * 1024 });
        TestClient client = broker.Connect("client", keepAlive: 10), publisher = broker.Connect("publisher");
        client.Subscribe("a");
        client.PauseReading();
        publisher.Publish("a", new string('x', 1_000_000));

        for (int i = 0; i < 10; i++)
        {
            broker.Advance(TimeSpan.FromSeconds(10));
            client.Send("C0 00");
        }
        client.ResumeReading();

        Assert.False(client.IsClosed);
        Assert.Equal(11, client.Take().Count);
    }

    [Fact]
    public void KeepAlive_Zero_MeansNoLimit()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("client", keepAlive: 0);

        broker.Advance(TimeSpan.FromHours(1));

        client.ExpectOpen();
    }
}
