// What one receiver (a session, or a group that shares a subscription) has got. It is looked at as it comes: the numbers of a stream follow
// one another, so a gap is a loss and an old number is a repetition.
namespace Godwit.Crash.Tests.Kill;

/// <param name="name">Whose.</param>
/// <param name="qos">The QoS it subscribed with.</param>
/// <param name="topic">The topic that is subscribed to; null for all.</param>
/// <param name="isShared">Whether several sessions share it; then the order of all is not that of each.</param>
internal sealed class Receipts(string name, QoS qos, int? topic = null, bool isShared = false)
{
    private const int MostErrors = 20;

    private readonly Lock _gate = new();
    private readonly Dictionary<MessageStream, int> _last = [];
    private readonly Dictionary<MessageStream, HashSet<int>> _ahead = []; // shared: beyond the last of which all before it are there

    public long Received { get; private set; }

    /// <summary>Messages that came more than once although that is allowed at their QoS.</summary>
    public long Repeated { get; private set; }

    public long Lost { get; private set; }

    /// <summary>QoS 2 messages that came more than once.</summary>
    public long Doubled { get; private set; }

    /// <summary>What was wrong, a line each.</summary>
    public List<string> Errors { get; } = [];

    public void Add(LoadMessage message)
    {
        lock (_gate)
        {
            Received++;
            (MessageStream stream, int number) = (message.Stream, message.Number);
            int last = _last.GetValueOrDefault(stream);
            if (isShared) AddShared(stream, number, last);
            else if (number <= last) Repeat(stream, number);
            else
            {
                if (number > last + 1) Lose(stream, last + 1, number - 1);
                _last[stream] = number;
            }
        }
    }

    public void AddError(string error)
    {
        lock (_gate)
        {
            if (Errors.Count < MostErrors) Errors.Add($"{name}: {error}");
        }
    }

    /// <summary>Whether the last message of each stream has come.</summary>
    public bool Has(IReadOnlyDictionary<MessageStream, int> published)
    {
        lock (_gate) return Concerning(published).All(stream => _last.GetValueOrDefault(stream.Key) == stream.Value);
    }

    /// <summary>At the end: what has not come by now is lost.</summary>
    public void Close(IReadOnlyDictionary<MessageStream, int> published)
    {
        lock (_gate)
        {
            foreach ((MessageStream stream, int number) in Concerning(published))
            {
                HashSet<int>? ahead = _ahead.GetValueOrDefault(stream);
                for (int missing = _last.GetValueOrDefault(stream) + 1; missing <= number; missing++)
                    if (ahead?.Contains(missing) != true) Lose(stream, missing, missing);
            }
        }
    }

    private IEnumerable<KeyValuePair<MessageStream, int>> Concerning(IReadOnlyDictionary<MessageStream, int> published) =>
        published.Where(stream => stream.Key.Topic != LoadPublisher.RetainedTopic && (topic ?? stream.Key.Topic) == stream.Key.Topic);

    private void AddShared(MessageStream stream, int number, int last)
    {
        if (!_ahead.TryGetValue(stream, out HashSet<int>? ahead)) _ahead[stream] = ahead = [];
        if (number <= last || !ahead.Add(number)) Repeat(stream, number);
        while (ahead.Remove(last + 1)) last++;
        _last[stream] = last;
    }

    private void Repeat(MessageStream stream, int number)
    {
        if (stream.QoS == QoS.ExactlyOnce && qos == QoS.ExactlyOnce)
        {
            Doubled++;
            AddError($"{number} of {stream} twice");
        }
        else Repeated++;
    }

    private void Lose(MessageStream stream, int first, int last)
    {
        Lost += last - first + 1;
        AddError($"{first} to {last} of {stream} missing");
    }
}
