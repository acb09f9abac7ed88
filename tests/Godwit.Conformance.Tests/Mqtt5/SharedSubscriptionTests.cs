// Section 4.8.2: shared subscriptions.
using Godwit.Broker.Sessions;

namespace Godwit.Conformance.Tests.Mqtt5;

public class SharedSubscriptionTests
{
    private const string Shared = "$share/g/a";

    [Theory]
    [Statement("MQTT-4.8.2-1", "5.0")]
    [Statement("MQTT-4.8.2-2", "5.0")]
    [Loops]
    public void PUBLISH_SharedSubscription_GoesToOneMemberInTurn(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient[] members = [.. Enumerable.Range(0, 3).Select(i => broker.Connect5(broker.ClientId($"m{i}-", i)))];
        TestClient otherGroup = broker.Connect5("other"), ordinary = broker.Connect5("ordinary"), publisher = broker.Connect5("p");
        foreach (TestClient member in members) member.Subscribe("$share/g/a/+");
        otherGroup.Subscribe("$share/h/a/+");
        ordinary.Subscribe("a/+");
        for (int i = 0; i < 9; i++) publisher.Publish($"a/{i}", "");
        List<string>[] received = [.. members.Select(m => m.Take())];
        Assert.All(received, r => Assert.Equal(3, r.Count));
        Assert.Equal(9, received.SelectMany(r => r).Distinct().Count());
        Assert.Equal(9, otherGroup.Take().Count);
        Assert.Equal(9, ordinary.Take().Count);
        Assert.Equal(4, broker.Statistics.SharedSubscriptions);
    }

    [Theory]
    [Statement("MQTT-4.8.2-3", "5.0")]
    [Loops]
    public void PUBLISH_SharedSubscription_HasTheQoSOfTheMemberChosen(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient[] members = [.. Enumerable.Range(0, 3).Select(i => broker.Connect5(broker.ClientId($"m{i}-", i)))];
        for (int i = 0; i < 3; i++) members[i].Subscribe(Shared, (QoS)i, properties: $"0B {i + 1:X2}");
        TestClient publisher = broker.Connect5("p");
        for (ushort i = 1; i <= 3; i++) publisher.Publish("a", "x", QoS.ExactlyOnce, i);
        members[0].ExpectPackets("PUBLISH a=x q0 {0B 01}");
        members[1].ExpectPackets("PUBLISH a=x q1 m1 {0B 02}");
        members[2].ExpectPackets("PUBLISH a=x q2 m1 {0B 03}");
    }

