// Sections 3.10 and 3.11: UNSUBSCRIBE and UNSUBACK.
namespace Godwit.Conformance.Tests.Mqtt5;

public class UnsubscribeTests
{
    [Theory]
    [Statement("MQTT-3.10.1-1", "5.0")]
    [Statement("MQTT-3.10.3-1", "5.0")]
    [InlineData("A0 06  00 01  00  00 01 'a'")]
    [InlineData("A3 06  00 01  00  00 01 'a'")]
    [InlineData("A2 06  00 01  00  00 01 FF")]
    public void UNSUBSCRIBE_Malformed_Disconnects81(string hex)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Send(hex);
        client.ExpectDisconnect(ReasonCode.MalformedPacket);
    }

    [Fact]
    [Statement("MQTT-3.10.3-2", "5.0")]
    public void UNSUBSCRIBE_NoFilter_Disconnects82()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Send("A2 03  00 01  00");
        client.ExpectDisconnect(ReasonCode.ProtocolError);
    }

    [Theory]
    [Statement("MQTT-3.10.4-1", "5.0")]
    [Statement("MQTT-3.10.4-2", "5.0")]
    [Loops]
    public void UNSUBSCRIBE_ExactFilter_EndsThatSubscriptionOnly(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient client = broker.Connect5("c"), publisher = broker.Connect5(broker.ClientId("p", 1));
        client.Subscribe("a/+");
        client.Subscribe("A/b");
        client.Subscribe("a/#");
        publisher.Publish("a/b", "1"); // so that the route is known
        client.ExpectPackets("PUBLISH a/b=1 q0");
        client.Send(Packets.Unsubscribe(ProtocolVersion.V5, 1, "a/b", "a/+"));
        client.ExpectPackets("UNSUBACK m1 00 11 00");
        publisher.Publish("a/b", "2");
        publisher.Publish("A/b", "3");
        client.ExpectPackets("PUBLISH a/b=2 q0", "PUBLISH A/b=3 q0");
        client.Unsubscribe("a/#");
        publisher.Publish("a/b", "4", QoS.AtLeastOnce, 1);
        publisher.ExpectPackets("PUBACK m1 10");
        client.ExpectNothing();
    }

    [Fact]
    [Statement("MQTT-3.10.4-3", "5.0")]
    public void UNSUBSCRIBE_DeliveriesBegun_AreCompleted()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", V5.Hour), publisher = broker.Connect5("p");
        client.Subscribe("a", QoS.ExactlyOnce);
        publisher.Publish("a", "1", QoS.ExactlyOnce, 1);
        publisher.Publish("a", "2", QoS.AtLeastOnce, 2);
        client.ExpectPackets("PUBLISH a=1 q2 m1", "PUBLISH a=2 q1 m2");
        client.Unsubscribe("a");
        client.Pubrec(1);
        client.ExpectPackets("PUBREL m1");
        client.Reset();
        client = broker.Resume5("c");
        client.ExpectPackets("PUBREL m1", "PUBLISH a=2 q1 m2 dup");
        client.Pubcomp(1);
        client.Puback(2);
        client.ExpectOpen();
    }

    [Fact]
    [Statement("MQTT-3.10.4-4", "5.0")]
    [Statement("MQTT-3.10.4-5", "5.0")]
    [Statement("MQTT-3.10.4-6", "5.0")]
    [Statement("MQTT-3.11.3-1", "5.0")]
    [Statement("MQTT-3.11.3-2", "5.0")]
    public void UNSUBSCRIBE_SeveralFilters_OneUnsubackWithACodeForEach()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Subscribe("a");
        client.Subscribe("$share/g/b");
        client.Send(Packets.Unsubscribe(ProtocolVersion.V5, 0x1234, "x", "a", "a", "$share/g/b", "b"));
        client.Expect("B0 08  12 34  00  11 00 11 00 11");
        client.Send(Packets.Unsubscribe(ProtocolVersion.V5, 1, "never"));
        client.Expect("B0 04  00 01  00  11");
    }
}
