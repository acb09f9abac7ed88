using System.Collections.Immutable;

namespace Godwit.Broker.Routing;

/// <summary>
/// Everybody who has subscribed with one filter. The subscribers of a loop form a list that only that loop walks; which loops
/// have subscribers is known to all. Changed under the index's lock.
/// </summary>
internal sealed class FilterEntry(byte[] filter, int loops)
{
    private readonly Subscription?[] _heads = new Subscription?[loops];
    private ulong _loopMask;
    private ImmutableDictionary<string, SharedGroup> _groups = ImmutableDictionary<string, SharedGroup>.Empty;

    public byte[] Filter { get; } = filter;

    /// <summary>The loops that have subscribers, a bit each.</summary>
    public ulong LoopMask => Volatile.Read(ref _loopMask);

    /// <summary>The shared subscriptions of this filter by their names.</summary>
    public ImmutableDictionary<string, SharedGroup> Groups => Volatile.Read(ref _groups);

    public bool IsEmpty => _loopMask == 0 && _groups.IsEmpty;

    /// <summary>The first subscription of a loop: for that loop's thread.</summary>
    public Subscription? First(int loop) => _heads[loop];

    public void Add(Subscription subscription, int loop)
    {
        subscription.Entry = this;
        subscription.Next = _heads[loop];
        if (subscription.Next is { } next) next.Previous = subscription;
        _heads[loop] = subscription;
        Volatile.Write(ref _loopMask, _loopMask | 1UL << loop);
    }

    public void Remove(Subscription subscription, int loop)
    {
        if (subscription.Previous is { } previous) previous.Next = subscription.Next;
        else _heads[loop] = subscription.Next;
        if (subscription.Next is { } next) next.Previous = subscription.Previous;
        subscription.Next = subscription.Previous = null;
        subscription.Entry = null;
        if (_heads[loop] is null) Volatile.Write(ref _loopMask, _loopMask & ~(1UL << loop));
    }

    public void AddGroup(SharedGroup group) => Volatile.Write(ref _groups, _groups.Add(group.ShareName, group));

    public void RemoveGroup(SharedGroup group) => Volatile.Write(ref _groups, _groups.Remove(group.ShareName));
}
