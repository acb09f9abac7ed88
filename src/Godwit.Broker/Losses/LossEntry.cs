// One line of the ledger. Its memory is taken once and used again for another line when it has to make room, so a flood of losses with
// ever new topics allocates nothing either.
using System.Text;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Protocol;

namespace Godwit.Broker.Losses;

internal sealed class LossEntry
{
    /// <summary>Bytes of a topic prefix and of a sample's topic that are kept.</summary>
    public const int LongestPrefix = 64, LongestTopic = 96;

    /// <summary>The samples that are kept, the last ones.</summary>
    public const int MostSamples = 4;

    private byte[] _text = new byte[LongestPrefix + MostSamples * LongestTopic];
    private Sample[] _samples = new Sample[MostSamples];
    private int _prefixLength;
    private int _sampleCount;

    /// <summary>The client, or the shared subscription.</summary>
    public string Client { get; private set; } = "";

    public DropReason Reason { get; private set; }

    /// <summary>The hash of client, prefix and reason.</summary>
    public int Hash { get; private set; }

    /// <summary>The topic's first levels; empty if the topic is not known any more.</summary>
    public ReadOnlySpan<byte> Prefix => _text.AsSpan(0, _prefixLength);

    public long Count { get; private set; }

    /// <summary>The payloads' bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>When the first and the last one was lost, in loop milliseconds.</summary>
    public long FirstAt { get; private set; }

    public long LastAt { get; private set; }

    /// <summary>How many of them the log has told of.</summary>
    public long Reported { get; set; }

    /// <summary>Whether it was hit again since the ledger last looked for one to give up.</summary>
    public bool IsRecent { get; set; }

    /// <summary>Becomes the entry of somebody else, with nothing counted.</summary>
    public void Begin(string client, int hash, DropReason reason, ReadOnlySpan<byte> prefix, long now)
    {
        Client = client;
        Hash = hash;
        Reason = reason;
        prefix.CopyTo(_text);
        _prefixLength = prefix.Length;
        Count = Bytes = Reported = 0;
        FirstAt = LastAt = now;
        IsRecent = false;
        Array.Clear(_samples);
        _sampleCount = 0;
    }

    public bool Is(string client, DropReason reason, ReadOnlySpan<byte> prefix) =>
        Reason == reason && prefix.SequenceEqual(Prefix) && Client == client;

    /// <summary>Counts a loss and keeps it as the newest sample.</summary>
    public void Add(in PublicationView view, QoS qos, long now)
    {
        Count++;
        Bytes += view.Payload.Length;
        LastAt = now;
        IsRecent = true;
        int place = _sampleCount++ % MostSamples;
        ref Sample sample = ref _samples[place];
        ReadOnlySpan<byte> topic = view.Topic[..Math.Min(view.Topic.Length, LongestTopic)];
        topic.CopyTo(_text.AsSpan(LongestPrefix + place * LongestTopic));
        sample = new Sample(view.Publisher?.ClientId ?? view.Kept?.PublisherId, now, view.Payload.Length, (byte)topic.Length, qos);
        if (sample.Publisher is { Length: > LossAccount.LongestName }) sample.Publisher = LossAccount.Cut(sample.Publisher);
        if (_sampleCount == 2 * MostSamples) _sampleCount = MostSamples;
    }

    /// <summary>Counts losses of which no more is known.</summary>
    public void Add(long count, long bytes, long now)
    {
        Count += count;
        Bytes += bytes;
        LastAt = now;
        IsRecent = true;
    }

    /// <summary>Takes over what another one has counted.</summary>
    public void Merge(LossEntry other)
    {
        Count += other.Count;
        Bytes += other.Bytes;
        Reported += other.Reported;
        FirstAt = Math.Min(FirstAt, other.FirstAt);
        LastAt = Math.Max(LastAt, other.LastAt);
    }

    /// <summary>A copy for other threads.</summary>
    public LossEntry Copy()
    {
        var copy = (LossEntry)MemberwiseClone();
        copy._text = [.. _text];
        copy._samples = [.. _samples];
        return copy;
    }

    /// <summary>The entry as others see it.</summary>
    /// <param name="clock">The time of a moment in loop milliseconds.</param>
    public Loss ToLoss(Func<long, DateTimeOffset> clock)
    {
        int kept = Math.Min(_sampleCount, MostSamples);
        var samples = new LossSample[kept];
        for (int i = 0; i < kept; i++)
        {
            int place = (_sampleCount - 1 - i) % MostSamples; // the newest first
            ref Sample sample = ref _samples[place];
            samples[i] = new LossSample(
                Text(_text.AsSpan(LongestPrefix + place * LongestTopic, sample.TopicLength)), sample.Size, sample.QoS, sample.Publisher, clock(sample.At));
        }
        return new Loss
        {
            Client = Client,
            TopicPrefix = Text(Prefix),
            Reason = Reason,
            Count = Count,
            Bytes = Bytes,
            FirstAt = clock(FirstAt),
            LastAt = clock(LastAt),
            Samples = samples,
        };
    }

    // What is cut may end within a character.
    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8).TrimEnd('\uFFFD');

    private record struct Sample(string? Publisher, long At, int Size, byte TopicLength, QoS QoS);
}
