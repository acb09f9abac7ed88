// What a persistent session is after the broker's process has died, and after it has been stopped in order.
using Godwit.Broker;

namespace Godwit.Conformance.Tests.Durability;

public sealed class RestartTests : IDisposable
{
    private readonly MemoryStore _store = new();
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [Loops]
    [Statement("MQTT-4.1.0-1", "3.1.1")]
    [Statement("MQTT-3.1.2-5", "3.1.1")]
    public void Kill_MessagesQueued_ComeInOrderAfterwards(int loops)
    {
        TestBroker broker = Start(loops);
        TestClient publisher = broker.Connect("p"), subscriber = broker.Connect("s", cleanSession: false);
        subscriber.Subscribe("a/#", QoS.ExactlyOnce);
        subscriber.Reset();
        for (ushort i = 1; i <= 4; i++) publisher.Publish($"a/{i}", $"{i}", i % 2 == 0 ? QoS.ExactlyOnce : QoS.AtLeastOnce, i);
        publisher.ExpectPackets("PUBACK m1", "PUBREC m2", "PUBACK m3", "PUBREC m4");

        broker = Restart(broker, loops);

        TestClient client = broker.Connect("s", cleanSession: false, sessionPresent: true,
            afterConnack: ["PUBLISH a/1=1 q1 m1", "PUBLISH a/2=2 q2 m2", "PUBLISH a/3=3 q1 m3", "PUBLISH a/4=4 q2 m4"]);
        client.Puback(1);
        client.Pubrec(2);
        client.Puback(3);
        client.Pubrec(4);
        client.Pubcomp(2);
        client.Pubcomp(4);
        client.ExpectPackets("PUBREL m2", "PUBREL m4");
        Assert.Equal((0, 0), (_store.Deliveries, _store.Messages));
    }

    [Fact]
    [Statement("MQTT-3.3.1-1", "3.1.1")]
    [Statement("MQTT-4.4.0-1", "3.1.1")]
    public void Kill_MessagesInFlight_ComeAgainWithTheirIdentifiersAndDup()
    {
        TestBroker broker = Start();
        TestClient publisher = broker.Connect("p"), subscriber = broker.Connect("s", cleanSession: false);
        subscriber.Subscribe("#", QoS.ExactlyOnce);
        publisher.Publish("a", "1", QoS.AtLeastOnce, 1);
        publisher.Publish("a", "2", QoS.ExactlyOnce, 2);
        publisher.Publish("a", "3", QoS.ExactlyOnce, 3);
        subscriber.Pubrec(2);
        subscriber.ExpectPackets("PUBLISH a=1 q1 m1", "PUBLISH a=2 q2 m2", "PUBLISH a=3 q2 m3", "PUBREL m2");

        broker = Restart(broker);

        broker.Connect("s", cleanSession: false, sessionPresent: true, afterConnack: ["PUBREL m2", "PUBLISH a=1 q1 m1 dup", "PUBLISH a=3 q2 m3 dup"]);
    }

    [Fact]
    public void Stop_MessagesNotSentYet_ComeWithoutDup()
    {
        TestBroker broker = Start();
        TestClient publisher = broker.Connect("p"), subscriber = broker.Connect("s", cleanSession: false);
        subscriber.Subscribe("#", QoS.AtLeastOnce);
        publisher.Publish("a", "1", QoS.AtLeastOnce, 1);
        subscriber.ExpectPackets("PUBLISH a=1 q1 m1");
        subscriber.Disconnect();
        publisher.Publish("a", "2", QoS.AtLeastOnce, 2);

        broker.Dispose();
        broker = Start();

        broker.Connect("s", cleanSession: false, sessionPresent: true, afterConnack: ["PUBLISH a=1 q1 m1 dup", "PUBLISH a=2 q1 m2"]);
    }

    [Theory]
    [Loops]
    [Statement("MQTT-4.3.3-2", "3.1.1")]
    public void Kill_BeforePubrel_TheMessageSentAgainIsNotDeliveredAgain(int loops)
    {
        TestBroker broker = Start(loops);
        TestClient publisher = broker.Connect(broker.ClientId("p", 0), cleanSession: false);
        TestClient subscriber = broker.Connect(broker.ClientId("s", 1), cleanSession: false);
        subscriber.Subscribe("#", QoS.ExactlyOnce);
        publisher.Publish("a", "once", QoS.ExactlyOnce, 7);
        publisher.ExpectPackets("PUBREC m7");
        subscriber.ExpectPackets("PUBLISH a=once q2 m1");

        broker = Restart(broker, loops);
        publisher = broker.Connect(broker.ClientId("p", 0), cleanSession: false, sessionPresent: true);
        publisher.Publish("a", "once", QoS.ExactlyOnce, 7, dup: true);
        publisher.ExpectPackets("PUBREC m7");
        publisher.Pubrel(7);
        publisher.ExpectPackets("PUBCOMP m7");
        broker.Connect(broker.ClientId("s", 1), cleanSession: false, sessionPresent: true, afterConnack: ["PUBLISH a=once q2 m1 dup"]);
        Assert.Equal(0, _store.Received);
    }

