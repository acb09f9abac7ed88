// Retained messages: one for each topic, shared by all loops. A tree of topic levels, so that a filter visits only the branches it
// matches. Under a lock: publishing retained messages and subscribing are short compared with everything around them.
using Godwit.Broker.Routing;
using Godwit.Protocol.Topics;

namespace Godwit.Broker.Retained;

internal sealed class RetainedStore
{
    private const int MostRemovedAtOnce = 16;

    private readonly Lock _lock = new();
    private readonly Node _root = new(null, []);
    private readonly Dictionary<byte[], Node> _byTopic = new(TopicComparer.Instance);

    // When to look at which topic, so that expired messages go although nobody asks for them. A message that was replaced or removed
    // leaves its entry behind; once those are the majority the queue is made anew.
    private readonly PriorityQueue<Node, long> _expiring = new();

    /// <summary>How many retained messages there are.</summary>
    public int Count
    {
        get { lock (_lock) return _byTopic.Count; }
    }

    /// <summary>Bytes of the retained messages in memory.</summary>
    public long Bytes { get; private set; }

    /// <summary>
    /// Replaces the topic's retained message; an empty payload removes it.
    /// <c>[MQTT-3.3.1-5]</c> <c>[MQTT-3.3.1-10]</c>, 5.0: <c>[MQTT-3.3.1-5]</c> <c>[MQTT-3.3.1-6]</c>
    /// </summary>
    /// <param name="view">The message.</param>
    /// <param name="maximumCount">How many topics may have one.</param>
    /// <param name="now">The time; some of the messages that have expired by then are removed.</param>
    /// <returns>False if a new topic would exceed <paramref name="maximumCount"/>; the message is not kept then.</returns>
    public bool Set(ref PublicationView view, int maximumCount, long now)
    {
        lock (_lock)
        {
            RemoveExpired(now);
            if (view.Payload.IsEmpty)
            {
                Remove(view.Topic); // an empty message is not itself kept [MQTT-3.3.1-11], 5.0: [MQTT-3.3.1-7]
                return true;
            }
            if (!_byTopic.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(view.Topic, out Node? node))
            {
                if (_byTopic.Count >= maximumCount) return false;
                node = Descend(view.Topic);
                _byTopic[view.Topic.ToArray()] = node;
            }
            else
            {
                Bytes -= node.Message!.Size;
            }
            node.Message = view.Keep();
            Bytes += node.Message.Size;
            if (view.ExpiresAt != PublicationView.Never) Watch(node);
            return true;
        }
    }

    /// <summary>The topic's retained message, unless there is none or it has expired.</summary>
    public Publication? Find(ReadOnlySpan<byte> topic, long now)
    {
        lock (_lock)
        {
            return _byTopic.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(topic, out Node? node) && node.Message!.ExpiresAt > now ? node.Message : null;
        }
    }

    /// <summary>Collects the retained messages that match a filter and have not expired; expired ones are removed.</summary>
    public void Match(ReadOnlySpan<byte> filter, long now, List<Publication> matches)
    {
        lock (_lock)
        {
            List<Publication>? expired = null;
            Collect(_root, filter, true, now, matches, ref expired);
            foreach (Publication message in expired ?? []) Remove(message.Topic);
        }
    }

    private static void Collect(Node node, ReadOnlySpan<byte> filter, bool isRoot, long now, List<Publication> matches, ref List<Publication>? expired)
    {
        int slash = filter.IndexOf((byte)'/');
        ReadOnlySpan<byte> level = slash < 0 ? filter : filter[..slash];
        ReadOnlySpan<byte> rest = slash < 0 ? default : filter[(slash + 1)..];
        switch (level)
        {
            case [(byte)'#']:
                CollectAll(node, isRoot, now, matches, ref expired);
                break;
            case [(byte)'+']:
                foreach (Node child in node.Children)
                {
                    if (isRoot && child.IsHiddenFromWildcards) continue; // [MQTT-4.7.2-1]
                    CollectBelow(child, slash < 0, rest, now, matches, ref expired);
                }
                break;
            default:
                if (node.Child(level) is { } found) CollectBelow(found, slash < 0, rest, now, matches, ref expired);
                break;
        }
    }

