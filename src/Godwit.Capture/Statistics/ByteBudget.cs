// Where the bytes on the wire go. Segments come before it is known what their connection carries: they count for MQTT until it turns out that
// they do not.
using Godwit.Capture.Filters;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;
using Godwit.Protocol;
using Godwit.Protocol.Wire;

namespace Godwit.Capture.Statistics;

/// <summary>Bytes by layer, of all connections that carry MQTT.</summary>
public sealed class ByteBudget
{
    // Connections that carry something else and are remembered as such.
    private const int MostForeign = 200_000;

    private readonly Dictionary<long, Tally> _undecided = [];
    private readonly HashSet<long> _foreign = [];
    private Tally _all;

    /// <summary>Frames.</summary>
    public long Frames => _all.Frames;

    /// <summary>All bytes of those frames.</summary>
    public long Wire => _all.Wire;

    /// <summary>Bytes of the link: its header, and padding of short frames.</summary>
    public long Link => _all.Wire - _all.Ip - _all.Tcp - _all.Stream;

    /// <summary>Bytes of IP headers.</summary>
    public long Ip => _all.Ip;

    /// <summary>Bytes of TCP headers.</summary>
    public long Tcp => _all.Tcp;

    /// <summary>Bytes that TCP carried, with what was sent again.</summary>
    public long Stream => _all.Stream;

    /// <summary>Frames that only acknowledge.</summary>
    public long AckFrames => _all.AckFrames;

    /// <summary>Bytes of those, which are among <see cref="Link"/>, <see cref="Ip"/> and <see cref="Tcp"/>.</summary>
    public long AckBytes => _all.AckBytes;

    /// <summary>Frames that were sent again.</summary>
    public long RepeatedFrames => _all.RepeatedFrames;

    /// <summary>Bytes of data in those, which are among <see cref="Stream"/>.</summary>
    public long RepeatedBytes => _all.RepeatedBytes;

    /// <summary>Bytes of MQTT packets.</summary>
    public long Mqtt => FixedHeaders + VariableHeaders + Topics + Properties + Payloads;

    /// <summary>What TCP carried beside: TLS, WebSocket, bytes that could not be read.</summary>
    public long Between => Math.Max(0, Stream - RepeatedBytes - Mqtt);

    /// <summary>Bytes of fixed headers.</summary>
    public long FixedHeaders { get; private set; }

    /// <summary>Bytes of variable headers without topics and properties, and of everything that is not PUBLISH behind the fixed header.</summary>
    public long VariableHeaders { get; private set; }

    /// <summary>Bytes of topics in PUBLISH.</summary>
    public long Topics { get; private set; }

    /// <summary>Bytes of properties in PUBLISH.</summary>
    public long Properties { get; private set; }

    /// <summary>Bytes of payloads.</summary>
    public long Payloads { get; private set; }

    internal void OnSegment(in SegmentInfo segment)
    {
        if (segment.Kind == SegmentKind.Copy) return;
        long number = segment.Connection.Number;
        if (_foreign.Count > 0 && _foreign.Contains(number)) return;
        bool isOpening = (segment.Flags & TcpFlags.Syn) != 0;
        if (isOpening) _undecided.TryAdd(number, default);
        _all.Add(segment);
        if (_undecided.Count == 0 || !_undecided.TryGetValue(number, out Tally tally)) return;
        tally.Add(segment);
        _undecided[number] = tally;
    }

    internal void OnMqtt(StreamConnection connection) => _undecided.Remove(connection.Number);

    internal void OnForeign(StreamConnection connection)
    {
        if (_undecided.Remove(connection.Number, out Tally tally)) _all.Remove(tally);
        if (_foreign.Count >= MostForeign) _foreign.Clear();
        _foreign.Add(connection.Number);
    }

    internal void OnPacket(in ObservedPacket packet)
    {
        FixedHeaders += packet.Frame.HeaderLength;
        int rest = packet.Frame.RemainingLength;
        if (packet.Type == PacketType.Publish && packet.IsWhole)
        {
            PublishPacket publish = PacketParts.Publish(packet);
            int properties = packet.Version == ProtocolVersion.V5 ? VariableByteInteger.Size(publish.Properties.Encoded.Length) + publish.Properties.Encoded.Length : 0;
            Topics += publish.Topic.Length;
            Properties += properties;
            Payloads += publish.Payload.Length;
            rest -= publish.Topic.Length + properties + publish.Payload.Length;
        }
        VariableHeaders += rest;
    }

    private struct Tally
    {
        public long Frames, Wire, Ip, Tcp, Stream, AckFrames, AckBytes, RepeatedFrames, RepeatedBytes;

        public void Add(in SegmentInfo segment)
        {
            Frames++;
            Wire += segment.FrameLength;
            Ip += segment.IpHeaderLength;
            Tcp += segment.TcpHeaderLength;
            Stream += segment.PayloadLength;
            if (segment.Kind is SegmentKind.Ack or SegmentKind.DuplicateAck or SegmentKind.KeepAliveAck)
            {
                AckFrames++;
                AckBytes += segment.FrameLength;
            }
            else if (segment.Kind is SegmentKind.Retransmission or SegmentKind.FastRetransmission)
            {
                RepeatedFrames++;
                RepeatedBytes += segment.PayloadLength;
            }
        }

        public void Remove(in Tally other)
        {
            Frames -= other.Frames;
            Wire -= other.Wire;
            Ip -= other.Ip;
            Tcp -= other.Tcp;
            Stream -= other.Stream;
            AckFrames -= other.AckFrames;
            AckBytes -= other.AckBytes;
            RepeatedFrames -= other.RepeatedFrames;
            RepeatedBytes -= other.RepeatedBytes;
        }
    }
}
