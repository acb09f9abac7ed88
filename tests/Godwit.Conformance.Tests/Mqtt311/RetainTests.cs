// The RETAIN flag: section 3.3.1.3.
using Godwit.Broker.Sessions;

namespace Godwit.Conformance.Tests.Mqtt311;

public class RetainTests
{
    [Theory]
    [InlineData(QoS.AtMostOnce)]
    [InlineData(QoS.AtLeastOnce)]
    [InlineData(QoS.ExactlyOnce)]
    [Statement("MQTT-3.3.1-5", "3.1.1")]
    [Statement("MQTT-3.3.1-8", "3.1.1")]
    public void PUBLISH_Retain1_IsStoredWithItsQoS(QoS qos)
    {
        using var broker = new TestBroker(3);
        broker.Connect(broker.ClientId("publisher", 0)).Publish("a", "x", qos, 1, retain: true);
        TestClient subscriber = broker.Connect(broker.ClientId("subscriber", 1));

        subscriber.Subscribe("a", QoS.ExactlyOnce);

        subscriber.ExpectPackets($"PUBLISH a=x q{(int)qos}{(qos > 0 ? " m1" : "")} retain");
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.3.1-6", "3.1.1")]
    public void SUBSCRIBE_New_GetsTheLastRetainedMessageOfEachMatchingTopic(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(broker.ClientId("subscriber", 1));
        publisher.Publish("a/1", "old", retain: true);
        publisher.Publish("a/1", "new", retain: true);
        publisher.Publish("a/2", "x", retain: true);
        publisher.Publish("b", "y", retain: true);

        Assert.Equal(["PUBLISH a/1=new q0 retain", "PUBLISH a/2=x q0 retain"], Subscribed("a/+"));
        Assert.Equal(["PUBLISH a/1=new q0 retain", "PUBLISH a/2=x q0 retain", "PUBLISH b=y q0 retain"], Subscribed("#"));
        Assert.Equal(["PUBLISH a/1=new q0 retain"], Subscribed("+/1"));
        Assert.Equal(["PUBLISH b=y q0 retain"], Subscribed("b/#"));
        Assert.Empty(Subscribed("a"));

        string[] Subscribed(string filter)
        {
            subscriber.Subscribe(filter);
            return [.. subscriber.Take().Order(StringComparer.Ordinal)];
        }
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.3.1-7", "3.1.1")]
    public void PUBLISH_RetainedQoS0_DiscardsTheEarlierOne(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0));
        publisher.Publish("a", "with QoS 1", QoS.AtLeastOnce, 1, retain: true);
        publisher.Publish("a", "with QoS 0", retain: true);
        TestClient subscriber = broker.Connect(broker.ClientId("subscriber", 1));

        subscriber.Subscribe("a", QoS.AtLeastOnce);

        subscriber.ExpectPackets("PUBLISH a=with QoS 0 q0 retain");
        Assert.Equal(1, broker.Statistics.RetainedMessages);
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.3.1-9", "3.1.1")]
    public void PUBLISH_Retain1ToAnEstablishedSubscription_HasRetain0(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(broker.ClientId("subscriber", 1));
        subscriber.Subscribe("a", QoS.AtLeastOnce);
        publisher.Subscribe("a");

        publisher.Publish("a", "x", QoS.AtLeastOnce, 7, retain: true);

        subscriber.ExpectPackets("PUBLISH a=x q1 m1");
        publisher.ExpectPackets("PUBLISH a=x q0", "PUBACK m7");
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.3.1-9", "3.1.1")]
    public void PUBLISH_Retain1ToAnOfflineSession_HasRetain0WhenItIsDelivered(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("subscriber", 1);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), first = broker.Connect(id, cleanSession: false);
        first.Subscribe("a", QoS.AtLeastOnce);
        first.Close();
        publisher.Publish("a", "x", QoS.AtLeastOnce, 1, retain: true);

        broker.Connect(id, cleanSession: false, sessionPresent: true, afterConnack: ["PUBLISH a=x q1 m1"]);
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.3.1-10", "3.1.1")]
    [Statement("MQTT-3.3.1-11", "3.1.1")]
    public void PUBLISH_EmptyRetained_IsDeliveredAndRemovesTheRetainedMessage(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), present = broker.Connect(broker.ClientId("present", 1));
        publisher.Publish("a", "x", retain: true);
        present.Subscribe("a");
        present.ExpectPackets("PUBLISH a=x q0 retain");

        publisher.Publish("a", "", retain: true);

        present.ExpectPackets("PUBLISH a= q0");
        TestClient late = broker.Connect(broker.ClientId("late", 2));
        late.Subscribe("a");
        late.ExpectOpen();
        Assert.Equal(0, broker.Statistics.RetainedMessages);
        Assert.Equal(0, broker.Statistics.RetainedBytes);
    }

    [Fact]
    [Statement("MQTT-3.3.1-11", "3.1.1")]
    public void PUBLISH_EmptyRetainedWithoutRetainedMessage_IsNotStored()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("client");

        client.Publish("a", "", retain: true);

        client.Subscribe("a");
        client.ExpectOpen();
        Assert.Equal(0, broker.Statistics.RetainedMessages);
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.3.1-12", "3.1.1")]
    public void PUBLISH_Retain0_DoesNotTouchTheRetainedMessage(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(broker.ClientId("subscriber", 1));
        publisher.Publish("a", "kept", retain: true);
        publisher.Publish("a", "passing");
        publisher.Publish("a", "");
        publisher.Publish("b", "passing");

        subscriber.Subscribe("#");

        subscriber.ExpectPackets("PUBLISH a=kept q0 retain");
    }

    [Fact]
    public void PUBLISH_RetainedBeyondTheLimit_IsDeliveredButNotStored()
    {
        using var broker = new TestBroker(configure: o => o with { MaximumRetainedMessages = 1 });
        TestClient client = broker.Connect("client");
        client.Subscribe("b");
        client.Publish("a", "1", retain: true);
        client.Publish("b", "2", retain: true);
        client.Publish("a", "3", retain: true);

        client.ExpectPackets("PUBLISH b=2 q0");
        client.Subscribe("+");
        client.ExpectPackets("PUBLISH a=3 q0 retain");
        Assert.Equal(1, broker.Session("client")!.Drops![DropReason.NotRetained]);
    }

    [Theory]
    [Loops]
    public void SUBSCRIBE_ManyRetained_AllComeAsFastAsTheClientReads(int loops)
    {
        const int count = 2000, size = 2000;
        using var broker = new TestBroker(loops, o => o with { OutputLimit = 64 * 1024 });
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(broker.ClientId("subscriber", 1));
        string payload = new('x', size);
        for (int i = 0; i < count; i++) publisher.Publish($"a/{i}", payload, retain: true);
        subscriber.PauseReading();

        subscriber.Send("82 08 00 01 00 03 'a/#' 00");
        publisher.Publish("a/0", "replaced", retain: true); // QoS 0 for a client that does not read: it is dropped, but not lost
        subscriber.ResumeReading();

        List<string> received = subscriber.Take();
        Assert.Equal("SUBACK m1 00", received[0]);
        Assert.Equal(count, received.Skip(1).Select(text => text.Split('=')[0]).Distinct().Count());
    }
}
