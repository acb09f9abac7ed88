// Clients with persistent sessions around a broker that is killed and started again on what its store has. A publisher numbers its
// messages and repeats, on each new connection, what has not been acknowledged; a subscriber acknowledges what it gets when it pleases and
// forgets a QoS 2 identifier with its PUBREL.
using System.Globalization;
using Godwit.Broker;
using Godwit.Broker.Storage;

namespace Godwit.Conformance.Tests.Durability;

/// <summary>Something that outlives brokers, more or less.</summary>
internal interface ICrashMedium : IDisposable
{
    /// <summary>Whether writing may fail while a broker runs.</summary>
    bool MayFail { get; }

    /// <summary>Whether nothing can be written any more until the broker dies.</summary>
    bool IsLost { get; }

    /// <summary>Everybody has subscribed: from now on it may fail.</summary>
    void Arm();

    /// <summary>The store as a broker finds it that starts.</summary>
    IBrokerStore Open();

    /// <summary>The broker dies.</summary>
    void Crash();
}

internal sealed class CrashLoad : IDisposable
{
    private static readonly string[] Topics = ["a", "b", "c"];

    private readonly Random _random;
    private readonly ICrashMedium _medium;
    private readonly ManualTimeProvider _time = new();
    private readonly int _loops;
    private readonly CrashPublisher[] _publishers;
    private readonly CrashSubscriber[] _subscribers;
    private readonly CrashReceipts[] _receipts;
    private TestBroker _broker;

    public CrashLoad(int seed, ICrashMedium medium)
    {
        _random = new Random(seed);
        _medium = medium;
        _loops = 1 + seed % 3;
        _broker = Start();
        _publishers = [.. Enumerable.Range(0, 3).Select(i => new CrashPublisher($"{_broker.ClientId($"p{i}-", i)}"))];
        CrashSubscriber[] alone =
        [
            .. Enumerable.Range(0, 4).Select(i => new CrashReceipts((QoS)(1 + i % 2), Topics[..(1 + i % 3)], isShared: false))
                .Select((receipts, i) => new CrashSubscriber(_broker.ClientId($"s{i}-", i), "", receipts)),
        ];
        CrashSubscriber[] group =
        [
            .. Enumerable.Range(0, 2).Select(i => new CrashReceipts((QoS)(1 + i), Topics, isShared: true))
                .SelectMany(receipts => Enumerable.Range(0, 3).Select(i => new CrashSubscriber(_broker.ClientId($"g{i}{receipts.QoS}-", i), $"$share/g{(int)receipts.QoS}/", receipts))),
        ];
        _subscribers = [.. alone, .. group];
        _receipts = [.. _subscribers.Select(subscriber => subscriber.Receipts).Distinct()];
        foreach (CrashSubscriber subscriber in _subscribers) subscriber.Connect(_broker);
        _medium.Arm();
    }

    public int Kills { get; private set; }

    public int Published => _publishers.Sum(publisher => publisher.Published);

    public int Received => _receipts.Sum(receipts => receipts.Count);

    public void Step()
    {
        if (_medium.IsLost) Kill();
        CrashPublisher publisher = _publishers[_random.Next(_publishers.Length)];
        CrashSubscriber subscriber = _subscribers[_random.Next(_subscribers.Length)];
        switch (_random.Next(24))
        {
            case < 10: publisher.Publish(_broker, Topics[_random.Next(Topics.Length)], (QoS)_random.Next(1, 3)); break;
            case < 15: subscriber.Acknowledge(_broker, _random.Next(1, 5)); break;
            case < 17: publisher.Release(_broker, _random.Next(1, 4)); break;
            case 17: subscriber.Break(); break;
            case 18: publisher.Break(); break;
            case 19: _broker.IsWriterStalled = !_broker.IsWriterStalled; break;
            case 20: if (_loops > 1 && !_broker.StalledLoops.Remove(_random.Next(_loops))) _broker.StalledLoops.Add(_random.Next(_loops)); break;
            case 21: _broker.Advance(TimeSpan.FromMilliseconds(_random.Next(20))); break;
            case 22: if (_random.Next(3) == 0) Kill(); break;
            default: _broker.Run(); break;
        }
    }

    /// <summary>Everybody comes back and finishes, with and without one more death; then what was promised is looked at.</summary>
    public void Finish()
    {
        _broker.IsWriterStalled = false;
        _broker.StalledLoops.Clear();
        Drain();
        Kill();
        Drain();
        foreach (CrashPublisher publisher in _publishers)
        {
            foreach (CrashReceipts receipts in _receipts) receipts.Check(publisher);
        }
    }

