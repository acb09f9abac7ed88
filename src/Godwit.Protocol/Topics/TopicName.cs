using System.Buffers;
using Godwit.Protocol.Wire;

namespace Godwit.Protocol.Topics;

/// <summary>The rules for topic names (section 4.7).</summary>
public static class TopicName
{
    private static readonly SearchValues<byte> Wildcards = SearchValues.Create("+#"u8);

    /// <summary>Whether a wildcard character stands in it. <c>[MQTT-3.3.2-2]</c></summary>
    public static bool HasWildcard(ReadOnlySpan<byte> topic) => topic.ContainsAny(Wildcards);

    /// <summary>Null if the name is valid, otherwise what is wrong: empty, ill-formed, with U+0000 or with wildcards.</summary>
    public static Violation? Check(ReadOnlySpan<byte> topic)
    {
        if (topic.IsEmpty) return Violations.EmptyTopicName; // [MQTT-4.7.3-1]
        if (Utf8Text.Check(topic) is { } violation) return violation;
        return HasWildcard(topic) ? Violations.WildcardInTopicName : null;
    }
}
