using Godwit.Protocol;

namespace Godwit.Capture.Explain;

/// <summary>
/// A field of a packet, or a group of fields: what stands where, and what it means. Fields without children cover every bit of a valid
/// packet exactly once.
/// </summary>
/// <param name="Name">The specification's name, of the version at hand: Clean Session, or Clean Start.</param>
/// <param name="Offset">The first byte, counted from the packet's first.</param>
/// <param name="Length">How many bytes; may be 0.</param>
public sealed record ExplainedField(string Name, int Offset, int Length)
{
    /// <summary>The bits of the byte that belong to the field; 0xFF for whole bytes.</summary>
    public byte Mask { get; init; } = 0xFF;

    /// <summary>The value, for people: <c>60</c>, <c>"python_test"</c>, <c>1</c>. Null for a group, and where the value is secret.</summary>
    public string? Value { get; init; }

    /// <summary>What the value means, in a few words; null where there is nothing to add.</summary>
    public string? Meaning { get; init; }

    /// <summary>The section of the standard of this protocol version, for example <c>3.1.2.10</c>; null for what is not a field.</summary>
    public string? Section { get; init; }

    /// <summary>How a property's value is encoded, for example <c>Four Byte Integer</c>; null for everything else.</summary>
    public string? Type { get; init; }

    /// <summary>What is wrong here, with the statement; null if nothing is.</summary>
    public Violation? Violation { get; init; }

    /// <summary>Whether the value is a password or a proof of one, and not shown.</summary>
    public bool IsHidden { get; init; }

    /// <summary>The fields of a group.</summary>
    public IReadOnlyList<ExplainedField> Children { get; init; } = [];

    /// <summary>This field or, for a group, the fields in it, in the order of the bytes.</summary>
    public IEnumerable<ExplainedField> Leaves => Children.Count == 0 ? [this] : Children.SelectMany(child => child.Leaves);
}
