// What has happened before the broker says that it has.
using Godwit.Broker;
using Godwit.Broker.Storage;

namespace Godwit.Conformance.Tests.Durability;

public sealed class AcknowledgementTests : IDisposable
{
    private readonly MemoryStore _store = new();

    [Theory]
    [Loops]
    [Statement("MQTT-4.6.0-2", "3.1.1")]
    [Statement("MQTT-4.6.0-3", "3.1.1")]
    public void PUBLISH_NotStoredYet_IsNotAcknowledged(int loops)
    {
        using TestBroker broker = Start(loops);
        TestClient publisher = broker.Connect(broker.ClientId("p", 0));
        broker.Connect(broker.ClientId("s", 1), cleanSession: false).Subscribe("stored", QoS.ExactlyOnce);
        broker.IsWriterStalled = true;

        publisher.Publish("stored", "1", QoS.AtLeastOnce, 1);
        publisher.Publish("nobody", "2", QoS.AtLeastOnce, 2); // waits for its turn only
        publisher.Publish("stored", "3", QoS.ExactlyOnce, 3);
        publisher.Publish("nobody", "4", QoS.ExactlyOnce, 4);
        publisher.ExpectNothing();

        Resume(broker);
        publisher.ExpectPackets("PUBACK m1", "PUBACK m2", "PUBREC m3", "PUBREC m4");
    }

    [Fact]
    public void PUBLISH_ForNobodyToKeep_IsAcknowledgedAtOnce()
    {
        using TestBroker broker = Start();
        TestClient publisher = broker.Connect("p"), subscriber = broker.Connect("s");
        subscriber.Subscribe("a", QoS.ExactlyOnce);
        broker.IsWriterStalled = true;

        publisher.Publish("a", "1", QoS.AtLeastOnce, 1);
        publisher.Publish("a", "2", QoS.ExactlyOnce, 2);

        publisher.ExpectPackets("PUBACK m1", "PUBREC m2");
        subscriber.ExpectPackets("PUBLISH a=1 q1 m1", "PUBLISH a=2 q2 m2");
    }

    [Theory]
    [Loops]
    public void PUBLISH_AllHaveItBeforeTheCommit_IsNeverWritten(int loops)
    {
        using var broker = new TestBroker(loops, o => o with { CommitDelay = TimeSpan.FromMilliseconds(100) }, _store);
        TestClient publisher = broker.Connect(broker.ClientId("p", 0));
        TestClient[] subscribers = [.. Enumerable.Range(0, 3).Select(_ => broker.Open())];
        for (int i = 0; i < 3; i++)
        {
            subscribers[i].Send(
                Packets.Connect(ProtocolVersion.V311, broker.ClientId($"s{i}-", i), cleanSession: false), Packets.Subscribe(ProtocolVersion.V311, 1, [("a", 1)]));
            broker.Advance(TimeSpan.FromSeconds(1));
            subscribers[i].ExpectPackets("CONNACK 00 00", "SUBACK m1 01");
        }
        int commits = _store.Commits;

        publisher.Publish("a", "1", QoS.AtLeastOnce, 1);
        foreach (TestClient subscriber in subscribers) subscriber.ExpectPackets("PUBLISH a=1 q1 m1");
        subscribers[0].Puback(1);
        subscribers[1].Puback(1);
        publisher.ExpectNothing();
        subscribers[2].Puback(1);

        publisher.ExpectPackets("PUBACK m1");
        broker.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((0, 0, commits), (_store.MessagesWritten, _store.Deliveries, _store.Commits));
    }

    [Fact]
    public void PUBLISH_ManySessions_IsWrittenOnce()
    {
        using TestBroker broker = Start(3);
        for (int i = 0; i < 9; i++) Connect(broker, broker.ClientId($"s{i}-", i)).Reset();

        broker.Connect("p").Publish("a", "1", QoS.AtLeastOnce, 1);

        Assert.Equal((1, 9), (_store.MessagesWritten, _store.Deliveries));
    }

