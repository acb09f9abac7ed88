// Everything that the rules find in a capture, the same thing on the same connection once, with a count. Rules are in groups, a file each, which
// are asked in turn.
using Godwit.Capture.Conversations;
using Godwit.Capture.Layers;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;
using Godwit.Capture.Tcp;
using Godwit.Protocol;

namespace Godwit.Capture.Findings;

/// <summary>Collects findings. Give it to a <see cref="ConversationTracker"/>, and for findings about TCP and layers to the frame feed and to <see cref="LayerStreams"/> as well.</summary>
public sealed class FindingsCollector : IConversationObserver, ISegmentObserver, ILayerObserver
{
    /// <summary>Findings that are kept; further ones are counted only.</summary>
    public const int MostFindings = 10_000;

    private readonly Dictionary<(string Rule, long Connection, string? About), Finding> _findings = [];
    private readonly FindingGroup[] _groups;
    private readonly PacketFindings _packet;
    private readonly PublishFindings _publish;
    private readonly TransportFindings _transport;
    private readonly LayerFindings _layers;

    /// <summary>Makes one with all rules.</summary>
    public FindingsCollector()
    {
        _packet = new PacketFindings(this);
        _publish = new PublishFindings(this);
        _transport = new TransportFindings(this);
        _layers = new LayerFindings(this);
        _groups =
        [
            _packet, new FlowFindings(this), new ConnectionFindings(this), new SubscriptionFindings(this), _publish,
            new SecurityFindings(this), _transport, _layers,
        ];
    }

    /// <summary>All findings, in the order of appearance.</summary>
    public IReadOnlyCollection<Finding> Findings => _findings.Values;

    /// <summary>Who is told of each finding at the moment it is made; null = nobody.</summary>
    public IFindingObserver? Observer { get; set; }

    /// <summary>Findings that were not kept because there are too many.</summary>
    public long NotKept { get; private set; }

    /// <summary>Findings, the worst first, otherwise in the order of appearance.</summary>
    public IEnumerable<Finding> BySeverity => _findings.Values.OrderByDescending(finding => finding.Rule.Severity);

    /// <inheritdoc/>
    public void OnSegment(in SegmentInfo segment) => _transport.OnSegment(segment);

    /// <inheritdoc/>
    public void OnRemark(StreamConnection connection, LayerRemark remark) => _layers.OnRemark(connection, remark);

    /// <inheritdoc/>
    public void OnPacket(Conversation conversation, in ObservedPacket packet)
    {
        // Nearly all packets are messages and their acknowledgements: only these two have to say something about them.
        if (packet.Type is >= PacketType.Publish and <= PacketType.Pubcomp)
        {
            _packet.OnPacket(conversation, packet);
            _publish.OnPacket(conversation, packet);
            return;
        }
        foreach (FindingGroup group in _groups) group.OnPacket(conversation, packet);
    }

    /// <inheritdoc/>
    public void OnExchange(Conversation conversation, in Exchange exchange)
    {
        if (exchange.IsAnswered) return;
        foreach (FindingGroup group in _groups) group.OnUnanswered(conversation, exchange);
    }

    /// <inheritdoc/>
    public void OnEvent(Conversation conversation, in ConversationEvent happened)
    {
        foreach (FindingGroup group in _groups) group.OnEvent(conversation, happened);
    }

    /// <inheritdoc/>
    public void OnSkipped(Conversation conversation, Side from, long count, UnreadReason reason, Arrival at)
    {
        foreach (FindingGroup group in _groups) group.OnSkipped(conversation, from, count, reason, at);
    }

    /// <inheritdoc/>
    public void OnOver(Conversation conversation)
    {
        foreach (FindingGroup group in _groups) group.OnOver(conversation);
    }

    /// <inheritdoc/>
    public void OnForeign(StreamConnection connection, ContentKind kind, ReadOnlySpan<byte> beginning, Side from, Arrival at)
    {
        foreach (FindingGroup group in _groups) group.OnForeign(connection, kind, beginning, at);
    }

    /// <summary>The findings about one connection.</summary>
    public IEnumerable<Finding> Of(long connection) => _findings.Values.Where(finding => finding.Connection == connection);

    /// <summary>Counts one more of a finding that there is already.</summary>
    /// <returns>False if there is none, so that it has to be worded.</returns>
    internal bool IsKnown(FindingRule rule, long connection, string? about, Arrival at, params ReadOnlySpan<long> packets)
    {
        if (!_findings.TryGetValue((rule.Id, connection, about), out Finding? finding))
        {
            if (_findings.Count < MostFindings) return false;
            NotKept++;
            return true;
        }
        finding.Count++;
        finding.LastAt = at;
        finding.AddPackets(packets);
        Observer?.OnFinding(finding);
        return true;
    }

    internal void Add(string? about, Finding finding)
    {
        _findings.Add((finding.Rule.Id, finding.Connection, about), finding);
        Observer?.OnFinding(finding);
    }
}