    private static void CollectBelow(Node child, bool isLast, ReadOnlySpan<byte> rest, long now, List<Publication> matches, ref List<Publication>? expired)
    {
        if (isLast) Take(child, now, matches, ref expired);
        else Collect(child, rest, false, now, matches, ref expired);
    }

    // Everything below a node, and the node itself: "a/#" matches "a" too. Iterative, because topics can be deep.
    private static void CollectAll(Node top, bool isRoot, long now, List<Publication> matches, ref List<Publication>? expired)
    {
        var open = new Stack<Node>();
        open.Push(top);
        while (open.TryPop(out Node? node))
        {
            Take(node, now, matches, ref expired);
            foreach (Node child in node.Children)
            {
                if (isRoot && node == top && child.IsHiddenFromWildcards) continue; // [MQTT-4.7.2-1]
                open.Push(child);
            }
        }
    }

    private static void Take(Node node, long now, List<Publication> matches, ref List<Publication>? expired)
    {
        if (node.Message is not { } message) return;
        if (message.ExpiresAt > now) matches.Add(message);
        else (expired ??= []).Add(message);
    }

    private void Watch(Node node)
    {
        _expiring.Enqueue(node, node.Message!.ExpiresAt);
        if (_expiring.Count <= 2 * _byTopic.Count + 64) return;
        _expiring.Clear();
        foreach (Node kept in _byTopic.Values)
        {
            if (kept.Message!.ExpiresAt != PublicationView.Never) _expiring.Enqueue(kept, kept.Message.ExpiresAt);
        }
    }

    // A few at a time: each call adds one at most.
    private void RemoveExpired(long now)
    {
        for (int i = 0; i < MostRemovedAtOnce && _expiring.TryPeek(out Node? node, out long due) && due <= now; i++)
        {
            _expiring.Dequeue();
            if (node.Message is { } message && message.ExpiresAt <= now) Remove(message.Topic);
        }
    }

    private void Remove(ReadOnlySpan<byte> topic)
    {
        if (!_byTopic.GetAlternateLookup<ReadOnlySpan<byte>>().Remove(topic, out _, out Node? node)) return;
        Bytes -= node.Message!.Size;
        node.Message = null;
        while (node is { IsEmpty: true, Parent: { } parent })
        {
            parent.Remove(node);
            node = parent;
        }
    }

    private Node Descend(ReadOnlySpan<byte> topic)
    {
        Node node = _root;
        while (true)
        {
            int slash = topic.IndexOf((byte)'/');
            node = node.ChildOrNew(slash < 0 ? topic : topic[..slash]);
            if (slash < 0) return node;
            topic = topic[(slash + 1)..];
        }
    }

    private sealed class Node(Node? parent, byte[] level)
    {
        private Dictionary<byte[], Node>? _children;

        public Node? Parent => parent;

        public Publication? Message { get; set; }

        public bool IsHiddenFromWildcards => level is [(byte)'$', ..];

        public bool IsEmpty => Message is null && _children is null or { Count: 0 };

        public IEnumerable<Node> Children => _children?.Values ?? Enumerable.Empty<Node>();

        public Node? Child(ReadOnlySpan<byte> name) =>
            _children is not null && _children.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out Node? child) ? child : null;

        public Node ChildOrNew(ReadOnlySpan<byte> name)
        {
            if (Child(name) is { } child) return child;
            byte[] key = name.ToArray();
            return (_children ??= new Dictionary<byte[], Node>(TopicComparer.Instance))[key] = new Node(this, key);
        }

        public void Remove(Node child) => _children!.Remove(child.Level);

        private byte[] Level => level;
    }
}
