// Everything that is counted of a capture, in bounded memory: tables of clients and topics keep the largest and say what they left out.
using System.Text;
using Godwit.Capture.Conversations;
using Godwit.Capture.Filters;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;
using Godwit.Protocol;

namespace Godwit.Capture.Statistics;

/// <summary>A topic's figures.</summary>
public sealed class TopicEntry : TableEntry
{
    /// <summary>Bytes of payloads.</summary>
    public long PayloadBytes { get; internal set; }

    internal override void AddFrom(TableEntry other)
    {
        base.AddFrom(other);
        PayloadBytes += ((TopicEntry)other).PayloadBytes;
    }
}

/// <summary>A client's figures.</summary>
public sealed class ClientEntry : TableEntry
{
    private readonly Dictionary<(ExchangeKind Kind, bool IsFromClient), Distribution> _latencies = [];

    /// <summary>Messages that it has sent.</summary>
    public long Published { get; internal set; }

    /// <summary>Messages that it has got.</summary>
    public long Received { get; internal set; }

    /// <summary>Its connections.</summary>
    public long Connections { get; internal set; }

    /// <summary>Response times in nanoseconds, by exchange and by whether the client has asked.</summary>
    public IReadOnlyDictionary<(ExchangeKind Kind, bool IsFromClient), Distribution> Latencies => _latencies;

    internal void Add(ExchangeKind kind, bool isFromClient, long nanoseconds)
    {
        if (!_latencies.TryGetValue((kind, isFromClient), out Distribution? distribution)) _latencies[(kind, isFromClient)] = distribution = new Distribution();
        distribution.Add(nanoseconds);
    }

    internal override void AddFrom(TableEntry other)
    {
        base.AddFrom(other);
        var client = (ClientEntry)other;
        Published += client.Published;
        Received += client.Received;
        Connections += client.Connections;
    }
}

/// <summary>The figures of a capture. Complete when the capture has been read.</summary>
public sealed class CaptureStatistics : IConversationObserver, ISegmentObserver
{
    /// <summary>Clients and topics that are told apart at once; see <see cref="TopTable{T}.Others"/>.</summary>
    public const int MostClients = 4096, MostTopics = 65_536;

    private readonly Dictionary<(ExchangeKind Kind, bool IsFromClient), Distribution> _latencies = [];
    private readonly Dictionary<(ExchangeKind Kind, bool IsFromClient), long> _unanswered = [];
    private readonly TableEntry[] _types = [.. Enumerable.Range(0, 32).Select(_ => new TableEntry())];
    private readonly long[] _qos = new long[4];
    private readonly char[] _key = new char[ushort.MaxValue];
    private Conversation? _latest;
    private ClientEntry? _latestClient;

    /// <summary>The clients.</summary>
    public TopTable<ClientEntry> Clients { get; } = new(MostClients);

    /// <summary>The topics of PUBLISH.</summary>
    public TopTable<TopicEntry> Topics { get; } = new(MostTopics);

    /// <summary>Where the bytes on the wire go.</summary>
    public ByteBudget Budget { get; } = new();

    /// <summary>Rates over time.</summary>
    public RateSeries Rates { get; } = new();

    /// <summary>Bytes of packets.</summary>
    public Distribution PacketSizes { get; } = new();

    /// <summary>Bytes of payloads.</summary>
    public Distribution PayloadSizes { get; } = new();

    /// <summary>Response times in nanoseconds, by exchange and by whether the client has asked.</summary>
    public IReadOnlyDictionary<(ExchangeKind Kind, bool IsFromClient), Distribution> Latencies => _latencies;

    /// <summary>Requests without an answer.</summary>
    public IReadOnlyDictionary<(ExchangeKind Kind, bool IsFromClient), long> Unanswered => _unanswered;

    /// <summary>All packets.</summary>
    public long Packets { get; private set; }

    /// <summary>MQTT connections.</summary>
    public long Connections { get; private set; }

