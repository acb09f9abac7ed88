// All subscriptions of the broker. Loops match topics against it without locks; subscribing takes a lock, publishing never does.
//
// Filters without wildcards stand in a hash table. Filters with wildcards form a tree of levels whose edges stand in one more hash
// table, keyed by parent node and level: the cost of a match grows with the topic's depth, not with the number of filters.
using Godwit.Protocol.Topics;

namespace Godwit.Broker.Routing;

internal sealed class SubscriptionIndex(int loops)
{
    private static readonly byte[] Plus = "+"u8.ToArray();

    private readonly Lock _lock = new();
    private readonly GrowingTable _exact = new();
    private readonly GrowingTable _nodes = new();
    private readonly LevelNames _names = new();
    private readonly Node _root = new(null, [], 0);
    private int _count;

    /// <summary>How many subscriptions there are, shared ones not counted.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether nothing is left of any subscription, nodes of the tree included.</summary>
    public bool IsEmpty => _exact.Count == 0 && _nodes.Count == 0 && _root.IsEmpty;

    /// <summary>Tells route caches what is out of date.</summary>
    public RouteStamps Stamps { get; } = new();

    /// <summary>Adds a subscription of a session on the given loop; called by that loop.</summary>
    public void Add(Subscription subscription, int loop)
    {
        lock (_lock)
        {
            EntryFor(subscription.Filter).Add(subscription, loop);
            _count++;
        }
        Stamps.Changed(subscription.Filter);
    }

    /// <summary>Removes a subscription; called by its session's loop.</summary>
    public void Remove(Subscription subscription, int loop)
    {
        lock (_lock)
        {
            FilterEntry entry = subscription.Entry ?? throw new InvalidOperationException("The subscription is not in the index.");
            entry.Remove(subscription, loop);
            _count--;
            RemoveIfEmpty(entry);
        }
        Stamps.Changed(subscription.Filter);
    }

    /// <summary>The shared subscription of this name and filter, made if there is none, with one more member.</summary>
    public SharedGroup JoinGroup(string shareName, ReadOnlySpan<byte> filter, Func<string, byte[], SharedGroup> make)
    {
        SharedGroup group;
        lock (_lock)
        {
            FilterEntry entry = EntryFor(filter.ToArray());
            group = entry.Groups.GetValueOrDefault(shareName) ?? make(shareName, entry.Filter);
            if (group.MemberCount++ == 0) entry.AddGroup(group);
        }
        Stamps.Changed(filter);
        return group;
    }

    /// <summary>The shared subscription of this name and filter; null if nobody has it.</summary>
    public SharedGroup? FindGroup(string shareName, ReadOnlySpan<byte> filter)
    {
        lock (_lock)
        {
            FilterEntry entry = EntryFor(filter.ToArray());
            SharedGroup? group = entry.Groups.GetValueOrDefault(shareName);
            RemoveIfEmpty(entry);
            return group;
        }
    }

    /// <summary>One member fewer; the last one takes the shared subscription with it.</summary>
    public void LeaveGroup(SharedGroup group)
    {
        lock (_lock)
        {
            if (--group.MemberCount > 0) return;
            FilterEntry entry = EntryFor(group.Filter);
            entry.RemoveGroup(group);
            RemoveIfEmpty(entry);
        }
        Stamps.Changed(group.Filter);
    }

    /// <summary>Collects the entries whose filters match a topic name. Safe on any thread.</summary>
    public void Match(ReadOnlySpan<byte> topic, List<FilterEntry> matches)
    {
        if (_exact.Find(new ExactKey(topic)) is FilterEntry exact) matches.Add(exact);
        Walk(_root, topic, topic[0] != (byte)'$', matches); // [MQTT-4.7.2-1]
    }

    private void Walk(Node node, ReadOnlySpan<byte> rest, bool wildcardsHere, List<FilterEntry> matches)
    {
        if (wildcardsHere && node.MultiLevel is { } multi) matches.Add(multi);
        int slash = rest.IndexOf((byte)'/');
        ReadOnlySpan<byte> level = slash < 0 ? rest : rest[..slash];
        if (node.HasChildren && _nodes.Find(new ChildKey(node, level)) is Node child) Step(child, rest, slash, matches);
        if (wildcardsHere && node.SingleLevel is { } plus) Step(plus, rest, slash, matches);
    }

