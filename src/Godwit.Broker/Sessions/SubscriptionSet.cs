using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Godwit.Broker.Routing;
using Godwit.Protocol.Topics;

namespace Godwit.Broker.Sessions;

/// <summary>
/// The subscriptions of one session, by filter, character by character. <c>[MQTT-3.10.4-1]</c> Most sessions have one or two, so there
/// is no list before the second and no table before the ninth.
/// </summary>
internal sealed class SubscriptionSet : IEnumerable<Subscription>
{
    private const int ListLimit = 8;

    private object? _items; // a Subscription, Subscription[] or HashSet<Subscription>
    private int _count;

    public int Count => _count;

    public Subscription? Find(ReadOnlySpan<byte> filter)
    {
        switch (_items)
        {
            case Subscription only:
                return filter.SequenceEqual(only.Filter) ? only : null;
            case Subscription[] list:
                foreach (Subscription subscription in list.AsSpan(0, _count))
                {
                    if (filter.SequenceEqual(subscription.Filter)) return subscription;
                }
                return null;
            case HashSet<Subscription> table:
                return table.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(filter, out Subscription? found) ? found : null;
            default:
                return null;
        }
    }

    public void Add(Subscription subscription)
    {
        switch (_items)
        {
            case null:
                _items = subscription;
                break;
            case Subscription only:
                _items = new Subscription[] { only, subscription };
                break;
            case Subscription[] list when _count < ListLimit:
                if (_count == list.Length) Array.Resize(ref list, _count * 2);
                list[_count] = subscription;
                _items = list;
                break;
            case Subscription[] full:
                _items = new HashSet<Subscription>(full, ByFilter.Instance) { subscription };
                break;
            case HashSet<Subscription> table:
                table.Add(subscription);
                break;
        }
        _count++;
    }

    public void Remove(Subscription subscription)
    {
        switch (_items)
        {
            case Subscription:
                _items = null;
                break;
            case Subscription[] list:
                list[Array.IndexOf(list, subscription)] = list[_count - 1];
                list[_count - 1] = null!;
                break;
            case HashSet<Subscription> table:
                table.Remove(subscription);
                break;
        }
        _count--;
    }

    public void Clear()
    {
        _items = null;
        _count = 0;
    }

    public IEnumerator<Subscription> GetEnumerator() => (_items switch
    {
        Subscription only => [only],
        Subscription[] list => new ArraySegment<Subscription>(list, 0, _count),
        HashSet<Subscription> table => table,
        _ => (IEnumerable<Subscription>)[],
    }).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private sealed class ByFilter : IEqualityComparer<Subscription>, IAlternateEqualityComparer<ReadOnlySpan<byte>, Subscription>
    {
        public static readonly ByFilter Instance = new();

        public bool Equals(Subscription? x, Subscription? y) => x == y;

        public int GetHashCode([DisallowNull] Subscription subscription) => TopicComparer.Hash(subscription.Filter);

        public bool Equals(ReadOnlySpan<byte> filter, Subscription subscription) => filter.SequenceEqual(subscription.Filter);

        public int GetHashCode(ReadOnlySpan<byte> filter) => TopicComparer.Hash(filter);

        public Subscription Create(ReadOnlySpan<byte> filter) => throw new NotSupportedException("A subscription has more than a filter.");
    }
}
