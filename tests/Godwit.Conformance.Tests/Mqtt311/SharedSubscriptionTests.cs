// Shared subscriptions belong to MQTT 5, but brokers serve them to clients of 3.1.1 too: $share/NAME/FILTER.
using Godwit.Broker.Sessions;

namespace Godwit.Conformance.Tests.Mqtt311;

public class SharedSubscriptionTests
{
    [Theory]
    [Loops]
    public void Shared_EachMessageGoesToOneMember(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0));
        TestClient[] members = [.. Enumerable.Range(0, 3).Select(i => broker.Connect(broker.ClientId($"member {i}", i)))];
        TestClient outsider = broker.Connect(broker.ClientId("outsider", 1)), otherGroup = broker.Connect(broker.ClientId("other group", 2));
        foreach (TestClient member in members) member.Subscribe("$share/g/a/+", QoS.AtLeastOnce);
        outsider.Subscribe("a/+", QoS.AtLeastOnce);
        otherGroup.Subscribe("$share/h/a/+", QoS.AtLeastOnce);

        for (ushort i = 1; i <= 9; i++) publisher.Publish($"a/{i}", "x", QoS.AtLeastOnce, i);

        List<string>[] received = [.. members.Select(member => member.Take())];
        Assert.All(received, messages => Assert.Equal(3, messages.Count));
        Assert.Equal(9, received.SelectMany(messages => messages).Select(text => text.Split('=')[0]).Distinct().Count());
        Assert.Equal(9, outsider.Take().Count);
        Assert.Equal(9, otherGroup.Take().Count);
    }

    [Theory]
    [Loops]
    public void Shared_MemberLeaves_AnotherGetsWhatItDidNotAcknowledge(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0));
        TestClient leaver = broker.Connect(broker.ClientId("leaver", 1));
        leaver.Subscribe("$share/g/a", QoS.AtLeastOnce);
        publisher.Publish("a", "1", QoS.AtLeastOnce, 1);
        publisher.Publish("a", "2", QoS.AtLeastOnce, 2);
        leaver.ExpectPackets("PUBLISH a=1 q1 m1", "PUBLISH a=2 q1 m2");
        leaver.Puback(1);
        TestClient stayer = broker.Connect(broker.ClientId("stayer", 2));
        stayer.Subscribe("$share/g/a", QoS.AtLeastOnce);

        leaver.Reset();

        stayer.ExpectPackets("PUBLISH a=2 q1 m1");
        publisher.Publish("a", "3", QoS.AtLeastOnce, 3);
        stayer.ExpectPackets("PUBLISH a=3 q1 m2");
    }

    [Theory]
    [Loops]
    public void Shared_OfflineMembers_GetWhatWaitedWhenOneIsBack(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("member", 1);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), member = broker.Connect(id, cleanSession: false);
        member.Subscribe("$share/g/a", QoS.AtLeastOnce);
        member.Close();

        for (ushort i = 1; i <= 3; i++) publisher.Publish("a", $"{i}", QoS.AtLeastOnce, i);

        broker.Connect(id, cleanSession: false, sessionPresent: true, afterConnack: ["PUBLISH a=1 q1 m1", "PUBLISH a=2 q1 m2", "PUBLISH a=3 q1 m3"]);
    }

    [Theory]
    [Loops]
    public void Shared_GetsNoRetainedMessages_AndEndsWithUnsubscribe(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), member = broker.Connect(broker.ClientId("member", 1));
        publisher.Publish("a", "kept", retain: true);

        member.Subscribe("$share/g/a");
        publisher.Publish("a", "live");
        member.ExpectPackets("PUBLISH a=live q0");
        member.Unsubscribe("$share/g/a");
        publisher.Publish("a", "after");

        member.ExpectOpen();
        Assert.Equal((0, 0), (broker.Statistics.Subscriptions, broker.Statistics.SharedSubscriptions));
    }

    [Theory]
    [Loops]
    public void Shared_LastMemberGoesForGood_WhatItLeavesIsCounted(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("persistent", 1);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), member = broker.Connect(broker.ClientId("member", 2));
        TestClient persistent = broker.Connect(id, cleanSession: false);
        member.Subscribe("$share/g/a", QoS.AtLeastOnce);
        persistent.Subscribe("$share/h/a", QoS.AtLeastOnce);
        persistent.Close();
        for (ushort i = 1; i <= 3; i++) publisher.Publish("a", $"{i}", QoS.AtLeastOnce, i);

        member.Reset(); // three in flight
        Assert.Equal(3, broker.Statistics.DroppedByReason[DropReason.SessionEnded]);
        broker.Connect(id, cleanSession: true); // three waiting

        Assert.Equal(6, broker.Statistics.DroppedByReason[DropReason.SessionEnded]);
    }
}