    /// <summary>PUBLISH with RETAIN 1.</summary>
    public long Retained { get; private set; }

    /// <summary>PUBLISH with DUP 1.</summary>
    public long Duplicates { get; private set; }

    /// <summary>The first packet.</summary>
    public Arrival First { get; private set; }

    /// <summary>The last packet.</summary>
    public Arrival Last { get; private set; }

    /// <summary>Packets of a type from clients, or from servers.</summary>
    public TableEntry OfType(PacketType type, bool isFromClient) => _types[(int)type * 2 + (isFromClient ? 1 : 0)];

    /// <summary>PUBLISH with this QoS.</summary>
    public long OfQoS(QoS qos) => _qos[(int)qos];

    /// <inheritdoc/>
    public void OnSegment(in SegmentInfo segment) => Budget.OnSegment(segment);

    /// <inheritdoc/>
    public void OnBegin(Conversation conversation) => Connections++;

    /// <inheritdoc/>
    public void OnOver(Conversation conversation) => Budget.OnOver(conversation.Connection.Stream);

    /// <inheritdoc/>
    public void OnPacket(Conversation conversation, in ObservedPacket packet)
    {
        int length = packet.Frame.Length;
        if (Packets++ == 0) First = packet.First;
        Last = packet.Last;
        TableEntry type = OfType(packet.Type, packet.IsFromClient);
        Count(type, length);
        PacketSizes.Add(length);
        Rates.Add(packet.Last.Time, packet.IsFromClient, packet.Type == PacketType.Publish, length);
        Budget.OnPacket(packet);
        ClientEntry client = Find(conversation);
        Count(client, length);
        if (packet.Type == PacketType.Connect) client.Connections++;
        if (packet.Type == PacketType.Publish) OnPublish(client, packet);
    }

    /// <inheritdoc/>
    public void OnExchange(Conversation conversation, in Exchange exchange)
    {
        bool isFromClient = exchange.From == conversation.Connection.ClientSide;
        (ExchangeKind, bool) key = (exchange.Kind, isFromClient);
        if (!exchange.IsAnswered)
        {
            _unanswered[key] = _unanswered.GetValueOrDefault(key) + 1;
            return;
        }
        long time = exchange.AnsweredAt.Time - exchange.RequestedAt.Time;
        if (!_latencies.TryGetValue(key, out Distribution? distribution)) _latencies[key] = distribution = new Distribution();
        distribution.Add(time);
        Find(conversation).Add(exchange.Kind, isFromClient, time);
    }

    private void OnPublish(ClientEntry client, in ObservedPacket packet)
    {
        if (packet.IsFromClient) client.Published++;
        else client.Received++;
        _qos[packet.Frame.Flags >> 1 & 3]++;
        Retained += packet.Frame.Flags & 1;
        Duplicates += packet.Frame.Flags >> 3 & 1;
        if (!packet.IsWhole) return;
        int payload = packet.Publish.Payload.Length;
        PayloadSizes.Add(payload);
        TopicEntry topic = Topics[_key.AsSpan(0, Encoding.UTF8.GetChars(packet.Topic, _key))];
        Count(topic, packet.Frame.Length);
        topic.PayloadBytes += payload;
    }

    private ClientEntry Find(Conversation conversation)
    {
        bool isKnown = _latest == conversation && _latestClient is not null && conversation.ClientId is not null;
        if (isKnown && Clients.Dropped == 0) return _latestClient!;
        string key = conversation.ClientId is { Length: > 0 } id ? id
            : (conversation.Connection.ClientSide == Side.Initiator ? conversation.Connection.Stream.Initiator : conversation.Connection.Stream.Responder).ToString();
        (_latest, _latestClient) = (conversation, Clients[key]);
        return _latestClient;
    }

    private static void Count(TableEntry entry, int length)
    {
        entry.Packets++;
        entry.Bytes += length;
    }
}
