// Sections 1.5, 2.1 and 2.2: data types, fixed header, packet identifiers and the property length, seen from a connected client.
namespace Godwit.Conformance.Tests.Mqtt5;

public class DataRepresentationTests
{
    [Theory]
    [Statement("MQTT-1.5.4-1", "5.0")]
    [Statement("MQTT-3.3.2-1", "5.0")]
    [Statement("MQTT-4.7.3-3", "5.0")]
    [InlineData("30 05  00 02 C3 28  00")] // not UTF-8
    [InlineData("30 06  00 03 ED A0 80  00")] // a surrogate
    [InlineData("30 05  00 02 C0 80  00")] // overlong
    public void PUBLISH_TopicIllFormed_Disconnects81(string hex)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Send(hex);
        client.ExpectDisconnect(ReasonCode.MalformedPacket);
    }

    [Fact]
    [Statement("MQTT-1.5.4-2", "5.0")]
    [Statement("MQTT-4.7.3-2", "5.0")]
    public void PUBLISH_TopicWithNull_Disconnects81()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Send("30 06  00 03 'a' 00 'b'  00");
        client.ExpectDisconnect(ReasonCode.MalformedPacket);
    }

    [Fact]
    [Statement("MQTT-1.5.4-2", "5.0")]
    [Statement("MQTT-4.7.3-2", "5.0")]
    public void SUBSCRIBE_FilterWithNull_Disconnects81()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Send("82 08  00 01  00  00 02 'a' 00  00");
        client.ExpectDisconnect(ReasonCode.MalformedPacket);
    }

    [Fact]
    [Statement("MQTT-1.5.4-3", "5.0")]
    [Statement("MQTT-4.7.3-4", "5.0")]
    public void PUBLISH_ByteOrderMarkInTopic_IsKept()
    {
        using var broker = new TestBroker();
        TestClient all = broker.Connect5("all"), without = broker.Connect5("without"), publisher = broker.Connect5("p");
        all.Subscribe("#");
        without.Subscribe("a");
        publisher.Send("30 07  00 04 EF BB BF 'a'  00");
        all.Expect("30 07  00 04 EF BB BF 'a'  00");
        without.ExpectNothing();
    }

    [Theory]
    [Statement("MQTT-1.5.5-1", "5.0")]
    [InlineData("30 85 00  00 01 'a'  00 'x'")] // remaining length
    [InlineData("30 06  00 01 'a'  80 00 'x'")] // property length
    public void PUBLISH_LengthNotMinimal_Disconnects81(string hex)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Send(hex);
        client.ExpectDisconnect(ReasonCode.MalformedPacket);
    }

    [Theory]
    [Statement("MQTT-1.5.7-1", "5.0")]
    [InlineData("30 0B  00 01 'a'  07  26 00 01 FF 00 01 'v'")]
    [InlineData("30 0B  00 01 'a'  07  26 00 01 'n' 00 01 00")]
    public void PUBLISH_UserPropertyIllFormed_Disconnects81(string hex)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Send(hex);
        client.ExpectDisconnect(ReasonCode.MalformedPacket);
    }

    [Theory]
    [Statement("MQTT-2.1.3-1", "5.0")]
    [InlineData("C1 00")]
    [InlineData("42 02  00 01")]
    [InlineData("E1 00")]
    public void AnyPacket_ReservedFlags_Disconnects81(string hex)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Send(hex);
        client.ExpectDisconnect(ReasonCode.MalformedPacket);
        broker.ExpectAlive();
    }

    [Fact]
    [Statement("MQTT-2.2.1-2", "5.0")]
    [Statement("MQTT-2.2.2-1", "5.0")]
    public void PUBLISH_QoS0ToSubscriber_HasNoPacketIdentifierAndPropertyLength0()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Subscribe("a");
        client.Send("30 05  00 01 'a'  00  'x'");
        client.Expect("30 05  00 01 'a'  00  'x'");
    }

    [Theory]
    [Statement("MQTT-2.2.1-3", "5.0")]
    [InlineData("32 06  00 01 'a'  00 00  00")]
    [InlineData("82 07  00 00  00  00 01 'a'  00")]
    [InlineData("A2 06  00 00  00  00 01 'a'")]
    public void AnyPacket_PacketIdentifier0_Disconnects82(string hex)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Send(hex);
        client.ExpectDisconnect(ReasonCode.ProtocolError);
    }

    [Fact]
    [Statement("MQTT-2.2.1-4", "5.0")]
    [Statement("MQTT-4.3.2-1", "5.0")]
    [Statement("MQTT-4.3.3-1", "5.0")]
    public void PUBLISH_QoS1And2ToSubscriber_PacketIdentifiersAreNotZeroAndNotInUse()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c"), publisher = broker.Connect5("p");
        client.Subscribe("a", QoS.ExactlyOnce);
        for (ushort i = 1; i <= 3; i++) publisher.Publish("a", "1", QoS.AtLeastOnce, i);
        for (ushort i = 4; i <= 6; i++) publisher.Publish("a", "2", QoS.ExactlyOnce, i);
        client.ExpectPackets(
            "PUBLISH a=1 q1 m1", "PUBLISH a=1 q1 m2", "PUBLISH a=1 q1 m3", "PUBLISH a=2 q2 m4", "PUBLISH a=2 q2 m5", "PUBLISH a=2 q2 m6");
        client.Puback(2);
        publisher.Publish("a", "3", QoS.AtLeastOnce, 7);
        client.ExpectPackets("PUBLISH a=3 q1 m7");
    }

    [Fact]
    [Statement("MQTT-2.2.1-5", "5.0")]
    [Statement("MQTT-2.2.1-6", "5.0")]
    [Statement("MQTT-3.8.4-1", "5.0")]
    [Statement("MQTT-3.8.4-2", "5.0")]
    [Statement("MQTT-3.10.4-4", "5.0")]
    public void AnyRequest_Answer_RepeatsThePacketIdentifier()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Send("82 07  12 34  00  00 01 'a'  00");
        client.Expect("90 04  12 34  00  00");
        client.Send("32 06  00 01 'a'  23 45  00");
        client.Expect("30 04  00 01 'a'  00  40 02  23 45");
        client.Send("34 06  00 01 'a'  34 56  00");
        client.Expect("30 04  00 01 'a'  00  50 02  34 56");
        client.Send("62 02  34 56");
        client.Expect("70 02  34 56");
        client.Send("A2 06  45 67  00  00 01 'a'");
        client.Expect("B0 04  45 67  00  00");
    }
}