    private void Step(Node child, ReadOnlySpan<byte> rest, int slash, List<FilterEntry> matches)
    {
        if (slash >= 0)
        {
            Walk(child, rest[(slash + 1)..], true, matches);
            return;
        }
        if (child.Terminal is { } terminal) matches.Add(terminal);
        if (child.MultiLevel is { } multi) matches.Add(multi); // "a/#" matches "a" too
    }

    private FilterEntry EntryFor(byte[] filter)
    {
        if (!TopicName.HasWildcard(filter))
        {
            var key = new ExactKey(filter);
            if (_exact.Find(key) is FilterEntry known) return known;
            var entry = new FilterEntry(filter, key.Hash, loops);
            _exact.Add(entry);
            return entry;
        }
        (Node node, bool isMulti) = Descend(filter);
        return isMulti ? node.MultiLevel ??= new FilterEntry(filter, 0, loops) : node.Terminal ??= new FilterEntry(filter, 0, loops);
    }

    private void RemoveIfEmpty(FilterEntry entry)
    {
        if (!entry.IsEmpty) return;
        if (!TopicName.HasWildcard(entry.Filter))
        {
            _exact.Remove(entry);
            return;
        }
        (Node node, bool isMulti) = Descend(entry.Filter);
        if (isMulti) node.MultiLevel = null;
        else node.Terminal = null;
        Prune(node);
    }

    private void Prune(Node node)
    {
        while (node is { IsEmpty: true, Parent: { } parent })
        {
            if (parent.SingleLevel == node) parent.SingleLevel = null;
            else
            {
                _nodes.Remove(node);
                parent.Children--;
            }
            node = parent;
        }
    }

    // The node of a filter, made on the way; a "#" at the end belongs to the node in front of it.
    private (Node Node, bool IsMulti) Descend(ReadOnlySpan<byte> filter)
    {
        Node node = _root;
        while (true)
        {
            int slash = filter.IndexOf((byte)'/');
            ReadOnlySpan<byte> level = slash < 0 ? filter : filter[..slash];
            switch (level)
            {
                case [(byte)'#']: return (node, true);
                case [(byte)'+']: node = node.SingleLevel ??= new Node(node, Plus, new ChildKey(node, Plus).Hash); break;
                default:
                    var key = new ChildKey(node, level);
                    var child = (Node?)_nodes.Find(key);
                    if (child is null)
                    {
                        child = new Node(node, _names.Keep(level, key.Hash), key.Hash);
                        _nodes.Add(child);
                        node.Children++;
                    }
                    node = child;
                    break;
            }
            if (slash < 0) return (node, false);
            filter = filter[(slash + 1)..];
        }
    }

    private sealed class Node(Node? parent, byte[] level, int hash) : TableEntry(hash)
    {
        private volatile Node? _singleLevel;
        private volatile FilterEntry? _multiLevel, _terminal;

        public Node? Parent => parent;
        public byte[] Level => level;

        /// <summary>Children by name: those in the table.</summary>
        public int Children { get => Spare; set => Spare = value; }

        public bool HasChildren => Children > 0;

        public Node? SingleLevel { get => _singleLevel; set => _singleLevel = value; }
        public FilterEntry? MultiLevel { get => _multiLevel; set => _multiLevel = value; }
        public FilterEntry? Terminal { get => _terminal; set => _terminal = value; }

        public bool IsEmpty => Children == 0 && SingleLevel is null && MultiLevel is null && Terminal is null;
    }

    private readonly ref struct ExactKey(ReadOnlySpan<byte> filter) : ITableKey
    {
        private readonly ReadOnlySpan<byte> _filter = filter;

        public int Hash { get; } = TopicComparer.Hash(filter);

        public bool Is(TableEntry entry) => _filter.SequenceEqual(((FilterEntry)entry).Filter);
    }

    /// <summary>A child by its name. A node's hash is that of the whole way to it: the same name differs under every parent.</summary>
    private readonly ref struct ChildKey(Node parent, ReadOnlySpan<byte> level) : ITableKey
    {
        private readonly Node _parent = parent;
        private readonly ReadOnlySpan<byte> _level = level;

        public int Hash { get; } = (TopicComparer.Hash(level) + parent.Hash) * -1640531535;

        public bool Is(TableEntry entry) => entry is Node node && node.Parent == _parent && _level.SequenceEqual(node.Level);
    }
}
