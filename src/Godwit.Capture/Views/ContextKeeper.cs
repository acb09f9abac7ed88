// Stands behind the conversations, and fills the context that views get with a packet: answers and findings come before the packet that they are about.
using Godwit.Capture.Conversations;
using Godwit.Capture.Findings;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;

namespace Godwit.Capture.Views;

internal sealed class ContextKeeper(List<IPacketView> views) : IConversationObserver, IFindingObserver
{
    private readonly PacketContext _context = new();
    private readonly long[] _foreign = new long[Enum.GetValues<ContentKind>().Length];
    private Exchange _answered;

    /// <summary>Connections that carry something else, by kind.</summary>
    public IEnumerable<(ContentKind Kind, long Count)> Foreign =>
        Enum.GetValues<ContentKind>().Select(kind => (kind, _foreign[(int)kind])).Where(entry => entry.Item2 > 0);

    /// <summary>See <see cref="PacketContext.CaptureStart"/>.</summary>
    public long CaptureStart
    {
        get => _context.CaptureStart;
        set => _context.CaptureStart = value;
    }

    /// <summary>The findings of this frame that have not been shown with a packet.</summary>
    public List<Finding> OfFrame { get; } = [];

    public void OnFinding(Finding finding) => OfFrame.Add(finding);

    public void OnExchange(Conversation conversation, in Exchange exchange)
    {
        // PUBCOMP answers PUBREL, and ends the delivery: the nearer one is its response time.
        if (exchange.IsAnswered && exchange.Answer != _answered.Answer) _answered = exchange;
    }

    public void OnPacket(Conversation conversation, in ObservedPacket packet)
    {
        _context.Conversation = conversation;
        _context.Answered = _answered.Answer == packet.Number ? _answered : null;
        _context.Found.Clear();
        foreach (Finding finding in OfFrame)
            if (finding.Connection == packet.Connection.Number) _context.Found.Add(finding);
        foreach (IPacketView view in views) view.OnPacket(packet, _context);
        if (_context.Found.Count > 0) OfFrame.RemoveAll(_context.Found.Contains);
    }

    public void OnSkipped(Conversation conversation, Side from, long count, UnreadReason reason, Arrival at)
    {
        foreach (IPacketView view in views) view.OnSkipped(conversation, from, count, reason, at);
    }

    public void OnOver(Conversation conversation)
    {
        foreach (IPacketView view in views) view.OnOver(conversation);
    }

    public void OnForeign(StreamConnection connection, ContentKind kind, ReadOnlySpan<byte> beginning, Side from, Arrival at)
    {
        _foreign[(int)kind]++;
        foreach (IPacketView view in views) view.OnForeign(connection, kind, at);
    }
}
