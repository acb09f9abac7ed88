// UNSUBSCRIBE and UNSUBACK: sections 3.10 and 3.11.
namespace Godwit.Conformance.Tests.Mqtt311;

public class UnsubscribeTests
{
    [Theory]
    [Loops]
    [Statement("MQTT-3.10.4-1", "3.1.1")]
    [Statement("MQTT-3.10.4-2", "3.1.1")]
    [Statement("MQTT-3.10.4-4", "3.1.1")]
    public void UNSUBSCRIBE_SameFilter_EndsTheSubscription(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(broker.ClientId("subscriber", 1));
        subscriber.Subscribe("a/+", QoS.AtLeastOnce);
        publisher.Publish("a/b", "before");
        subscriber.ExpectPackets("PUBLISH a/b=before q0");

        subscriber.Send("A2 07 AB CD 00 03 'a/+'");
        publisher.Publish("a/b", "after", QoS.AtLeastOnce, 1);

        subscriber.Expect("B0 02 AB CD");
        Assert.Equal(0, broker.Statistics.Subscriptions);
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.10.4-1", "3.1.1")]
    [Statement("MQTT-3.10.4-5", "3.1.1")]
    public void UNSUBSCRIBE_OtherFilter_DeletesNothingAndIsAnswered(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(broker.ClientId("subscriber", 1));
        subscriber.Subscribe("a/b");

        foreach (string filter in (string[])["a/+", "a/#", "#", "A/b", "a/b/", "a"]) subscriber.Unsubscribe(filter, 9);
        publisher.Publish("a/b", "x");

        subscriber.ExpectPackets("PUBLISH a/b=x q0");
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.10.4-6", "3.1.1")]
    public void UNSUBSCRIBE_SeveralFilters_GetOneUnsuback(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(broker.ClientId("subscriber", 1));
        foreach (string filter in (string[])["a", "b", "c"]) subscriber.Subscribe(filter);

        subscriber.Send("A2 0B 00 05 00 01 'a' 00 01 'x' 00 01 'c'");
        foreach (string topic in (string[])["a", "b", "c"]) publisher.Publish(topic, "1");

        subscriber.ExpectPackets("UNSUBACK m5", "PUBLISH b=1 q0");
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.10.4-3", "3.1.1")]
    public void UNSUBSCRIBE_DeliveriesHaveBegun_TheyAreCompleted(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("subscriber", 1);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(id, cleanSession: false);
        subscriber.Subscribe("a", QoS.ExactlyOnce);
        publisher.Publish("a", "1", QoS.AtLeastOnce, 1);
        publisher.Publish("a", "2", QoS.ExactlyOnce, 2);
        subscriber.ExpectPackets("PUBLISH a=1 q1 m1", "PUBLISH a=2 q2 m2");

        subscriber.Unsubscribe("a");
        subscriber.Pubrec(2);
        subscriber.ExpectPackets("PUBREL m2");
        subscriber.Reset();

        subscriber = broker.Connect(id, cleanSession: false, sessionPresent: true, afterConnack: ["PUBREL m2", "PUBLISH a=1 q1 m1 dup"]);
        subscriber.Pubcomp(2);
        subscriber.Puback(1);
        Assert.Equal(0, broker.Session(id)!.Deliveries.Outbound.InFlight);
    }

    [Fact]
    [Statement("MQTT-3.10.3-2", "3.1.1")]
    public void UNSUBSCRIBE_WithoutFilter_ClosesConnection() => ClosesConnection("A2 02 00 01");

    [Theory]
    [InlineData("A2 04 00 01 00 00")]
    [InlineData("A2 04 00 01 00 01")]
    [Statement("MQTT-4.7.3-1", "3.1.1")]
    [Statement("MQTT-4.8.0-1", "3.1.1")]
    public void UNSUBSCRIBE_EmptyOrTruncatedFilter_ClosesConnection(string packet) => ClosesConnection(packet);

    private static void ClosesConnection(string packet)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("client");

        client.Send(packet);

        client.ExpectClosed();
    }
}
