// Sections 3.3.4 and 3.8.2.1.2: subscription identifiers and overlapping subscriptions.
namespace Godwit.Conformance.Tests.Mqtt5;

public class SubscriptionIdentifierTests
{
    [Theory]
    [Statement("MQTT-3.3.4-3", "5.0")]
    [InlineData(1, "0B 01")]
    [InlineData(3, "0B 01")]
    [InlineData(1, "0B FF FF FF 7F")]
    [InlineData(3, "0B FF FF FF 7F")]
    public void PUBLISH_SubscriptionWithIdentifier_CarriesIt(int loops, string identifier)
    {
        using var broker = new TestBroker(loops);
        TestClient client = broker.Connect5("c", V5.Hour), publisher = broker.Connect5(broker.ClientId("p", 1));
        publisher.Publish("a", "0", retain: true);
        client.Subscribe("a", QoS.AtLeastOnce, properties: identifier);
        publisher.Publish("a", "1", properties: "01 01");
        client.ExpectPackets($"PUBLISH a=0 q0 retain {V5.Shown(identifier)}", $"PUBLISH a=1 q0 {V5.Shown(identifier + "01 01")}");
        client.Reset();
        publisher.Publish("a", "2", QoS.AtLeastOnce, 1);
        broker.Resume5("c").ExpectPackets($"PUBLISH a=2 q1 m1 {V5.Shown(identifier)}");
    }

    [Fact]
    [Statement("MQTT-3.3.4-3", "5.0")]
    [Statement("MQTT-3.8.4-3", "5.0")]
    public void SUBSCRIBE_SameFilterAgain_ReplacesTheIdentifier()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Subscribe("a", properties: "0B 01");
        client.Subscribe("a", properties: "0B 02");
        client.Publish("a", "x");
        client.ExpectPackets($"PUBLISH a=x q0 {V5.Shown("0B 02")}");
        client.Subscribe("a");
        client.Publish("a", "x");
        client.ExpectPackets("PUBLISH a=x q0");
    }

    [Theory]
    [Statement("MQTT-3.3.4-2", "5.0")]
    [Statement("MQTT-3.3.4-3", "5.0")]
    [Statement("MQTT-3.3.4-4", "5.0")]
    [InlineData(1)]
    [InlineData(3)]
    public void PUBLISH_OverlappingSubscriptions_OneCopyWithTheHighestQoSAndAllIdentifiers(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient client = broker.Connect5("c"), publisher = broker.Connect5(broker.ClientId("p", 1));
        client.Subscribe("a/b", QoS.AtMostOnce, properties: "0B 01");
        client.Subscribe("a/+", QoS.ExactlyOnce, properties: "0B 02");
        client.Subscribe("#", QoS.AtLeastOnce); // without identifier
        client.Subscribe("a/#", QoS.AtLeastOnce, properties: "0B 01"); // the same identifier twice
        publisher.Publish("a/b", "x", QoS.ExactlyOnce, 1);
        string packet = Assert.Single(client.Take());
        Assert.StartsWith("PUBLISH a/b=x q2 m1 {", packet);
        string[] identifiers = packet[(packet.IndexOf('{', StringComparison.Ordinal) + 1)..^1].Split(" 0B ");
        Assert.Equal(["01", "01", "02"], identifiers.Select(i => i.Replace("0B ", "", StringComparison.Ordinal)).Order());
        publisher.Publish("a/b", "y", QoS.AtLeastOnce, 2);
        client.ExpectPacket("PUBLISH a/b=y q1 m2 {");
    }

    [Fact]
    [Statement("MQTT-3.3.4-3", "5.0")]
    [Statement("MQTT-3.8.3-3", "5.0")]
    public void PUBLISH_OverlappingWithNoLocal_OnlyTheOtherSubscriptionCounts()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Subscribe("a", QoS.AtLeastOnce, properties: "0B 01", options: 4);
        client.Subscribe("#", QoS.AtMostOnce, properties: "0B 02");
        client.Publish("a", "x", QoS.AtLeastOnce, 1);
        client.ExpectPackets($"PUBLISH a=x q0 {V5.Shown("0B 02")}", "PUBACK m1");
    }

    [Fact]
    [Statement("MQTT-3.3.4-5", "5.0")]
    public void PUBLISH_SharedAndOwnSubscription_CopiesCarryTheirOwnIdentifier()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Subscribe("a", properties: "0B 01");
        client.Subscribe("$share/g/a", properties: "0B 02");
        broker.Connect5("p").Publish("a", "x");
        client.ExpectPackets($"PUBLISH a=x q0 {V5.Shown("0B 01")}", $"PUBLISH a=x q0 {V5.Shown("0B 02")}");
    }

    [Theory]
    [Statement("MQTT-4.13.1-1", "5.0")]
    [InlineData("0B 00")]
    [InlineData("0B 01 0B 02")]
    public void SUBSCRIBE_IdentifierWrong_Disconnects82(string properties)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Send(Packets.Subscribe(ProtocolVersion.V5, 1, [("a", 0)], properties));
        client.ExpectDisconnect(ReasonCode.ProtocolError);
    }
}
