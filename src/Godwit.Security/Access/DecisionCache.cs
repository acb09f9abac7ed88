// Answers about the topics that a client has used lately. Two places for each hash: what comes anew takes the place of the older one, so it
// neither grows beyond its bound nor allocates once it is warm. Most clients use one topic or two and have four places.
using Godwit.Protocol.Topics;

namespace Godwit.Security.Access;

internal struct DecisionCache
{
    private const int FewestPlaces = 4, MostPlaces = 256;

    /// <summary>Longer topics are looked up each time: an answer costs less than a place for them.</summary>
    private const int LongestTopic = 256;

    private Entry[]? _entries;
    private int _displaced;

    private struct Entry
    {
        public byte[] Topic;
        public int Length;
        public byte Answer;

        public readonly bool Is(ReadOnlySpan<byte> topic, ref byte answer)
        {
            if (Length != topic.Length || !topic.SequenceEqual(Topic.AsSpan(0, Length))) return false;
            answer = Answer;
            return true;
        }
    }

    /// <summary>Whether the answer is known.</summary>
    public readonly bool TryFind(ReadOnlySpan<byte> topic, out byte answer)
    {
        answer = 0;
        if (_entries is not { } entries) return false;
        int place = PlaceOf(topic, entries);
        return entries[place].Is(topic, ref answer) || entries[place + 1].Is(topic, ref answer);
    }

    public void Add(ReadOnlySpan<byte> topic, byte answer)
    {
        if (topic.Length > LongestTopic) return;
        _entries ??= new Entry[FewestPlaces];
        if (_displaced >= _entries.Length && _entries.Length < MostPlaces)
        {
            _entries = new Entry[_entries.Length * 2];
            _displaced = 0;
        }
        int place = PlaceOf(topic, _entries);
        if (_entries[place + 1].Length > 0) _displaced++;
        (_entries[place], _entries[place + 1]) = (_entries[place + 1], _entries[place]);
        ref Entry entry = ref _entries[place];
        if (entry.Topic is null || entry.Topic.Length < topic.Length) entry.Topic = new byte[Math.Max(32, topic.Length)];
        topic.CopyTo(entry.Topic);
        entry.Length = topic.Length;
        entry.Answer = answer;
    }

    public void Clear() => this = default;

    // The first of the two.
    private static int PlaceOf(ReadOnlySpan<byte> topic, Entry[] entries) => TopicComparer.Hash(topic) & (entries.Length - 1) & ~1;
}
