// Sections 3.8 and 3.9: SUBSCRIBE, its options, SUBACK.
namespace Godwit.Conformance.Tests.Mqtt5;

public class SubscribeTests
{
    [Theory]
    [Statement("MQTT-3.8.1-1", "5.0")]
    [Statement("MQTT-3.8.3-1", "5.0")]
    [Statement("MQTT-3.8.3-5", "5.0")]
    [InlineData("80 07  00 01  00  00 01 'a'  00")] // flags 0000
    [InlineData("83 07  00 01  00  00 01 'a'  00")] // flags 0011
    [InlineData("82 07  00 01  00  00 01 FF  00")] // filter not UTF-8
    [InlineData("82 07  00 01  00  00 01 'a'  40")] // reserved option bits
    [InlineData("82 07  00 01  00  00 01 'a'  80")]
    public void SUBSCRIBE_Malformed_Disconnects81(string hex)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Send(hex);
        client.ExpectDisconnect(ReasonCode.MalformedPacket);
        Assert.Equal(0, broker.Statistics.Subscriptions);
    }

    [Theory]
    [Statement("MQTT-3.8.3-2", "5.0")]
    [Statement("MQTT-3.8.3-4", "5.0")]
    [InlineData("82 03  00 01  00")] // no filter
    [InlineData("82 07  00 01  00  00 01 'a'  03")] // QoS 3
    [InlineData("82 07  00 01  00  00 01 'a'  30")] // retain handling 3
    [InlineData("82 10  00 01  00  00 0A '$share/g/a'  04")] // no local on a shared subscription
    public void SUBSCRIBE_ProtocolError_Disconnects82(string hex)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Send(hex);
        client.ExpectDisconnect(ReasonCode.ProtocolError);
    }

    [Theory]
    [Statement("MQTT-3.8.3-3", "5.0")]
    [Loops]
    public void SUBSCRIBE_NoLocal_OwnMessagesDoNotComeBack(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient client = broker.Connect5("c", V5.Hour), other = broker.Connect5(broker.ClientId("o", 1));
        client.Subscribe("a", QoS.AtLeastOnce, options: 4);
        other.Subscribe("a");
        client.Publish("a", "1", QoS.AtLeastOnce, 1);
        client.ExpectPackets("PUBACK m1");
        other.ExpectPackets("PUBLISH a=1 q0");
        other.Publish("a", "2");
        client.ExpectPackets("PUBLISH a=2 q0");
        client.Subscribe("a"); // without it again
        client.Publish("a", "3");
        client.ExpectPackets("PUBLISH a=3 q0");
    }

    [Theory]
    [Statement("MQTT-3.8.4-3", "5.0")]
    [Loops]
    public void SUBSCRIBE_SameFilter_ReplacesTheSubscription(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient client = broker.Connect5("c"), publisher = broker.Connect5(broker.ClientId("p", 1));
        client.Subscribe("a/+", QoS.ExactlyOnce, options: 8);
        client.Subscribe("a/+", QoS.AtMostOnce);
        publisher.Publish("a/b", "x", QoS.ExactlyOnce, 1, retain: true);
        client.ExpectPackets("PUBLISH a/b=x q0");
        Assert.Equal(1, broker.Statistics.Subscriptions);
    }

    [Fact]
    [Statement("MQTT-3.8.4-4", "5.0")]
    public void SUBSCRIBE_SameFilterWhileMessagesWait_LosesNothing()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", "21 00 01"), publisher = broker.Connect5("p");
        publisher.Publish("a", "0", retain: true);
        client.Subscribe("a", QoS.AtLeastOnce, options: 0x20);
        for (ushort i = 1; i <= 3; i++) publisher.Publish("a", $"{i}", QoS.AtLeastOnce, i);
        client.ExpectPackets("PUBLISH a=1 q1 m1");
        client.Subscribe("a", QoS.AtLeastOnce);
        client.ExpectPackets("PUBLISH a=0 q0 retain");
        client.Puback(1);
        client.Puback(2);
        client.ExpectPackets("PUBLISH a=2 q1 m2", "PUBLISH a=3 q1 m3");
    }

    [Fact]
    [Statement("MQTT-3.8.4-5", "5.0")]
    [Statement("MQTT-3.8.4-6", "5.0")]
    [Statement("MQTT-3.8.4-7", "5.0")]
    [Statement("MQTT-3.9.3-1", "5.0")]
    [Statement("MQTT-3.9.3-2", "5.0")]
    public void SUBSCRIBE_SeveralFilters_OneSubackWithACodeForEach()
    {
        using var broker = new TestBroker(configure: o => o with { MaximumSubscriptions = 3, MaximumTopicLevels = 3 });
        TestClient client = broker.Connect5("c");
        client.Send(V5.Subscribe(9, ("a", 2), ("b/c/d/e", 0), ("b", 0), ("c", 1), ("d", 0), ("a", 1)));
        client.Expect("90 09  00 09  00  02 8F 00 01 97 01");
        broker.Connect5("p").Publish("c", "x", QoS.ExactlyOnce, 1);
        client.ExpectPackets("PUBLISH c=x q1 m1");
    }

    [Theory]
    [Statement("MQTT-3.8.4-8", "5.0")]
    [Loops]
    public void PUBLISH_ToSubscriber_QoSIsTheLowerOfPublishedAndGranted(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect5(broker.ClientId("p", 0));
        for (int granted = 0; granted <= 2; granted++)
        {
            TestClient client = broker.Connect5(broker.ClientId($"c{granted}-", granted));
            client.Subscribe("a", (QoS)granted);
            for (int published = 0; published <= 2; published++)
            {
                publisher.Publish("a", "x", (QoS)published, (ushort)(published == 0 ? 0 : 10 * granted + published));
                client.ExpectPacket($"PUBLISH a=x q{Math.Min(granted, published)}");
            }
        }
    }

    [Theory]
    [Statement("MQTT-3.8.4-1", "5.0")]
    [Statement("MQTT-3.10.4-5", "5.0")]
    [Loops]
    public void SUBSCRIBEandUNSUBSCRIBE_ManyFilters_AreAllRemembered(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient client = broker.Connect5("c"), publisher = broker.Connect5(broker.ClientId("p", 1));
        for (int i = 0; i < 20; i++) client.Subscribe($"f{i}/+");
        for (int i = 0; i < 20; i += 2) client.Unsubscribe($"f{i}/+");
        for (int i = 0; i < 20; i++) publisher.Publish($"f{i}/x", "");
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"PUBLISH f{2 * i + 1}/x= q0"), client.Take());
    }
}
