// The stages of the memory budget, one after the other: publishers are slowed down, nothing new is taken on, the longest queues are shortened.
using Godwit.Broker;
using Godwit.Broker.Memory;
using Godwit.Broker.Sessions;

namespace Godwit.Conformance.Tests.Memory;

public class MemoryBudgetTests
{
    private const int Budget = 8 * 1024 * 1024;

    private static readonly string Large = new('x', 30_000);

    [Fact]
    public void Retained_FourFifthsUsed_FloodingPublisherHeldQuietOneServed()
    {
        using TestBroker broker = Make();
        TestClient flood = broker.Connect("flood"), quiet = broker.Connect("quiet");
        for (int i = 0; Stage(broker) == MemoryStage.Normal && i < 300; i++) flood.Publish($"r/{i}", Large, retain: true);
        long before = broker.Statistics.PublishReceived;

        for (int i = 0; i < 5; i++) flood.Publish($"more/{i}", Large, retain: true);
        quiet.Publish("q", "1", QoS.AtLeastOnce, 7);

        Assert.Equal(MemoryStage.Slow, Stage(broker));
        Assert.InRange(broker.Statistics.PublishReceived - before, 1, 2); // the quiet one's, and one of the flood's at most
        quiet.ExpectPackets("PUBACK m7");
        Assert.Contains(broker.Log.Lines, line => line.Contains("Memory is short"));
    }

    [Fact]
    public void Held_MemoryFree_GoesOn()
    {
        using TestBroker broker = Make();
        TestClient flood = broker.Connect("flood");
        broker.Broker.SetOtherMemory(Budget / 10 * 9);
        broker.Advance(TimeSpan.FromMilliseconds(20));
        for (int i = 0; i < 10; i++) flood.Publish("r", Large, retain: true);
        Assert.InRange(broker.Statistics.PublishReceived, 1, 9);

        broker.Broker.SetOtherMemory(0);
        broker.Advance(TimeSpan.FromMilliseconds(20));

        Assert.Equal(10, broker.Statistics.PublishReceived);
        Assert.Equal(MemoryStage.Normal, Stage(broker));
    }

    [Fact]
    public void Held_MemoryStaysShort_NotForEver()
    {
        using TestBroker broker = Make();
        TestClient flood = broker.Connect("flood", keepAlive: 1);
        broker.Broker.SetOtherMemory(Budget / 10 * 9);
        broker.Advance(TimeSpan.FromMilliseconds(20));
        for (int i = 0; i < 5; i++) flood.Publish("r", Large, retain: true);

        broker.Advance(TimeSpan.FromSeconds(12));

        Assert.Equal(5, broker.Statistics.PublishReceived);
    }

    [Fact]
    public void Shed_NewSessionSubscriptionAndRetained_Refused()
    {
        using TestBroker broker = Make();
        TestClient known = broker.Connect("known", version: ProtocolVersion.V5);
        known.Publish("kept", "small", retain: true);
        FillUp(broker);

        known.Send(Packets.Subscribe(ProtocolVersion.V5, 1, [("a", 0)]));
        known.ExpectPackets("SUBACK m1 00 97");
        known.Publish("new", "1", retain: true);
        known.Publish("kept", "larger than before", retain: true);
        TestClient stranger = broker.Open(ProtocolVersion.V5);
        stranger.Send(Packets.Connect(ProtocolVersion.V5, "stranger"));

        Assert.StartsWith("CONNACK 00 97", stranger.Take()[0]);
        Assert.Equal(2, broker.Statistics.DroppedByReason[DropReason.NotRetained]);
        Assert.Equal(0, broker.Statistics.RetainedMessages);
        Assert.Contains(broker.Log.Lines, line => line.Contains("Memory is used up"));
    }

    [Fact]
    public void Shed_Queues_LongestLosesItsOldestAndBooksBalance()
    {
        if (TestBroker.HasStore) return; // queues are on disk there
        using TestBroker broker = Make();
        Leave(broker, "long", "long");
        Leave(broker, "short", "short");
        TestClient publisher = broker.Connect("p");
        for (ushort i = 1; i <= 100; i++) publisher.Publish("long", Large, QoS.AtLeastOnce, i);
        for (ushort i = 1; i <= 3; i++) publisher.Publish("short", "x", QoS.AtLeastOnce, i);
        long queued = broker.Statistics.Memory.Queued;

        broker.Broker.SetOtherMemory(Budget - queued - Budget / 50);
        broker.Advance(TimeSpan.FromSeconds(2));

        long lost = broker.Statistics.DroppedByReason[DropReason.Memory];
        Assert.InRange(lost, 1, 99);
        Assert.Equal(100 - lost, broker.Session("long")!.QueuedMessages);
        Assert.Equal(3, broker.Session("short")!.QueuedMessages);
        MemoryUse use = broker.Statistics.Memory;
        Assert.True(use.Stage != MemoryStage.Shed, $"{use.Used} of {use.Budget}: {use}");
    }

    [Fact]
    public void Shed_SlowReader_Closed()
    {
        using TestBroker broker = Make();
        TestClient slow = broker.Connect("slow");
        slow.Subscribe("a");
        slow.PauseReading();
        TestClient publisher = broker.Connect("p");
        for (int i = 0; i < 30; i++) publisher.Publish("a", Large);

        FillUp(broker);
        broker.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(broker.Session("slow"));
        Assert.Equal(1, broker.Statistics.ClientsConnected);
    }

    [Fact]
    public void Queued_SharedByManySessions_CountedOnce()
    {
        using TestBroker broker = Make();
        for (int i = 0; i < 20; i++) Leave(broker, $"s{i}", "a");
        TestClient publisher = broker.Connect("p");

        publisher.Publish("a", Large, QoS.AtLeastOnce, 1);

        Assert.InRange(broker.Statistics.Memory.Queued, Large.Length, Large.Length + 3000);
        for (int i = 0; i < 20; i++) broker.Connect($"s{i}").Disconnect(); // a clean start ends them
        Assert.Equal(0, broker.Statistics.Memory.Queued);
    }

    private static TestBroker Make() => new(configure: options => options with { MemoryBudget = Budget });

    private static MemoryStage Stage(TestBroker broker) => broker.Statistics.Memory.Stage;

    private static void FillUp(TestBroker broker)
    {
        broker.Broker.SetOtherMemory(Budget);
        broker.Advance(TimeSpan.FromMilliseconds(20));
    }

    private static void Leave(TestBroker broker, string clientId, string filter)
    {
        TestClient client = broker.Connect(clientId, cleanSession: false);
        client.Subscribe(filter, QoS.AtLeastOnce);
        client.Disconnect();
    }
}
