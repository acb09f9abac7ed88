using System.Collections.Immutable;

namespace Godwit.Broker.Routing;

/// <summary>
/// Everybody who has subscribed with one filter. The subscribers of a loop form a list that only that loop walks; which loops
/// have subscribers is known to all. Changed under the index's lock.
/// </summary>
/// <param name="filter">The filter.</param>
/// <param name="hash">Its hash, if it has no wildcards.</param>
/// <param name="loops">How many loops there are.</param>
internal sealed class FilterEntry(byte[] filter, int hash, int loops) : TableEntry(hash)
{
    private readonly byte _loops = (byte)loops;

    // The first subscription of the only loop that has any (the usual case), or an array with the first one of each loop. A loop looks
    // at this first and at OnlyLoop then: what it finds of another loop's it leaves alone.
    private object? _first;
    private ulong _loopMask;
    private ImmutableDictionary<string, SharedGroup> _groups = ImmutableDictionary<string, SharedGroup>.Empty;

    public byte[] Filter { get; } = filter;

    /// <summary>The loops that have subscribers, a bit each.</summary>
    public ulong LoopMask => Volatile.Read(ref _loopMask);

    /// <summary>The shared subscriptions of this filter by their names.</summary>
    public ImmutableDictionary<string, SharedGroup> Groups => Volatile.Read(ref _groups);

    public bool IsEmpty => _loopMask == 0 && _groups.IsEmpty;

    private int OnlyLoop
    {
        get => Spare;
        set => Spare = value;
    }

    /// <summary>The first subscription of a loop: for that loop's thread.</summary>
    public Subscription? First(int loop) => Volatile.Read(ref _first) switch
    {
        Subscription only => OnlyLoop == loop ? only : null,
        Subscription?[] firsts => firsts[loop],
        _ => null,
    };

    public void Add(Subscription subscription, int loop)
    {
        Subscription? next = First(loop);
        subscription.Enter(this, next);
        if (next is not null) next.Previous = subscription;
        SetFirst(subscription, loop);
        Volatile.Write(ref _loopMask, _loopMask | 1UL << loop);
    }

    public void Remove(Subscription subscription, int loop)
    {
        if (subscription.Previous is { } previous) previous.Next = subscription.Next;
        else SetFirst(subscription.Next, loop);
        if (subscription.Next is { } next) next.Previous = subscription.Previous;
        subscription.Leave();
        if (First(loop) is null) Volatile.Write(ref _loopMask, _loopMask & ~(1UL << loop));
    }

    public void AddGroup(SharedGroup group) => Volatile.Write(ref _groups, _groups.Add(group.ShareName, group));

    public void RemoveGroup(SharedGroup group) => Volatile.Write(ref _groups, _groups.Remove(group.ShareName));

    private void SetFirst(Subscription? subscription, int loop)
    {
        switch (_first)
        {
            case Subscription?[] firsts:
                firsts[loop] = subscription;
                break;
            case Subscription only when OnlyLoop != loop:
                var all = new Subscription?[_loops];
                all[OnlyLoop] = only;
                all[loop] = subscription;
                Volatile.Write(ref _first, all);
                break;
            default:
                OnlyLoop = loop;
                Volatile.Write(ref _first, subscription);
                break;
        }
    }
}