    [Theory]
    [Statement("MQTT-4.8.2-3", "5.0")]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(1, true)]
    [InlineData(3, true)]
    public void QoS1_MemberLeavesWithoutPuback_GoesToAnother(int loops, bool isPersistent)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("m", 0);
        TestClient first = broker.Connect5(id, isPersistent ? V5.Hour : ""), publisher = broker.Connect5("p");
        first.Subscribe(Shared, QoS.AtLeastOnce);
        for (ushort i = 1; i <= 3; i++) publisher.Publish("a", $"{i}", QoS.AtLeastOnce, i);
        first.ExpectPackets("PUBLISH a=1 q1 m1", "PUBLISH a=2 q1 m2", "PUBLISH a=3 q1 m3");
        TestClient second = broker.Connect5(broker.ClientId("n", 1));
        second.Subscribe(Shared, QoS.AtLeastOnce);
        first.Puback(2);
        first.Reset();
        second.ExpectPackets("PUBLISH a=1 q1 m1", "PUBLISH a=3 q1 m2");
        if (isPersistent) broker.Resume5(id).ExpectNothing();
    }

    [Theory]
    [Statement("MQTT-4.8.2-4", "5.0")]
    [Loops]
    public void QoS2_MemberComesBack_IsCompletedToIt(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("m", 0);
        TestClient first = broker.Connect5(id, V5.Hour), publisher = broker.Connect5("p");
        first.Subscribe(Shared, QoS.ExactlyOnce);
        publisher.Publish("a", "1", QoS.ExactlyOnce, 1);
        publisher.Publish("a", "2", QoS.ExactlyOnce, 2);
        first.ExpectPackets("PUBLISH a=1 q2 m1", "PUBLISH a=2 q2 m2");
        first.Pubrec(1);
        first.ExpectPackets("PUBREL m1");
        TestClient second = broker.Connect5(broker.ClientId("n", 1));
        second.Subscribe(Shared, QoS.ExactlyOnce);
        first.Reset();
        second.ExpectNothing();
        first = broker.Resume5(id);
        first.ExpectPackets("PUBREL m1", "PUBLISH a=2 q2 m2 dup");
        first.Pubcomp(1);
        first.Pubrec(2);
        first.Pubcomp(2);
        second.ExpectNothing();
    }

    [Theory]
    [Statement("MQTT-4.8.2-5", "5.0")]
    [Loops]
    public void QoS2_MembersSessionEnds_GoesToNobody(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient first = broker.Connect5(broker.ClientId("m", 0)), publisher = broker.Connect5("p");
        first.Subscribe(Shared, QoS.ExactlyOnce);
        publisher.Publish("a", "1", QoS.ExactlyOnce, 1);
        first.ExpectPackets("PUBLISH a=1 q2 m1");
        TestClient second = broker.Connect5(broker.ClientId("n", 1));
        second.Subscribe(Shared, QoS.ExactlyOnce);
        first.Reset();
        second.ExpectNothing();
        Assert.Equal(1, broker.Statistics.DroppedByReason[DropReason.Unacknowledged]);
    }

    [Theory]
    [Statement("MQTT-4.8.2-6", "5.0")]
    [Statement("MQTT-4.4.0-2", "5.0")]
    [InlineData(1, QoS.AtLeastOnce, PacketType.Puback)]
    [InlineData(3, QoS.AtLeastOnce, PacketType.Puback)]
    [InlineData(1, QoS.ExactlyOnce, PacketType.Pubrec)]
    [InlineData(3, QoS.ExactlyOnce, PacketType.Pubrec)]
    public void PUBACKandPUBREC_WithError_DiscardTheMessageForAllMembers(int loops, QoS qos, PacketType ack)
    {
        using var broker = new TestBroker(loops);
        TestClient first = broker.Connect5(broker.ClientId("m", 0), V5.Hour), publisher = broker.Connect5("p");
        first.Subscribe(Shared, qos);
        publisher.Publish("a", "1", qos, 1);
        first.ExpectPacket("PUBLISH a=1");
        TestClient second = broker.Connect5(broker.ClientId("n", 1));
        second.Subscribe(Shared, qos);
        first.Send(V5.Ack(ack, 1, ReasonCode.UnspecifiedError));
        first.Reset();
        second.ExpectNothing();
    }

    [Theory]
    [Statement("MQTT-3.3.4-9", "5.0")]
    [Statement("MQTT-4.8.2-3", "5.0")]
    [Loops]
    public void PUBLISH_MemberWithFullReceiveWindow_GoesToAnotherThenWaits(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient narrow = broker.Connect5(broker.ClientId("m", 0), "21 00 01"), wide = broker.Connect5(broker.ClientId("n", 1), "21 00 03");
        narrow.Subscribe(Shared, QoS.AtLeastOnce);
        wide.Subscribe(Shared, QoS.AtLeastOnce);
        TestClient publisher = broker.Connect5("p");
        for (ushort i = 1; i <= 6; i++) publisher.Publish("a", $"{i}", QoS.AtLeastOnce, i);
        narrow.ExpectPackets("PUBLISH a=1 q1 m1");
        wide.ExpectPackets("PUBLISH a=2 q1 m1", "PUBLISH a=3 q1 m2", "PUBLISH a=4 q1 m3");
        narrow.Puback(1);
        narrow.ExpectPackets("PUBLISH a=5 q1 m2");
        wide.Puback(3);
        wide.ExpectPackets("PUBLISH a=6 q1 m4");
        publisher.Publish("a", "0"); // QoS 0 needs no window
        Assert.Single([.. narrow.Take(), .. wide.Take()]);
    }

    [Theory]
    [Statement("MQTT-4.5.0-1", "5.0")]
    [Loops]
    public void PUBLISH_NobodyOnline_WaitsForTheFirstWhoComes(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("m", 0);
        TestClient first = broker.Connect5(id, V5.Hour), publisher = broker.Connect5("p");
        first.Subscribe(Shared, QoS.AtLeastOnce);
        first.Reset();
        publisher.Publish("a", "0");
        publisher.Publish("a", "1", QoS.AtLeastOnce, 1);
        publisher.Publish("a", "2", QoS.AtLeastOnce, 2, properties: "02 00 00 00 05");
        publisher.ExpectPackets("PUBACK m1", "PUBACK m2");
        broker.Advance(TimeSpan.FromSeconds(5));
        TestClient second = broker.Connect5(broker.ClientId("n", 1));
        second.Send(V5.Subscribe(1, (Shared, 1)));
        Assert.Equal(["PUBLISH a=1 q1 m1", "SUBACK m1 00 01"], second.Take().Order(StringComparer.Ordinal)); // in either order
        broker.Resume5(id).ExpectNothing();
        Assert.Equal(1, broker.Statistics.DroppedByReason[DropReason.NoMemberAvailable]);
        Assert.Equal(1, broker.Statistics.DroppedByReason[DropReason.Expired]);
    }

    [Fact]
    [Statement("MQTT-3.3.1-9", "5.0")]
    public void SUBSCRIBE_Shared_GetsNoRetainedMessages()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Publish("a", "1", retain: true);
        client.Subscribe(Shared);
        client.ExpectNothing();
        client.Publish("a", "2", retain: true);
        client.ExpectPackets("PUBLISH a=2 q0");
    }

    [Theory]
    [Statement("MQTT-3.10.4-2", "5.0")]
    [Loops]
    public void UNSUBSCRIBE_Member_GetsNoMoreAndTheOthersGetAll(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient first = broker.Connect5(broker.ClientId("m", 0)), second = broker.Connect5(broker.ClientId("n", 1)), publisher = broker.Connect5("p");
        first.Subscribe(Shared);
        second.Subscribe(Shared);
        first.Unsubscribe(Shared);
        for (int i = 0; i < 4; i++) publisher.Publish("a", $"{i}");
        first.ExpectNothing();
        Assert.Equal(4, second.Take().Count);
        second.Unsubscribe(Shared);
        publisher.Publish("a", "x", QoS.AtLeastOnce, 1);
        publisher.ExpectPackets("PUBACK m1 10");
        Assert.Equal(0, broker.Statistics.SharedSubscriptions);
    }

    [Theory]
    [Statement("MQTT-3.8.4-3", "5.0")]
    [Statement("MQTT-4.8.2-3", "5.0")]
    [Loops]
    public void SUBSCRIBE_SharedAgain_ReplacesTheOptionsWithoutASecondShare(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient first = broker.Connect5(broker.ClientId("m", 0)), second = broker.Connect5(broker.ClientId("n", 1)), publisher = broker.Connect5("p");
        first.Subscribe(Shared);
        first.Subscribe(Shared, QoS.AtLeastOnce);
        second.Subscribe(Shared);
        for (ushort i = 1; i <= 4; i++) publisher.Publish("a", "x", QoS.AtLeastOnce, i);
        first.ExpectPackets("PUBLISH a=x q1 m1", "PUBLISH a=x q1 m2");
        second.ExpectPackets("PUBLISH a=x q0", "PUBLISH a=x q0");
    }

    [Theory]
    [Statement("MQTT-4.8.2-3", "5.0")]
    [Loops]
    public void QoS0_WhileQoS1Waits_StillGoesToAMemberOnline(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient member = broker.Connect5("m", "21 00 01"), publisher = broker.Connect5("p");
        member.Subscribe(Shared, QoS.AtLeastOnce);
        publisher.Publish("a", "1", QoS.AtLeastOnce, 1);
        publisher.Publish("a", "2", QoS.AtLeastOnce, 2);
        publisher.Publish("a", "0");
        member.ExpectPackets("PUBLISH a=1 q1 m1", "PUBLISH a=0 q0");
    }

    [Theory]
    [Statement("MQTT-4.8.2-3", "5.0")]
    [Loops]
    public void QoS1_OnlyMemberDoesNotRead_MessagesWaitForIt(int loops)
    {
        const int count = 400;
        using var broker = new TestBroker(loops, o => o with { OutputLimit = 16 * 1024 });
        TestClient slow = broker.Connect5(broker.ClientId("m", 0)), publisher = broker.Connect5("p");
        slow.Subscribe(Shared);
        slow.PauseReading();
        string payload = new('x', 1000);
        for (ushort i = 1; i <= count; i++) publisher.Publish("a", payload, QoS.AtLeastOnce, i);
        Assert.Equal(count, publisher.Take().Count); // every one is acknowledged
        slow.ResumeReading();
        Assert.Equal(count, slow.Take().Count);
        Assert.Equal(0, broker.Statistics.Dropped);
    }

    [Theory]
    [Statement("MQTT-4.8.2-3", "5.0")]
    [Loops]
    public void QoS1_OneMemberDoesNotRead_TheOtherGetsWhatItHasNoRoomFor(int loops)
    {
        const int count = 400;
        using var broker = new TestBroker(loops, o => o with { OutputLimit = 16 * 1024 });
        TestClient slow = broker.Connect5(broker.ClientId("s", 0)), quick = broker.Connect5(broker.ClientId("q", 0)), publisher = broker.Connect5("p");
        foreach (TestClient member in new[] { slow, quick }) member.Subscribe(Shared, QoS.AtLeastOnce);
        slow.PauseReading();
        string payload = new('x', 1000);
        for (ushort i = 1; i <= count; i++) publisher.Publish("a", payload, QoS.AtLeastOnce, i);
        int quickGot = quick.Take().Count;
        Assert.InRange(quickGot, count * 3 / 4, count - 1); // far more than its half
        slow.ResumeReading();
        Assert.Equal(count, quickGot + slow.Take().Count);
        Assert.Equal(0, broker.Statistics.Dropped);

        for (ushort i = 1; i <= 10; i++) publisher.Publish("a", "again", QoS.AtLeastOnce, i);
        Assert.Equal(5, slow.Take().Count); // takes its turn again
    }
}
