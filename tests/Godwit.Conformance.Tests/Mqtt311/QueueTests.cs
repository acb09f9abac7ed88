// Messages that wait for a session: their order, their bounds, and what is dropped (sections 3.1.2.4 and 4.5).
using Godwit.Broker;
using Godwit.Broker.Sessions;

namespace Godwit.Conformance.Tests.Mqtt311;

public class QueueTests
{
    [Theory]
    [InlineData(1, OverflowPolicy.DropOldest)]
    [InlineData(3, OverflowPolicy.DropOldest)]
    [InlineData(1, OverflowPolicy.DropNewest)]
    [InlineData(3, OverflowPolicy.DropNewest)]
    [Statement("MQTT-4.5.0-1", "3.1.1")]
    [Statement("MQTT-3.1.2-5", "3.1.1")]
    public void Queue_Full_DropsByPolicyAndCounts(int loops, OverflowPolicy policy)
    {
        using var broker = new TestBroker(loops, o => o with { MaximumQueuedMessages = 3, MaximumStoredMessages = 3, OverflowPolicy = policy });
        string id = broker.ClientId("subscriber", 1);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(id, cleanSession: false);
        subscriber.Subscribe("a", QoS.AtLeastOnce);
        subscriber.Close();

        for (ushort i = 1; i <= 5; i++) publisher.Publish("a", $"{i}", QoS.AtLeastOnce, i);

        publisher.ExpectPackets("PUBACK m1", "PUBACK m2", "PUBACK m3", "PUBACK m4", "PUBACK m5");
        Assert.Equal(2, broker.Session(id)!.Drops![DropReason.QueueFull]);
        Assert.Equal(2, broker.Statistics.DroppedByReason[DropReason.QueueFull]);
        int first = policy == OverflowPolicy.DropOldest ? 3 : 1;
        broker.Connect(id, cleanSession: false, sessionPresent: true,
            afterConnack: [.. Enumerable.Range(0, 3).Select(i => $"PUBLISH a={first + i} q1 m{(TestBroker.HasStore ? first + i : i + 1)}")]);
    }

    [Fact]
    public void Queue_FullInBytes_DropsTheOldest()
    {
        using var broker = new TestBroker(configure: o => o with { MaximumQueuedBytes = 3000, MaximumStoredBytes = 3000 });
        TestClient publisher = broker.Connect("publisher"), subscriber = broker.Connect("subscriber", cleanSession: false);
        subscriber.Subscribe("#", QoS.AtLeastOnce);
        subscriber.Close();
        string payload = new('x', 900);

        for (ushort i = 1; i <= 5; i++) publisher.Publish($"a/{i}", payload, QoS.AtLeastOnce, i);
        publisher.Publish("huge", new string('x', 3000), QoS.AtLeastOnce, 6); // does not fit into the empty queue either

        Assert.Equal((0, 0), (broker.Session("subscriber")!.QueuedMessages, broker.Session("subscriber")!.QueuedBytes));
        Assert.Equal(6, broker.Session("subscriber")!.Drops![DropReason.QueueFull]);
        Assert.Equal(0, broker.Statistics.StoredBytes);
    }

    [Theory]
    [Loops]
    public void Queue_BehindAFullWindow_IsSentAsAcknowledgementsCome(int loops)
    {
        using var broker = new TestBroker(loops, o => o with { MaximumInflight = 2 });
        string id = broker.ClientId("subscriber", 1);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Connect(id, cleanSession: false);
        subscriber.Subscribe("a", QoS.ExactlyOnce);

        for (ushort i = 1; i <= 5; i++) publisher.Publish("a", $"{i}", i == 2 ? QoS.ExactlyOnce : QoS.AtLeastOnce, i);
        subscriber.ExpectPackets("PUBLISH a=1 q1 m1", "PUBLISH a=2 q2 m2");
        subscriber.Pubrec(2);
        subscriber.ExpectPackets("PUBREL m2");
        subscriber.Puback(1);
        subscriber.ExpectPackets("PUBLISH a=3 q1 m3");
        subscriber.Reset();

        subscriber = broker.Connect(id, cleanSession: false, sessionPresent: true, afterConnack: ["PUBREL m2", "PUBLISH a=3 q1 m3 dup", "PUBLISH a=4 q1 m4"]);
        subscriber.Pubcomp(2);
        subscriber.Puback(3);
        subscriber.ExpectPackets("PUBLISH a=5 q1 m5");
        subscriber.Puback(4);
        subscriber.Puback(5);
        Assert.Equal(0, broker.Session(id)!.Deliveries.Outbound.InFlight);
    }