    [Fact]
    [Statement("MQTT-3.3.1-5", "3.1.1")]
    public void PUBLISH_Retained_IsAcknowledgedWhenItIsStored()
    {
        using TestBroker broker = Start();
        TestClient publisher = broker.Connect("p");
        broker.IsWriterStalled = true;
        publisher.Publish("a", "1", QoS.AtLeastOnce, 1, retain: true);
        publisher.ExpectNothing();
        Resume(broker);
        publisher.ExpectPackets("PUBACK m1");
        Assert.Equal(1, _store.Retained);
    }

    [Fact]
    [Statement("MQTT-4.3.3-2", "3.1.1")]
    public void PUBREL_NotStoredYet_IsNotAnswered()
    {
        using TestBroker broker = Start();
        TestClient publisher = broker.Connect("p", cleanSession: false);
        publisher.Publish("a", "1", QoS.ExactlyOnce, 1);
        publisher.ExpectPackets("PUBREC m1");
        broker.IsWriterStalled = true;
        publisher.Pubrel(1);
        publisher.ExpectNothing();
        Resume(broker);
        publisher.ExpectPackets("PUBCOMP m1");
    }

    [Fact]
    public void PUBREC_NotStoredYet_IsNotAnsweredWithPubrel()
    {
        using TestBroker broker = Start();
        TestClient subscriber = Connect(broker, "s", QoS.ExactlyOnce);
        broker.Connect("p").Publish("a", "1", QoS.ExactlyOnce, 1);
        subscriber.ExpectPackets("PUBLISH a=1 q2 m1");
        broker.IsWriterStalled = true;
        subscriber.Pubrec(1);
        subscriber.ExpectNothing();
        Resume(broker);
        subscriber.ExpectPackets("PUBREL m1");
    }

    [Fact]
    public void PUBLISH_QoS2_IsNotSentOnBeforeItIsStored()
    {
        using TestBroker broker = Start();
        TestClient subscriber = Connect(broker, "s", QoS.ExactlyOnce), publisher = broker.Connect("p");
        broker.IsWriterStalled = true;
        publisher.Publish("a", "1", QoS.ExactlyOnce, 1);
        publisher.Publish("a", "2", QoS.AtLeastOnce, 2); // stays behind it
        subscriber.ExpectNothing();
        Resume(broker);
        subscriber.ExpectPackets("PUBLISH a=1 q2 m1", "PUBLISH a=2 q1 m2");
    }

    [Fact]
    [Statement("MQTT-3.2.0-1", "3.1.1")]
    public void CONNECT_PersistentSessionNotStoredYet_IsNotAnswered()
    {
        using TestBroker broker = Start();
        broker.IsWriterStalled = true;
        TestClient client = broker.Open();
        client.Send(Packets.Connect(ProtocolVersion.V311, "c", cleanSession: false));
        client.ExpectNothing();
        broker.Connect("clean");
        Resume(broker);
        client.ExpectPackets("CONNACK 00 00");
    }

    [Fact]
    [Statement("MQTT-3.8.4-1", "3.1.1")]
    [Statement("MQTT-3.10.4-4", "3.1.1")]
    public void SUBSCRIBE_NotStoredYet_IsNotAnswered()
    {
        using TestBroker broker = Start();
        TestClient client = broker.Connect("c", cleanSession: false);
        broker.IsWriterStalled = true;
        client.Send(Packets.Subscribe(ProtocolVersion.V311, 1, [("a", 1), ("b", 2)]));
        client.Send(Packets.Unsubscribe(ProtocolVersion.V311, 2, "a"));
        client.ExpectNothing();
        Resume(broker);
        client.ExpectPackets("SUBACK m1 01 02", "UNSUBACK m2");
        Assert.Equal(1, _store.Subscriptions);
    }

    [Theory]
    [InlineData(AcknowledgementLevel.Os, 0)]
    [InlineData(AcknowledgementLevel.Fsync, 1)]
    public void Level_OsAndFsync_DifferInWhetherTheDiskIsWaitedFor(AcknowledgementLevel level, int synced)
    {
        using var broker = new TestBroker(1, o => o with { Acknowledgement = level }, _store);
        Connect(broker, "s").Reset();
        TestClient publisher = broker.Connect("p");
        int before = _store.SyncedCommits;
        publisher.Publish("a", "1", QoS.AtLeastOnce, 1);
        publisher.ExpectPackets("PUBACK m1");
        Assert.Equal(synced, _store.SyncedCommits - before);
    }