    [Theory]
    [Loops]
    public void Kill_BeforePubrec_TheMessageSentAgainIsDeliveredOnce(int loops)
    {
        TestBroker broker = Start(loops);
        TestClient publisher = broker.Connect(broker.ClientId("p", 0), cleanSession: false);
        foreach (int i in (int[])[0, 1, 2]) broker.Connect(broker.ClientId($"s{i}-", i), cleanSession: false).Subscribe("#", QoS.ExactlyOnce);
        broker.IsWriterStalled = true;
        publisher.Publish("a", "once", QoS.ExactlyOnce, 7);
        publisher.ExpectNothing();

        broker = Restart(broker, loops);
        publisher = broker.Connect(broker.ClientId("p", 0), cleanSession: false, sessionPresent: true);
        publisher.Publish("a", "once", QoS.ExactlyOnce, 7, dup: true);
        publisher.ExpectPackets("PUBREC m7");
        foreach (int i in (int[])[0, 1, 2])
            broker.Connect(broker.ClientId($"s{i}-", i), cleanSession: false, sessionPresent: true, afterConnack: ["PUBLISH a=once q2 m1"]);
    }

    [Fact]
    public void Kill_Subscriptions_StayWithTheirOptions()
    {
        TestBroker broker = Start();
        TestClient client = broker.Connect("c", version: ProtocolVersion.V5, cleanSession: false, properties: "11 FF FF FF FF");
        client.Subscribe("a", QoS.AtLeastOnce, properties: "0B 05", options: 0x08); // Retain As Published
        client.Subscribe("b", QoS.AtLeastOnce, options: 0x04); // No Local
        client.Subscribe("gone", QoS.AtLeastOnce);
        client.Unsubscribe("gone");

        broker = Restart(broker);
        client = broker.Connect("c", version: ProtocolVersion.V5, cleanSession: false, sessionPresent: true, properties: "11 FF FF FF FF");
        TestClient publisher = broker.Connect("p");
        publisher.Publish("a", "1", retain: true);
        client.Publish("b", "2");
        publisher.Publish("b", "3");
        publisher.Publish("gone", "4");

        client.ExpectPackets("PUBLISH a=1 q0 retain {0B 05}", "PUBLISH b=3 q0");
    }

    [Fact]
    [Statement("MQTT-3.1.2-6", "3.1.1")]
    public void Kill_SessionReplacedByACleanOne_IsGone()
    {
        TestBroker broker = Start();
        TestClient client = broker.Connect("c", cleanSession: false);
        client.Subscribe("a", QoS.AtLeastOnce);
        client.Disconnect();
        broker.Connect("p").Publish("a", "x", QoS.AtLeastOnce, 1);
        broker.Connect("c", cleanSession: true).Disconnect();

        Restart(broker).Connect("c", cleanSession: false);

        Assert.Equal((1, 0, 0, 0), (_store.Sessions, _store.Subscriptions, _store.Deliveries, _store.Messages));
    }

    [Fact]
    public void Kill_SessionExpiryInterval_CountsWhileTheBrokerIsAway()
    {
        TestBroker broker = Start();
        broker.Connect("c", version: ProtocolVersion.V5, cleanSession: false, properties: "11 00 00 00 3C").Reset();
        broker.Advance(TimeSpan.FromSeconds(20));
        Kill(broker);
        _time.Advance(TimeSpan.FromSeconds(41));

        broker = Start();
        broker.Advance(TimeSpan.FromSeconds(1));

        broker.Connect("c", version: ProtocolVersion.V5, cleanSession: false, properties: "11 00 00 00 3C");
    }

    [Theory]
    [Loops]
    public void Kill_RetainedMessages_AreThere(int loops)
    {
        TestBroker broker = Start(loops);
        TestClient publisher = broker.Connect("p", version: ProtocolVersion.V5);
        publisher.Publish("a", "old", retain: true);
        publisher.Publish("a", "new", QoS.AtLeastOnce, 1, retain: true, properties: "01 01");
        publisher.Publish("b", "removed", retain: true);
        publisher.Publish("b", "", retain: true);
        publisher.Publish("c", "expires", retain: true, properties: "02 00 00 00 0A");
        publisher.Publish("d", "lasts", retain: true, properties: "02 00 00 00 14");
        Kill(broker);
        _time.Advance(TimeSpan.FromSeconds(11));

        broker = Start(loops);
        TestClient subscriber = broker.Connect("s", version: ProtocolVersion.V5);
        subscriber.Subscribe("#", QoS.AtLeastOnce);

        Assert.Equal(["PUBLISH a=new q1 m1 retain {01 01}", "PUBLISH d=lasts q0 retain {02 00 00 00 09}"], subscriber.Take().Order());
        Assert.Equal(2, _store.Retained);
    }

