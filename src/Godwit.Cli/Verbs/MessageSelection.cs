// Which of the received messages sub prints, and when it has seen enough.
using System.Text;
using Godwit.Client;
using Godwit.Protocol.Topics;

namespace Godwit.Cli.Verbs;

internal sealed class MessageSelection
{
    private long _selected;

    /// <summary>-T: filters, as UTF-8, whose topics are skipped.</summary>
    public IReadOnlyList<byte[]> FilteredOut { get; init; } = [];

    public bool SkipRetained { get; init; }

    public bool RetainedOnly { get; init; }

    public bool RemoveRetained { get; init; }

    /// <summary>--random-filter: how many are printed; default all.</summary>
    public double Percent { get; init; } = 100;

    /// <summary>-C; null for no limit.</summary>
    public long? Count { get; init; }

    /// <summary>Whether so many have been selected as -C says.</summary>
    public bool IsComplete => _selected == Count;

    /// <summary>Whether this message shows that there are no more retained ones, which is all that was asked for.</summary>
    public bool EndsAt(MqttMessage message) => RetainedOnly && !message.Retain;

    /// <summary>Whether the message counts. One that --random-filter leaves out does, as with mosquitto_sub.</summary>
    public bool Selects(MqttMessage message)
    {
        if (SkipRetained && message.Retain) return false;
        if (FilteredOut.Count > 0)
        {
            byte[] topic = Encoding.UTF8.GetBytes(message.Topic);
            if (FilteredOut.Any(filter => TopicFilter.Matches(filter, topic))) return false;
        }
        _selected++;
        return true;
    }

    /// <summary>Whether a message that counts is printed.</summary>
    public bool Prints() => Percent >= 100 || Random.Shared.NextDouble() * 100 < Percent;
}
