using Godwit.Capture.Conversations;
using Godwit.Capture.Explain;
using Godwit.Capture.Ladders;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Statistics;
using Godwit.Capture.Tcp;
using Godwit.Protocol;

namespace Godwit.Capture.Reports;

/// <summary>A row of the table of packets.</summary>
internal sealed record ReportPacket(long Number, Arrival At, Conversation Conversation, bool IsFromClient, PacketType Type, string Label, int Size);

/// <summary>
/// Collects what a report shows. Give it to a <see cref="CaptureReader"/> as observer of conversations and of segments, and then to
/// <see cref="HtmlReport"/>. Memory is bounded by <see cref="ReportOptions"/>.
/// </summary>
/// <param name="options">What to show; null for the defaults.</param>
public sealed class ReportRecorder(ReportOptions? options = null) : IConversationObserver, ISegmentObserver, IDisposable
{
    /// <summary>Conversations that are listed; further ones are counted.</summary>
    public const int MostConversations = 1_000;

    // Bytes of a packet that is explained; of longer ones there is their summary.
    private const int LargestExplained = 64 << 10;

    private readonly LadderRecorder _ladder = new(new LadderOptions { Most = (options ?? new ReportOptions()).MostRows });

    internal ReportOptions Options { get; } = options ?? new ReportOptions();

    internal LadderRecorder Ladder => _ladder;

    internal CaptureStatistics Statistics { get; } = new();

    internal PacketIsland Island { get; } = new((options ?? new ReportOptions()).IsRedacted);

    internal List<ReportPacket> Packets { get; } = [];

    internal List<Conversation> Conversations { get; } = [];

    internal long MoreConversations { get; private set; }

    internal long PacketCount { get; private set; }

    internal long Start { get; private set; } = long.MaxValue;

    internal long End { get; private set; } = long.MinValue;

    /// <inheritdoc/>
    public void OnSegment(in SegmentInfo segment)
    {
        Seen(segment.At);
        _ladder.OnSegment(segment);
        Statistics.OnSegment(segment);
    }

    /// <inheritdoc/>
    public void OnBegin(Conversation conversation)
    {
        Statistics.OnBegin(conversation);
        if (Conversations.Count < MostConversations) Conversations.Add(conversation);
        else MoreConversations++;
    }

    /// <inheritdoc/>
    public void OnPacket(Conversation conversation, in ObservedPacket packet)
    {
        Seen(packet.First);
        Seen(packet.Last);
        PacketCount++;
        _ladder.OnPacket(conversation, packet);
        Statistics.OnPacket(conversation, packet);
        if (Packets.Count >= Options.MostPackets) return;
        string label = PacketLabel.Of(packet);
        Packets.Add(new ReportPacket(packet.Number, packet.Last, conversation, packet.IsFromClient, packet.Type, label, packet.Frame.Length));
        ReadOnlySpan<byte> bytes = packet.Bytes[..Math.Min(packet.Bytes.Length, LargestExplained)];
        PacketExplanation explanation = Explainer.ExplainPacket(bytes.ToArray(), packet.Version);
        double time = (packet.Last.Time - Start) / 1e9;
        Island.Add(packet.Number, explanation, $"{packet.Type.Name()}: {label}",
            $"{(packet.IsFromClient ? "client to server" : "server to client")}, {time:0.000000} s, frame {packet.Last.Frame:N0}, MQTT {ExplanationText.VersionName(explanation.Version)}");
    }

    /// <inheritdoc/>
    public void OnExchange(Conversation conversation, in Exchange exchange)
    {
        _ladder.OnExchange(conversation, exchange);
        Statistics.OnExchange(conversation, exchange);
    }

    /// <inheritdoc/>
    public void OnSkipped(Conversation conversation, Streams.Side from, long count, UnreadReason reason, Arrival at) => _ladder.OnSkipped(conversation, from, count, reason, at);

    /// <inheritdoc/>
    public void OnOver(Conversation conversation)
    {
        _ladder.OnOver(conversation);
        Statistics.OnOver(conversation);
    }

    /// <inheritdoc/>
    public void Dispose() => Island.Dispose();

    private void Seen(Arrival at)
    {
        Start = Math.Min(Start, at.Time);
        End = Math.Max(End, at.Time);
    }
}
