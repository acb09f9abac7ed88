// The receiver's side of topic aliases (MQTT 5 section 3.3.2.3.4): which topic each alias of the sender's stands for.
namespace Godwit.Session;

/// <summary>What came of a topic alias.</summary>
public enum TopicAliasOutcome : byte
{
    /// <summary>The topic is known.</summary>
    Ok,

    /// <summary>The alias is 0 or above the maximum: DISCONNECT 0x94. <c>[MQTT-3.3.2-8]</c> <c>[MQTT-3.3.2-9]</c> <c>[MQTT-3.3.2-11]</c></summary>
    Invalid,

    /// <summary>There is no topic, and the alias has not been given one on this connection: DISCONNECT 0x82.</summary>
    Unknown,
}

/// <summary>
/// The topics behind the aliases that a peer uses. Belongs to one connection. <c>[MQTT-3.3.2-7]</c> Nothing is stored before the first
/// alias comes; then at most <paramref name="maximum"/> topics.
/// </summary>
/// <param name="maximum">The Topic Alias Maximum that this side has announced; default of the specification: 0, no aliases.</param>
public sealed class InboundTopicAliases(int maximum)
{
    private byte[]?[] _topics = [];

    /// <summary>Bytes of the topics stored, for a memory budget.</summary>
    public long StoredBytes { get; private set; }

    /// <summary>
    /// Finds the topic of a PUBLISH with a topic alias; with a topic, also gives the alias this meaning from now on.
    /// <c>[MQTT-3.3.2-10]</c> <c>[MQTT-3.3.2-12]</c>
    /// </summary>
    /// <param name="topic">The topic in the packet, empty if it relies on the alias.</param>
    /// <param name="alias">The value of the Topic Alias property.</param>
    /// <param name="resolved">The topic, when the outcome is Ok; valid as long as the alias keeps its meaning or, if given, as <paramref name="topic"/>.</param>
    public TopicAliasOutcome Resolve(ReadOnlySpan<byte> topic, uint alias, out ReadOnlySpan<byte> resolved)
    {
        resolved = topic;
        if (alias == 0 || alias > maximum) return TopicAliasOutcome.Invalid;
        byte[]? known = alias < _topics.Length ? _topics[alias] : null;
        if (topic.IsEmpty)
        {
            resolved = known;
            return known is null ? TopicAliasOutcome.Unknown : TopicAliasOutcome.Ok;
        }
        if (!topic.SequenceEqual(known)) Store(topic, (int)alias);
        return TopicAliasOutcome.Ok;
    }

    private void Store(ReadOnlySpan<byte> topic, int alias)
    {
        if (alias >= _topics.Length) Array.Resize(ref _topics, Math.Min(maximum + 1, Math.Max(alias + 1, _topics.Length * 2)));
        StoredBytes += topic.Length - (_topics[alias]?.Length ?? 0);
        _topics[alias] = topic.ToArray();
    }
}