    public void Dispose() => _broker.Dispose();

    private TestBroker Start()
    {
        TimeSpan delay = TimeSpan.FromMilliseconds(_random.Next(3) * 5);
        var broker = new TestBroker(_loops, o => o with { CommitDelay = delay, MaximumInflight = 6, OutputLimit = 2000 }, _medium.Open(), _time);
        broker.Log.ErrorsAreExpected = _medium.MayFail;
        return broker;
    }

    private void Drain()
    {
        for (int i = 0; i < 50; i++)
        {
            if (_medium.IsLost) Kill();
            foreach (CrashPublisher publisher in _publishers)
            {
                publisher.Connect(_broker);
                publisher.Release(_broker, int.MaxValue);
            }
            foreach (CrashSubscriber subscriber in _subscribers) subscriber.Acknowledge(_broker, int.MaxValue);
            _broker.Advance(TimeSpan.FromMilliseconds(20));
        }
        Assert.All(_publishers, publisher => Assert.True(publisher.IsDone, $"{publisher.ClientId} is not done"));
        var left = new StoreContent(_broker.Store!);
        Assert.Equal((0, 0, 0), (left.Queued, left.Received, left.LastMessage));
    }

    private void Kill()
    {
        Kills++;
        _broker.Kill();
        _medium.Crash();
        foreach (CrashPublisher publisher in _publishers) publisher.Lose();
        foreach (CrashSubscriber subscriber in _subscribers) subscriber.Lose();
        _broker = Start();
        foreach (CrashSubscriber subscriber in _subscribers.Where(_ => _random.Next(3) > 0)) subscriber.Connect(_broker);
    }
}

/// <summary>Publishes numbered messages and holds on to each until it is acknowledged.</summary>
internal sealed class CrashPublisher(string clientId)
{
    private readonly List<Sent> _unfinished = [];
    private TestClient? _client;
    private ushort _lastId;

    public string ClientId => clientId;

    /// <summary>By topic and QoS, the numbers in the order in which they were published first.</summary>
    public Dictionary<(string Topic, QoS QoS), List<int>> Messages { get; } = [];

    public int Published { get; private set; }

    public bool IsDone => _unfinished.Count == 0;

    public void Connect(TestBroker broker)
    {
        if (_client is { IsClosed: false }) return;
        Lose();
        _client = broker.Open();
        _client.Send(Packets.Connect(ProtocolVersion.V311, clientId, cleanSession: false));
        // 4.4: everything again, in its order.
        foreach (Sent sent in _unfinished)
        {
            sent.IsReleased = sent.IsReceived;
            if (sent.IsReceived) _client.Write(Packets.Ack(PacketType.Pubrel, sent.Id));
            else _client.Write(Packets.Publish(ProtocolVersion.V311, sent.Topic, Packets.Utf8(sent.Text), sent.QoS, sent.Id, dup: true));
        }
        broker.Run();
        Take();
    }

    public void Publish(TestBroker broker, string topic, QoS qos)
    {
        Connect(broker);
        Take();
        if (_unfinished.Count > 20) return;
        do _lastId++; while (_lastId == 0 || _unfinished.Exists(sent => sent.Id == _lastId));
        if (!Messages.TryGetValue((topic, qos), out List<int>? numbers)) Messages[(topic, qos)] = numbers = [];
        int number = ++Published;
        numbers.Add(number);
        var message = new Sent(_lastId, topic, $"{clientId}:{(int)qos}:{number}", qos);
        _unfinished.Add(message);
        _client!.Publish(topic, message.Text, qos, message.Id);
        Take();
    }

    /// <summary>Answers PUBRECs with PUBREL, in their order.</summary>
    public void Release(TestBroker broker, int count)
    {
        Connect(broker);
        Take();
        foreach (Sent sent in _unfinished.Where(sent => sent is { IsReceived: true, IsReleased: false }).Take(count).ToArray())
        {
            sent.IsReleased = true;
            _client!.Pubrel(sent.Id);
        }
        Take();
    }

    public void Break()
    {
        Take();
        if (_client is { IsClosed: false }) _client.Reset();
        Lose();
    }

    /// <summary>The broker is gone; what it sent has arrived.</summary>
    public void Lose()
    {
        Take();
        _client = null;
        foreach (Sent sent in _unfinished) sent.IsReleased = false;
    }

