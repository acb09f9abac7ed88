// Sections 3.3.4 and 4.9: Receive Maximum and the send quota, both ways.
namespace Godwit.Conformance.Tests.Mqtt5;

public class FlowControlTests
{
    [Theory]
    [Statement("MQTT-3.3.4-9", "5.0")]
    [Statement("MQTT-4.9.0-1", "5.0")]
    [Statement("MQTT-4.9.0-2", "5.0")]
    [InlineData(1)]
    [InlineData(3)]
    public void PUBLISH_ToClient_NoMoreUnacknowledgedThanItsReceiveMaximum(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient client = broker.Connect5("c", "21 00 02"), publisher = broker.Connect5(broker.ClientId("p", 1));
        client.Subscribe("a", QoS.ExactlyOnce);
        publisher.Publish("a", "1", QoS.AtLeastOnce, 1);
        publisher.Publish("a", "2", QoS.ExactlyOnce, 2);
        publisher.Publish("a", "3", QoS.AtLeastOnce, 3);
        publisher.Publish("a", "4", QoS.ExactlyOnce, 4);
        client.ExpectPackets("PUBLISH a=1 q1 m1", "PUBLISH a=2 q2 m2");
        client.Pubrec(2); // gives nothing back yet
        client.ExpectPackets("PUBREL m2");
        client.Pubcomp(2);
        client.ExpectPackets("PUBLISH a=3 q1 m3");
        client.Puback(1);
        client.ExpectPackets("PUBLISH a=4 q2 m4");
        client.Send(V5.Ack(PacketType.Pubrec, 4, ReasonCode.UnspecifiedError)); // this gives one back at once
        publisher.Publish("a", "5", QoS.AtLeastOnce, 5);
        client.ExpectPackets("PUBLISH a=5 q1 m5");
    }

    [Fact]
    [Statement("MQTT-3.3.4-10", "5.0")]
    [Statement("MQTT-4.9.0-3", "5.0")]
    public void AnyPacket_AtQuota0_IsStillServed()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", "21 00 01"), publisher = broker.Connect5("p");
        client.Subscribe("a", QoS.AtLeastOnce);
        publisher.Publish("a", "1", QoS.AtLeastOnce, 1);
        publisher.Publish("a", "2", QoS.AtLeastOnce, 2);
        client.ExpectPackets("PUBLISH a=1 q1 m1");
        publisher.Publish("a", "3"); // QoS 0 is not limited
        client.ExpectPackets("PUBLISH a=3 q0");
        client.Send(Packets.Pingreq);
        client.ExpectPackets("PINGRESP");
        client.Subscribe("b");
        client.Unsubscribe("b");
        client.Publish("x", "", QoS.ExactlyOnce, 9);
        client.ExpectPackets("PUBREC m9 10");
        client.Pubrel(9);
        client.ExpectPackets("PUBCOMP m9");
    }

    [Fact]
    [Statement("MQTT-3.3.4-9", "5.0")]
    [Statement("MQTT-4.4.0-1", "5.0")]
    public void PUBLISH_AfterReconnectWithASmallerReceiveMaximum_KeepsToIt()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", V5.Hour), publisher = broker.Connect5("p");
        client.Subscribe("a", QoS.ExactlyOnce);
        publisher.Publish("a", "1", QoS.ExactlyOnce, 1);
        publisher.Publish("a", "2", QoS.AtLeastOnce, 2);
        publisher.Publish("a", "3", QoS.AtLeastOnce, 3);
        Assert.Equal(3, client.Take().Count);
        client.Reset();
        publisher.Publish("a", "4", QoS.AtLeastOnce, 4);
        client = broker.Resume5("c", V5.Hour + "21 00 01");
        client.ExpectPackets("PUBLISH a=1 q2 m1 dup");
        client.Pubrec(1);
        client.ExpectPackets("PUBREL m1");
        client.Pubcomp(1);
        client.ExpectPackets("PUBLISH a=2 q1 m2 dup");
        client.Puback(2);
        client.ExpectPackets("PUBLISH a=3 q1 m3 dup");
        client.Puback(3);
        client.ExpectPackets("PUBLISH a=4 q1 m4");
    }

    [Theory]
    [Statement("MQTT-4.5.0-1", "5.0")]
    [Statement("MQTT-4.6.0-5", "5.0")]
    [Loops]
    public void PUBLISH_FasterThanTheOthersTakeIt_NothingIsLost(int loops)
    {
        const int count = 12; // MiB: more than is under way between two loops
        using var broker = new TestBroker(loops);
        TestClient client = broker.Connect5(broker.ClientId("c", 1)), publisher = broker.Connect5(broker.ClientId("p", 0));
        client.Subscribe("#", QoS.AtLeastOnce);
        publisher.Send([.. Enumerable.Range(1, count).Select(i =>
            Packets.Publish(ProtocolVersion.V5, $"{i}", new byte[1024 * 1024], QoS.AtLeastOnce, (ushort)i))]);
        Assert.Equal(Enumerable.Range(1, count).Select(i => $"PUBACK m{i}"), publisher.Take());
        Assert.Equal(Enumerable.Range(1, count).Select(i => $"PUBLISH {i}="), client.Take().Select(p => p[..(p.IndexOf('=', StringComparison.Ordinal) + 1)]));
    }

    [Fact]
    [Statement("MQTT-3.3.4-7", "5.0")]
    public void PUBLISH_MoreQoS2ThanOurReceiveMaximum_Disconnects93()
    {
        using var broker = new TestBroker(configure: o => o with { ReceiveMaximum = 2 });
        TestClient client = broker.Connect5("c");
        client.Publish("a", "1", QoS.ExactlyOnce, 1);
        client.Publish("a", "2", QoS.ExactlyOnce, 2);
        client.Publish("a", "2", QoS.ExactlyOnce, 2, dup: true); // repeated: not one more
        Assert.Equal(3, client.Take().Count);
        client.Publish("a", "3", QoS.ExactlyOnce, 3);
        client.ExpectDisconnect(ReasonCode.ReceiveMaximumExceeded);
    }

    [Fact]
    [Statement("MQTT-3.3.4-7", "5.0")]
    [Statement("MQTT-3.3.4-8", "5.0")]
    public void PUBLISH_WithinOurReceiveMaximum_GoesOnForEver()
    {
        using var broker = new TestBroker(configure: o => o with { ReceiveMaximum = 2 });
        TestClient client = broker.Connect5("c");
        for (ushort i = 1; i <= 10; i++) client.Publish("a", "x", QoS.AtLeastOnce, i);
        for (ushort i = 1; i <= 10; i++)
        {
            client.Publish("a", "x", QoS.ExactlyOnce, i);
            client.Pubrel(i);
        }
        Assert.Equal(30, client.Take().Count);
        Assert.False(client.IsClosed);
    }
}
