using Godwit.Protocol.Wire;

namespace Godwit.Protocol.Topics;

/// <summary>The rules for topic filters: wildcards (section 4.7.1), matching (4.7.3) and shared subscriptions (4.8.2).</summary>
public static class TopicFilter
{
    private const byte Separator = (byte)'/', MultiLevel = (byte)'#', SingleLevel = (byte)'+';

    /// <summary>Whether the filter asks for a shared subscription: it begins with <c>$share/</c>.</summary>
    public static bool IsShared(ReadOnlySpan<byte> filter) => filter.StartsWith("$share/"u8);

    /// <summary>
    /// Null if the filter is valid, otherwise what is wrong. Before MQTT 5 <c>$share/</c> has no meaning of its own and is checked as
    /// part of an ordinary filter.
    /// </summary>
    public static Violation? Check(ReadOnlySpan<byte> filter, ProtocolVersion version = ProtocolVersion.V5)
    {
        if (filter.IsEmpty) return Violations.EmptyTopicFilter; // [MQTT-4.7.3-1]
        if (Utf8Text.Check(filter) is { } violation) return violation;
        if (version == ProtocolVersion.V5 && IsShared(filter))
        {
            if (CheckShareName(filter) is { } shareViolation) return shareViolation;
            TrySplitShared(filter, out _, out filter);
        }
        return CheckWildcards(filter);
    }

    /// <summary>Splits <c>$share/NAME/FILTER</c>.</summary>
    /// <returns>False, with <paramref name="inner"/> the whole filter, if it is not a well-formed shared filter.</returns>
    public static bool TrySplitShared(ReadOnlySpan<byte> filter, out ReadOnlySpan<byte> shareName, out ReadOnlySpan<byte> inner)
    {
        shareName = default;
        inner = filter;
        if (CheckShareName(filter) is not null || !IsShared(filter)) return false;
        ReadOnlySpan<byte> rest = filter["$share/"u8.Length..];
        int slash = rest.IndexOf(Separator);
        shareName = rest[..slash];
        inner = rest[(slash + 1)..];
        return true;
    }

    /// <summary>
    /// Whether a valid filter matches a valid topic name: character by character, no normalisation. <c>[MQTT-4.7.3-4]</c> Of a shared
    /// filter pass what <see cref="TrySplitShared"/> gives as the inner one.
    /// </summary>
    public static bool Matches(ReadOnlySpan<byte> filter, ReadOnlySpan<byte> topic)
    {
        if (filter.IsEmpty || topic.IsEmpty) return false;
        // A filter that begins with a wildcard does not match a topic that begins with $. [MQTT-4.7.2-1]
        if (topic[0] == (byte)'$' && filter[0] is MultiLevel or SingleLevel) return false;
        while (true)
        {
            int filterEnd = filter.IndexOf(Separator), topicEnd = topic.IndexOf(Separator);
            ReadOnlySpan<byte> level = filterEnd < 0 ? filter : filter[..filterEnd];
            if (level is [MultiLevel]) return true;
            if (level is not [SingleLevel] && !level.SequenceEqual(topicEnd < 0 ? topic : topic[..topicEnd])) return false;
            if (topicEnd < 0) return filterEnd < 0 || filter[filterEnd..].SequenceEqual("/#"u8); // "a/#" matches "a" too
            if (filterEnd < 0) return false;
            filter = filter[(filterEnd + 1)..];
            topic = topic[(topicEnd + 1)..];
        }
    }

    private static Violation? CheckShareName(ReadOnlySpan<byte> filter)
    {
        if (!IsShared(filter)) return null;
        ReadOnlySpan<byte> rest = filter["$share/"u8.Length..];
        int slash = rest.IndexOf(Separator);
        if (slash == 0 || rest.IsEmpty) return Violations.EmptyShareName; // [MQTT-4.8.2-1]
        if (slash < 0 || slash == rest.Length - 1 || TopicName.HasWildcard(rest[..slash])) return Violations.ShareName; // [MQTT-4.8.2-2]
        return null;
    }

    private static Violation? CheckWildcards(ReadOnlySpan<byte> filter)
    {
        if (!TopicName.HasWildcard(filter)) return null;
        for (int i = 0; i < filter.Length; i++)
        {
            bool startsLevel = i == 0 || filter[i - 1] == Separator;
            switch (filter[i])
            {
                case MultiLevel when !startsLevel || i != filter.Length - 1: return Violations.MultiLevelWildcard; // [MQTT-4.7.1-2], 5.0: [MQTT-4.7.1-1]
                case SingleLevel when !startsLevel || (i + 1 < filter.Length && filter[i + 1] != Separator):
                    return Violations.SingleLevelWildcard; // [MQTT-4.7.1-3], 5.0: [MQTT-4.7.1-2]
            }
        }
        return null;
    }
}
