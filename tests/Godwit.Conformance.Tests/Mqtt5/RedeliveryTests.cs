// Sections 4.4 to 4.6: redelivery, receipt, order.
namespace Godwit.Conformance.Tests.Mqtt5;

public class RedeliveryTests
{
    [Theory]
    [Statement("MQTT-4.4.0-1", "5.0")]
    [Statement("MQTT-3.3.1-1", "5.0")]
    [Statement("MQTT-3.3.1-3", "5.0")]
    [Statement("MQTT-4.6.0-1", "5.0")]
    [Statement("MQTT-4.6.0-4", "5.0")]
    [Loops]
    public void Reconnect_SessionPresent_ResendsInOrderWithTheirIdentifiers(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient client = broker.Connect5("c", V5.Hour), publisher = broker.Connect5(broker.ClientId("p", 1));
        client.Subscribe("a", QoS.ExactlyOnce);
        for (ushort i = 1; i <= 4; i++) publisher.Publish("a", $"{i}", i % 2 == 0 ? QoS.ExactlyOnce : QoS.AtLeastOnce, i);
        Assert.Equal(4, client.Take().Count);
        client.Pubrec(4);
        client.Pubrec(2);
        client.ExpectPackets("PUBREL m4", "PUBREL m2");
        client.Reset();
        publisher.Publish("a", "5", QoS.AtLeastOnce, 5);
        broker.Resume5("c").ExpectPackets(
            "PUBREL m4", "PUBREL m2", "PUBLISH a=1 q1 m1 dup", "PUBLISH a=3 q1 m3 dup", "PUBLISH a=5 q1 m5");
    }

    [Fact]
    [Statement("MQTT-4.4.0-1", "5.0")]
    public void AnyMessage_WhileConnected_IsNotResent()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", V5.Hour);
        client.Subscribe("a", QoS.AtLeastOnce);
        broker.Connect5("p").Publish("a", "x", QoS.AtLeastOnce, 1);
        client.ExpectPackets("PUBLISH a=x q1 m1");
        broker.Advance(TimeSpan.FromMinutes(10));
        client.ExpectNothing();
    }

    [Fact]
    [Statement("MQTT-4.4.0-1", "5.0")]
    [Statement("MQTT-3.1.2-4", "5.0")]
    public void Reconnect_CleanStart_ResendsNothing()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", V5.Hour);
        client.Subscribe("a", QoS.AtLeastOnce);
        broker.Connect5("p").Publish("a", "x", QoS.AtLeastOnce, 1);
        client.ExpectPackets("PUBLISH a=x q1 m1");
        client.Reset();
        broker.Connect5("c", V5.Hour).ExpectNothing();
    }

    [Theory]
    [Statement("MQTT-4.5.0-1", "5.0")]
    [Loops]
    public void PUBLISH_Accepted_GoesToEveryMatchingSession(int loops)
    {
        using var broker = new TestBroker(loops);
        List<string> ids = [];
        for (int i = 0; i < 9; i++)
        {
            ids.Add(broker.ClientId($"s{i}-", i));
            TestClient client = broker.Connect5(ids[i], V5.Hour);
            client.Subscribe(i % 2 == 0 ? "a/b" : "a/+", QoS.AtLeastOnce);
            if (i % 3 == 0) client.Reset();
        }
        broker.Connect5("p").Publish("a/b", "x", QoS.AtLeastOnce, 1);
        foreach (string id in ids) broker.Resume5(id).ExpectPacket("PUBLISH a/b=x q1 m1"); // taken over or resumed: it is in the session
    }

    [Theory]
    [Statement("MQTT-4.6.0-5", "5.0")]
    [Statement("MQTT-4.6.0-6", "5.0")]
    [InlineData(1, QoS.AtMostOnce)]
    [InlineData(3, QoS.AtMostOnce)]
    [InlineData(1, QoS.AtLeastOnce)]
    [InlineData(3, QoS.AtLeastOnce)]
    [InlineData(1, QoS.ExactlyOnce)]
    [InlineData(3, QoS.ExactlyOnce)]
    public void PUBLISH_SameClientTopicAndQoS_ArriveInOrder(int loops, QoS qos)
    {
        using var broker = new TestBroker(loops);
        TestClient near = broker.Connect5(broker.ClientId("n", 0)), far = broker.Connect5(broker.ClientId("f", 1), "21 00 05");
        TestClient publisher = broker.Connect5(broker.ClientId("p", 0));
        near.Subscribe("#", QoS.ExactlyOnce);
        far.Subscribe("a", qos);
        publisher.Send([.. Enumerable.Range(1, 40).Select(i =>
            Packets.Publish(ProtocolVersion.V5, "a", Packets.Utf8($"{i}"), qos, (ushort)(qos == QoS.AtMostOnce ? 0 : i)))]);
        Assert.Equal(Enumerable.Range(1, 40), near.Take().Select(Number));
        List<int> received = [];
        for (ushort id = 1; received.Count < 40; id++)
        {
            received.AddRange(far.Take().Where(p => p.StartsWith("PUBLISH", StringComparison.Ordinal)).Select(Number));
            if (qos == QoS.AtLeastOnce) far.Puback(id);
            if (qos == QoS.ExactlyOnce)
            {
                far.Pubrec(id);
                far.Pubcomp(id);
            }
            Assert.True(id <= 41);
        }
        Assert.Equal(Enumerable.Range(1, 40), received);

        static int Number(string packet) => int.Parse(packet["PUBLISH a=".Length..packet.IndexOf(" q", StringComparison.Ordinal)]);
    }

    [Fact]
    [Statement("MQTT-4.6.0-2", "5.0")]
    [Statement("MQTT-4.6.0-3", "5.0")]
    public void PUBACKandPUBREC_FromServer_AreInTheOrderOfThePublishes()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Send(
            Packets.Publish(ProtocolVersion.V5, "a", [], QoS.AtLeastOnce, 3), Packets.Publish(ProtocolVersion.V5, "a", [], QoS.ExactlyOnce, 2),
            Packets.Publish(ProtocolVersion.V5, "a", [], QoS.AtLeastOnce, 1), Packets.Publish(ProtocolVersion.V5, "a", [], QoS.ExactlyOnce, 4));
        client.ExpectPackets("PUBACK m3 10", "PUBREC m2 10", "PUBACK m1 10", "PUBREC m4 10");
    }
}
