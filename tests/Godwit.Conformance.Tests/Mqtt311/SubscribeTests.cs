// SUBSCRIBE and SUBACK: sections 3.8 and 3.9.
using Godwit.Broker.Auth;

namespace Godwit.Conformance.Tests.Mqtt311;

public class SubscribeTests
{
    [Fact]
    [Statement("MQTT-3.8.4-1", "3.1.1")]
    [Statement("MQTT-3.8.4-2", "3.1.1")]
    [Statement("MQTT-2.3.1-7", "3.1.1")]
    public void SUBSCRIBE_IsAnsweredBySubackWithItsIdentifier()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("client");

        client.Send("82 06 AB CD 00 01 'a' 01");

        client.Expect("90 03 AB CD 01");
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.8.4-4", "3.1.1")]
    [Statement("MQTT-3.8.4-5", "3.1.1")]
    [Statement("MQTT-3.9.3-1", "3.1.1")]
    [Statement("MQTT-3.9.3-2", "3.1.1")]
    public void SUBSCRIBE_SeveralFilters_GetOneSubackWithACodeForEachInOrder(int loops)
    {
        using var broker = new TestBroker(loops, o => o with { Authorizer = new Rules() });
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(broker.ClientId("subscriber", 1));
        publisher.Publish("b", "kept", QoS.ExactlyOnce, 1, retain: true);
        publisher.Publish("secret", "kept", retain: true);

        subscriber.Send("82 19 00 07   00 01 'a' 02   00 06 'secret' 01   00 01 'b' 00   00 03 'c/+' 01");
        subscriber.ExpectPackets("SUBACK m7 02 80 00 01", "PUBLISH b=kept q0 retain");
        publisher.Publish("a", "1", QoS.ExactlyOnce, 2);
        publisher.Publish("b", "2", QoS.ExactlyOnce, 3);
        publisher.Publish("c/d", "3", QoS.ExactlyOnce, 4);
        publisher.Publish("secret", "4", QoS.ExactlyOnce, 5);

        subscriber.ExpectPackets("PUBLISH a=1 q2 m1", "PUBLISH b=2 q0", "PUBLISH c/d=3 q1 m2");
    }

    [Fact]
    [Statement("MQTT-3.8.4-4", "3.1.1")]
    [Statement("MQTT-3.8.4-3", "3.1.1")]
    public void SUBSCRIBE_SameFilterTwiceInOnePacket_TheLastOneHolds()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("client");

        client.Send("82 0A 00 01 00 01 'a' 02 00 01 'a' 00");
        client.Publish("a", "x", QoS.ExactlyOnce, 1);

