using Godwit.Protocol.Topics;

namespace Godwit.Broker.Retained;

/// <summary>
/// A walk over the retained messages that match a filter, node by node, parents before children. It can stand still for any time: the
/// store moves it on when the node it stands at goes. Touched under the store's lock only.
/// </summary>
internal sealed class RetainedCursor
{
    private readonly byte[][] _levels; // of the filter, without a "#" at the end
    private readonly bool _isMultiLevel;
    private int _depth;

    public RetainedCursor(ReadOnlySpan<byte> filter, RetainedNode root)
    {
        var levels = new List<byte[]>();
        foreach (Range level in filter.Split((byte)'/')) levels.Add(filter[level].ToArray());
        _isMultiLevel = levels[^1] is [(byte)'#'];
        if (_isMultiLevel) levels.RemoveAt(levels.Count - 1);
        _levels = [.. levels];
        Node = root;
    }

    /// <summary>The node to be looked at next; null at the end.</summary>
    public RetainedNode? Node { get; private set; }

    /// <summary>Whether the node's topic matches the filter; "a/#" matches "a" too.</summary>
    public bool IsMatch => !IsHidden && (_depth == _levels.Length || (_isMultiLevel && _depth > _levels.Length));

    // A topic that begins with $ is not matched by a filter that begins with a wildcard. [MQTT-4.7.2-1]
    private bool IsHidden => _depth == 1 && TakesAll(0) && Node!.IsHiddenFromWildcards;

    /// <summary>Goes to the next node on the ways that the filter allows.</summary>
    public void Step(RetainedStore store)
    {
        RetainedNode node = Node!;
        RetainedNode? child = IsHidden ? null
            : TakesAll(_depth) ? node.FirstChild
            : _depth < _levels.Length ? store.Child(node, _levels[_depth])
            : null;
        if (child is not null)
        {
            _depth++;
            Node = child;
            return;
        }
        for (; node.Parent is { } parent; node = parent)
        {
            _depth--;
            if (!TakesAll(_depth) || node.NextSibling is not { } sibling) continue;
            _depth++;
            Node = sibling;
            return;
        }
        Node = null;
    }

    // Whether the filter takes every child of a node at this depth.
    private bool TakesAll(int depth) => depth < _levels.Length ? _levels[depth] is [(byte)'+'] : _isMultiLevel;
}
