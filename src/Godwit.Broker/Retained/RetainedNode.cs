using Godwit.Broker.Routing;
using Godwit.Protocol.Topics;

namespace Godwit.Broker.Retained;

/// <summary>
/// A topic level in the tree of retained messages. Its children are a list, new ones in front: so a walk that stands at one of them
/// meets each of the others at most once, whatever comes and goes.
/// </summary>
internal sealed class RetainedNode(RetainedNode? parent, byte[] level, int hash) : TableEntry(hash)
{
    public RetainedNode? Parent => parent;

    /// <summary>The message of the topic that ends here.</summary>
    public Publication? Message { get; set; }

    public RetainedNode? FirstChild { get; private set; }

    public RetainedNode? NextSibling { get; private set; }

    private RetainedNode? PreviousSibling { get; set; }

    public bool IsHiddenFromWildcards => level is [(byte)'$', ..];

    public bool IsEmpty => Message is null && FirstChild is null;

    /// <summary>Whether a <see cref="RetainedCursor"/> may stand here.</summary>
    public bool HasCursor
    {
        get => Spare != 0;
        set => Spare = value ? 1 : 0;
    }

    public void Add(RetainedNode child)
    {
        child.NextSibling = FirstChild;
        if (FirstChild is not null) FirstChild.PreviousSibling = child;
        FirstChild = child;
    }

    public void Remove(RetainedNode child)
    {
        if (child.PreviousSibling is { } previous) previous.NextSibling = child.NextSibling;
        else FirstChild = child.NextSibling;
        if (child.NextSibling is { } next) next.PreviousSibling = child.PreviousSibling;
    }

    /// <summary>A child by its name: every node's hash is that of the way to it.</summary>
    public readonly ref struct Key(RetainedNode parent, ReadOnlySpan<byte> level) : ITableKey
    {
        private readonly RetainedNode _parent = parent;
        private readonly ReadOnlySpan<byte> _level = level;

        public int Hash { get; } = TopicComparer.Hash(level) + parent.Hash * -1640531535;

        public bool Is(TableEntry entry) => ((RetainedNode)entry).IsChild(_parent, _level);
    }

    private bool IsChild(RetainedNode ofParent, ReadOnlySpan<byte> name) => parent == ofParent && name.SequenceEqual(level);
}
