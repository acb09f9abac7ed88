// What the ledger, the log and $SYS say of messages that were not delivered.
using Godwit.Broker;
using Godwit.Broker.Auth;
using Godwit.Broker.Losses;
using Godwit.Broker.Sessions;
using Godwit.Conformance.Tests.Mqtt5;

namespace Godwit.Conformance.Tests.Losses;

public class LedgerTests
{
    [Theory]
    [Loops]
    public async Task Loss_QueueFull_IsCountedByClientAndPrefixWithTheLastOnes(int loops)
    {
        using var broker = new TestBroker(loops, o => o with { MaximumQueuedMessages = 1, MaximumStoredMessages = 1 });
        string id = broker.ClientId("away", 1);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), away = broker.Connect(id, cleanSession: false);
        away.Subscribe("#", QoS.AtLeastOnce);
        away.Disconnect();
        for (ushort i = 1; i <= 7; i++) publisher.Publish($"a/b/{i}", "12345", QoS.AtLeastOnce, i);

        Loss loss = Assert.Single(await List(broker));

        Assert.Equal((id, "a/b", DropReason.QueueFull, 6L, 30L), (loss.Client, loss.TopicPrefix, loss.Reason, loss.Count, loss.Bytes));
        Assert.Equal(["a/b/6", "a/b/5", "a/b/4", "a/b/3"], loss.Samples.Select(s => s.Topic));
        Assert.All(loss.Samples, s => Assert.Equal((5, QoS.AtLeastOnce, broker.ClientId("publisher", 0)), (s.Size, s.QoS, s.Publisher)));
        Assert.Equal(new DateTimeOffset(2025, 1, 1, 12, 0, 0, TimeSpan.Zero), loss.LastAt);
    }

    [Fact]
    public async Task Loss_SharedSubscriptionWithoutMember_IsTheSubscriptions()
    {
        using var broker = new TestBroker();
        TestClient publisher = broker.Connect("publisher"), member = broker.Connect("member", cleanSession: false);
        member.Subscribe("$share/g/a/+");
        member.Disconnect();
        publisher.Publish("a/b", "x");

        Loss loss = Assert.Single(await List(broker));

        Assert.Equal(("$share/g/a/+", DropReason.NoMemberAvailable, 1L), (loss.Client, loss.Reason, loss.Count));
    }

    [Fact]
    public async Task Loss_RefusedPublishAndWill_AreThePublishers()
    {
        using var broker = new TestBroker(configure: o => o with { Authorizer = new NoPublisher() });
        broker.Connect("publisher").Publish("a", "x");
        broker.Open().Send(Packets.Connect(ProtocolVersion.V311, "dying", will: new TestWill("a", "gone")));

        IReadOnlyList<Loss> losses = await List(broker);

        Assert.Equal(["dying", "publisher"], losses.Select(loss => loss.Client).Order());
        Assert.All(losses, loss => Assert.Equal((DropReason.NotAuthorized, 1L), (loss.Reason, loss.Count)));
        Assert.Equal(0, broker.Statistics.Undelivered); // it was nobody's delivery yet
    }

    [Fact]
    public void Loss_ExpiredBeforeTheQueueWasFull_IsExpired()
    {
        using var broker = new TestBroker(configure: o => o with { MaximumQueuedMessages = 1, MaximumStoredMessages = 1 });
        TestClient publisher = broker.Connect5("publisher"), away = broker.Connect("away", cleanSession: false);
        away.Subscribe("a", QoS.AtLeastOnce);
        away.Disconnect();
        publisher.Publish("a", "1", QoS.AtLeastOnce, 1, properties: "02 00 00 00 01");
        broker.Advance(TimeSpan.FromSeconds(2));

        publisher.Publish("a", "2", QoS.AtLeastOnce, 2);

        Assert.Equal((1, 0), (broker.Statistics.DroppedByReason[DropReason.Expired], broker.Statistics.DroppedByReason[DropReason.QueueFull]));
    }

    [Theory]
    [Loops]
    public void Log_ThousandLosses_IsOneLineAMinuteForEachReason(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect("publisher");
        foreach (int i in Enumerable.Range(0, 3))
        {
            TestClient away = broker.Connect(broker.ClientId($"away{i}-", i), cleanSession: false);
            away.Subscribe(i == 1 ? "#" : "a/#");
            away.Disconnect();
        }
        for (int i = 0; i < 300; i++) publisher.Publish(i % 10 == 0 ? "b/c/d" : "a/b/c", "x");
        int before = broker.Log.Lines.Count;

        broker.Advance(TimeSpan.FromMinutes(3));

        string line = Assert.Single(broker.Log.Lines.Skip(before));
        string most = broker.ClientId("away1-", 1);
        Assert.Equal($"Lost in 60 seconds: 840 messages, offline (QoS 0 while the client is not connected). 3 clients, most of them {most}: 300, below 'a/b'.", line);
    }

    [Fact]
    public void Log_BrokerStops_TellsOfWhatWaitedInMemory()
    {
        var broker = new TestBroker();
        TestClient publisher = broker.Connect("publisher"), away = broker.Connect("away", cleanSession: false);
        away.Subscribe("a", QoS.AtLeastOnce);
        away.Disconnect();
        publisher.Publish("a", "x", QoS.AtLeastOnce, 1);

        broker.Dispose();

        Predicate<string> tells = line => line.Contains("1 messages, broker-stopped (the broker stopped while it waited in memory)", StringComparison.Ordinal);
        if (TestBroker.HasStore) Assert.DoesNotContain(broker.Log.Lines, tells);
        else Assert.Contains(broker.Log.Lines, tells);
    }

    [Fact]
    public void SysTopics_Losses_AreCountedByReason()
    {
        using var broker = new TestBroker(configure: o => o with { SysInterval = TimeSpan.FromSeconds(10) });
        TestClient publisher = broker.Connect("publisher"), away = broker.Connect("away", cleanSession: false), monitor = broker.Connect("monitor");
        away.Subscribe("a");
        away.Disconnect();
        monitor.Subscribe("$SYS/broker/losses/+");
        Assert.Equal(Enum.GetValues<DropReason>().Length, monitor.Take().Count(text => text.EndsWith("=0 q0 retain", StringComparison.Ordinal)));

        publisher.Publish("a", "x");
        broker.Advance(TimeSpan.FromSeconds(10));

        monitor.ExpectPackets("PUBLISH $SYS/broker/losses/offline=1 q0");
    }

    private static async Task<IReadOnlyList<Loss>> List(TestBroker broker)
    {
        Task<IReadOnlyList<Loss>> losses = broker.Broker.ListLossesAsync();
        broker.Run();
        return await losses;
    }

    private sealed class NoPublisher : IAuthorizer
    {
        public bool MayPublish(ClientIdentity client, ReadOnlySpan<byte> topic, QoS qos, bool retain) => false;

        public bool MaySubscribe(ClientIdentity client, ReadOnlySpan<byte> filter, SubscriptionOptions options) => true;
    }
}
