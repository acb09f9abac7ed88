// All subscriptions of the broker. Loops match topics against it without locks; subscribing takes a lock, publishing never does.
//
// Filters without wildcards stand in a hash table. Filters with wildcards form a tree of levels whose edges stand in one more hash
// table, keyed by parent node and level: the cost of a match grows with the topic's depth, not with the number of filters.
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Godwit.Protocol.Topics;

namespace Godwit.Broker.Routing;

internal sealed class SubscriptionIndex
{
    private readonly int _loops;
    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<byte[], FilterEntry> _exact = new(TopicComparer.Instance);
    private readonly ConcurrentDictionary<byte[], FilterEntry>.AlternateLookup<ReadOnlySpan<byte>> _exactBySpan;
    private readonly ConcurrentDictionary<Edge, Node> _edges = new(EdgeComparer.Instance);
    private readonly ConcurrentDictionary<Edge, Node>.AlternateLookup<EdgeSpan> _edgesBySpan;
    private readonly Node _root = new(0, null, default);
    private long _nextNodeId = 1; // of 64 bits: identifiers are never used again, and 32 bits of them do not last for ever
    private int _count;

    public SubscriptionIndex(int loops)
    {
        _loops = loops;
        _exactBySpan = _exact.GetAlternateLookup<ReadOnlySpan<byte>>();
        _edgesBySpan = _edges.GetAlternateLookup<EdgeSpan>();
    }

    /// <summary>How many subscriptions there are, shared ones not counted.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether nothing is left of any subscription, nodes of the tree included.</summary>
    public bool IsEmpty => _exact.IsEmpty && _edges.IsEmpty && _root.IsEmpty;

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
        if (_exactBySpan.TryGetValue(topic, out FilterEntry? exact)) matches.Add(exact);
        Walk(_root, topic, topic[0] != (byte)'$', matches); // [MQTT-4.7.2-1]
    }

    private void Walk(Node node, ReadOnlySpan<byte> rest, bool wildcardsHere, List<FilterEntry> matches)
    {
        if (wildcardsHere && node.MultiLevel is { } multi) matches.Add(multi);
        int slash = rest.IndexOf((byte)'/');
        ReadOnlySpan<byte> level = slash < 0 ? rest : rest[..slash];
        if (_edgesBySpan.TryGetValue(new EdgeSpan(node.Id, level), out Node? child)) Step(child, rest, slash, matches);
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
        if (!TopicName.HasWildcard(filter)) return _exact.GetOrAdd(filter, static (f, loops) => new FilterEntry(f, loops), _loops);
        (Node node, bool isMulti) = Descend(filter);
        return isMulti ? node.MultiLevel ??= new FilterEntry(filter, _loops) : node.Terminal ??= new FilterEntry(filter, _loops);
    }

    private void RemoveIfEmpty(FilterEntry entry)
    {
        if (!entry.IsEmpty) return;
        if (!TopicName.HasWildcard(entry.Filter))
        {
            _exact.TryRemove(entry.Filter, out _);
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
                _edges.TryRemove(node.Edge, out _);
                parent.Edges--;
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
                case [(byte)'+']: node = node.SingleLevel ??= new Node(_nextNodeId++, node, default); break;
                default:
                    if (!_edgesBySpan.TryGetValue(new EdgeSpan(node.Id, level), out Node? child))
                    {
                        child = new Node(_nextNodeId++, node, new Edge(node.Id, level.ToArray()));
                        _edges[child.Edge] = child;
                        node.Edges++;
                    }
                    node = child;
                    break;
            }
            if (slash < 0) return (node, false);
            filter = filter[(slash + 1)..];
        }
    }

    private sealed class Node(long id, Node? parent, Edge edge)
    {
        private volatile Node? _singleLevel;
        private volatile FilterEntry? _multiLevel, _terminal;

        public long Id => id;
        public Node? Parent => parent;
        public Edge Edge => edge;
        public int Edges { get; set; }

        public Node? SingleLevel { get => _singleLevel; set => _singleLevel = value; }
        public FilterEntry? MultiLevel { get => _multiLevel; set => _multiLevel = value; }
        public FilterEntry? Terminal { get => _terminal; set => _terminal = value; }

        public bool IsEmpty => Edges == 0 && SingleLevel is null && MultiLevel is null && Terminal is null;
    }

    private readonly record struct Edge(long Parent, byte[] Level);

    private readonly ref struct EdgeSpan(long parent, ReadOnlySpan<byte> level)
    {
        public readonly long Parent = parent;
        public readonly ReadOnlySpan<byte> Level = level;
    }

    private sealed class EdgeComparer : IEqualityComparer<Edge>, IAlternateEqualityComparer<EdgeSpan, Edge>
    {
        public static readonly EdgeComparer Instance = new();

        public bool Equals(Edge x, Edge y) => x.Parent == y.Parent && x.Level.AsSpan().SequenceEqual(y.Level);

        public int GetHashCode([DisallowNull] Edge edge) => Hash(edge.Parent, edge.Level);

        public bool Equals(EdgeSpan alternate, Edge other) => alternate.Parent == other.Parent && alternate.Level.SequenceEqual(other.Level);

        public int GetHashCode(EdgeSpan alternate) => Hash(alternate.Parent, alternate.Level);

        public Edge Create(EdgeSpan alternate) => new(alternate.Parent, alternate.Level.ToArray());

        private static int Hash(long parent, ReadOnlySpan<byte> level) => (TopicComparer.Hash(level) + parent.GetHashCode()) * -1640531535;
    }
}