    [Fact]
    [Statement("MQTT-3.1.2-8", "3.1.1")]
    public void Kill_ClientConnected_ItsWillIsPublishedAfterwards()
    {
        TestBroker broker = Start();
        TestClient watcher = broker.Connect("w", cleanSession: false);
        watcher.Subscribe("will", QoS.AtLeastOnce);
        broker.Connect("c", cleanSession: false, will: new TestWill("will", "gone", QoS.AtLeastOnce));

        broker = Restart(broker);

        broker.Connect("w", cleanSession: false, sessionPresent: true, afterConnack: ["PUBLISH will=gone q1 m1"]);
        Assert.Equal(0, _store.Wills);
    }

    [Fact]
    [Statement("MQTT-3.1.3-9", "5.0")]
    public void Kill_WillIsDelayed_ComesWhenItWouldHave()
    {
        TestBroker broker = Start();
        broker.Connect("w", cleanSession: false).Subscribe("will", QoS.AtLeastOnce);
        TestClient client = broker.Connect(
            "c", version: ProtocolVersion.V5, cleanSession: false, properties: "11 00 00 0E 10", will: new TestWill("will", "gone", QoS.AtLeastOnce, Properties: "18 00 00 00 1E"));
        client.Reset();
        broker.Advance(TimeSpan.FromSeconds(10));
        broker = Restart(broker);
        TestClient watcher = broker.Connect("w", cleanSession: false, sessionPresent: true);

        broker.Advance(TimeSpan.FromSeconds(19));
        watcher.ExpectNothing();
        broker.Advance(TimeSpan.FromSeconds(2));
        watcher.ExpectPackets("PUBLISH will=gone q1 m1");
    }

    [Fact]
    public void Kill_LongQueue_IsReadInPartsAndInOrder()
    {
        TestBroker broker = Start();
        TestClient publisher = broker.Connect("p"), subscriber = broker.Connect("s", cleanSession: false);
        subscriber.Subscribe("a", QoS.AtLeastOnce);
        subscriber.Disconnect();
        for (int i = 0; i < 3000; i++) publisher.Publish("a", $"{i}", QoS.AtLeastOnce, (ushort)(i % 1000 + 1));
        Assert.Equal(3000, broker.Session("s")!.QueuedMessages);

        broker = Restart(broker);
        Assert.Equal(3000, broker.Session("s")!.QueuedMessages);
        subscriber = broker.Open();
        subscriber.Send(Packets.Connect(ProtocolVersion.V311, "s", cleanSession: false));
        subscriber.TakeFirst("CONNACK 01 00");

        Assert.Equal(Enumerable.Range(0, 3000).Select(i => $"PUBLISH a={i} q1 m{i + 1}"), subscriber.Take());
        for (ushort i = 1; i <= 3000; i++) subscriber.Puback(i);
        Assert.Equal((0, 0, 0), (_store.Deliveries, _store.Messages, broker.Session("s")!.QueuedMessages));
        Assert.Equal((0, 0L), (broker.Statistics.StoredMessages - broker.Statistics.RetainedMessages, broker.Session("s")!.QueuedBytes));
    }

    [Theory]
    [Loops]
    public void Kill_SharedSubscription_KeepsWhatWaitedForAMember(int loops)
    {
        TestBroker broker = Start(loops);
        TestClient publisher = broker.Connect("p"), member = broker.Connect(broker.ClientId("m", 1), cleanSession: false);
        member.Subscribe("$share/g/a", QoS.AtLeastOnce);
        member.Disconnect();
        for (ushort i = 1; i <= 3; i++) publisher.Publish("a", $"{i}", QoS.AtLeastOnce, i);
        publisher.ExpectPackets("PUBACK m1", "PUBACK m2", "PUBACK m3");
        Assert.Equal(3, _store.Deliveries);

        broker = Restart(broker, loops);
        member = broker.Connect(broker.ClientId("m", 1), cleanSession: false, sessionPresent: true,
            afterConnack: ["PUBLISH a=1 q1 m1", "PUBLISH a=2 q1 m2", "PUBLISH a=3 q1 m3"]);
        for (ushort i = 1; i <= 3; i++) member.Puback(i);

        Assert.Equal((0, 0), (_store.Deliveries, _store.Messages));
        member.Unsubscribe("$share/g/a");
        Assert.Equal(0, _store.SharedQueues);
    }

