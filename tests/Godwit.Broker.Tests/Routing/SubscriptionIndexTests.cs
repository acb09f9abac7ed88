using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Protocol;
using Godwit.Protocol.Topics;
using static Godwit.Broker.Tests.TestShards;

namespace Godwit.Broker.Tests.Routing;

public sealed class SubscriptionIndexTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Match_RandomFiltersComeAndGo_AgreesWithTheRulesForOneFilter(int seed)
    {
        var shards = new TestShards();
        ClientSession session = shards.Session("s");
        var generator = new TopicGenerator(seed);
        var live = new List<Subscription>();
        for (int step = 0; step < 3000; step++)
        {
            if (live.Count < 5 || (live.Count < 60 && generator.Coin()))
            {
                string filter = generator.Filter();
                if (session.Subscriptions.Find(Utf8(filter)) is null) live.Add(Subscribe(session, filter));
            }
            else
            {
                int at = generator.Next(live.Count);
                Unsubscribe(live[at]);
                live.RemoveAt(at);
            }
            byte[] topic = Utf8(generator.Topic());
            var matches = new List<FilterEntry>();
            shards.State.Subscriptions.Match(topic, matches);
            Assert.Equal(
                live.Where(s => TopicFilter.Matches(s.Filter, topic)).Select(s => s.FilterText).Order(),
                matches.Select(e => System.Text.Encoding.UTF8.GetString(e.Filter)).Order());
        }
        foreach (Subscription subscription in live) Unsubscribe(subscription);
        Assert.True(shards.State.Subscriptions.IsEmpty);
    }

    [Fact]
    public void Match_WhileAnotherThreadSubscribes_NeverMissesWhatIsThereThroughout()
    {
        var shards = new TestShards(2);
        ClientSession steady = shards.Session("steady"), churning = shards.Session("churning", 1);
        foreach (string filter in new[] { "a/b/c", "a/+/c", "a/#", "+/b/+" }) Subscribe(steady, filter);
        using var stop = new CancellationTokenSource();
        var churn = new Thread(() =>
        {
            var generator = new TopicGenerator(7);
            while (!stop.IsCancellationRequested)
            {
                Subscription[] made = [.. Enumerable.Range(0, 20).Select(i => Subscribe(churning, $"{generator.Filter().TrimEnd('#')}x{i}"))];
                foreach (Subscription subscription in made) Unsubscribe(subscription);
            }
        });
        churn.Start();
        byte[] topic = Utf8("a/b/c");
        var matches = new List<FilterEntry>();
        for (int i = 0; i < 50_000; i++)
        {
            matches.Clear();
            shards.State.Subscriptions.Match(topic, matches);
            Assert.Equal(4, matches.Count(e => (e.LoopMask & 1) != 0));
        }
        stop.Cancel();
        churn.Join();
    }

    [Fact]
    public void Match_TopicOfTwoHundredLevels_IsFound()
    {
        var shards = new TestShards();
        string topic = string.Join('/', Enumerable.Repeat("l", 200));
        Subscribe(shards.Session("s"), string.Join('/', Enumerable.Repeat("+", 199)) + "/#");
        var matches = new List<FilterEntry>();
        shards.State.Subscriptions.Match(Utf8(topic), matches);
        Assert.Single(matches);
    }

    [Fact]
    public void Hash_DeviceNames_HardlyCollide()
    {
        // A hash that multiplies without a finaliser puts names like these into a handful of buckets.
        var low = new HashSet<int>();
        for (int i = 0; i < 10_000; i++) low.Add(TopicComparer.Hash(Utf8($"dev{i:D5}")) & 0xFFFF);
        Assert.True(low.Count > 9_000, $"{low.Count} distinct values of 16 bits for 10,000 names");
    }
}
