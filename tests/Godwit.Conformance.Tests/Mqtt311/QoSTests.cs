// The delivery protocols of QoS 0, 1 and 2 between broker and client: section 4.3.
namespace Godwit.Conformance.Tests.Mqtt311;

public class QoSTests
{
    [Theory]
    [Loops]
    [Statement("MQTT-4.3.1-1", "3.1.1")]
    public void QoS0_FromBroker_HasQoS0AndDup0AndIsSentOnce(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("subscriber", 1);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(id, cleanSession: false);
        subscriber.Subscribe("a");

        publisher.Publish("a", "x", QoS.AtLeastOnce, 1);

        subscriber.Expect("30 04 00 01 'a' 'x'");
        subscriber.Reset();
        broker.Connect(id, cleanSession: false, sessionPresent: true);
    }

    [Theory]
    [Loops]
    [Statement("MQTT-4.3.2-1", "3.1.1")]
    public void QoS1_FromBroker_IsUnacknowledgedUntilPuback(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("subscriber", 1);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(id, cleanSession: false);
        subscriber.Subscribe("a", QoS.AtLeastOnce);
        publisher.Publish("a", "1", QoS.AtLeastOnce, 1);
        publisher.Publish("a", "2", QoS.AtLeastOnce, 2);
        subscriber.Expect("32 06 00 01 'a' 00 01 '1'  32 06 00 01 'a' 00 02 '2'");

        subscriber.Puback(1);

        Assert.Equal(1, broker.Session(id)!.Deliveries.Outbound.InFlight);
        subscriber.Reset();
        subscriber = broker.Connect(id, cleanSession: false, sessionPresent: true, afterConnack: ["PUBLISH a=2 q1 m2 dup"]);
        subscriber.Puback(2);
        subscriber.Reset();
        broker.Connect(id, cleanSession: false, sessionPresent: true);
    }

    [Theory]
    [Loops]
    [Statement("MQTT-4.3.2-2", "3.1.1")]
    public void QoS1_ToBroker_SameIdentifierAfterPubackIsANewMessage(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(broker.ClientId("subscriber", 1));
        subscriber.Subscribe("a");

        publisher.Publish("a", "x", QoS.AtLeastOnce, 7);
        publisher.Publish("a", "x", QoS.AtLeastOnce, 7, dup: true);

        publisher.ExpectPackets("PUBACK m7", "PUBACK m7");
        subscriber.ExpectPackets("PUBLISH a=x q0", "PUBLISH a=x q0");
    }

    [Theory]
    [Loops]
    [Statement("MQTT-4.3.3-1", "3.1.1")]
    [Statement("MQTT-3.3.1-1", "3.1.1")]
    public void QoS2_FromBroker_SendsNoPublishAfterPubrel(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("subscriber", 1);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(id, cleanSession: false);
        subscriber.Subscribe("a", QoS.ExactlyOnce);
        publisher.Publish("a", "x", QoS.ExactlyOnce, 1);
        subscriber.Expect("34 06 00 01 'a' 00 01 'x'");
        subscriber.Reset();

        subscriber = broker.Connect(id, cleanSession: false, sessionPresent: true, afterConnack: ["PUBLISH a=x q2 m1 dup"]);
        subscriber.Pubrec(1);
        subscriber.Expect("62 02 00 01");
        subscriber.Reset();

        subscriber = broker.Connect(id, cleanSession: false, sessionPresent: true, afterConnack: ["PUBREL m1"]);
        subscriber.Pubrec(1); // repeated: answered again
        subscriber.Expect("62 02 00 01");
        subscriber.Pubcomp(1);
        subscriber.Reset();

        broker.Connect(id, cleanSession: false, sessionPresent: true);
        Assert.Equal(0, broker.Session(id)!.Deliveries.Outbound.InFlight);
    }

    [Theory]
    [Loops]
    [Statement("MQTT-4.3.3-2", "3.1.1")]
    [Statement("MQTT-3.1.2-4", "3.1.1")]
    public void QoS2_ToBroker_IsDeliveredOnceOverReconnectsUntilPubrel(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("publisher", 1);
        TestClient subscriber = broker.Connect(broker.ClientId("subscriber", 0)), publisher = broker.Connect(id, cleanSession: false);
        subscriber.Subscribe("a");
        publisher.Publish("a", "x", QoS.ExactlyOnce, 7);
        publisher.ExpectPackets("PUBREC m7");
        publisher.Publish("a", "x", QoS.ExactlyOnce, 7, dup: true);
        publisher.ExpectPackets("PUBREC m7");
        publisher.Reset();

        publisher = broker.Connect(id, cleanSession: false, sessionPresent: true);
        publisher.Publish("a", "x", QoS.ExactlyOnce, 7, dup: true);
        publisher.Pubrel(7);
        publisher.ExpectPackets("PUBREC m7", "PUBCOMP m7");
        subscriber.ExpectPackets("PUBLISH a=x q0");
        publisher.Reset();

        publisher = broker.Connect(id, cleanSession: false, sessionPresent: true);
        publisher.Pubrel(7); // the PUBCOMP was lost on its way
        publisher.Publish("a", "new", QoS.ExactlyOnce, 7);
        publisher.ExpectPackets("PUBCOMP m7", "PUBREC m7");
        subscriber.ExpectPackets("PUBLISH a=new q0");
    }

    [Fact]
    [Statement("MQTT-3.1.2-6", "3.1.1")]
    public void QoS2_ToBroker_IdentifiersEndWithACleanSession()
    {
        using var broker = new TestBroker();
        TestClient subscriber = broker.Connect("subscriber"), publisher = broker.Connect("publisher", cleanSession: false);
        subscriber.Subscribe("a");
        publisher.Publish("a", "1", QoS.ExactlyOnce, 7);

        publisher = broker.Connect("publisher", cleanSession: true);
        publisher.Publish("a", "2", QoS.ExactlyOnce, 7);

        subscriber.ExpectPackets("PUBLISH a=1 q0", "PUBLISH a=2 q0");
    }

    [Fact]
    public void Acknowledgements_ForNothing_AreHarmless()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("client");

        client.Puback(9);
        client.Pubcomp(9);
        client.ExpectOpen();
        client.Pubrec(9);
        client.Pubrel(9);

        client.ExpectPackets("PUBREL m9", "PUBCOMP m9"); // so that the other side can let go
    }

    [Theory]
    [InlineData(QoS.AtLeastOnce, "50 02 00 01")]
    [InlineData(QoS.AtLeastOnce, "70 02 00 01")]
    [InlineData(QoS.ExactlyOnce, "40 02 00 01")]
    [InlineData(QoS.ExactlyOnce, "70 02 00 01")]
    [Statement("MQTT-4.8.0-1", "3.1.1")]
    public void Acknowledgement_OfTheWrongKind_ClosesConnection(QoS qos, string packet)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("client"), publisher = broker.Connect("publisher");
        client.Subscribe("a", QoS.ExactlyOnce);
        publisher.Publish("a", "x", qos, 1);
        client.ExpectPackets($"PUBLISH a=x q{(int)qos} m1");

        client.Send(packet);

        client.ExpectClosed();
    }

    [Theory]
    [InlineData("40 02 00 00")]
    [InlineData("50 02 00 00")]
    [InlineData("62 02 00 00")]
    [InlineData("70 02 00 00")]
    [InlineData("40 01 00")]
    [InlineData("40 03 00 01 00")]
    [Statement("MQTT-4.8.0-1", "3.1.1")]
    public void Acknowledgement_Malformed_ClosesConnection(string packet)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("client");

        client.Send(packet);

        client.ExpectClosed();
    }
}
