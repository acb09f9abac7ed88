// The sender's side of topic aliases (MQTT 5 section 3.3.2.3.4). First come, first served: replacing aliases costs the topic's bytes
// each time, which is what aliases are there to save.
using Godwit.Protocol.Topics;

namespace Godwit.Session;

/// <summary>
/// The aliases that this side has given to topics. Belongs to one connection. <c>[MQTT-3.3.2-7]</c> Keeps at most
/// <paramref name="maximum"/> topics; finding a known one does not allocate.
/// </summary>
/// <param name="maximum">
/// The peer's Topic Alias Maximum, or less. 0, the specification's default, means no aliases.
/// <c>[MQTT-3.1.2-26]</c> <c>[MQTT-3.1.2-27]</c> <c>[MQTT-3.2.2-17]</c> <c>[MQTT-3.2.2-18]</c>
/// </param>
public sealed class OutboundTopicAliases(int maximum)
{
    private Dictionary<byte[], ushort>? _aliases;

    /// <summary>Finds or gives the topic's alias.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="isNew">Whether the PUBLISH has to carry the topic too; otherwise the alias alone is enough.</param>
    /// <returns>0 if the topic has none and there is none left: send the topic without alias. <c>[MQTT-3.3.2-8]</c></returns>
    public ushort Assign(ReadOnlySpan<byte> topic, out bool isNew)
    {
        isNew = false;
        if (maximum == 0) return 0;
        _aliases ??= new(TopicComparer.Instance);
        if (_aliases.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(topic, out ushort alias)) return alias;
        if (_aliases.Count >= maximum) return 0; // [MQTT-3.3.2-9] [MQTT-3.3.2-11]
        isNew = true;
        alias = (ushort)(_aliases.Count + 1);
        _aliases.Add(topic.ToArray(), alias);
        return alias;
    }

    /// <summary>The topic behind an alias; empty if it has not been given. Searches all of them: for those who look on.</summary>
    public ReadOnlySpan<byte> TopicOf(ushort alias)
    {
        if (_aliases is null) return default;
        foreach ((byte[] topic, ushort given) in _aliases)
            if (given == alias) return topic;
        return default;
    }
}
