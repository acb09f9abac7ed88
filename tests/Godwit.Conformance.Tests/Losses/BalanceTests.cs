// The books balance: what was published, once for each session and shared subscription that matched, is what was delivered, what waits
// or is in flight, and what is in the ledger. To the message, whatever clients do.
using Godwit.Broker.Losses;
using Godwit.Broker.Sessions;

namespace Godwit.Conformance.Tests.Losses;

public class BalanceTests
{
    // Those that a random load without a store can bring about.
    private static readonly DropReason[] Reasons =
    [
        DropReason.QueueFull, DropReason.SlowConsumer, DropReason.Expired, DropReason.PacketTooLarge, DropReason.SessionEnded, DropReason.SessionExpired,
        DropReason.SessionRemoved, DropReason.Unacknowledged, DropReason.Offline, DropReason.Refused, DropReason.HookRefused, DropReason.NoMemberAvailable, DropReason.BrokerStopped,
        DropReason.NotAuthorized,
    ];

    [Fact]
    public async Task Books_RandomLoad_Balance()
    {
        HashSet<DropReason> seen = [];
        long held = 0;
        for (int seed = 1; seed <= 60; seed++)
        {
            using var load = new RandomLoad(seed);
            for (int step = 1; step <= 240; step++)
            {
                load.Step();
                if (step % 60 > 0) continue;
                load.ReadAll();
                AssertBalance(load, load.Held, $"seed {seed}, step {step}");
            }
            held += load.Held;
            AssertSums(await load.ListLossesAsync(), load, $"seed {seed}");
            await load.StopAsync();
            AssertBalance(load, load.Stored, $"seed {seed}, stopped");
            seen.UnionWith(load.Statistics.DroppedByReason.Where(r => r.Value > 0).Select(r => r.Key));
        }

        Assert.True(held > 0);
        DropReason[] rare = TestBroker.HasStore ? [DropReason.BrokerStopped] : []; // what waits is stored
        Assert.Equal(Reasons.Except(rare).Order(), seen.Except(rare).Order());
    }

    private static void AssertBalance(RandomLoad load, long held, string when)
    {
        string text = $"{when}: expected {load.Expected} deliveries; {load.Delivered} were made, {held} wait or are in flight, "
            + $"{load.Statistics.Undelivered} are in the ledger ({string.Join(", ", load.Statistics.DroppedByReason.Where(r => r.Value > 0))})";
        Assert.True(load.Expected == load.Delivered + held + load.Statistics.Undelivered, text);
        Assert.True(load.Refused == load.Statistics.DroppedByReason[DropReason.NotAuthorized], text);
    }

    // Entries that had to make room are counted together, so nothing is missing either.
    private static void AssertSums(IReadOnlyList<Loss> losses, RandomLoad load, string when)
    {
        foreach ((DropReason reason, long count) in load.Statistics.DroppedByReason)
        {
            long sum = losses.Where(loss => loss.Reason == reason).Sum(loss => loss.Count);
            Assert.True(sum == count, $"{when}: {count} {reason}, {sum} by client and topic");
        }
    }
}
