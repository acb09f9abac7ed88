// Figures of a capture while it passes by, in constant memory.
using System.Numerics;
using System.Runtime.CompilerServices;
using Godwit.Capture.Conversations;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;
using Godwit.Protocol;

namespace Godwit.Capture.Reports;

/// <summary>Counts for a report.</summary>
internal sealed class ReportStatistics : IReportStatistics, IConversationObserver, ISegmentObserver
{
    private const int MostIntervals = 96;
    private const long ShortestInterval = 1_000_000; // ns

    private readonly (long FromClients, long FromServers)[] _rates = new (long, long)[MostIntervals];
    private readonly long[] _sizes = new long[33];
    private readonly ResponseCounts?[] _responses = new ResponseCounts?[Enum.GetValues<ExchangeKind>().Length];
    private readonly ConditionalWeakTable<StreamConnection, ConnectionBytes> _connections = [];
    private readonly long[] _wire = new long[4];
    private long _begin = long.MinValue, _width = ShortestInterval;
    private int _used;
    private long _fixedHeaders, _headers, _payloads;

    /// <inheritdoc/>
    public TimeSpan IntervalWidth => TimeSpan.FromTicks(_width / TimeSpan.NanosecondsPerTick);

    /// <inheritdoc/>
    public IReadOnlyList<(long FromClients, long FromServers)> Rates => _rates[.._used];

    /// <inheritdoc/>
    public IReadOnlyList<(long UpTo, long Count)> Sizes
    {
        get
        {
            int first = Array.FindIndex(_sizes, count => count > 0), last = Array.FindLastIndex(_sizes, count => count > 0);
            return first < 0 ? [] : [.. Enumerable.Range(first, last - first + 1).Select(i => (1L << i, _sizes[i]))];
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ResponseTimes> Responses => [.. _responses.Select((counts, kind) => counts?.Sum((ExchangeKind)kind)).OfType<ResponseTimes>()];

    /// <inheritdoc/>
    public IReadOnlyList<LayerBytes> Budget
    {
        get
        {
            long mqtt = _fixedHeaders + _headers + _payloads;
            return
            [
                new("Link", _wire[0]), new("IP", _wire[1]), new("TCP", _wire[2]), new("Around MQTT, or sent again", Math.Max(0, _wire[3] - mqtt)), new("MQTT fixed headers", _fixedHeaders),
                new("MQTT variable headers, topics, properties", _headers), new("Payloads", _payloads),
            ];
        }
    }

    /// <inheritdoc/>
    public void OnSegment(in SegmentInfo segment)
    {
        if (segment.Kind == SegmentKind.Copy) return;
        long[] wire = _connections.GetOrCreateValue(segment.Connection).Wire ?? _wire;
        wire[1] += segment.IpHeaderLength;
        wire[2] += segment.TcpHeaderLength;
        wire[3] += segment.PayloadLength;
        wire[0] += Math.Max(0, segment.FrameLength - segment.IpHeaderLength - segment.TcpHeaderLength - segment.PayloadLength);
    }

    /// <inheritdoc/>
    public void OnBegin(Conversation conversation)
    {
        ConnectionBytes connection = _connections.GetOrCreateValue(conversation.Connection.Stream);
        for (int i = 0; i < _wire.Length; i++) _wire[i] += connection.Wire?[i] ?? 0;
        connection.Wire = null;
    }

    /// <inheritdoc/>
    public void OnPacket(Conversation conversation, in ObservedPacket packet)
    {
        _sizes[BitOperations.Log2((uint)(packet.Frame.Length - 1)) + 1]++;
        Count(packet.Last.Time, packet.IsFromClient);
        _fixedHeaders += packet.Frame.HeaderLength;
        long payload = packet.Type == PacketType.Publish && packet is { Violation: null, IsWhole: true }
            && PublishPacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out PublishPacket publish, out _) ? publish.Payload.Length : 0;
        _payloads += payload;
        _headers += packet.Frame.Length - packet.Frame.HeaderLength - payload;
    }

    /// <inheritdoc/>
    public void OnExchange(Conversation conversation, in Exchange exchange)
    {
        if (exchange.IsAnswered) (_responses[(int)exchange.Kind] ??= new ResponseCounts()).Add(exchange.AnsweredAt.Time - exchange.RequestedAt.Time);
    }

    // When there is no room for a further interval, two and two become one.
    private void Count(long time, bool isFromClient)
    {
        if (_begin == long.MinValue) _begin = time;
        long index = Math.Max(0, time - _begin) / _width;
        for (; index >= MostIntervals; index = (time - _begin) / _width)
        {
            for (int i = 0; i < MostIntervals / 2; i++) _rates[i] = (_rates[2 * i].FromClients + _rates[2 * i + 1].FromClients, _rates[2 * i].FromServers + _rates[2 * i + 1].FromServers);
            Array.Clear(_rates, MostIntervals / 2, MostIntervals / 2);
            _width *= 2;
        }
        if (isFromClient) _rates[index].FromClients++;
        else _rates[index].FromServers++;
        _used = Math.Max((int)Math.Min(index + 1, MostIntervals), (int)Math.Min(_used, index + 1));
    }

    // What a connection had on the wire before it was known to carry MQTT; null from then on. Goes when the connection goes.
    private sealed class ConnectionBytes
    {
        public long[]? Wire { get; set; } = new long[4];
    }

    // Times by their upper four bits: what is said of them is at most 7 % too much.
    private sealed class ResponseCounts
    {
        private readonly long[] _counts = new long[64 * 16];
        private long _count, _maximum;

        public void Add(long nanoseconds)
        {
            ulong value = (ulong)Math.Max(1, nanoseconds);
            int magnitude = BitOperations.Log2(value);
            _counts[magnitude * 16 + (int)(magnitude < 4 ? 0 : value >> (magnitude - 4) & 15)]++;
            _count++;
            _maximum = Math.Max(_maximum, nanoseconds);
        }

        public ResponseTimes Sum(ExchangeKind kind) => new(kind, _count, At(0.5), At(0.9), At(0.99), _maximum);

        private long At(double fraction)
        {
            long rank = (long)Math.Ceiling(_count * fraction);
            for (int i = 0; i < _counts.Length; i++)
                if ((rank -= _counts[i]) <= 0) return Math.Min(_maximum, i / 16 < 4 ? 2L << i / 16 : (17L + i % 16 << i / 16 - 4) - 1);
            return _maximum;
        }
    }
}
