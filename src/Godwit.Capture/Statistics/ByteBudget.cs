// Where the bytes of the capture go, each in one place. A connection is counted when it is over, since only then it is known what its layers took;
// what of TCP comes behind that is added at once.
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;
using Godwit.Protocol;
using Godwit.Protocol.Wire;

namespace Godwit.Capture.Statistics;

/// <summary>A part of the bytes on the wire.</summary>
/// <param name="Name">What they are.</param>
/// <param name="Bytes">How many.</param>
public readonly record struct BudgetRow(string Name, long Bytes);

/// <summary>Bytes by layer, of all connections that carry MQTT. Complete when the capture has been read.</summary>
public sealed class ByteBudget
{
    private readonly WireBytes _wire = new();
    private readonly LayerBytes _layers = new();

    /// <summary>Frames.</summary>
    public long Frames => _wire.Frames;

    /// <summary>All bytes of those frames: the sum of <see cref="Rows"/>.</summary>
    public long Wire => _wire.All;

    /// <summary>Frames that only acknowledge.</summary>
    public long AckFrames => _wire.AckFrames;

    /// <summary>Bytes of those, which are among those of link, IP and TCP.</summary>
    public long AckBytes => _wire.AckBytes;

    /// <summary>Frames that were sent again.</summary>
    public long RepeatedFrames => _wire.RepeatedFrames;

    /// <summary>What the layers between TCP and MQTT took.</summary>
    public LayerBytes Layers => _layers;

    /// <summary>Bytes of MQTT packets.</summary>
    public long Mqtt => FixedHeaders + VariableHeaders + Topics + Properties + Payloads;

    /// <summary>Bytes of fixed headers.</summary>
    public long FixedHeaders { get; private set; }

    /// <summary>Bytes of variable headers without topics and properties, and of everything that is not PUBLISH behind the fixed header.</summary>
    public long VariableHeaders { get; private set; }

    /// <summary>Bytes of topics in PUBLISH.</summary>
    public long Topics { get; private set; }

    /// <summary>Bytes of properties in PUBLISH.</summary>
    public long Properties { get; private set; }

    /// <summary>Bytes of payloads; of a PUBLISH that is too large to be kept, or not whole in the capture, all that follows the fixed header.</summary>
    public long Payloads { get; private set; }

    /// <summary>Bytes of the streams that are no packets, or were not read: behind a snap length, in front of the first whole packet, behind the last.</summary>
    public long NotRead => _wire.Used - _layers.Sum - Mqtt;

    /// <summary>
    /// Bytes of everything else in the capture: connections that carry something else, frames without TCP, frames that were captured twice. 0 if nobody
    /// has counted the capture as a whole.
    /// </summary>
    public long Others => Counters is { } counters ? counters.Bytes - Wire : 0;

    /// <summary>What became of all frames of the capture; <see cref="CaptureReader"/> has them.</summary>
    public CaptureCounters? Counters { get; set; }

    /// <summary>Where the bytes went, from the lowest layer up. Layers that were not there are left out.</summary>
    public IReadOnlyList<BudgetRow> Rows
    {
        get
        {
            (string Name, long Bytes, bool IsAlways)[] rows =
            [
                ("link headers and padding", _wire.Link, true), ("IP headers", _wire.Ip, true), ("TCP headers", _wire.Tcp, true), ("sent again (TCP)", _wire.Data - _wire.Used, true),
                ("PROXY headers", _layers.Proxy, false), ("TLS handshakes and alerts", _layers.TlsHandshake, false), ("TLS records", _layers.TlsRecords, false),
                ("TLS that was not opened", _layers.Sealed, false), ("HTTP requests for WebSocket", _layers.Http, false), ("WebSocket frames", _layers.WebSocketFrames, false),
                ("not read", NotRead, false),
                ("MQTT fixed headers", FixedHeaders, true), ("MQTT variable headers, and packets without messages", VariableHeaders, true),
                ("topics", Topics, true), ("properties", Properties, true), ("payloads", Payloads, true),
            ];
            return [.. rows.Where(row => row.IsAlways || row.Bytes != 0).Select(row => new BudgetRow(row.Name, row.Bytes))];
        }
    }

    internal void OnSegment(in SegmentInfo segment)
    {
        if (segment.Connection is { IsOver: true, Content: ContentKind.Mqtt }) _wire.Add(segment);
    }

    internal void OnOver(StreamConnection connection)
    {
        if (connection.Wire is not { } wire) return;
        _wire.Add(wire);
        if (connection.Layers is not { } layers) return;
        _layers.Add(layers.FromInitiator);
        _layers.Add(layers.FromResponder);
    }

    internal void OnPacket(in ObservedPacket packet)
    {
        FixedHeaders += packet.Frame.HeaderLength;
        long rest = packet.Frame.RemainingLength - packet.Missing;
        if (packet.Type == PacketType.Publish && packet.IsWhole)
        {
            PublishPacket publish = packet.Publish;
            int properties = packet.Version == ProtocolVersion.V5 ? VariableByteInteger.Size(publish.Properties.Encoded.Length) + publish.Properties.Encoded.Length : 0;
            Topics += publish.Topic.Length;
            Properties += properties;
            Payloads += publish.Payload.Length;
            rest -= publish.Topic.Length + properties + publish.Payload.Length;
        }
        else if (packet.Type == PacketType.Publish)
        {
            Payloads += rest;
            return;
        }
        VariableHeaders += rest;
    }
}
