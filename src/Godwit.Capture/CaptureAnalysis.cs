// The way in for who has frames and wants to know what they say: everything put together.
using Godwit.Capture.Conversations;
using Godwit.Capture.Diagnosing;
using Godwit.Capture.Findings;
using Godwit.Capture.Layers;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;
using Godwit.Capture.Tls;

namespace Godwit.Capture;

/// <summary>
/// Frames to packets, conversations, findings and diagnoses:
/// <c>var analysis = new CaptureAnalysis(); using FrameSource source = CaptureFile.Open(path); analysis.Run(source);</c>
/// Not to be used by several threads at once.
/// </summary>
public sealed class CaptureAnalysis
{
    /// <summary>Begins with nothing.</summary>
    /// <param name="packets">Told of packets, besides what is done here; may be null.</param>
    /// <param name="conversations">Told of conversations; may be null.</param>
    /// <param name="options">How streams are read as MQTT; null for the defaults.</param>
    /// <param name="capture">Bounds of the layers below; null for the defaults.</param>
    /// <param name="secrets">Where secrets of TLS are; null for those in the capture itself.</param>
    /// <param name="segments">Told of TCP segments, besides what is done here; may be null.</param>
    /// <param name="layers">Told of what stands between TCP and MQTT, besides what is done here; may be null.</param>
    public CaptureAnalysis(
        IEnumerable<IPacketObserver>? packets = null, IEnumerable<IConversationObserver>? conversations = null, MqttStreamsOptions? options = null,
        CaptureOptions? capture = null, TlsKeyLog? secrets = null, IEnumerable<ISegmentObserver>? segments = null, IEnumerable<ILayerObserver>? layers = null)
    {
        Diagnoses = new DiagnosisCollector(Findings);
        Conversations = new ConversationTracker([Findings, Diagnoses, .. conversations ?? []]);
        Streams = new MqttStreams([Conversations, .. packets ?? []], options);
        Layers = new LayerStreams(Streams, secrets, new LayerObservers([Findings, .. layers ?? [], new SealedConnections(Streams)]));
        ISegmentObserver[] others = [.. segments ?? []];
        Feed = new FrameFeed(Layers, others.Length == 0 ? Findings : new SegmentObservers([Findings, .. others]), capture);
    }

    /// <summary>What the rules have found.</summary>
    public FindingsCollector Findings { get; } = new();

    /// <summary>The connections in trouble.</summary>
    public DiagnosisCollector Diagnoses { get; }

    /// <summary>The conversations and clients.</summary>
    public ConversationTracker Conversations { get; }

    /// <summary>The streams that are read as MQTT.</summary>
    public MqttStreams Streams { get; }

    /// <summary>What takes PROXY headers, TLS and WebSocket off in front of that; also takes the secrets that a capture has.</summary>
    public LayerStreams Layers { get; }

    /// <summary>Where frames go in, and what became of them.</summary>
    public FrameFeed Feed { get; }

    /// <summary>Takes all frames of a source.</summary>
    /// <param name="source">The source; it is not disposed of.</param>
    /// <param name="progress">Is told now and then how much of the source has been read.</param>
    /// <param name="cancellation">Ends before the source does.</param>
    public void Run(FrameSource source, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        source.Notes = Layers;
        Feed.Run(source, progress, cancellation);
    }

    // Connections whose layers do not open are nobody's packets, but what they are is known.
    private sealed class SealedConnections(MqttStreams streams) : ILayerObserver
    {
        public void OnRemark(StreamConnection connection, LayerRemark remark)
        {
            if (remark.Kind == LayerRemarkKind.Note || remark is { Kind: LayerRemarkKind.Violation, Layer: not Layer.Tls } || connection.Layers is not { HasContent: false, IsToldAsForeign: false } layers) return;
            layers.IsToldAsForeign = true;
            ContentKind kind = remark.Layer switch
            {
                Layer.Tls => ContentKind.Tls,
                Layer.WebSocket => ContentKind.WebSocketUpgrade,
                _ => ContentKind.ProxyProtocol,
            };
            connection.Content = kind;
            foreach (IPacketObserver observer in streams.Observers) observer.OnForeign(connection, kind, [], remark.From ?? Side.Initiator, remark.At);
        }
    }

    private sealed class LayerObservers(ILayerObserver[] observers) : ILayerObserver
    {
        public void OnLayer(StreamConnection connection, Layer layer, Arrival at)
        {
            foreach (ILayerObserver observer in observers) observer.OnLayer(connection, layer, at);
        }

        public void OnRemark(StreamConnection connection, LayerRemark remark)
        {
            foreach (ILayerObserver observer in observers) observer.OnRemark(connection, remark);
        }
    }

    private sealed class SegmentObservers(ISegmentObserver[] observers) : ISegmentObserver
    {
        public void OnSegment(in SegmentInfo segment)
        {
            foreach (ISegmentObserver observer in observers) observer.OnSegment(segment);
        }
    }
}
