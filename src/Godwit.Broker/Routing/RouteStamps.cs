// How route caches learn that a subscription changed, without being told one by one. Every change counts up one counter: the one of
// the exact topic for a filter without wildcards, otherwise the one of the levels in front of the first wildcard. A topic's stamp is
// the sum of the counters that can concern it; counters only grow, so an equal sum means that nothing has changed. Unrelated filters
// count up other counters (but for rare collisions), so churn there does not touch this topic's route.
using Godwit.Protocol.Topics;

namespace Godwit.Broker.Routing;

internal sealed class RouteStamps
{
    private const int Buckets = 8192, Mask = Buckets - 1;
    private readonly long[] _exact = new long[Buckets], _oneLevel = new long[Buckets], _twoLevels = new long[Buckets];
    private long _all;

    /// <summary>Where a topic's counters are.</summary>
    public readonly record struct Place(int Exact, int OneLevel, int TwoLevels);

    public static Place PlaceOf(ReadOnlySpan<byte> topic)
    {
        int first = Prefix(topic, 1), second = Prefix(topic, 2);
        return new Place(TopicComparer.Hash(topic) & Mask, TopicComparer.Hash(topic[..first]) & Mask, TopicComparer.Hash(topic[..second]) & Mask);
    }

    /// <summary>The topic's stamp now. Read it before matching: a change during the match then makes the result stale, never wrong.</summary>
    public long Stamp(Place place) =>
        Volatile.Read(ref _all) + Volatile.Read(ref _exact[place.Exact]) + Volatile.Read(ref _oneLevel[place.OneLevel])
        + Volatile.Read(ref _twoLevels[place.TwoLevels]);

    /// <summary>A subscription with this filter (without <c>$share/NAME/</c>) came or went; called after the index has changed.</summary>
    public void Changed(ReadOnlySpan<byte> filter)
    {
        if (!TopicName.HasWildcard(filter))
        {
            Interlocked.Increment(ref _exact[TopicComparer.Hash(filter) & Mask]);
            return;
        }
        int literalLevels = LiteralLevels(filter);
        switch (literalLevels)
        {
            case 0: Interlocked.Increment(ref _all); break;
            case 1: Interlocked.Increment(ref _oneLevel[TopicComparer.Hash(filter[..Prefix(filter, 1)]) & Mask]); break;
            default: Interlocked.Increment(ref _twoLevels[TopicComparer.Hash(filter[..Prefix(filter, 2)]) & Mask]); break;
        }
    }

    // The length of the first levels, without the separator behind them. "a/#" also matches "a": one level in both.
    private static int Prefix(ReadOnlySpan<byte> topic, int levels)
    {
        int length = 0;
        while (true)
        {
            int slash = topic[length..].IndexOf((byte)'/');
            if (slash < 0) return topic.Length;
            length += slash;
            if (--levels == 0) return length;
            length++;
        }
    }

    private static int LiteralLevels(ReadOnlySpan<byte> filter)
    {
        int wildcard = filter.IndexOfAny((byte)'+', (byte)'#');
        return filter[..wildcard].Count((byte)'/');
    }
}