    private void Take()
    {
        foreach (string packet in _client?.Take() ?? [])
        {
            string[] words = packet.Split(' ');
            if (words[0] == "CONNACK") continue;
            Sent sent = Assert.Single(_unfinished, sent => sent.Id == ushort.Parse(words[1][1..], CultureInfo.InvariantCulture));
            if (words[0] == "PUBREC") sent.IsReceived = true;
            else _unfinished.Remove(sent);
        }
    }

    private sealed class Sent(ushort id, string topic, string text, QoS qos)
    {
        public ushort Id => id;

        public string Topic => topic;

        public string Text => text;

        public QoS QoS => qos;

        public bool IsReceived { get; set; }

        public bool IsReleased { get; set; }
    }
}

/// <summary>Notes what it gets, and acknowledges it when it is told to.</summary>
/// <param name="clientId">Its client identifier.</param>
/// <param name="prefix">What stands before the topics in its filters.</param>
/// <param name="receipts">Where it notes them down; all members of a group in the same place.</param>
internal sealed class CrashSubscriber(string clientId, string prefix, CrashReceipts receipts)
{
    private readonly HashSet<int> _known = []; // QoS 2: PUBLISH has come, PUBREL has not
    private readonly Queue<byte[]> _owed = [];
    private TestClient? _client;
    private bool _isSubscribed;

    public CrashReceipts Receipts => receipts;

    public void Connect(TestBroker broker)
    {
        if (_client is { IsClosed: false }) return;
        Lose();
        _client = broker.Open();
        _client.Send(Packets.Connect(ProtocolVersion.V311, clientId, cleanSession: false));
        if (!_isSubscribed)
        {
            foreach (string topic in receipts.Topics) _client.Send(Packets.Subscribe(ProtocolVersion.V311, 1, [(prefix + topic, (byte)receipts.QoS)]));
            broker.Advance(TimeSpan.FromMilliseconds(20));
            _isSubscribed = true;
        }
        Take();
    }

    public void Acknowledge(TestBroker broker, int count)
    {
        Connect(broker);
        do
        {
            Take();
            for (; count > 0 && _owed.TryDequeue(out byte[]? packet); count--) _client!.Send(packet);
            Take();
        }
        while (count > 0 && _owed.Count > 0);
    }

    public void Break()
    {
        Take();
        if (_client is { IsClosed: false }) _client.Reset();
        Lose();
    }

    public void Lose()
    {
        Take();
        _client = null;
        _owed.Clear();
    }

    private void Take()
    {
        foreach (string packet in _client?.Take() ?? [])
        {
            string[] words = packet.Split(' ');
            if (words[0] is "CONNACK" or "SUBACK") continue;
            int id = int.Parse(words.First(word => word[0] == 'm' && char.IsDigit(word[^1]))[1..], CultureInfo.InvariantCulture);
            if (words[0] == "PUBREL")
            {
                _known.Remove(id);
                _owed.Enqueue(Packets.Ack(PacketType.Pubcomp, (ushort)id));
                continue;
            }
            bool isExactlyOnce = words[2] == "q2";
            if (!isExactlyOnce || _known.Add(id)) receipts.Add(words[1].Split('=')[0], words[1].Split('=')[1]);
            _owed.Enqueue(Packets.Ack(isExactlyOnce ? PacketType.Pubrec : PacketType.Puback, (ushort)id));
        }
    }
}

/// <summary>What a subscriber has got, or all members of a group that share their subscriptions.</summary>
internal sealed class CrashReceipts(QoS qos, string[] topics, bool isShared)
{
    private readonly List<(string Topic, string Text)> _received = [];

    public QoS QoS => qos;

    public string[] Topics => topics;

    public int Count => _received.Count;

    public void Add(string topic, string text) => _received.Add((topic, text));

    /// <summary>All that the publisher published to topics of this subscriber has come, as it was promised; the members of a group have no common order.</summary>
    public void Check(CrashPublisher publisher)
    {
        foreach (((string topic, QoS published), List<int> numbers) in publisher.Messages)
        {
            if (!topics.Contains(topic)) continue;
            IEnumerable<int> received = _received.Where(r => r.Topic == topic && r.Text.StartsWith($"{publisher.ClientId}:{(int)published}:", StringComparison.Ordinal))
                .Select(r => int.Parse(r.Text[(r.Text.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture));
            if (isShared) received = received.Order();
            if (published != QoS.ExactlyOnce || qos != QoS.ExactlyOnce) received = received.Distinct();
            Assert.True(
                numbers.SequenceEqual(received),
                $"{(isShared ? "shared " : "")}QoS {(int)qos}, '{topic}' of {publisher.ClientId} at QoS {(int)published}: {string.Join(' ', received)}; published {string.Join(' ', numbers)}");
        }
    }
}
