// PUBLISH, its flags and its way to the subscribers: section 3.3.
using Godwit.Broker.Auth;

namespace Godwit.Conformance.Tests.Mqtt311;

public class PublishTests
{
    [Theory]
    [InlineData("38 04 00 01 'a' 'x'")]
    [InlineData("39 04 00 01 'a' 'x'")]
    [Statement("MQTT-3.3.1-2", "3.1.1")]
    public void PUBLISH_DupAtQoS0_ClosesConnection(string packet) => ClosesConnection(packet);

    [Theory]
    [InlineData("36 06 00 01 'a' 00 01 'x'")]
    [InlineData("3E 06 00 01 'a' 00 01 'x'")]
    [Statement("MQTT-3.3.1-4", "3.1.1")]
    public void PUBLISH_QoS3_ClosesConnection(string packet) => ClosesConnection(packet);

    [Theory]
    [InlineData("30 04 00 01 '#' 'x'")]
    [InlineData("30 04 00 01 '+' 'x'")]
    [InlineData("30 06 00 03 'a/#' 'x'")]
    [InlineData("30 06 00 03 'a+b' 'x'")]
    [Statement("MQTT-3.3.2-2", "3.1.1")]
    [Statement("MQTT-4.7.1-1", "3.1.1")]
    public void PUBLISH_WildcardInTopic_ClosesConnection(string packet) => ClosesConnection(packet);

    [Theory]
    [InlineData("30 02 00 00")]
    [InlineData("30 03 00 00 'x'")]
    [Statement("MQTT-4.7.3-1", "3.1.1")]
    public void PUBLISH_EmptyTopic_ClosesConnection(string packet) => ClosesConnection(packet);

    [Theory]
    [InlineData("30 00")]
    [InlineData("30 01 00")]
    [InlineData("30 03 00 02 'a'")]
    [InlineData("32 03 00 01 'a'")]
    [Statement("MQTT-3.3.2-1", "3.1.1")]
    [Statement("MQTT-4.8.0-1", "3.1.1")]
    public void PUBLISH_Truncated_ClosesConnection(string packet) => ClosesConnection(packet);