        client.ExpectPackets("SUBACK m1 02 00", "PUBLISH a=x q0", "PUBREC m1");
    }

    [Fact]
    [Statement("MQTT-3.8.3-3", "3.1.1")]
    public void SUBSCRIBE_WithoutFilter_ClosesConnection() => ClosesConnection("82 02 00 01");

    [Theory]
    [InlineData("82 06 00 01 00 01 'a' 03")]
    [InlineData("82 06 00 01 00 01 'a' 04")]
    [InlineData("82 06 00 01 00 01 'a' 80")]
    [InlineData("82 0A 00 01 00 01 'a' 00 00 01 'b' 03")] // the first filter is not subscribed either
    [Statement("MQTT-3.8.3-4", "3.1.1")]
    public void SUBSCRIBE_ReservedBitsOrQoS3_ClosesConnection(string packet) => ClosesConnection(packet);

    [Theory]
    [InlineData("82 05 00 01 00 01 'a'")]
    [InlineData("82 05 00 01 00 00 00")]
    [Statement("MQTT-4.7.3-1", "3.1.1")]
    [Statement("MQTT-4.8.0-1", "3.1.1")]
    public void SUBSCRIBE_EmptyFilterOrNoQoS_ClosesConnection(string packet) => ClosesConnection(packet);

    [Theory]
    [Loops]
    [Statement("MQTT-3.8.4-3", "3.1.1")]
    public void SUBSCRIBE_IdenticalFilter_ReplacesTheSubscriptionAndSendsRetainedAgain(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(broker.ClientId("subscriber", 1));
        publisher.Publish("a", "kept", QoS.AtLeastOnce, 1, retain: true);
        subscriber.Subscribe("a", QoS.AtMostOnce);
        subscriber.ExpectPackets("PUBLISH a=kept q0 retain");
        publisher.Publish("a", "before", QoS.AtLeastOnce, 2);

        subscriber.Send("82 06 00 02 00 01 'a' 01");
        publisher.Publish("a", "after", QoS.AtLeastOnce, 3);

        subscriber.ExpectPackets("PUBLISH a=before q0", "SUBACK m2 01", "PUBLISH a=kept q1 m1 retain", "PUBLISH a=after q1 m2");
        Assert.Equal(1, broker.Statistics.Subscriptions);
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.8.4-6", "3.1.1")]
    public void PUBLISH_IsDeliveredWithTheLowerOfPublishedAndGrantedQoS(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0));
        foreach (QoS granted in Enum.GetValues<QoS>())
        {
            TestClient subscriber = broker.Connect(broker.ClientId($"subscriber with {granted}", 1));
            subscriber.Subscribe("a", granted);
            foreach (QoS published in Enum.GetValues<QoS>())
            {
                publisher.Publish("a", "x", published, 1);
                if (published == QoS.ExactlyOnce) publisher.Pubrel(1);
                QoS lower = published < granted ? published : granted;
                string packet = Assert.Single(subscriber.Take());
                Assert.StartsWith($"PUBLISH a=x q{(int)lower}", packet);
            }
        }
    }

    [Fact]
    public void SUBSCRIBE_MoreThanTheLimit_IsRefusedBy80()
    {
        using var broker = new TestBroker(configure: o => o with { MaximumSubscriptions = 1 });
        TestClient client = broker.Connect("client");
        client.Subscribe("a");

        client.Send("82 06 00 02 00 01 'b' 01");
        client.Expect("90 03 00 02 80");
        client.Subscribe("a", QoS.ExactlyOnce, 3); // replacing needs no room
        client.Unsubscribe("a");
        client.Subscribe("b", QoS.AtLeastOnce, 4);
    }

    [Theory]
    [InlineData("a/b/c")]
    [InlineData("a/b/c/#")]
    [InlineData("a/b/#")]
    [InlineData("a/b/+")]
    [InlineData("a/+/c")]
    [InlineData("a/#")]
    [InlineData("+/b/c")]
    [InlineData("#")]
    [InlineData("$share/g/a/b/c")]
    [InlineData("$share/g/a/+/#")]
    [Statement("MQTT-3.8.4-1", "3.1.1")]
    [Statement("MQTT-3.10.4-2", "3.1.1")]
    public void SUBSCRIBE_UNSUBSCRIBE_BetweenMessages_CountFromTheNextMessageOn(string filter)
    {
        using var broker = new TestBroker(3);
        TestClient[] publishers = [.. Enumerable.Range(0, 3).Select(i => broker.Connect(broker.ClientId($"publisher {i}", i)))];
        TestClient subscriber = broker.Connect(broker.ClientId("subscriber", 1));
        for (int round = 0; round < 3; round++)
        {
            PublishFromEverywhere(); // the routes are remembered now
            subscriber.ExpectNothing();
            subscriber.Subscribe(filter);
            PublishFromEverywhere();
            subscriber.ExpectPackets("PUBLISH a/b/c=0 q0", "PUBLISH a/b/c=1 q0", "PUBLISH a/b/c=2 q0");
            subscriber.Unsubscribe(filter);
        }

        void PublishFromEverywhere()
        {
            for (int i = 0; i < publishers.Length; i++) publishers[i].Publish("a/b/c", $"{i}");
        }
    }

    [Theory]
    [Loops]
    public void SUBSCRIBE_ManyFilters_EachIsFoundAndCanBeRemoved(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(broker.ClientId("subscriber", 1));
        for (int i = 0; i < 50; i++) subscriber.Subscribe($"a/{i}");
        for (int i = 0; i < 50; i += 2) subscriber.Unsubscribe($"a/{i}");

        for (int i = 0; i < 50; i++) publisher.Publish($"a/{i}", "x");

        Assert.Equal([.. Enumerable.Range(0, 25).Select(i => $"PUBLISH a/{2 * i + 1}=x q0")], subscriber.Take());
        subscriber.Disconnect();
        Assert.Equal(0, broker.Statistics.Subscriptions);
    }

    private static void ClosesConnection(string packet)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("client", cleanSession: false);

        client.Send(packet);

        client.ExpectClosed();
        Assert.Equal(0, broker.Statistics.Subscriptions);
    }

    private sealed class Rules : IAuthorizer
    {
        public bool MayPublish(ClientIdentity client, ReadOnlySpan<byte> topic, QoS qos, bool retain) => true;

        public bool MaySubscribe(ClientIdentity client, ReadOnlySpan<byte> filter, SubscriptionOptions options) => !filter.SequenceEqual("secret"u8);
    }
}
