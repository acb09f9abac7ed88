using Godwit.Broker.Retained;
using Godwit.Broker.Routing;
using Godwit.Broker.Tests.Routing;
using Godwit.Protocol.Topics;
using static Godwit.Broker.Tests.TestShards;

namespace Godwit.Broker.Tests.Retained;

public sealed class RetainedStoreTests
{
    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    public void Match_RandomMessagesComeAndGo_AgreesWithTheRulesForOneFilter(int seed)
    {
        var store = new RetainedStore();
        var model = new Dictionary<string, string>();
        var generator = new TopicGenerator(seed);
        for (int step = 0; step < 3000; step++)
        {
            string topic = generator.Topic(), payload = generator.Coin() ? $"m{step}" : "";
            PublicationView view = Message(topic, payload);
            Assert.True(store.Set(ref view, int.MaxValue, now: 0));
            if (payload.Length > 0) model[topic] = payload;
            else model.Remove(topic);
            string filter = generator.Filter();
            Assert.Equal(
                model.Where(m => TopicFilter.Matches(Utf8(filter), Utf8(m.Key))).Select(m => m.Value).Order(),
                Matching(store, filter).Order());
            Assert.Equal(model.Count, store.Count);
        }
    }

    [Fact]
    public void Match_ExpiredMessage_IsNotFoundAndGone()
    {
        var store = new RetainedStore();
        PublicationView soon = Message("a/soon", "soon", expiresAt: 100), late = Message("a/late", "late", expiresAt: 200);
        store.Set(ref soon, 10, now: 0);
        store.Set(ref late, 10, now: 0);
        Assert.Equal(["late"], Matching(store, "a/+", now: 100));
        Assert.Equal(1, store.Count);
    }

    [Fact]
    public void Set_LimitReached_RefusesNewTopicsButReplacesKnownOnes()
    {
        var store = new RetainedStore();
        PublicationView first = Message("a", "1"), second = Message("b", "2"), again = Message("a", "3");
        Assert.True(store.Set(ref first, 1, now: 0));
        Assert.False(store.Set(ref second, 1, now: 0));
        Assert.True(store.Set(ref again, 1, now: 0));
        Assert.Equal(["3"], Matching(store, "#"));
    }

    [Fact]
    public void Bytes_EverythingRemoved_IsZero()
    {
        var store = new RetainedStore();
        foreach (string payload in new[] { "one", "three", "" })
        {
            PublicationView view = Message("a/b/c", payload);
            store.Set(ref view, 10, now: 0);
        }
        Assert.Equal(0, store.Bytes);
        Assert.Empty(Matching(store, "#"));
    }

    [Fact]
    public void Find_ReplacedThenExpired_IsTheNewOneThenNone()
    {
        var store = new RetainedStore();
        PublicationView first = Message("a", "1"), second = Message("a", "2", expiresAt: 100);
        store.Set(ref first, 10, now: 0);
        store.Set(ref second, 10, now: 0);
        Assert.Same(second.Kept, store.Find("a"u8, 99));
        Assert.Null(store.Find("a"u8, 100));
        Assert.Null(store.Find("b"u8, 0));
    }

    [Fact]
    public void Set_ExpiredMessagesThatNobodyAsksFor_MakeRoom()
    {
        var store = new RetainedStore();
        for (int i = 0; i < 100; i++)
        {
            PublicationView view = Message($"a/{i}", "x", expiresAt: 100);
            Assert.True(store.Set(ref view, 100, now: 0));
        }
        PublicationView kept = Message("a/0", "kept"), full = Message("b", "x");
        Assert.True(store.Set(ref kept, 100, now: 99));
        Assert.False(store.Set(ref full, 100, now: 99));
        for (int i = 0; i < 100; i++)
        {
            PublicationView again = Message("c", $"{i}", expiresAt: 1000 + i);
            Assert.True(store.Set(ref again, 100, now: 100));
        }
        Assert.Equal(["99", "kept"], Matching(store, "#", now: 100).Order());
        Assert.Equal(2, store.Count);
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    public void Next_MessagesComeAndGoDuringTheWalk_EachThatStaysComesOnce(int seed)
    {
        var store = new RetainedStore();
        var generator = new TopicGenerator(seed);
        var model = new Dictionary<string, string>();
        for (int walk = 0; walk < 60; walk++)
        {
            for (int i = 0; i < 20; i++) Change(walk * 1000 + i);
            string filter = generator.Filter();
            HashSet<string> stays = [.. model.Keys.Where(topic => TopicFilter.Matches(Utf8(filter), Utf8(topic)))];
            List<string> seen = [];
            RetainedCursor cursor = store.Open(Utf8(filter));
            for (int step = 0; cursor.Node is not null; step++)
            {
                int visits = 1;
                if (store.Next(cursor, now: 0, ref visits) is { } message)
                {
                    string topic = System.Text.Encoding.UTF8.GetString(message.Topic);
                    Assert.Equal(model[topic], System.Text.Encoding.UTF8.GetString(message.Payload.Span));
                    seen.Add(topic);
                }
                if (step < 200) stays.ExceptWith(Change(walk * 1000 + 100 + step));
            }
            store.Close(cursor);
            Assert.Equal(seen.Count, seen.Distinct().Count());
            Assert.Subset(seen.ToHashSet(), stays);
            Assert.All(seen, topic => Assert.True(TopicFilter.Matches(Utf8(filter), Utf8(topic))));
        }
        Assert.Equal(0, store.OpenCursors);

        // Returns the topic if it was removed.
        string[] Change(int step)
        {
            string topic = generator.Topic(), payload = generator.Coin() ? $"m{step}" : "";
            PublicationView view = Message(topic, payload);
            store.Set(ref view, int.MaxValue, now: 0);
            if (payload.Length > 0) model[topic] = payload;
            else model.Remove(topic);
            return payload.Length > 0 ? [] : [topic];
        }
    }

    [Fact]
    public void Next_FewVisitsAllowed_StopsAndGoesOnThere()
    {
        var store = new RetainedStore();
        foreach (string topic in new[] { "a/1/x", "a/2/y", "a/3/x", "b" })
        {
            PublicationView view = Message(topic, topic);
            store.Set(ref view, 10, now: 0);
        }
        RetainedCursor cursor = store.Open("a/+/x"u8);
        List<string> found = [];
        int calls = 0;
        for (; cursor.Node is not null; calls++)
        {
            int visits = 2;
            if (store.Next(cursor, now: 0, ref visits) is { } message) found.Add(System.Text.Encoding.UTF8.GetString(message.Topic));
        }
        Assert.Equal(["a/1/x", "a/3/x"], found.Order());
        Assert.InRange(calls, 3, 5); // root, a, three children, two grandchildren
    }

    private static IEnumerable<string> Matching(RetainedStore store, string filter, long now = 0)
    {
        int visits = int.MaxValue;
        RetainedCursor cursor = store.Open(Utf8(filter));
        while (store.Next(cursor, now, ref visits) is { } message) yield return System.Text.Encoding.UTF8.GetString(message.Payload.Span);
        store.Close(cursor);
    }
}
