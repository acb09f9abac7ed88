using Godwit.Broker.Losses;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Broker.Telemetry;
using Godwit.Protocol;

namespace Godwit.Broker.Tests.Losses;

/// <summary>The ledger by itself: bounded, exact, and without allocation.</summary>
public sealed class LossLedgerTests
{
    private readonly TestShards _shards = new();
    private readonly Counters _counters = new();

    [Theory]
    [InlineData(1, "plant/line/7", "plant")]
    [InlineData(2, "plant/line/7", "plant/line")]
    [InlineData(2, "plant/line", "plant/line")]
    [InlineData(2, "plant", "plant")]
    [InlineData(2, "/line/7", "/line")]
    [InlineData(8, "a/b/c", "a/b/c")]
    public void Add_Topic_IsCountedBelowItsFirstLevels(int levels, string topic, string prefix)
    {
        LossLedger ledger = Ledger(16, levels);

        ledger.Add(new LossAccount("c"), DropReason.QueueFull, TestShards.Message(topic), QoS.AtLeastOnce);

        Loss loss = Assert.Single(ledger.Snapshot());
        Assert.Equal((prefix, topic), (loss.TopicPrefix, Assert.Single(loss.Samples).Topic));
    }

    [Fact]
    public void Add_MoreThanThereIsRoomFor_StaysBoundedAndExact()
    {
        LossLedger ledger = Ledger(16, 2);
        LossAccount[] accounts = [.. Enumerable.Range(0, 50).Select(i => new LossAccount($"c{i}"))];
        LossAccount steady = new("steady");
        for (int i = 0; i < 3000; i++)
        {
            ledger.Add(accounts[i % 50], (DropReason)(i % 3), TestShards.Message($"t/{i % 7}", "12"), QoS.AtMostOnce);
            ledger.Add(steady, DropReason.Expired, TestShards.Message("s"), QoS.AtMostOnce);
        }
        ledger.Add(steady, DropReason.Expired, 500, 9000);

        Loss[] losses = [.. ledger.Snapshot()];

        Assert.True(losses.Length <= 16 + 3);
        Assert.Equal(6500, losses.Sum(loss => loss.Count));
        Assert.Equal(3000 * 2 + 3000 + 9000, losses.Sum(loss => loss.Bytes));
        Assert.Equal(3000, Assert.Single(losses, loss => loss is { Client: "steady", TopicPrefix: "s" }).Count); // what goes on stays
        Assert.Equal(3, losses.Count(loss => loss.Client == Loss.Others));
        Assert.All(Enum.GetValues<DropReason>(), reason => Assert.Equal(_counters.Drops[reason], losses.Where(loss => loss.Reason == reason).Sum(loss => loss.Count)));
    }

    [Fact]
    public void Add_LongNames_AreCut()
    {
        LossLedger ledger = Ledger(16, 2);

        ledger.Add(new LossAccount(new string('c', 65_535)), DropReason.Expired, TestShards.Message(new string('é', 30_000)), QoS.AtMostOnce);

        Loss loss = Assert.Single(ledger.Snapshot());
        Assert.Equal((256, 32, 48), (loss.Client.Length, loss.TopicPrefix.Length, loss.Samples[0].Topic.Length));
    }

    [Fact]
    public void Add_HundredThousandLosses_AllocateNothing()
    {
        LossLedger ledger = Ledger(16, 2);
        LossAccount[] accounts = [.. Enumerable.Range(0, 20).Select(i => new LossAccount($"c{i}"))];
        byte[][] topics = [.. Enumerable.Range(0, 100).Select(i => TestShards.Utf8($"a/{i}"))];
        AddMany(1000);

        long before = GC.GetAllocatedBytesForCurrentThread();
        AddMany(100_000);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(allocated < 10_000, $"{allocated} bytes for 100,000 losses");

        void AddMany(int count)
        {
            for (int i = 0; i < count; i++)
            {
                var view = new PublicationView { Topic = topics[i % topics.Length], Payload = "x"u8 };
                ledger.Add(accounts[i / 10 % accounts.Length], DropReason.SlowConsumer, view, QoS.AtMostOnce);
            }
        }
    }

    private LossLedger Ledger(int entries, int levels) => new(_shards.Loops.Loops[0], _counters.Drops, entries, levels);
}
