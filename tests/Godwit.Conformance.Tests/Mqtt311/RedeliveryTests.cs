// What is sent again after a reconnect, and in which order: sections 4.4 and 4.6.
namespace Godwit.Conformance.Tests.Mqtt311;

public class RedeliveryTests
{
    [Theory]
    [Loops]
    [Statement("MQTT-4.4.0-1", "3.1.1")]
    [Statement("MQTT-4.6.0-1", "3.1.1")]
    [Statement("MQTT-4.6.0-4", "3.1.1")]
    [Statement("MQTT-3.3.1-1", "3.1.1")]
    public void CONNECT_WithInFlightMessages_GetsThemAgainInTheirOrder(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("subscriber", 1);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(id, cleanSession: false);
        subscriber.Subscribe("a", QoS.ExactlyOnce);
        for (ushort i = 1; i <= 6; i++) publisher.Publish("a", $"{i}", i % 2 == 0 ? QoS.ExactlyOnce : QoS.AtLeastOnce, i);
        subscriber.Take();
        subscriber.Pubrec(4);
        subscriber.Pubrec(2);
        subscriber.ExpectPackets("PUBREL m4", "PUBREL m2");
        subscriber.Puback(3);
        subscriber.Reset();
        publisher.Publish("a", "7", QoS.AtLeastOnce, 7);

        subscriber = broker.Connect(id, cleanSession: false, sessionPresent: true, afterConnack:
        [
            "PUBREL m4", "PUBREL m2", "PUBLISH a=1 q1 m1 dup", "PUBLISH a=5 q1 m5 dup", "PUBLISH a=6 q2 m6 dup", "PUBLISH a=7 q1 m7",
        ]);
        subscriber.ExpectOpen();
    }

    [Fact]
    [Statement("MQTT-4.4.0-1", "3.1.1")]
    public void PUBLISH_Unacknowledged_IsNotSentAgainWithinTheConnection()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("client", cleanSession: false);
        client.Subscribe("a", QoS.AtLeastOnce);
        client.Publish("a", "x", QoS.AtLeastOnce, 1);
        client.ExpectPackets("PUBLISH a=x q1 m1", "PUBACK m1");

        broker.Advance(TimeSpan.FromMinutes(10));

        client.ExpectOpen();
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.3.1-3", "3.1.1")]
    [Statement("MQTT-3.3.1-8", "3.1.1")]
    public void CONNECT_WithInFlightRetained_GetsItAgainWithBothFlags(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("subscriber", 1);
        broker.Connect(broker.ClientId("publisher", 0)).Publish("a", "x", QoS.AtLeastOnce, 1, retain: true);
        TestClient subscriber = broker.Connect(id, cleanSession: false);
        subscriber.Subscribe("a", QoS.AtLeastOnce);
        subscriber.ExpectPackets("PUBLISH a=x q1 m1 retain");
        subscriber.Reset();

        broker.Connect(id, cleanSession: false, sessionPresent: true, afterConnack: ["PUBLISH a=x q1 m1 dup retain"]);
    }

    [Theory]
    [Loops]
    [Statement("MQTT-4.6.0-2", "3.1.1")]
    [Statement("MQTT-4.6.0-3", "3.1.1")]
    public void PUBLISH_Several_AreAcknowledgedInTheirOrder(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(broker.ClientId("subscriber", 1));
        subscriber.Subscribe("a", QoS.ExactlyOnce);
        ushort[] ids = [5, 3, 9, 1, 65_535];

        publisher.Send([.. ids.Select(id => Packets.Publish(ProtocolVersion.V311, "a", [], QoS.AtLeastOnce, id))]);
        publisher.ExpectPackets([.. ids.Select(id => $"PUBACK m{id}")]);
        publisher.Send([.. ids.Select(id => Packets.Publish(ProtocolVersion.V311, "a", [], QoS.ExactlyOnce, id))]);
        publisher.ExpectPackets([.. ids.Select(id => $"PUBREC m{id}")]);
    }

    [Theory]
    [Loops]
    [Statement("MQTT-4.6.0-5", "3.1.1")]
    [Statement("MQTT-4.6.0-6", "3.1.1")]
    public void PUBLISH_Several_ReachEverySubscriberInOrder(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0));
        TestClient[] subscribers = [.. Enumerable.Range(0, 6).Select(i => broker.Connect(broker.ClientId($"subscriber {i}", i)))];
        for (int i = 0; i < subscribers.Length; i++) subscribers[i].Subscribe(i % 2 == 0 ? "a" : "+", (QoS)(i % 3));
        TestClient slow = subscribers[1];
        slow.PauseReading();

        foreach (QoS qos in (QoS[])[QoS.AtMostOnce, QoS.AtLeastOnce, QoS.ExactlyOnce])
        {
            for (int batch = 0; batch < 10; batch++)
            {
                publisher.Send([.. Enumerable.Range(batch * 20, 20).Select(i => Packets.Publish(
                    ProtocolVersion.V311, "a", Packets.Utf8($"{qos} {i:D3}"), qos, (ushort)(qos == 0 ? 0 : i + 1)))]);
            }
        }
        slow.ResumeReading();

        string[] expected = [.. from qos in (QoS[])[QoS.AtMostOnce, QoS.AtLeastOnce, QoS.ExactlyOnce] from i in Enumerable.Range(0, 200) select $"{qos} {i:D3}"];
        foreach (TestClient subscriber in subscribers)
            Assert.Equal(expected, subscriber.Take().Select(text => text.Split('=')[1].Split(" q")[0]));
    }

    [Theory]
    [Loops]
    [Statement("MQTT-4.6.0-4", "3.1.1")]
    public void PUBREC_Several_AreAnsweredByPubrelInTheirOrder(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(broker.ClientId("subscriber", 1));
        subscriber.Subscribe("a", QoS.ExactlyOnce);
        for (ushort i = 1; i <= 3; i++) publisher.Publish("a", "x", QoS.ExactlyOnce, i);
        subscriber.Take();

        subscriber.Send("50 02 00 02 50 02 00 03 50 02 00 01");

        subscriber.Expect("62 02 00 02 62 02 00 03 62 02 00 01");
    }
}