    [Theory]
    [Loops]
    public void SharedSubscription_MemberLeaves_ItsMessagesAreStoredWithTheGroupOnly(int loops)
    {
        TestBroker broker = Start(loops);
        TestClient publisher = broker.Connect("p"), member = broker.Connect(broker.ClientId("m", 1), cleanSession: false);
        member.Subscribe("$share/g/a", QoS.AtLeastOnce);
        for (ushort i = 1; i <= 3; i++) publisher.Publish("a", $"{i}", QoS.AtLeastOnce, i);
        member.ExpectPackets("PUBLISH a=1 q1 m1", "PUBLISH a=2 q1 m2", "PUBLISH a=3 q1 m3");
        member.Reset();
        Assert.Equal((3, 3), (_store.Deliveries, _store.Messages));

        broker = Restart(broker, loops);
        TestClient other = broker.Connect(broker.ClientId("o", 2), cleanSession: false);
        other.Subscribe("$share/g/a", QoS.AtLeastOnce);

        other.ExpectPackets("PUBLISH a=1 q1 m1", "PUBLISH a=2 q1 m2", "PUBLISH a=3 q1 m3");
        for (ushort i = 1; i <= 3; i++) other.Puback(i);
        Assert.Equal((0, 0), (_store.Deliveries, _store.Messages));
    }

    [Fact]
    public void SharedSubscription_MembersSessionEnds_IsRemovedWhenItsMessagesAreWithTheGroup()
    {
        (TestBroker broker, string member) = StartWithSharedMessagesGoingBack();

        broker.StalledLoops.Clear();
        broker.Run();

        Assert.Equal((3, 3, 1), (_store.Deliveries, _store.Messages, _store.Sessions));
        Assert.Null(broker.Session(member)?.Durable);
        TestClient other = broker.Connect("o", cleanSession: false, sessionPresent: true, afterConnack: ["PUBLISH a=1 q1 m1", "PUBLISH a=2 q1 m2", "PUBLISH a=3 q1 m3"]);
        for (ushort i = 1; i <= 3; i++) other.Puback(i);
        Assert.Equal((0, 0), (_store.Deliveries, _store.Messages));
    }

    [Fact]
    public void Kill_SharedMessagesOnTheirWayFromAnEndedSession_AreStillThere()
    {
        (TestBroker broker, string member) = StartWithSharedMessagesGoingBack();

        broker = Restart(broker, loops: 2);

        Assert.Equal((3, 3, 2), (_store.Deliveries, _store.Messages, _store.Sessions));
        broker.Connect(member, cleanSession: false, sessionPresent: true,
            afterConnack: ["PUBLISH a=1 q1 m1 dup", "PUBLISH a=2 q1 m2 dup", "PUBLISH a=3 q1 m3 dup"]);
    }

    public void Dispose() => _store.Dispose();

    // A member's session has ended with three messages in flight, but the loop of the shared subscription is busy and does not have them yet.
    private (TestBroker Broker, string Member) StartWithSharedMessagesGoingBack()
    {
        TestBroker broker = Start(loops: 2);
        TestClient publisher = broker.Connect("p"), other = broker.Connect("o", cleanSession: false);
        other.Subscribe("$share/g/a", QoS.AtLeastOnce);
        other.Disconnect();
        int home = broker.Broker.State.Subscriptions.FindGroup("g", "a"u8)!.Home.Index;
        string id = broker.ClientId("m", home + 1);
        TestClient member = broker.Connect(id, cleanSession: false);
        member.Subscribe("$share/g/a", QoS.AtLeastOnce);
        for (ushort i = 1; i <= 3; i++) publisher.Publish("a", $"{i}", QoS.AtLeastOnce, i);
        member.ExpectPackets("PUBLISH a=1 q1 m1", "PUBLISH a=2 q1 m2", "PUBLISH a=3 q1 m3");
        broker.StalledLoops.Add(home);
        foreach (TestClient client in new[] { broker.Open(), broker.Open() }) // on both loops
        {
            client.Send(Packets.Connect(ProtocolVersion.V311, id, cleanSession: true));
            Assert.Empty(client.Take()); // CONNACK would say that the old session is gone
        }
        return (broker, id);
    }

    private TestBroker Start(int loops = 1) => new(loops, store: _store, time: _time);

    private TestBroker Restart(TestBroker broker, int loops = 1)
    {
        Kill(broker);
        return Start(loops);
    }

    private void Kill(TestBroker broker)
    {
        broker.Kill();
        _store.Crash();
    }
}
