using Godwit.Protocol.Topics;
using System.Collections;
using Godwit.Broker.Routing;

namespace Godwit.Broker.Sessions;

/// <summary>
/// The subscriptions of one session, by filter, character by character. <c>[MQTT-3.10.4-1]</c> Most sessions have one or two, so a
/// list serves until it gets long.
/// </summary>
internal sealed class SubscriptionSet : IEnumerable<Subscription>
{
    private const int ListLimit = 8;
    private Subscription[] _list = [];
    private int _listCount;
    private Dictionary<byte[], Subscription>? _byFilter;

    public int Count => _byFilter?.Count ?? _listCount;

    public Subscription? Find(ReadOnlySpan<byte> filter)
    {
        if (_byFilter is not null)
            return _byFilter.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(filter, out Subscription? found) ? found : null;
        for (int i = 0; i < _listCount; i++)
        {
            if (filter.SequenceEqual(_list[i].Filter)) return _list[i];
        }
        return null;
    }

    public void Add(Subscription subscription)
    {
        if (_byFilter is null && _listCount == ListLimit)
        {
            _byFilter = new Dictionary<byte[], Subscription>(TopicComparer.Instance);
            foreach (Subscription known in _list) _byFilter.Add(known.Filter, known);
            _list = [];
            _listCount = 0;
        }
        if (_byFilter is not null)
        {
            _byFilter.Add(subscription.Filter, subscription);
            return;
        }
        if (_listCount == _list.Length) Array.Resize(ref _list, Math.Max(1, _listCount * 2));
        _list[_listCount++] = subscription;
    }

    public void Remove(Subscription subscription)
    {
        if (_byFilter is not null)
        {
            _byFilter.Remove(subscription.Filter);
            return;
        }
        int at = Array.IndexOf(_list, subscription, 0, _listCount);
        if (at < 0) return;
        _list[at] = _list[--_listCount];
        _list[_listCount] = null!;
    }

    public void Clear()
    {
        _byFilter = null;
        _list = [];
        _listCount = 0;
    }

    public IEnumerator<Subscription> GetEnumerator() =>
        _byFilter is not null ? _byFilter.Values.GetEnumerator() : new ArraySegment<Subscription>(_list, 0, _listCount).AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
