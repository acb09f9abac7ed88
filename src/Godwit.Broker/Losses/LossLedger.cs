// The books of what was not delivered: by client, topic prefix and reason, each with the last few messages. One for each shard, touched by
// its loop only. A client that does not read may lose a million messages a second, so counting one is a comparison with the client's
// latest entry, a few additions and a short copy; nothing is allocated. The number of entries is bounded: the one that was not hit for
// longest (by the clock algorithm) makes room and is added to its reason's "(others)", so the sums stay exact whatever happens.
using System.Diagnostics.CodeAnalysis;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Protocol;
using Godwit.Protocol.Topics;
using Godwit.Transport;

namespace Godwit.Broker.Losses;

internal sealed class LossLedger
{
    private readonly EventLoop _loop;
    private readonly DropCounts _totals;
    private readonly int _maximumEntries, _levels;
    private readonly List<LossEntry> _entries = [];
    private readonly HashSet<LossEntry>.AlternateLookup<Key> _find;
    private readonly LossEntry?[] _others = new LossEntry?[DropReasons.All.Count];
    private int _hand;

    /// <param name="loop">The loop whose ledger it is.</param>
    /// <param name="totals">The shard's counters, which count along.</param>
    /// <param name="maximumEntries">How many entries there may be, beside one for the others of each reason.</param>
    /// <param name="levels">How many levels of a topic make its prefix.</param>
    public LossLedger(EventLoop loop, DropCounts totals, int maximumEntries, int levels)
    {
        (_loop, _totals, _maximumEntries, _levels) = (loop, totals, maximumEntries, levels);
        _find = new HashSet<LossEntry>(ByKey.Instance).GetAlternateLookup<Key>();
    }

    /// <summary>The messages of the broker itself.</summary>
    public LossAccount Broker { get; } = new(Loss.Broker);

    /// <summary>All entries, those of the others behind them.</summary>
    public IEnumerable<LossEntry> Entries => _entries.Concat(_others.OfType<LossEntry>());

    /// <summary>How many entries there are, those of the others included.</summary>
    public int Count => _entries.Count + _others.Count(entry => entry is not null);

    /// <summary>An entry by its place, which it keeps; those of the others come when all places are taken.</summary>
    public LossEntry this[int place] => place < _entries.Count ? _entries[place] : Entries.ElementAt(place);

    /// <summary>Counts a message that was not delivered.</summary>
    public void Add(LossAccount account, DropReason reason, in PublicationView view, QoS qos)
    {
        _totals.Add(reason);
        account.Counts.Add(reason);
        EntryOf(account, reason, view.Topic).Add(view, qos, _loop.Now);
    }

    /// <summary>Counts messages of which only the number is known.</summary>
    public void Add(LossAccount account, DropReason reason, long count, long bytes)
    {
        _totals.Add(reason, count);
        account.Counts.Add(reason, count);
        EntryOf(account, reason, default).Add(count, bytes, _loop.Now);
    }

    /// <summary>What is in the ledger now, to be read on any thread: so the loop is held up by copying only.</summary>
    public IEnumerable<Loss> Snapshot()
    {
        LossEntry[] entries = [.. Entries.Select(entry => entry.Copy())];
        Func<long, DateTimeOffset> clock = _loop.Clock();
        return entries.Select(entry => entry.ToLoss(clock));
    }

    /// <summary>An entry as others see it.</summary>
    public Loss Describe(LossEntry entry) => entry.ToLoss(_loop.Clock());

    private LossEntry EntryOf(LossAccount account, DropReason reason, ReadOnlySpan<byte> topic)
    {
        ReadOnlySpan<byte> prefix = PrefixOf(topic);
        if (account.Latest is { } latest && latest.Is(account.Name, reason, prefix)) return latest;
        var key = new Key(account, reason, prefix);
        if (!_find.TryGetValue(key, out LossEntry? entry)) entry = Make(key);
        account.Latest = entry;
        return entry;
    }

    private LossEntry Make(in Key key)
    {
        LossEntry entry;
        if (_entries.Count < _maximumEntries) _entries.Add(entry = new LossEntry());
        else entry = GiveUp();
        entry.Begin(key.Account.Name, key.Hash, key.Reason, key.Prefix, _loop.Now);
        _find.Set.Add(entry);
        return entry;
    }

    // An entry that was hit again since the hand last passed is passed once more.
    private LossEntry GiveUp()
    {
        LossEntry entry;
        while (true)
        {
            entry = _entries[_hand];
            _hand = (_hand + 1) % _entries.Count;
            if (!entry.IsRecent) break;
            entry.IsRecent = false;
        }
        _find.Set.Remove(entry);
        ref LossEntry? others = ref _others[(int)entry.Reason];
        if (others is null)
        {
            others = new LossEntry();
            others.Begin(Loss.Others, 0, entry.Reason, default, entry.FirstAt);
        }
        others.Merge(entry);
        return entry;
    }

    private ReadOnlySpan<byte> PrefixOf(ReadOnlySpan<byte> topic)
    {
        if (topic.Length > LossEntry.LongestPrefix) topic = topic[..LossEntry.LongestPrefix];
        int end = -1;
        for (int level = 0; level < _levels; level++)
        {
            int slash = topic[(end + 1)..].IndexOf((byte)'/');
            if (slash < 0) return topic;
            end += slash + 1;
        }
        return topic[..end];
    }

    private readonly ref struct Key(LossAccount account, DropReason reason, ReadOnlySpan<byte> prefix)
    {
        public readonly LossAccount Account = account;
        public readonly DropReason Reason = reason;
        public readonly ReadOnlySpan<byte> Prefix = prefix;
        public readonly int Hash = (account.NameHash * 31 + TopicComparer.Hash(prefix)) * 31 + (int)reason;
    }

    private sealed class ByKey : IEqualityComparer<LossEntry>, IAlternateEqualityComparer<Key, LossEntry>
    {
        public static readonly ByKey Instance = new();

        public bool Equals(LossEntry? x, LossEntry? y) => x == y;

        public int GetHashCode([DisallowNull] LossEntry entry) => entry.Hash;

        public bool Equals(Key key, LossEntry entry) => entry.Is(key.Account.Name, key.Reason, key.Prefix);

        public int GetHashCode(Key key) => key.Hash;

        public LossEntry Create(Key key) => throw new NotSupportedException("The ledger makes its entries itself.");
    }
}
