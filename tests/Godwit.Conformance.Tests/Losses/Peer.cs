using Godwit.Conformance.Tests.Mqtt5;

namespace Godwit.Conformance.Tests.Losses;

/// <summary>One client of a <see cref="RandomLoad"/>: an identifier, what it has subscribed to, and its connection while it has one.</summary>
internal sealed class Peer(TestBroker broker, Random random, string id)
{
    private readonly ProtocolVersion _version = random.Next(3) == 0 ? ProtocolVersion.V311 : ProtocolVersion.V5;
    private readonly List<(ushort PacketId, QoS QoS)> _unacknowledged = [];
    private TestClient? _client;
    private bool _isPaused;
    private ushort _lastId;

    public bool IsConnected => _client is not null;

    public bool IsReading => IsConnected && !_isPaused;

    public TestWill? Will { get; private set; }

    /// <summary>What its session has subscribed to.</summary>
    public Dictionary<string, (QoS QoS, bool NoLocal)> Filters { get; } = [];

    /// <summary>Whether a message of QoS 0 may be on its way to it and not read.</summary>
    public bool MayHaveUnreadQoS0 { get; set; }

    public long Delivered { get; private set; }

    /// <summary>Connects, with new properties and perhaps with a clean start; takes over from its own connection.</summary>
    public void Connect()
    {
        TestClient? old = _client;
        bool isClean = random.Next(3) == 0;
        Will = random.Next(2) == 0 ? new TestWill("a/b", "will", (QoS)random.Next(3)) : null;
        TestClient client = broker.Open(_version, transitLimit: random.Next(500, 2000));
        client.Send(Packets.Connect(_version, id, isClean, 0, Will, properties: Properties()));
        if (old is not null)
        {
            if (_isPaused) old.ResumeReading();
            Assert.True(old.IsClosed);
            Delivered += old.Take().Count(packet => packet.StartsWith("PUBLISH", StringComparison.Ordinal) && QoSOf(packet) == QoS.AtMostOnce);
        }
        Leave();
        _client = client;
        byte[] connack = client.Received;
        Assert.Equal((0x20, 0), (connack[0], connack[3]));
        client.TakeFirst(PacketText.Read(connack, _version, out _)[0]);
        if (connack[2] == 0) Filters.Clear();
        Settle();
    }

    /// <summary>Sends DISCONNECT.</summary>
    public void Disconnect()
    {
        Resume();
        _client!.Send(Packets.Disconnect);
        Assert.True(_client.IsClosed);
        Leave();
    }

    /// <summary>The connection breaks; what is on its way is lost.</summary>
    public void Reset()
    {
        _client!.Reset();
        Leave();
    }

    public void Pause()
    {
        _client!.PauseReading();
        _isPaused = true;
    }

    public void Resume()
    {
        _isPaused = false;
        _client!.ResumeReading();
        Settle();
    }

    public void Subscribe(string filter)
    {
        var qos = (QoS)random.Next(3);
        bool noLocal = _version == ProtocolVersion.V5 && !filter.StartsWith("$share", StringComparison.Ordinal) && random.Next(3) == 0;
        _client!.Send(Packets.Subscribe(_version, 1, [(filter, (byte)((byte)qos | (noLocal ? 4 : 0)))]));
        Filters[filter] = (qos, noLocal);
    }

    public void Unsubscribe()
    {
        if (Filters.Count == 0) return;
        string filter = Filters.Keys.ElementAt(random.Next(Filters.Count));
        _client!.Send(Packets.Unsubscribe(_version, 2, filter));
        Filters.Remove(filter);
    }

    /// <summary>Hands a message to the connection; it is sent with others at once.</summary>
    public void Publish(string topic, string payload, QoS qos)
    {
        string properties = _version == ProtocolVersion.V5 && random.Next(3) == 0 ? $"02 00 00 00 0{random.Next(1, 5)}" : "";
        _client!.Write(Packets.Publish(_version, topic, Packets.Utf8(payload), qos, qos == QoS.AtMostOnce ? (ushort)0 : ++_lastId, properties: properties));
    }

    /// <summary>Reads what has come, and acknowledges some of it.</summary>
    public void Settle()
    {
        if (_client is null) return;
        for (bool goesOn = true; goesOn;)
        {
            goesOn = false;
            if (!_isPaused) foreach (string packet in _client.Take()) goesOn |= Handle(packet);
            for (int i = _unacknowledged.Count - 1; i >= 0; i--)
            {
                if (random.Next(3) == 0) continue;
                (ushort packetId, QoS qos) = _unacknowledged[i];
                _unacknowledged.RemoveAt(i);
                Acknowledge(packetId, qos);
                goesOn = true;
            }
        }
        if (!_isPaused) MayHaveUnreadQoS0 = false;
    }

    /// <summary>Whether its session has expired only the broker knows.</summary>
    public void ForgetEndedSession()
    {
        if (broker.Session(id) is null) Filters.Clear();
    }

    private bool Handle(string packet)
    {
        string[] words = packet.Split(' ');
        switch (words[0])
        {
            case "PUBLISH" when QoSOf(packet) == QoS.AtMostOnce:
                Delivered++;
                return false;
            case "PUBLISH":
                _unacknowledged.Add((ushort.Parse(words[3][1..]), QoSOf(packet)));
                return true;
            case "PUBREL": // an error does not undo what PUBREC has said
                bool isError = _version == ProtocolVersion.V5 && random.Next(3) == 0;
                _client!.Send(isError ? V5.Ack(PacketType.Pubcomp, IdOf(words[1]), ReasonCode.PacketIdentifierNotFound) : Packets.Ack(PacketType.Pubcomp, IdOf(words[1])));
                return true;
            case "PUBREC" when words.Length == 2 || words[2][0] < '8':
                _client!.Send(Packets.Ack(PacketType.Pubrel, IdOf(words[1])));
                return true;
            default:
                return false;
        }
    }

    private void Acknowledge(ushort packetId, QoS qos)
    {
        PacketType type = qos == QoS.AtLeastOnce ? PacketType.Puback : PacketType.Pubrec;
        bool isRefused = _version == ProtocolVersion.V5 && random.Next(6) == 0;
        _client!.Send(isRefused ? V5.Ack(type, packetId, ReasonCode.UnspecifiedError) : Packets.Ack(type, packetId));
        if (!isRefused) Delivered++;
    }

    private void Leave()
    {
        _client = null;
        _isPaused = MayHaveUnreadQoS0 = false;
        _unacknowledged.Clear();
    }

    // A session that ends at once, soon or never; small windows, small packets, aliases.
    private string Properties()
    {
        if (_version != ProtocolVersion.V5) return "";
        string properties = random.Next(3) switch { 0 => "", 1 => "11 00 00 00 06", _ => "11 00 00 0E 10" };
        if (random.Next(3) == 0) properties += $" 21 00 0{random.Next(1, 5)}";
        if (random.Next(3) == 0) properties += " 27 00 00 00 C8";
        if (random.Next(3) == 0) properties += " 22 00 02";
        return properties;
    }

    private static QoS QoSOf(string packet) => (QoS)(packet.Split(' ')[2][1] - '0');

    private static ushort IdOf(string word) => ushort.Parse(word[1..]);
}
