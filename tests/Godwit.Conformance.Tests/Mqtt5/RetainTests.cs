// Section 3.3.1.3 and the subscription options of 3.8.3.1: retained messages.
using Godwit.Broker.Sessions;

namespace Godwit.Conformance.Tests.Mqtt5;

public class RetainTests
{
    private const byte RetainAsPublished = 0x08, SendIfNew = 0x10, DoNotSend = 0x20;

    [Theory]
    [Statement("MQTT-3.3.1-5", "5.0")]
    [Statement("MQTT-3.3.1-9", "5.0")]
    [InlineData(1)]
    [InlineData(3)]
    public void PUBLISH_Retain1_ReplacesTheRetainedMessage(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect5(broker.ClientId("p", 0)), subscriber = broker.Connect5(broker.ClientId("s", 1));
        publisher.Publish("a", "1", retain: true);
        publisher.Publish("a", "2", QoS.AtLeastOnce, 1, retain: true, properties: "03 00 01 't'");
        subscriber.Subscribe("a", QoS.AtLeastOnce);
        subscriber.ExpectPackets($"PUBLISH a=2 q1 m1 retain {V5.Shown("03 00 01 't'")}");
        Assert.Equal(1, broker.Statistics.RetainedMessages);
    }

    [Fact]
    [Statement("MQTT-3.3.1-6", "5.0")]
    [Statement("MQTT-3.3.1-7", "5.0")]
    public void PUBLISH_Retain1Empty_IsDeliveredAndRemovesTheRetainedMessage()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Publish("a", "1", retain: true);
        client.Subscribe("a");
        client.ExpectPackets("PUBLISH a=1 q0 retain");
        client.Publish("a", "", retain: true);
        client.ExpectPackets("PUBLISH a= q0");
        client.Subscribe("a");
        client.ExpectNothing();
        Assert.Equal(0, broker.Statistics.RetainedMessages);
    }

    [Fact]
    [Statement("MQTT-3.3.1-7", "5.0")]
    public void PUBLISH_Retain1EmptyWithoutAnEarlierOne_IsNotStored()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Publish("a", "", retain: true);
        client.Subscribe("a");
        client.ExpectNothing();
    }

    [Fact]
    [Statement("MQTT-3.3.1-8", "5.0")]
    public void PUBLISH_Retain0_LeavesTheRetainedMessage()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Publish("a", "1", retain: true);
        client.Publish("a", "2");
        client.Publish("a", "");
        client.Publish("b", "3");
        client.Subscribe("#");
        client.ExpectPackets("PUBLISH a=1 q0 retain");
    }

    [Fact]
    [Statement("MQTT-3.3.1-9", "5.0")]
    [Statement("MQTT-3.8.4-4", "5.0")]
    public void SUBSCRIBE_RetainHandling0_SendsThemEachTime()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Publish("a", "1", retain: true);
        client.Publish("a/b", "2", retain: true);
        for (int i = 0; i < 2; i++)
        {
            client.Subscribe("a/#");
            Assert.Equal(["PUBLISH a/b=2 q0 retain", "PUBLISH a=1 q0 retain"], client.Take().Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    [Statement("MQTT-3.3.1-10", "5.0")]
    public void SUBSCRIBE_RetainHandling1_SendsThemOnlyToANewSubscription()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", V5.Hour);
        client.Publish("a", "1", retain: true);
        client.Subscribe("a", options: SendIfNew);
        client.ExpectPackets("PUBLISH a=1 q0 retain");
        client.Subscribe("a", QoS.AtLeastOnce, options: SendIfNew);
        client.ExpectNothing();
        client.Reset();
        client = broker.Resume5("c");
        client.Subscribe("a", options: SendIfNew);
        client.ExpectNothing();
        client.Unsubscribe("a");
        client.Subscribe("a", options: SendIfNew);
        client.ExpectPackets("PUBLISH a=1 q0 retain");
    }

    [Fact]
    [Statement("MQTT-3.3.1-11", "5.0")]
    public void SUBSCRIBE_RetainHandling2_SendsNone()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Publish("a", "1", retain: true);
        client.Subscribe("a", options: DoNotSend);
        client.ExpectNothing();
        client.Publish("a", "2", retain: true);
        client.ExpectPackets("PUBLISH a=2 q0");
    }

    [Theory]
    [Statement("MQTT-3.3.1-12", "5.0")]
    [Statement("MQTT-3.3.1-13", "5.0")]
    [InlineData(1)]
    [InlineData(3)]
    public void PUBLISH_ToSubscriber_RetainFlagAsTheSubscriptionWants(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient cleared = broker.Connect5(broker.ClientId("x", 0)), kept = broker.Connect5(broker.ClientId("y", 1));
        TestClient publisher = broker.Connect5(broker.ClientId("p", 2));
        cleared.Subscribe("a");
        kept.Subscribe("a", options: RetainAsPublished);
        publisher.Publish("a", "1", retain: true);
        publisher.Publish("a", "2");
        cleared.ExpectPackets("PUBLISH a=1 q0", "PUBLISH a=2 q0");
        kept.ExpectPackets("PUBLISH a=1 q0 retain", "PUBLISH a=2 q0");
        cleared.Subscribe("a");
        cleared.ExpectPackets("PUBLISH a=1 q0 retain"); // on subscribing the flag is always set
    }

    [Fact]
    [Statement("MQTT-3.8.3-3", "5.0")]
    public void SUBSCRIBE_NoLocal_SendsNoRetainedMessageOfItsOwn()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Publish("a", "1", retain: true);
        broker.Connect5("other").Publish("b", "2", retain: true);
        client.Subscribe("#", options: 4);
        client.ExpectPackets("PUBLISH b=2 q0 retain");
    }

    [Fact]
    [Statement("MQTT-3.3.2-5", "5.0")]
    [Statement("MQTT-3.3.2-6", "5.0")]
    public void Retained_MessageExpiry_CountsDownAndDeletes()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Publish("a", "1", retain: true, properties: "02 00 00 00 0A");
        broker.Advance(TimeSpan.FromSeconds(4));
        client.Subscribe("a");
        client.ExpectPackets($"PUBLISH a=1 q0 retain {V5.Shown("02 00 00 00 06")}");
        broker.Advance(TimeSpan.FromSeconds(6));
        client.Subscribe("a");
        client.ExpectNothing();
        Assert.Equal(0, broker.Statistics.RetainedMessages);
    }

    [Fact]
    [Statement("MQTT-3.3.1-9", "5.0")]
    [Statement("MQTT-3.3.4-9", "5.0")]
    public void SUBSCRIBE_MoreRetainedMessagesThanReceiveMaximum_AllComeInTheEnd()
    {
        using var broker = new TestBroker();
        TestClient publisher = broker.Connect5("p"), client = broker.Connect5("c", "21 00 02");
        for (int i = 0; i < 5; i++) publisher.Publish($"a/{i}", "x", QoS.AtLeastOnce, 1, retain: true);
        client.Subscribe("a/+", QoS.AtLeastOnce);
        var topics = new HashSet<string>();
        for (ushort id = 1; id <= 5; id++)
        {
            List<string> packets = client.Take();
            Assert.True(packets.Count <= 2);
            topics.UnionWith(packets.Select(p => p[..p.IndexOf('=', StringComparison.Ordinal)]));
            client.Puback(id);
        }
        Assert.Equal(5, topics.Count);
    }

    [Fact]
    [Statement("MQTT-3.3.1-9", "5.0")]
    [Statement("MQTT-4.1.0-1", "5.0")]
    public void SUBSCRIBE_ConnectionLostBeforeAllRetainedMessagesWereSent_TheRestComesOnReconnect()
    {
        using var broker = new TestBroker();
        TestClient publisher = broker.Connect5("p"), client = broker.Connect5("c", V5.Hour + "21 00 02");
        for (int i = 0; i < 5; i++) publisher.Publish($"a/{i}", "x", QoS.AtLeastOnce, 1, retain: true);
        client.Subscribe("a/+", QoS.AtLeastOnce, properties: "0B 07");
        Assert.Equal(2, client.Take().Count);
        client.Reset();
        List<string> packets = broker.Resume5("c").Take();
        Assert.Equal(5, packets.Count);
        Assert.Equal(2, packets.Count(p => p.Contains(" dup", StringComparison.Ordinal)));
        Assert.All(packets, p => Assert.EndsWith("retain {0B 07}", p));
    }

    [Theory]
    [Statement("MQTT-3.3.1-9", "5.0")]
    [InlineData(2)]
    [InlineData(1000)]
    public void SUBSCRIBE_ConnectionLostWithFiltersInLine_EveryTopicComesInTheEnd(int queue)
    {
        using var broker = new TestBroker(1, o => o with { MaximumQueuedMessages = queue });
        TestClient publisher = broker.Connect5("p"), client = broker.Connect5("c", V5.Hour + "21 00 02");
        string[] topics = [.. Enumerable.Range(0, 15).Select(i => $"{"abc"[i / 5]}/{i}")];
        foreach (string topic in topics) publisher.Publish(topic, "x", QoS.AtLeastOnce, 1, retain: true);
        foreach (string filter in new[] { "a/+", "b/+", "c/+" })
        {
            client.Subscribe(filter, QoS.AtLeastOnce);
            client.Take();
        }
        client.Reset();
        List<string> packets = broker.Resume5("c").Take();
        Assert.All(topics, topic => Assert.Contains(packets, p => p.Contains($" {topic}=x ", StringComparison.Ordinal)));
        Assert.Equal(0, broker.Statistics.Dropped);
    }

    [Fact]
    [Statement("MQTT-3.3.1-9", "5.0")]
    [Statement("MQTT-3.3.2-5", "5.0")]
    public void SUBSCRIBE_RetainedMessageExpiresWhileItWaits_IsNotSent()
    {
        using var broker = new TestBroker();
        TestClient publisher = broker.Connect5("p"), client = broker.Connect5("c", "21 00 01");
        publisher.Publish("a", "x", QoS.AtLeastOnce, 1, retain: true, properties: "02 00 00 00 05");
        publisher.Publish("b", "x", QoS.AtLeastOnce, 1, retain: true, properties: "02 00 00 00 05");
        client.Subscribe("#", QoS.AtLeastOnce);
        Assert.Single(client.Take());
        broker.Advance(TimeSpan.FromSeconds(5));
        client.Puback(1);
        client.ExpectNothing();
    }

    [Fact]
    public void SUBSCRIBE_AgainAndAgainWhileRetainedMessagesWait_KeepsTheLineShort()
    {
        using var broker = new TestBroker();
        TestClient publisher = broker.Connect5("p"), client = broker.Connect5("c", "21 00 01");
        foreach (string topic in (string[])["a/1", "a/2", "b", "c"]) publisher.Publish(topic, "x", QoS.AtLeastOnce, 1, retain: true);
        client.Subscribe("a/#", QoS.AtLeastOnce);
        Assert.Single(client.Take());
        client.Subscribe("b", QoS.AtLeastOnce, 2);
        for (int i = 0; i < 1000; i++)
        {
            client.Subscribe("c", QoS.AtLeastOnce, 3);
            client.Unsubscribe("c", 3);
            Assert.InRange(broker.Session("c")!.Backlog!.Length, 2, 70);
        }
        for (ushort i = 1; i <= 3; i++) client.Puback(i);
        Assert.Equal(2, client.Take().Count); // the other one of a/#, then b
    }

    [Fact]
    public void SUBSCRIBE_ManyFiltersOverManyRetainedMessages_TakesManyTurns()
    {
        const int retained = 10_000, filters = 40, visits = filters * (retained + 1);
        using var broker = new TestBroker();
        TestClient publisher = broker.Connect5("p"), client = broker.Connect5("c");
        publisher.Send([.. Enumerable.Range(0, retained).Select(i => Packets.Publish(ProtocolVersion.V5, $"a/{i}", [1], retain: true))]);
        publisher.Publish("b/last", "x", retain: true);
        long before = broker.Broker.State.Shards[0].Loop.Statistics.Turns;
        client.Send(V5.Subscribe(1, [.. Enumerable.Range(0, filters).Select(i => ($"a/+/{i}", (byte)0)), ("b/#", (byte)0)]));
        Assert.Equal("PUBLISH b/last=x q0 retain", client.Take()[^1]);
        long turns = broker.Broker.State.Shards[0].Loop.Statistics.Turns - before;
        Assert.InRange(turns, visits / RetainedTurns.MostVisits, 2 * visits / RetainedTurns.MostVisits);
    }

    [Fact]
    [Statement("MQTT-3.3.1-9", "5.0")]
    [Statement("MQTT-4.1.0-1", "5.0")]
    public void SUBSCRIBE_ConnectionsLostAgainAndAgain_EachRetainedMessageComesOnce()
    {
        using var broker = new TestBroker();
        TestClient publisher = broker.Connect5("p"), client = broker.Connect5("c", V5.Hour + "21 00 01");
        for (int i = 0; i < 20; i++) publisher.Publish($"a/{i}", "x", QoS.AtLeastOnce, 1, retain: true);
        client.Subscribe("#", QoS.AtLeastOnce);
        List<string> packets = client.Take();
        for (ushort id = 1; id <= 20; id++)
        {
            client.Puback(id);
            packets.AddRange(client.Take());
            publisher.Publish($"b/{id}", "late", QoS.AtMostOnce, retain: true); // goes out as a live message, if at all
            client.Reset();
            client = broker.Resume5("c");
            packets.AddRange(client.Take());
        }
        Assert.Equal(20, packets.Where(p => !p.Contains(" dup", StringComparison.Ordinal)).Count(p => p.Contains(" a/", StringComparison.Ordinal)));
    }

    [Fact]
    public void SUBSCRIBE_SessionEndsWhileRetainedMessagesWait_NothingIsKept()
    {
        using var broker = new TestBroker();
        TestClient publisher = broker.Connect5("p"), client = broker.Connect5("c", "21 00 01");
        for (int i = 0; i < 5; i++) publisher.Publish($"a/{i}", "x", QoS.AtLeastOnce, 1, retain: true);
        client.Subscribe("#", QoS.AtLeastOnce);
        Assert.Single(client.Take());
        Assert.Equal(1, broker.Broker.State.Retained.OpenCursors);
        client.Reset();
        Assert.Equal(0, broker.Broker.State.Retained.OpenCursors);
    }
}
