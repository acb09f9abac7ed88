// The broker's own topics, and that nobody else writes to them (section 4.7.2).
namespace Godwit.Conformance.Tests.Mqtt311;

public class SysTopicTests
{
    [Theory]
    [Loops]
    [Statement("MQTT-4.7.2-1", "3.1.1")]
    public void SysTopics_AreRetainedAndHiddenFromWildcards(int loops)
    {
        using var broker = new TestBroker(loops, o => o with { SysInterval = TimeSpan.FromSeconds(10) });
        TestClient monitor = broker.Connect(broker.ClientId("monitor", 1)), everything = broker.Connect(broker.ClientId("everything", 2));
        everything.Subscribe("#");
        everything.Subscribe("+/broker/version");
        broker.Advance(TimeSpan.FromSeconds(10));

        monitor.Subscribe("$SYS/#");

        List<string> topics = monitor.Take();
        Assert.Contains(topics, text => text.StartsWith("PUBLISH $SYS/broker/version=godwit version ", StringComparison.Ordinal));
        Assert.Contains("PUBLISH $SYS/broker/clients/connected=2 q0 retain", topics);
        Assert.Contains("PUBLISH $SYS/broker/uptime=10 seconds q0 retain", topics);
        everything.ExpectOpen();
    }

    [Fact]
    public void SysTopics_ChangedValues_ArePublishedAgain()
    {
        using var broker = new TestBroker(configure: o => o with { SysInterval = TimeSpan.FromSeconds(10) });
        TestClient monitor = broker.Connect("monitor");
        monitor.Subscribe("$SYS/broker/clients/connected");
        monitor.Take();

        broker.Advance(TimeSpan.FromSeconds(10));
        monitor.ExpectPackets("PUBLISH $SYS/broker/clients/connected=1 q0");
        broker.Connect("second");
        broker.Advance(TimeSpan.FromSeconds(20));

        monitor.ExpectPackets("PUBLISH $SYS/broker/clients/connected=2 q0"); // once
    }

    [Fact]
    public void PUBLISH_ToSysTopic_IsAcknowledgedAndIgnored()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("client");
        client.Subscribe("$SYS/#");

        client.Publish("$SYS/broker/version", "forged", QoS.AtLeastOnce, 1, retain: true);

        client.ExpectPackets("PUBACK m1");
        Assert.Equal(0, broker.Statistics.RetainedMessages);
    }
}
