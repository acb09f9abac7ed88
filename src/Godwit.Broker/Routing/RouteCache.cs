// The routes a loop has used lately. Two generations bound it: when the young one is full it becomes the old one, and what is used
// again moves back. A topic that is used again and again costs one hash lookup; most publishers do not even pay that, because each
// connection remembers its last route.
using Godwit.Protocol.Topics;
using System.Runtime.InteropServices;
using Godwit.Broker.Sessions;

namespace Godwit.Broker.Routing;

internal sealed class RouteCache(SubscriptionIndex index, int loop)
{
    private const int GenerationSize = 32_768;

    // Bytes of a generation's routes: long topics, or many recipients of each, must not make it grow without end.
    private const long GenerationBytes = 32 * 1024 * 1024;

    private readonly List<FilterEntry> _matches = [];
    private readonly List<Recipient> _recipients = [];
    private readonly List<SharedGroup> _groups = [];
    private readonly Dictionary<ClientSession, int> _placeOf = [];
    private Dictionary<byte[], Route> _young = new(TopicComparer.Instance), _old = new(TopicComparer.Instance);
    private long _youngBytes;

    /// <summary>Routes kept, for tests.</summary>
    internal int Count => _young.Count + _old.Count;

    /// <summary>The current route of a topic. <paramref name="last"/> is tried first and replaced by the result.</summary>
    public Route Find(ReadOnlySpan<byte> topic, ref Route? last)
    {
        if (last is { } route && topic.SequenceEqual(route.Topic) && IsCurrent(route)) return route;
        return last = Find(topic);
    }

    /// <summary>The current route of a topic.</summary>
    public Route Find(ReadOnlySpan<byte> topic)
    {
        if (_young.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(topic, out Route? route))
        {
            if (IsCurrent(route)) return route;
            _youngBytes -= route.Size;
        }
        else
        {
            _old.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(topic, out route);
        }
        Route current = route is not null && IsCurrent(route) ? route : Make(route?.Topic ?? topic.ToArray());
        if (_young.Count >= GenerationSize || _youngBytes >= GenerationBytes)
        {
            (_old, _young) = (_young, new Dictionary<byte[], Route>(TopicComparer.Instance));
            _youngBytes = 0;
        }
        _young[current.Topic] = current;
        _youngBytes += current.Size;
        return current;
    }

    private bool IsCurrent(Route route) => index.Stamps.Stamp(route.Place) == route.Stamp;

    private Route Make(byte[] topic)
    {
        RouteStamps.Place place = RouteStamps.PlaceOf(topic);
        long stamp = index.Stamps.Stamp(place);
        _matches.Clear();
        index.Match(topic, _matches);
        ulong loops = 0;
        int matching = 0;
        foreach (FilterEntry entry in _matches)
        {
            loops |= entry.LoopMask;
            if (!entry.Groups.IsEmpty) _groups.AddRange(entry.Groups.Values);
            for (Subscription? s = entry.First(loop); s is not null; s = s.Next, matching++) AddRecipient(s, _matches.Count > 1);
        }
        var route = new Route
        {
            Topic = topic,
            Place = place,
            Stamp = stamp,
            Local = [.. _recipients],
            Remote = loops & ~(1UL << loop),
            Groups = [.. _groups],
            Size = 200 + topic.Length + 32 * matching + 8 * _groups.Count,
        };
        _recipients.Clear();
        _groups.Clear();
        _placeOf.Clear();
        return route;
    }

    // A session gets one copy however many of its filters match. [MQTT-3.3.5-1] [MQTT-3.3.4-2] [MQTT-3.3.4-4]
    private void AddRecipient(Subscription subscription, bool mayOverlap)
    {
        if (!mayOverlap)
        {
            _recipients.Add(new Recipient(subscription.Session, subscription, null));
            return;
        }
        ref int place = ref CollectionsMarshal.GetValueRefOrAddDefault(_placeOf, subscription.Session, out bool isKnown);
        if (!isKnown)
        {
            place = _recipients.Count;
            _recipients.Add(new Recipient(subscription.Session, subscription, null));
            return;
        }
        ref Recipient recipient = ref CollectionsMarshal.AsSpan(_recipients)[place];
        if (recipient.More is null) recipient = recipient with { More = [] };
        recipient.More!.Add(subscription);
    }
}
