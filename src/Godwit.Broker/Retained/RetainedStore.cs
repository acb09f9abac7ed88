// Retained messages: one for each topic, shared by all loops. A tree of topic levels, so that a filter visits only the branches it
// matches; all edges of the tree stand in one hash table. Under a lock that is never held for long: whoever wants many messages walks
// with a cursor and takes one at a time.
using Godwit.Broker.Routing;

namespace Godwit.Broker.Retained;

internal sealed class RetainedStore
{
    private const int MostRemovedAtOnce = 16;

    private readonly Lock _lock = new();
    private readonly RetainedNode _root = new(null, [], 0);
    private readonly GrowingTable _nodes = new();
    private readonly LevelNames _names = new();
    private readonly HashSet<RetainedCursor> _cursors = [];

    // When to look at which topic, so that expired messages go although nobody asks for them. A message that was replaced or removed
    // leaves its entry behind; once those may be the majority the queue is made anew.
    private PriorityQueue<RetainedNode, long> _expiring = new();
    private int _expiringLimit = 64;
    private int _count;
    private long _bytes;

    /// <summary>How many retained messages there are.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Bytes of the retained messages in memory.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Walks that have not come to their end, for tests.</summary>
    internal int OpenCursors => _cursors.Count;

    /// <summary>
    /// Replaces the topic's retained message; an empty payload removes it.
    /// <c>[MQTT-3.3.1-5]</c> <c>[MQTT-3.3.1-10]</c>, 5.0: <c>[MQTT-3.3.1-5]</c> <c>[MQTT-3.3.1-6]</c>
    /// </summary>
    /// <param name="view">The message.</param>
    /// <param name="maximumCount">How many topics may have one.</param>
    /// <param name="now">The time; some of the messages that have expired by then are removed.</param>
    /// <param name="mayGrow">Whether there is memory for new topics and larger messages; an outdated one that cannot be replaced is removed.</param>
    /// <returns>False if a new topic would exceed <paramref name="maximumCount"/>, or the memory; the message is not kept then.</returns>
    public bool Set(ref PublicationView view, int maximumCount, long now, bool mayGrow = true)
    {
        lock (_lock)
        {
            RemoveExpired(now);
            RetainedNode? node = Find(view.Topic);
            if (view.Payload.IsEmpty)
            {
                if (node is not null) Remove(node); // an empty message is not itself kept [MQTT-3.3.1-11], 5.0: [MQTT-3.3.1-7]
                return true;
            }
            if (node is null)
            {
                if (_count >= maximumCount || !mayGrow) return false;
                node = Make(view.Topic);
                _count++;
            }
            else if (!mayGrow && view.Payload.Length > node.Message!.Payload.Length)
            {
                Remove(node);
                return false;
            }
            else
            {
                _bytes -= node.Message!.Size;
            }
            node.Message = view.Keep();
            _bytes += node.Message.Size;
            if (view.ExpiresAt != PublicationView.Never) Watch(node);
            return true;
        }
    }

    /// <summary>The topic's retained message, unless there is none or it has expired.</summary>
    public Publication? Find(ReadOnlySpan<byte> topic, long now)
    {
        lock (_lock) return Find(topic) is { Message: { } message } && message.ExpiresAt > now ? message : null;
    }

    /// <summary>
    /// Begins a walk over the messages that match a filter. Each that is there now, and still is when the walk comes to it, comes once, as
    /// it is then; what comes into being meanwhile may come or not. To be closed.
    /// </summary>
    public RetainedCursor Open(ReadOnlySpan<byte> filter)
    {
        lock (_lock)
        {
            var cursor = new RetainedCursor(filter, _root);
            _cursors.Add(cursor);
            return cursor;
        }
    }

    /// <summary>The walk's next message that has not expired; expired ones are removed.</summary>
    /// <param name="cursor">The walk.</param>
    /// <param name="now">The time.</param>
    /// <param name="visits">How many nodes may still be visited; counted down.</param>
    /// <returns>Null at the end (<see cref="RetainedCursor.Node"/> is null) or when there are no more visits.</returns>
    public Publication? Next(RetainedCursor cursor, long now, ref int visits)
    {
        lock (_lock)
        {
            Publication? found = null;
            while (found is null && cursor.Node is { } node && visits > 0)
            {
                visits--;
                Publication? message = cursor.IsMatch ? node.Message : null;
                cursor.Step(this);
                if (message is null) continue;
                if (message.ExpiresAt > now) found = message;
                else Remove(node);
            }
            if (cursor.Node is { } next) next.HasCursor = true;
            return found;
        }
    }

    /// <summary>Ends a walk.</summary>
    public void Close(RetainedCursor cursor)
    {
        lock (_lock) _cursors.Remove(cursor);
    }

    /// <summary>The child of this name; under the lock.</summary>
    internal RetainedNode? Child(RetainedNode parent, ReadOnlySpan<byte> level) => (RetainedNode?)_nodes.Find(new RetainedNode.Key(parent, level));

    private RetainedNode? Find(ReadOnlySpan<byte> topic)
    {
        RetainedNode? node = _root;
        while (node is not null)
        {
            int slash = topic.IndexOf((byte)'/');
            node = Child(node, slash < 0 ? topic : topic[..slash]);
            if (slash < 0) break;
            topic = topic[(slash + 1)..];
        }
        return node?.Message is null ? null : node;
    }

    private RetainedNode Make(ReadOnlySpan<byte> topic)
    {
        RetainedNode node = _root;
        while (true)
        {
            int slash = topic.IndexOf((byte)'/');
            ReadOnlySpan<byte> level = slash < 0 ? topic : topic[..slash];
            var key = new RetainedNode.Key(node, level);
            var child = (RetainedNode?)_nodes.Find(key);
            if (child is null)
            {
                child = new RetainedNode(node, _names.Keep(level, key.Hash), key.Hash);
                _nodes.Add(child);
                node.Add(child);
            }
            node = child;
            if (slash < 0) return node;
            topic = topic[(slash + 1)..];
        }
    }

    private void Watch(RetainedNode node)
    {
        _expiring.Enqueue(node, node.Message!.ExpiresAt);
        if (_expiring.Count <= _expiringLimit) return;
        _expiring = new PriorityQueue<RetainedNode, long>(_expiring.UnorderedItems.Where(entry => entry.Element.Message?.ExpiresAt == entry.Priority));
        _expiringLimit = 2 * _expiring.Count + 64;
    }

    // A few at a time: each call adds one at most.
    private void RemoveExpired(long now)
    {
        for (int i = 0; i < MostRemovedAtOnce && _expiring.TryPeek(out RetainedNode? node, out long due) && due <= now; i++)
        {
            _expiring.Dequeue();
            if (node.Message is { } message && message.ExpiresAt <= now) Remove(node);
        }
    }

    private void Remove(RetainedNode node)
    {
        _bytes -= node.Message!.Size;
        _count--;
        node.Message = null;
        while (node is { IsEmpty: true, Parent: { } parent })
        {
            if (node.HasCursor) MoveCursorsFrom(node);
            parent.Remove(node);
            _nodes.Remove(node);
            node = parent;
        }
    }

    private void MoveCursorsFrom(RetainedNode node)
    {
        foreach (RetainedCursor cursor in _cursors)
        {
            if (cursor.Node != node) continue;
            cursor.Step(this);
            if (cursor.Node is { } next) next.HasCursor = true;
        }
    }
}
