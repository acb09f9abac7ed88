// Sections 3.4 to 3.7 and 4.3: acknowledgements and the QoS protocols.
using Godwit.Broker.Sessions;

namespace Godwit.Conformance.Tests.Mqtt5;

public class AckTests
{
    [Theory]
    [Statement("MQTT-3.4.2-1", "5.0")]
    [Statement("MQTT-3.5.2-1", "5.0")]
    [Statement("MQTT-3.6.2-1", "5.0")]
    [Statement("MQTT-3.7.2-1", "5.0")]
    [InlineData("40 03  00 01  92")]
    [InlineData("50 03  00 01  01")]
    [InlineData("62 03  00 01  10")]
    [InlineData("70 03  00 01  80")]
    public void AnyAck_ReasonCodeNotItsOwn_Disconnects82(string hex)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Send(hex);
        client.ExpectDisconnect(ReasonCode.ProtocolError);
    }

    [Theory]
    [Statement("MQTT-3.6.1-1", "5.0")]
    [InlineData("60 02  00 01")]
    [InlineData("63 02  00 01")]
    [InlineData("6A 02  00 01")]
    public void PUBREL_FlagsNot0010_Disconnects81(string hex)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Send(hex);
        client.ExpectDisconnect(ReasonCode.MalformedPacket);
    }

    [Fact]
    [Statement("MQTT-3.6.2-1", "5.0")]
    [Statement("MQTT-3.7.2-1", "5.0")]
    public void PUBRECandPUBREL_UnknownIdentifier_AreAnswered92()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Pubrec(5);
        client.Expect("62 03  00 05  92");
        client.Pubrel(6);
        client.Expect("70 03  00 06  92");
        client.Pubcomp(7);
        client.Puback(8);
        client.ExpectOpen();
    }

    [Theory]
    [Statement("MQTT-4.13.1-1", "5.0")]
    [InlineData(QoS.AtLeastOnce, PacketType.Pubrec)]
    [InlineData(QoS.AtLeastOnce, PacketType.Pubcomp)]
    [InlineData(QoS.ExactlyOnce, PacketType.Puback)]
    [InlineData(QoS.ExactlyOnce, PacketType.Pubcomp)]
    public void AnyAck_OfAnotherQoS_Disconnects82(QoS qos, PacketType ack)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Subscribe("a", qos);
        broker.Connect5("p").Publish("a", "x", qos, 1);
        client.ExpectPacket("PUBLISH");
        client.Send(Packets.Ack(ack, 1));
        client.ExpectDisconnect(ReasonCode.ProtocolError);
    }

    [Fact]
    [Statement("MQTT-4.3.1-1", "5.0")]
    public void QoS0_ToSubscriber_IsSentOnce()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", V5.Hour);
        client.Subscribe("a", QoS.ExactlyOnce);
        broker.Connect5("p").Publish("a", "x");
        client.Expect("30 05  00 01 'a'  00  'x'");
        client.Reset();
        broker.Resume5("c").ExpectNothing();
    }

    [Theory]
    [Statement("MQTT-4.3.2-1", "5.0")]
    [Statement("MQTT-4.3.2-2", "5.0")]
    [Statement("MQTT-4.3.2-3", "5.0")]
    [Loops]
    public void QoS1_ToSubscriber_IsUnacknowledgedUntilPuback(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient client = broker.Connect5("c", V5.Hour), publisher = broker.Connect5(broker.ClientId("p", 1));
        client.Subscribe("a", QoS.AtLeastOnce);
        publisher.Publish("a", "x", QoS.AtLeastOnce, 9);
        client.Expect("32 07  00 01 'a'  00 01  00  'x'");
        client.Reset();
        client = broker.Resume5("c");
        client.Expect("3A 07  00 01 'a'  00 01  00  'x'");
        client.Puback(1);
        client.Reset();
        broker.Resume5("c").ExpectNothing();
    }

    [Fact]
    [Statement("MQTT-4.3.2-4", "5.0")]
    [Statement("MQTT-4.3.2-5", "5.0")]
    public void QoS1_FromClient_SameIdentifierAgainIsANewMessage()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c"), subscriber = broker.Connect5("s");
        subscriber.Subscribe("a");
        client.Publish("a", "1", QoS.AtLeastOnce, 5);
        client.ExpectPackets("PUBACK m5");
        client.Publish("a", "2", QoS.AtLeastOnce, 5, dup: true);
        client.ExpectPackets("PUBACK m5");
        subscriber.ExpectPackets("PUBLISH a=1 q0", "PUBLISH a=2 q0");
    }

    [Theory]
    [Statement("MQTT-4.3.3-1", "5.0")]
    [Statement("MQTT-4.3.3-2", "5.0")]
    [Statement("MQTT-4.3.3-3", "5.0")]
    [Statement("MQTT-4.3.3-4", "5.0")]
    [Statement("MQTT-4.3.3-5", "5.0")]
    [Statement("MQTT-4.3.3-6", "5.0")]
    [Loops]
    public void QoS2_ToSubscriber_GoesThroughItsFourPackets(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient client = broker.Connect5("c", V5.Hour), publisher = broker.Connect5(broker.ClientId("p", 1));
        client.Subscribe("a", QoS.ExactlyOnce);
        publisher.Publish("a", "x", QoS.ExactlyOnce, 9);
        client.Expect("34 07  00 01 'a'  00 01  00  'x'");
        client.Reset();
        client = broker.Resume5("c"); // unacknowledged until PUBREC
        client.Expect("3C 07  00 01 'a'  00 01  00  'x'");
        client.Pubrec(1);
        client.Expect("62 02  00 01");
        client.Reset();
        client = broker.Resume5("c"); // no PUBLISH again after PUBREL
        client.Expect("62 02  00 01");
        client.Pubrec(1);
        client.Expect("62 02  00 01");
        client.Pubcomp(1);
        client.Reset();
        broker.Resume5("c").ExpectNothing();
    }

    [Theory]
    [Statement("MQTT-4.3.3-8", "5.0")]
    [Statement("MQTT-4.3.3-10", "5.0")]
    [Statement("MQTT-4.3.3-11", "5.0")]
    [Statement("MQTT-4.3.3-12", "5.0")]
    [Loops]
    public void QoS2_FromClient_IsDeliveredOnceUntilPubrel(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient client = broker.Connect5(broker.ClientId("c", 0)), subscriber = broker.Connect5(broker.ClientId("s", 1));
        subscriber.Subscribe("a");
        client.Publish("a", "1", QoS.ExactlyOnce, 5);
        client.Publish("a", "1", QoS.ExactlyOnce, 5, dup: true);
        client.Publish("a", "1", QoS.ExactlyOnce, 5); // even without DUP
        client.ExpectPackets("PUBREC m5", "PUBREC m5", "PUBREC m5");
        client.Pubrel(5);
        client.ExpectPackets("PUBCOMP m5");
        client.Publish("a", "2", QoS.ExactlyOnce, 5, dup: true);
        client.ExpectPackets("PUBREC m5");
        subscriber.ExpectPackets("PUBLISH a=1 q0", "PUBLISH a=2 q0");
    }

    [Fact]
    [Statement("MQTT-4.3.3-13", "5.0")]
    public void QoS2_FromClientExpiredMeanwhile_IsStillFinished()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Publish("a", "1", QoS.ExactlyOnce, 5, properties: "02 00 00 00 01");
        client.ExpectPackets("PUBREC m5 10");
        broker.Advance(TimeSpan.FromSeconds(5));
        client.Publish("a", "1", QoS.ExactlyOnce, 5, dup: true, properties: "02 00 00 00 01");
        client.ExpectPacket("PUBREC m5");
        client.Pubrel(5);
        client.ExpectPackets("PUBCOMP m5");
    }

    [Theory]
    [Statement("MQTT-4.4.0-2", "5.0")]
    [Statement("MQTT-4.3.2-3", "5.0")]
    [InlineData(QoS.AtLeastOnce, PacketType.Puback)]
    [InlineData(QoS.ExactlyOnce, PacketType.Pubrec)]
    public void PUBACKandPUBREC_WithError_EndTheDelivery(QoS qos, PacketType ack)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", V5.Hour);
        client.Subscribe("a", qos);
        broker.Connect5("p").Publish("a", "x", qos, 1);
        client.ExpectPacket("PUBLISH");
        client.Send(V5.Ack(ack, 1, ReasonCode.ImplementationSpecificError));
        client.ExpectNothing(); // no PUBREL
        client.Reset();
        broker.Resume5("c").ExpectNothing();
        Assert.Equal(1, broker.Statistics.DroppedByReason[DropReason.Refused]);
    }
}
