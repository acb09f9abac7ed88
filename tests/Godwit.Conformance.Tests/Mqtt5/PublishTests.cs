// Section 3.3: topic name, properties that pass through, response by QoS.
namespace Godwit.Conformance.Tests.Mqtt5;

public class PublishTests
{
    private const string AllForwarded =
        "26 00 01 'k' 00 01 '1'  01 01  03 00 04 'text'  08 00 03 'r/e'  09 00 03 00 FF 7F  26 00 01 'j' 00 00  26 00 01 'k' 00 01 '0'";

    [Theory]
    [Statement("MQTT-3.3.2-2", "5.0")]
    [Statement("MQTT-4.7.0-1", "5.0")]
    [InlineData("a/+")]
    [InlineData("#")]
    [InlineData("a+")]
    public void PUBLISH_WildcardInTopic_Disconnects81(string topic)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Publish(topic, "x");
        client.ExpectDisconnect(ReasonCode.MalformedPacket);
    }

    [Fact]
    [Statement("MQTT-4.7.3-1", "5.0")]
    public void PUBLISH_EmptyTopicWithoutAlias_Disconnects82()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Publish("", "x");
        client.ExpectDisconnect(ReasonCode.ProtocolError);
    }

    [Theory]
    [Statement("MQTT-3.3.1-4", "5.0")]
    [Statement("MQTT-3.3.1-2", "5.0")]
    [InlineData("36 06  00 01 'a'  00 01  00")] // QoS 3
    [InlineData("38 04  00 01 'a'  00")] // DUP at QoS 0
    public void PUBLISH_FlagsNotAllowed_Disconnects81(string hex)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Send(hex);
        client.ExpectDisconnect(ReasonCode.MalformedPacket);
    }

    [Theory]
    [Statement("MQTT-3.3.2-4", "5.0")]
    [Statement("MQTT-3.3.2-15", "5.0")]
    [Statement("MQTT-3.3.2-16", "5.0")]
    [Statement("MQTT-3.3.2-17", "5.0")]
    [Statement("MQTT-3.3.2-18", "5.0")]
    [Statement("MQTT-3.3.2-20", "5.0")]
    [InlineData(1, "")]
    [InlineData(3, "")]
    [InlineData(1, "23 00 05")] // a topic alias in front of them is not forwarded
    [InlineData(3, "23 00 05")]
    public void PUBLISH_Properties_AreForwardedUnchangedAndInOrder(int loops, string alias)
    {
        using var broker = new TestBroker(loops);
        TestClient near = broker.Connect5(broker.ClientId("n", 0)), far = broker.Connect5(broker.ClientId("f", 1));
        TestClient offline = broker.Connect5(broker.ClientId("o", 2), V5.Hour), publisher = broker.Connect5(broker.ClientId("p", 0));
        near.Subscribe("a");
        far.Subscribe("a", QoS.AtLeastOnce);
        offline.Subscribe("a", QoS.AtLeastOnce);
        offline.Reset();
        publisher.Publish("a", "x", QoS.AtLeastOnce, 1, properties: alias + AllForwarded);
        near.ExpectPackets($"PUBLISH a=x q0 {V5.Shown(AllForwarded)}");
        far.ExpectPackets($"PUBLISH a=x q1 m1 {V5.Shown(AllForwarded)}");
        broker.Resume5(broker.ClientId("o", 2)).ExpectPackets($"PUBLISH a=x q1 m1 {V5.Shown(AllForwarded)}");
    }

    [Theory]
    [Statement("MQTT-3.3.2-13", "5.0")]
    [Statement("MQTT-3.3.2-14", "5.0")]
    [Statement("MQTT-3.3.2-19", "5.0")]
    [InlineData("08 00 01 FF")] // response topic not UTF-8
    [InlineData("08 00 01 '#'")] // response topic with a wildcard
    [InlineData("03 00 01 FF")] // content type not UTF-8
    public void PUBLISH_PropertyIllFormed_Disconnects81(string properties)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Publish("a", "x", properties: properties);
        client.ExpectDisconnect(ReasonCode.MalformedPacket);
    }

    [Theory]
    [Statement("MQTT-4.13.1-1", "5.0")]
    [InlineData("01 02")] // payload format indicator 2
    [InlineData("01 00 01 00")] // twice
    public void PUBLISH_PropertyWrong_Disconnects82(string properties)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Publish("a", "x", properties: properties);
        client.ExpectDisconnect(ReasonCode.ProtocolError);
    }

    [Theory]
    [Statement("MQTT-3.3.4-1", "5.0")]
    [Statement("MQTT-3.4.2-1", "5.0")]
    [Statement("MQTT-3.5.2-1", "5.0")]
    [InlineData(1)]
    [InlineData(3)]
    public void PUBLISH_AnyQoS_IsAnsweredAsItDemands(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient client = broker.Connect5(broker.ClientId("c", 0));
        broker.Connect5(broker.ClientId("s", 1)).Subscribe("a");
        client.Publish("a", "x");
        client.ExpectNothing();
        client.Publish("a", "x", QoS.AtLeastOnce, 1);
        client.Expect("40 02  00 01");
        client.Publish("a", "x", QoS.ExactlyOnce, 2);
        client.Expect("50 02  00 02");
        client.Publish("nobody", "x", QoS.AtLeastOnce, 3);
        client.Expect("40 03  00 03  10"); // no matching subscribers
        client.Publish("nobody", "x", QoS.ExactlyOnce, 4);
        client.Expect("50 03  00 04  10");
    }

    [Fact]
    [Statement("MQTT-3.3.2-3", "5.0")]
    public void PUBLISH_ToSubscriber_HasTheTopicThatMatchedItsFilter()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Subscribe("a/+/c");
        client.Publish("a/b/c", "x");
        client.ExpectPackets("PUBLISH a/b/c=x q0");
    }

    [Theory]
    [Statement("MQTT-3.3.1-3", "5.0")]
    [Statement("MQTT-3.3.1-1", "5.0")]
    [Statement("MQTT-4.3.1-1", "5.0")]
    [Statement("MQTT-4.3.2-2", "5.0")]
    [Statement("MQTT-4.3.3-2", "5.0")]
    [InlineData(QoS.AtMostOnce)]
    [InlineData(QoS.AtLeastOnce)]
    [InlineData(QoS.ExactlyOnce)]
    public void PUBLISH_ReceivedWithDup1_IsForwardedWithDup0(QoS granted)
    {
        using var broker = new TestBroker();
        TestClient subscriber = broker.Connect5("s");
        subscriber.Subscribe("a", granted);
        broker.Connect5("p").Publish("a", "x", QoS.ExactlyOnce, 1, dup: true);
        subscriber.ExpectPackets("PUBLISH a=x q" + (int)granted + (granted == QoS.AtMostOnce ? "" : " m1"));
    }

    [Fact]
    [Statement("MQTT-3.3.4-6", "5.0")]
    public void PUBLISH_SubscriptionIdentifierFromClient_Disconnects82()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Publish("a", "x", properties: "0B 01");
        client.ExpectDisconnect(ReasonCode.ProtocolError);
    }

    [Theory]
    [Statement("MQTT-3.3.4-1", "5.0")]
    [InlineData(1)]
    [InlineData(3)]
    public void PUBLISH_LargePayload_ArrivesWhole(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient subscriber = broker.Connect5(broker.ClientId("s", 1)), publisher = broker.Connect5(broker.ClientId("p", 0));
        subscriber.Subscribe("a", QoS.AtLeastOnce);
        byte[] payload = new byte[300_000];
        new Random(1).NextBytes(payload);
        publisher.Send(
            Packets.Publish(ProtocolVersion.V5, "a", payload, QoS.AtLeastOnce, 1), Packets.Publish(ProtocolVersion.V5, "a", payload, QoS.AtLeastOnce, 2));
        publisher.ExpectPackets("PUBACK m1", "PUBACK m2");
        byte[] expected =
            [.. Packets.Publish(ProtocolVersion.V5, "a", payload, QoS.AtLeastOnce, 1), .. Packets.Publish(ProtocolVersion.V5, "a", payload, QoS.AtLeastOnce, 2)];
        Assert.True(expected.AsSpan().SequenceEqual(subscriber.Received));
    }
}