    [Theory]
    [InlineData(AcknowledgementLevel.Memory, "00 06 'memory'")]
    [InlineData(AcknowledgementLevel.Os, "00 02 'os'")]
    public void Level_WithAStore_IsToldInConnack(AcknowledgementLevel level, string value)
    {
        using var broker = new TestBroker(1, o => o with { Acknowledgement = level }, _store);
        TestClient client = broker.Open(ProtocolVersion.V5);
        client.Send(Packets.Connect(ProtocolVersion.V5, "c"));
        Assert.Contains(Hex.Text(Hex.Bytes("26 00 15 'acknowledgement-level' " + value)), Hex.Text(client.Received), StringComparison.Ordinal);

        TestClient small = broker.Open(ProtocolVersion.V5);
        small.Send(Packets.Connect(ProtocolVersion.V5, "small", properties: "27 00 00 00 20"));
        Assert.Equal(13, small.Received.Length);
    }

    [Fact]
    public void Level_Memory_WaitsForNothing()
    {
        using var broker = new TestBroker(1, o => o with { Acknowledgement = AcknowledgementLevel.Memory }, _store);
        broker.IsWriterStalled = true;
        TestClient subscriber = Connect(broker, "s", QoS.ExactlyOnce), publisher = broker.Connect("p", cleanSession: false);
        publisher.Publish("a", "1", QoS.AtLeastOnce, 1);
        publisher.Publish("a", "2", QoS.ExactlyOnce, 2);
        publisher.ExpectPackets("PUBACK m1", "PUBREC m2");
        subscriber.ExpectPackets("PUBLISH a=1 q1 m1", "PUBLISH a=2 q2 m2");
    }

    [Fact]
    [Statement("MQTT-4.3.3-10", "5.0")]
    public void PUBLISH_SentAgainOnANewConnectionBeforeItIsStored_IsAcknowledgedThere()
    {
        using TestBroker broker = Start();
        TestClient subscriber = Connect(broker, "s", QoS.ExactlyOnce), publisher = broker.Connect("p", cleanSession: false);
        broker.IsWriterStalled = true;
        publisher.Publish("a", "1", QoS.ExactlyOnce, 1);
        publisher.Publish("a", "1", QoS.ExactlyOnce, 1, dup: true);
        publisher.Reset();
        TestClient again = broker.Open();
        again.Send(Packets.Connect(ProtocolVersion.V311, "p", cleanSession: false));
        again.Publish("a", "1", QoS.ExactlyOnce, 1, dup: true);
        again.ExpectNothing();
        Resume(broker);
        again.ExpectPackets("CONNACK 01 00", "PUBREC m1");
        subscriber.ExpectPackets("PUBLISH a=1 q2 m1");
    }

    [Fact]
    [Statement("MQTT-3.1.4-2", "3.1.1")]
    public void CONNECT_TakenOverBeforeItIsStored_OnlyTheSecondIsAnswered()
    {
        using TestBroker broker = Start();
        broker.IsWriterStalled = true;
        TestClient first = broker.Open(), second = broker.Open();
        first.Send(Packets.Connect(ProtocolVersion.V311, "c", cleanSession: false));
        second.Send(Packets.Connect(ProtocolVersion.V311, "c", cleanSession: false));
        first.ExpectClosed();
        Resume(broker);
        second.ExpectPackets("CONNACK 01 00");
    }

    public void Dispose() => _store.Dispose();

    private TestBroker Start(int loops = 1) => new(loops, store: _store);

    private static TestClient Connect(TestBroker broker, string clientId, QoS qos = QoS.AtLeastOnce)
    {
        TestClient client = broker.Connect(clientId, cleanSession: false);
        client.Subscribe("a", qos);
        return client;
    }

    private static void Resume(TestBroker broker)
    {
        broker.IsWriterStalled = false;
        broker.Run();
    }
}