    [Theory]
    [Loops]
    [Statement("MQTT-3.3.1-3", "3.1.1")]
    [Statement("MQTT-4.3.1-1", "3.1.1")]
    public void PUBLISH_DupFromPublisher_IsNotPropagated(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(broker.ClientId("subscriber", 1));
        TestClient lower = broker.Connect(broker.ClientId("lower", 2));
        subscriber.Subscribe("a", QoS.ExactlyOnce);
        lower.Subscribe("a", QoS.AtMostOnce);

        publisher.Publish("a", "x", QoS.AtLeastOnce, 1, dup: true);
        publisher.Publish("a", "y", QoS.ExactlyOnce, 2, dup: true);

        subscriber.ExpectPackets("PUBLISH a=x q1 m1", "PUBLISH a=y q2 m2");
        lower.ExpectPackets("PUBLISH a=x q0", "PUBLISH a=y q0");
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.3.2-3", "3.1.1")]
    [Statement("MQTT-3.3.2-1", "3.1.1")]
    public void PUBLISH_ToSubscriber_HasThePublishersTopicAndPayload(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(broker.ClientId("subscriber", 1));
        subscriber.Subscribe("a/+/c");

        publisher.Send("30 09 00 05 'a/b/c' 00 FF");
        publisher.Send("30 07 00 05 'a/B/c'");
        publisher.Send("30 08 00 05 'a/b/d' 'x'");

        subscriber.Expect("30 09 00 05 'a/b/c' 00 FF   30 07 00 05 'a/B/c'");
    }

    [Theory]
    [InlineData(QoS.AtMostOnce, "")]
    [InlineData(QoS.AtLeastOnce, "PUBACK m5")]
    [InlineData(QoS.ExactlyOnce, "PUBREC m5")]
    [Statement("MQTT-3.3.4-1", "3.1.1")]
    [Statement("MQTT-2.3.1-6", "3.1.1")]
    public void PUBLISH_IsAnsweredAsItsQoSDemands(QoS qos, string answer)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("client");

        client.Publish("nobody/listens", "x", qos, 5);

        client.ExpectPackets(answer.Length == 0 ? [] : [answer]);
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.3.5-1", "3.1.1")]
    public void PUBLISH_OverlappingSubscriptions_DeliversOnceWithTheHighestQoS(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(broker.ClientId("subscriber", 1));
        subscriber.Subscribe("a/b");
        subscriber.Subscribe("a/+", QoS.ExactlyOnce);
        subscriber.Subscribe("a/#", QoS.AtLeastOnce);
        subscriber.Subscribe("#");

        publisher.Publish("a/b", "1", QoS.ExactlyOnce, 1);
        publisher.Publish("a", "2", QoS.ExactlyOnce, 2);
        publisher.Publish("a/b", "3");

        subscriber.ExpectPackets("PUBLISH a/b=1 q2 m1", "PUBLISH a=2 q1 m2", "PUBLISH a/b=3 q0");
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.3.5-2", "3.1.1")]
    public void PUBLISH_NotAuthorized_IsAcknowledgedAsUsualAndGoesNowhere(int loops)
    {
        using var broker = new TestBroker(loops, o => o with { Authorizer = new Rules() });
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), everything = broker.Connect(broker.ClientId("everything", 1));
        everything.Subscribe("#", QoS.ExactlyOnce);

        publisher.Publish("secret", "0", retain: true);
        publisher.Publish("secret", "1", QoS.AtLeastOnce, 1, retain: true);
        publisher.Publish("secret", "2", QoS.ExactlyOnce, 2, retain: true);
        publisher.Pubrel(2);

        publisher.ExpectPackets("PUBACK m1", "PUBREC m2", "PUBCOMP m2");
        everything.ExpectOpen();
        Assert.Equal(0, broker.Statistics.RetainedMessages);
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.3.5-2", "3.1.1")]
    public void PUBLISH_AuthorizerFails_IsNotAuthorized(int loops)
    {
        using var broker = new TestBroker(loops, o => o with { Authorizer = new Rules() });
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), everything = broker.Connect(broker.ClientId("everything", 1));
        everything.Subscribe("#");
        broker.Log.ErrorsAreExpected = true;

        publisher.Publish("fails", "x", QoS.AtLeastOnce, 1);

        publisher.ExpectPackets("PUBACK m1");
        Assert.False(publisher.IsClosed);
        everything.ExpectOpen();
    }

    [Fact]
    [Statement("MQTT-3.2.2-5", "3.1.1")]
    public void CONNECT_WillNotAuthorized_IsRefusedBy05()
    {
        using var broker = new TestBroker(configure: o => o with { Authorizer = new Rules() });
        TestClient client = broker.Open();

        client.Send(Packets.Connect(ProtocolVersion.V311, "client", will: new TestWill("secret", "x")));

        client.ExpectClosed("20 02 00 05");
    }

    [Theory]
    [Loops]
    public void PublishAsync_OfTheBrokerItself_ReachesSubscribersOnAllLoops(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient[] subscribers = [.. Enumerable.Range(0, 3).Select(i => broker.Connect(broker.ClientId($"subscriber {i}", i)))];
        foreach (TestClient subscriber in subscribers) subscriber.Subscribe("a", QoS.AtLeastOnce);

        Task done = broker.Broker.PublishAsync("a", new byte[] { (byte)'x' }, QoS.ExactlyOnce, retain: true);
        broker.Run();

        Assert.True(done.IsCompletedSuccessfully);
        Assert.All(subscribers, subscriber => subscriber.ExpectPackets("PUBLISH a=x q1 m1"));
        Assert.Equal(1, broker.Statistics.RetainedMessages);
    }

    [Fact]
    public void PUBLISH_LargerThanTheLimit_ClosesConnectionBeforeItIsComplete()
    {
        using var broker = new TestBroker(configure: o => o with { MaximumPacketSize = 100 });
        TestClient fits = broker.Connect("fits"), exceeds = broker.Connect("exceeds");

        fits.Publish("a", new string('x', 95));
        exceeds.Send("30 63 00 01"); // 99 and the two bytes of the fixed header

        fits.ExpectOpen();
        exceeds.ExpectClosed();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 1)]
    [InlineData(3, int.MaxValue)]
    public void PUBLISH_LargePayload_ArrivesAsItWasSent(int loops, int inputChunk)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0), inputChunk: inputChunk);
        TestClient subscriber = broker.Connect(broker.ClientId("subscriber", 1));
        subscriber.Subscribe("a", QoS.AtLeastOnce);
        byte[] payload = new byte[inputChunk == 1 ? 40_000 : 300_000];
        new Random(1).NextBytes(payload);

        publisher.Send(Packets.Publish(ProtocolVersion.V311, "a", payload, QoS.AtLeastOnce, 9));

        Assert.Equal(Packets.Publish(ProtocolVersion.V311, "a", payload, QoS.AtLeastOnce, 1), subscriber.Received);
        publisher.ExpectPackets("PUBACK m9");
    }

    private static void ClosesConnection(string packet)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("client"), everything = broker.Connect("everything");
        everything.Subscribe("#");

        client.Send(packet);

        client.ExpectClosed();
        everything.ExpectOpen();
    }

    private sealed class Rules : IAuthorizer
    {
        public bool MayPublish(ClientIdentity client, ReadOnlySpan<byte> topic, QoS qos, bool retain) =>
            topic.SequenceEqual("fails"u8) ? throw new InvalidOperationException("The test wants it so.") : !topic.SequenceEqual("secret"u8);

        public bool MaySubscribe(ClientIdentity client, ReadOnlySpan<byte> filter, SubscriptionOptions options) => true;
    }
}
