using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Protocol;
using Godwit.Protocol.Topics;
using static Godwit.Broker.Tests.TestShards;

namespace Godwit.Broker.Tests.Routing;

public sealed class RouteCacheTests
{
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Stamp_EveryFilterThatMatches_MovesTheTopicsStamp(int seed)
    {
        var generator = new TopicGenerator(seed);
        var stamps = new RouteStamps();
        for (int i = 0; i < 5000; i++)
        {
            byte[] topic = Utf8(generator.Topic()), filter = Utf8(generator.Filter());
            RouteStamps.Place place = RouteStamps.PlaceOf(topic);
            long before = stamps.Stamp(place);
            stamps.Changed(filter);
            if (TopicFilter.Matches(filter, topic)) Assert.NotEqual(before, stamps.Stamp(place));
        }
    }

    [Theory]
    [InlineData("other/topic")]
    [InlineData("plant/line/other")]
    [InlineData("other/+")]
    [InlineData("plant/other/#")]
    public void Stamp_UnrelatedFilter_LeavesTheTopicsStampAlone(string filter)
    {
        var stamps = new RouteStamps();
        RouteStamps.Place place = RouteStamps.PlaceOf("plant/line/sensor"u8);
        long before = stamps.Stamp(place);
        stamps.Changed(Utf8(filter));
        Assert.Equal(before, stamps.Stamp(place));
    }

    [Fact]
    public void Find_SubscriptionsComeAndGo_RouteFollows()
    {
        var shards = new TestShards(2);
        var cache = new RouteCache(shards.State.Subscriptions, 0);
        Route? last = null;
        Assert.True(cache.Find("a/b"u8, ref last).IsEmpty);

        ClientSession here = shards.Session("here"), there = shards.Session("there", 1);
        Subscription wildcard = Subscribe(here, "a/+");
        Assert.Equal(here, Assert.Single(cache.Find("a/b"u8, ref last).Local).Session);

        Subscription remote = Subscribe(there, "a/b");
        Route both = cache.Find("a/b"u8, ref last);
        Assert.Equal(2ul, both.Remote);
        Assert.Same(both, cache.Find("a/b"u8, ref last));
        Assert.Same(both, cache.Find("a/b"u8));

        Unsubscribe(wildcard);
        Unsubscribe(remote);
        Assert.True(cache.Find("a/b"u8, ref last).IsEmpty);
    }

    [Fact]
    public void Find_OverlappingFilters_SessionIsOneRecipient()
    {
        var shards = new TestShards();
        ClientSession session = shards.Session("s"), other = shards.Session("o");
        Subscribe(session, "a/#", QoS.AtMostOnce, 1);
        Subscribe(session, "a/+", QoS.ExactlyOnce, 2);
        Subscribe(session, "a/b", QoS.AtLeastOnce, 3);
        Subscribe(other, "#");
        Route route = new RouteCache(shards.State.Subscriptions, 0).Find("a/b"u8);
        Assert.Equal(2, route.Local.Length);
        Assert.Equal(2, route.Local.Single(r => r.Session == session).More!.Length);
        Assert.Null(route.Local.Single(r => r.Session == other).More);
    }

    [Fact]
    public void Find_MoreTopicsThanTheCacheHolds_StillRight()
    {
        var shards = new TestShards();
        Subscribe(shards.Session("s"), "t/+");
        var cache = new RouteCache(shards.State.Subscriptions, 0);
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < 100_000; i++) Assert.Single(cache.Find(Utf8($"t/{i}")).Local);
        }
    }
}