    [Theory]
    [Loops]
    public void Queue_ExpiredMessages_AreNotDelivered(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("subscriber", 1);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0), version: ProtocolVersion.V5);
        TestClient subscriber = broker.Connect(id, cleanSession: false);
        subscriber.Subscribe("a", QoS.AtLeastOnce);
        subscriber.Close();
        publisher.Publish("a", "expires", QoS.AtLeastOnce, 1, retain: true, properties: "02 00 00 00 0A");
        publisher.Publish("a", "lasts", QoS.AtLeastOnce, 2, properties: "02 00 00 00 0C");

        broker.Advance(TimeSpan.FromSeconds(11));

        subscriber = broker.Connect(id, cleanSession: false, sessionPresent: true, afterConnack: [$"PUBLISH a=lasts q1 m{(TestBroker.HasStore ? 2 : 1)}"]);
        Assert.Equal(1, broker.Session(id)!.Drops![DropReason.Expired]);
        subscriber.Subscribe("a", packetId: 2); // the retained message has expired too
        subscriber.ExpectOpen();
    }

    [Fact]
    public void Queue_SessionReplacedByCleanSession_CountsWhatIsLost()
    {
        using var broker = new TestBroker();
        TestClient publisher = broker.Connect("publisher"), subscriber = broker.Connect("subscriber", cleanSession: false);
        subscriber.Subscribe("a", QoS.AtLeastOnce);
        subscriber.Close();
        publisher.Publish("a", "x", QoS.AtLeastOnce, 1);

        broker.Connect("subscriber", cleanSession: true);

        Assert.Equal(1, broker.Statistics.DroppedByReason[DropReason.SessionEnded]);
        Assert.Equal((0, 0), (broker.Statistics.StoredMessages, broker.Statistics.StoredBytes));
    }

    [Theory]
    [Loops]
    public void SlowSubscriber_QoS0_IsDroppedAndCountedWhileOthersGoOn(int loops)
    {
        const int limit = 64 * 1024, size = 1000, count = 2000;
        using var broker = new TestBroker(loops, o => o with { OutputLimit = limit });
        string id = broker.ClientId("slow", 1);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), slow = broker.Connect(id), fast = broker.Connect(broker.ClientId("fast", 1));
        slow.Subscribe("a");
        fast.Subscribe("a");
        slow.PauseReading();
        string payload = new('x', size);

        for (int i = 0; i < count; i++) publisher.Publish("a", payload);

        ClientSession session = broker.Session(id)!;
        Assert.InRange(session.Connection!.Transport.PendingOutput, limit - size, limit + 2 * size);
        Assert.Equal(0, session.QueuedMessages);
        Assert.Equal(count, fast.Take().Count);
        slow.ResumeReading();
        long dropped = session.Drops![DropReason.SlowConsumer];
        Assert.InRange(dropped, 1, count - 1);
        Assert.Equal(count, dropped + slow.Take().Count); // nothing is lost that is not counted
        Assert.Equal(dropped, broker.Statistics.DroppedByReason[DropReason.SlowConsumer]);
        publisher.Publish("a", "again");
        slow.ExpectPackets("PUBLISH a=again q0");
    }

    [Theory]
    [InlineData("a")]
    [InlineData("$share/g/a")]
    public void FastSubscriber_GettingMuchInOneTurn_LosesNothing(string filter)
    {
        const int count = 4000, size = 1000;
        using var broker = new TestBroker(2, o => o with { OutputLimit = 64 * 1024 });
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), subscriber = broker.Open(transitLimit: 16 * 1024 * 1024);
        subscriber.Send(Packets.Connect(ProtocolVersion.V311, broker.ClientId("subscriber", 1)));
        subscriber.ExpectPackets("CONNACK 00 00");
        subscriber.Subscribe(filter);
        broker.StalledLoops.Add(1);
        byte[] payload = new byte[size];

        publisher.Send([.. Enumerable.Range(0, count).Select(_ => Packets.Publish(ProtocolVersion.V311, "a", payload))]);
        broker.StalledLoops.Clear();
        broker.Run();

        Assert.Equal(count, subscriber.Take().Count);
        Assert.Equal(0, broker.Statistics.Dropped);
    }

    [Theory]
    [Loops]
    public void SlowSubscriber_QoS1_WaitsInTheQueueAndComesInOrder(int loops)
    {
        const int limit = 64 * 1024, count = 2000;
        using var broker = new TestBroker(loops, o => o with { OutputLimit = limit });
        string id = broker.ClientId("slow", 1);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), slow = broker.Connect(id);
        slow.Subscribe("a", QoS.AtLeastOnce);
        slow.PauseReading();
        string padding = new('x', 200);

        for (int i = 1; i <= count; i++) publisher.Publish("a", $"{i} {padding}", QoS.AtLeastOnce, (ushort)i);
        Assert.InRange(broker.Session(id)!.QueuedMessages, 1, count);
        slow.ResumeReading();

        Assert.Equal([.. Enumerable.Range(1, count).Select(i => $"PUBLISH a={i} {padding} q1 m{i}")], slow.Take());
        Assert.Equal(0, broker.Statistics.Dropped);
    }

    [Theory]
    [InlineData("C0 00")]
    [InlineData("32 06 00 01 'a' 00 01 'x'")]
    [InlineData("82 06 00 01 00 01 'b' 00")]
    public void SilentReader_WhoseAnswersPileUp_IsNotReadUntilItReads(string request)
    {
        const int limit = 16 * 1024, count = 60_000;
        using var broker = new TestBroker(configure: o => o with { OutputLimit = limit });
        TestClient client = broker.Connect("client"), other = broker.Connect("other");
        byte[] packet = Hex.Bytes(request);
        client.PauseReading();

        client.Send([.. Enumerable.Repeat(packet, count)]);

        Assert.InRange(broker.Session("client")!.Connection!.Transport.PendingOutput, limit, 2 * limit + 1024);
        other.Send("C0 00");
        other.Expect("D0 00");
        client.ResumeReading();
        Assert.Equal(count, client.Take().Count);
    }

    [Fact]
    public void Publisher_OfManySmallMessagesForABusyLoop_LeavesRoomForOthers()
    {
        const int count = 5000;
        using var broker = new TestBroker(2);
        TestClient flood = broker.Connect(broker.ClientId("flood", 0)), other = broker.Connect(broker.ClientId("other", 0));
        TestClient subscriber = broker.Connect(broker.ClientId("subscriber", 1));
        subscriber.Subscribe("a");
        subscriber.Subscribe("b");
        broker.StalledLoops.Add(1);

        flood.Send([.. Enumerable.Repeat(Packets.Publish(ProtocolVersion.V311, "a", []), count)]);
        Assert.InRange(broker.Statistics.PublishReceived, 1000, 1100);
        other.Publish("b", "x");
        broker.StalledLoops.Clear();
        broker.Run();

        List<string> received = subscriber.Take();
        Assert.Equal(count + 1, received.Count);
        Assert.InRange(received.IndexOf("PUBLISH b=x q0"), 1000, 1100);
        Assert.Equal(0, broker.Statistics.Dropped);
    }

    [Fact]
    public void Publisher_FasterThanAnotherLoop_WaitsAndLosesNothing()
    {
        const int count = 2000, size = 10_000; // more than two loops may have between them
        using var broker = new TestBroker(2, o => o with { OutputLimit = 64 * 1024 * 1024 });
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0), keepAlive: 10);
        TestClient subscriber = broker.Connect(broker.ClientId("subscriber", 1)), neighbour = broker.Connect(broker.ClientId("neighbour", 0));
        subscriber.Subscribe("a", QoS.AtLeastOnce);
        broker.StalledLoops.Add(1);

        byte[] payload = new byte[size];
        publisher.Send([.. Enumerable.Range(1, count).Select(i => Packets.Publish(ProtocolVersion.V311, "a", payload, QoS.AtLeastOnce, (ushort)i))]);
        long received = broker.Statistics.PublishReceived;
        Assert.InRange(received * size, 8_000_000, 9_000_000);
        broker.Advance(TimeSpan.FromMinutes(1)); // it is not read, so its keep alive does not count
        neighbour.Send("C0 00");
        neighbour.Expect("D0 00");
        broker.StalledLoops.Clear();
        broker.Run();

        Assert.Equal(count, broker.Statistics.PublishReceived);
        Assert.Equal([.. Enumerable.Range(1, count).Select(i => $"PUBACK m{i}")], publisher.Take());
        Assert.Equal(count, subscriber.Take().Count);
        Assert.False(publisher.IsClosed);
        broker.Advance(TimeSpan.FromSeconds(16));
        publisher.ExpectClosed();
    }

    [Fact]
    public void Publisher_AfterACongestionThatIsOver_IsReadOn()
    {
        const int count = 2000, size = 10_000;
        using var broker = new TestBroker(2, o => o with { OutputLimit = 64 * 1024 * 1024 });
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 1)), member = broker.Connect(broker.ClientId("member", 1));
        TestClient bystander = broker.Connect(broker.ClientId("bystander", 0));
        member.Subscribe($"$share/{broker.ClientId("group", 0)}/a", QoS.AtLeastOnce); // the messages go to loop 0 and back
        broker.StalledLoops.Add(0);
        byte[] payload = new byte[size];
        publisher.Send([.. Enumerable.Range(1, count).Select(i => Packets.Publish(ProtocolVersion.V311, "a", payload, QoS.AtLeastOnce, (ushort)i))]);
        broker.StalledLoops.Clear();
        broker.Run();
        Assert.Equal(count, member.Take().Count);

        bystander.Publish("b", "x", QoS.AtLeastOnce, 1);
        bystander.ExpectPackets("PUBACK m1");
        bystander.Publish("b", "x", QoS.AtLeastOnce, 2);
        bystander.ExpectPackets("PUBACK m2");
    }

    [Fact]
    [Statement("MQTT-4.6.0-6", "3.1.1")]
    public void QoS0_WhileOlderOnesWait_DoesNotOvertakeThem()
    {
        using var broker = new TestBroker(configure: o => o with { QueueQoS0Messages = true, MaximumInflight = 1 });
        TestClient publisher = broker.Connect("publisher"), subscriber = broker.Connect("subscriber", cleanSession: false);
        subscriber.Subscribe("a", QoS.AtLeastOnce);
        subscriber.Close();
        publisher.Publish("a", "1", QoS.AtLeastOnce, 1);
        publisher.Publish("a", "2", QoS.AtLeastOnce, 2);
        publisher.Publish("a", "3");
        subscriber = broker.Connect("subscriber", cleanSession: false, sessionPresent: true, afterConnack: ["PUBLISH a=1 q1 m1"]);
        publisher.Publish("a", "4");
        subscriber.ExpectNothing();
        subscriber.Puback(1);
        subscriber.ExpectPackets("PUBLISH a=2 q1 m2", "PUBLISH a=3 q0", "PUBLISH a=4 q0");
    }

    [Theory]
    [InlineData(QoS.AtLeastOnce)]
    [InlineData(QoS.ExactlyOnce)]
    public void Client_ThatNeverAcknowledges_HoldsOnlySoManyBytesInFlight(QoS qos)
    {
        using var broker = new TestBroker(configure: o => o with { MaximumInflightBytes = 10_000 });
        TestClient publisher = broker.Connect("publisher"), subscriber = broker.Connect("subscriber", cleanSession: false);
        subscriber.Subscribe("a", qos);
        for (ushort i = 1; i <= 20; i++) publisher.Publish("a", new string((char)('a' + i), 1000), qos, i);
        Assert.Equal(10, subscriber.Take().Count);
        Assert.Equal(10, broker.Session("subscriber")!.QueuedMessages);
        subscriber = broker.Connect("subscriber", cleanSession: false, sessionPresent: true, afterConnack: [.. Enumerable.Range(1, 10).Select(i => Resent(i))]);

        for (ushort i = 1; i <= 20; i++)
        {
            subscriber.Send(qos == QoS.AtLeastOnce ? [Packets.Ack(PacketType.Puback, i)] : [Packets.Ack(PacketType.Pubrec, i), Packets.Ack(PacketType.Pubcomp, i)]);
            Assert.Equal(i <= 10 ? 1 : 0, subscriber.Take().Count(packet => packet.StartsWith("PUBLISH", StringComparison.Ordinal)));
        }
        Assert.Equal((0, 0), (broker.Statistics.Dropped, broker.Session("subscriber")!.Deliveries.Outbound.InFlight));

        string Resent(int i) => $"PUBLISH a={new string((char)('a' + i), 1000)} q{(int)qos} m{i} dup";
    }
}
