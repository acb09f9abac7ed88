// Section 3.3.2.3.4: topic aliases, both ways.
namespace Godwit.Conformance.Tests.Mqtt5;

public class TopicAliasTests
{
    [Fact]
    [Statement("MQTT-3.3.2-12", "5.0")]
    public void PUBLISH_EveryAliasUpToTheMaximum_IsAccepted()
    {
        using var broker = new TestBroker(configure: o => o with { TopicAliasMaximum = 3 });
        TestClient client = broker.Connect5("c");
        client.Subscribe("#");
        for (int alias = 1; alias <= 3; alias++) client.Publish($"t{alias}", "1", properties: $"23 00 {alias:X2}");
        for (int alias = 3; alias >= 1; alias--) client.Publish("", "2", properties: $"23 00 {alias:X2}");
        client.ExpectPackets(
            "PUBLISH t1=1 q0", "PUBLISH t2=1 q0", "PUBLISH t3=1 q0", "PUBLISH t3=2 q0", "PUBLISH t2=2 q0", "PUBLISH t1=2 q0");
    }

    [Fact]
    [Statement("MQTT-3.3.2-12", "5.0")]
    public void PUBLISH_AliasWithAnotherTopic_IsMappedAnew()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Subscribe("#");
        client.Publish("a", "1", properties: "23 00 01");
        client.Publish("b", "2", properties: "23 00 01");
        client.Publish("", "3", QoS.AtLeastOnce, 7, properties: "23 00 01");
        client.ExpectPackets("PUBLISH a=1 q0", "PUBLISH b=2 q0", "PUBLISH b=3 q0", "PUBACK m7");
    }

    [Theory]
    [Statement("MQTT-3.3.2-8", "5.0")]
    [Statement("MQTT-3.3.2-9", "5.0")]
    [Statement("MQTT-3.2.2-17", "5.0")]
    [Statement("MQTT-3.2.2-18", "5.0")]
    [InlineData(3, "23 00 00")]
    [InlineData(3, "23 00 04")]
    [InlineData(3, "23 FF FF")]
    [InlineData(0, "23 00 01")]
    public void PUBLISH_AliasOutOfRange_Disconnects94(ushort maximum, string properties)
    {
        using var broker = new TestBroker(configure: o => o with { TopicAliasMaximum = maximum });
        TestClient client = broker.Connect5("c");
        client.Publish("a", "x", properties: properties);
        client.ExpectDisconnect(ReasonCode.TopicAliasInvalid);
    }

    [Fact]
    [Statement("MQTT-3.3.2-7", "5.0")]
    public void PUBLISH_AliasOfAnEarlierConnection_Disconnects82()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", V5.Hour);
        client.Publish("a", "x", properties: "23 00 01");
        client.Reset();
        client = broker.Resume5("c");
        client.Publish("", "x", properties: "23 00 01");
        client.ExpectDisconnect(ReasonCode.ProtocolError);
    }

    [Theory]
    [Statement("MQTT-3.1.2-26", "5.0")]
    [Statement("MQTT-3.3.2-8", "5.0")]
    [Statement("MQTT-3.3.2-11", "5.0")]
    [InlineData(1)]
    [InlineData(3)]
    public void PUBLISH_ToClientWithAliases_UsesThemUpToItsMaximum(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient client = broker.Connect5("c", "22 00 02"), publisher = broker.Connect5(broker.ClientId("p", 1));
        client.Subscribe("#");
        foreach (string topic in (string[])["a", "b", "c", "a", "b", "c"]) publisher.Publish(topic, "x");
        client.ExpectPackets(
            $"PUBLISH a=x q0 {V5.Shown("23 00 01")}", $"PUBLISH b=x q0 {V5.Shown("23 00 02")}", "PUBLISH c=x q0",
            $"PUBLISH =x q0 {V5.Shown("23 00 01")}", $"PUBLISH =x q0 {V5.Shown("23 00 02")}", "PUBLISH c=x q0");
    }

    [Theory]
    [Statement("MQTT-3.1.2-27", "5.0")]
    [InlineData("")]
    [InlineData("22 00 00")]
    public void PUBLISH_ToClientWithoutAliases_HasNone(string properties)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", properties);
        client.Subscribe("#");
        for (int i = 0; i < 2; i++) client.Publish("a", "x", properties: "23 00 01");
        client.ExpectPackets("PUBLISH a=x q0", "PUBLISH a=x q0");
    }

    [Fact]
    [Statement("MQTT-3.3.2-7", "5.0")]
    public void PUBLISH_ToClientOnANewConnection_IntroducesTheAliasAnew()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", V5.Hour + "22 00 02"), publisher = broker.Connect5("p");
        client.Subscribe("a", QoS.AtLeastOnce);
        publisher.Publish("a", "1", QoS.AtLeastOnce, 1);
        publisher.Publish("a", "2", QoS.AtLeastOnce, 2);
        client.ExpectPackets($"PUBLISH a=1 q1 m1 {V5.Shown("23 00 01")}", $"PUBLISH =2 q1 m2 {V5.Shown("23 00 01")}");
        client.Reset();
        client = broker.Resume5("c", V5.Hour + "22 00 02");
        client.ExpectPackets($"PUBLISH a=1 q1 m1 dup {V5.Shown("23 00 01")}", $"PUBLISH =2 q1 m2 dup {V5.Shown("23 00 01")}");
        client.Reset();
        broker.Resume5("c").ExpectPackets("PUBLISH a=1 q1 m1 dup", "PUBLISH a=2 q1 m2 dup");
    }
}
