// Publishes numbered messages as fast as they are acknowledged, and holds on to each until it is.
namespace Godwit.Crash.Tests.Kill;

internal sealed class LoadPublisher(KillRun run, int number, ProtocolVersion version, int seed) : LoadClient(run, $"publisher-{number}", version, seed)
{
    public const int Topics = 3;

    /// <summary>The topic whose messages are retained, of this publisher alone.</summary>
    public const int RetainedTopic = Topics;

    private const int Window = 150, LargePadding = 20_000, SmallPadding = 200;

    private readonly Dictionary<ushort, Sent> _unfinished = [];
    private readonly Dictionary<MessageStream, int> _published = [];
    private long _order;
    private ushort _lastId;
    private volatile int _retainedAcknowledged, _retainedPublished;
    private volatile bool _isDone;

    /// <summary>Whether all is published and acknowledged.</summary>
    public bool IsDone => _isDone;

    public int Number => number;

    /// <summary>Messages published, each counted once.</summary>
    public long Published => _published.Values.Sum();

    /// <summary>The last number of each stream. Only once it is done.</summary>
    public IReadOnlyDictionary<MessageStream, int> Streams => _published;

    /// <summary>The newest retained message that was acknowledged: this one or a later one the broker has to have.</summary>
    public int RetainedAcknowledged => _retainedAcknowledged;

    /// <summary>The newest retained message.</summary>
    public int RetainedPublished => _retainedPublished;

    /// <summary>A topic by its number.</summary>
    public static string TopicOf(MessageStream stream) =>
        stream.Topic == RetainedTopic ? $"retained/{stream.Publisher}" : $"load/{stream.Topic}";

    protected override void OnConnected(bool sessionPresent)
    {
        // 4.4: everything again, in its order.
        foreach (Sent sent in _unfinished.Values.OrderBy(sent => sent.Order))
        {
            if (sent.IsReceived) Write(PacketType.Pubrel, sent.Id);
            else Write(sent, dup: true);
        }
    }

    protected override void OnPacket(in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
        if (!PublishAckPacket.TryRead(frame, packet, Version, out PublishAckPacket ack, out Violation? violation))
        {
            Run.Fail($"{ClientId}: {frame.Type}: {violation}");
            return;
        }
        if (!_unfinished.TryGetValue(ack.PacketId, out Sent? sent))
        {
            Run.Fail($"{ClientId}: {frame.Type} {ack.PacketId} for nothing");
            return;
        }
        // A PUBREL that comes again after its PUBCOMP was lost has nothing to find.
        bool isRefused = ack.ReasonCode.IsError() && !(ack is { Type: PacketType.Pubcomp, ReasonCode: ReasonCode.PacketIdentifierNotFound });
        if (isRefused) Run.Fail($"{ClientId}: {frame.Type} {ack.ReasonCode}");
        if (sent.Message.Stream.Topic == RetainedTopic) _retainedAcknowledged = sent.Message.Number;
        if (frame.Type == PacketType.Pubrec)
        {
            sent.IsReceived = true;
            Write(PacketType.Pubrel, sent.Id);
        }
        else
        {
            _unfinished.Remove(ack.PacketId);
        }
    }

    protected override void OnTurn()
    {
        while (!Run.IsEnding && _unfinished.Count < Window) Publish();
        if (Run.IsEnding && _unfinished.Count == 0) _isDone = true;
    }

    private void Publish()
    {
        bool isRetained = Random.Next(50) == 0;
        // What is retained must not be overtaken by itself at another QoS.
        var qos = (QoS)(isRetained ? 1 + number % 2 : Random.Next(1, 3));
        var stream = new MessageStream(number, isRetained ? RetainedTopic : Random.Next(Topics), qos);
        int next = _published[stream] = _published.GetValueOrDefault(stream) + 1;
        if (isRetained) _retainedPublished = next;
        do _lastId++; while (_lastId == 0 || _unfinished.ContainsKey(_lastId));
        int padding = Random.Next(200) == 0 ? Random.Next(LargePadding) : Random.Next(SmallPadding);
        var sent = new Sent(_lastId, ++_order, new LoadMessage(stream, next), padding);
        _unfinished.Add(sent.Id, sent);
        Write(sent, dup: false);
    }

    private void Write(Sent sent, bool dup)
    {
        MessageStream stream = sent.Message.Stream;
        Connection.Write(Packets.Publish(
            Version, TopicOf(stream), sent.Message.ToPayload(sent.Padding), stream.QoS, sent.Id, retain: stream.Topic == RetainedTopic, dup));
    }

    private sealed class Sent(ushort id, long order, LoadMessage message, int padding)
    {
        public ushort Id => id;

        public long Order => order;

        public LoadMessage Message => message;

        public int Padding => padding;

        public bool IsReceived { get; set; }
    }
}
