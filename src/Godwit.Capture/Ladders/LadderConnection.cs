using System.Net;
using System.Text;
using Godwit.Capture.Conversations;
using Godwit.Capture.Explain;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;
using Godwit.Protocol;

namespace Godwit.Capture.Ladders;

/// <summary>A connection while a ladder is recorded.</summary>
internal sealed class LadderConnection(StreamConnection stream)
{
    public StreamConnection Stream => stream;

    public Conversation? Conversation { get; set; }

    /// <summary>Whether it belongs to the ladder; null as long as its client is not known.</summary>
    public bool? IsChosen { get; set; }

    public bool HasRows { get; set; }

    public List<LadderRow> Undecided { get; } = [];

    /// <summary>The pings that a further ping belongs to; null if something else has come.</summary>
    public PingRun? Pings { get; set; }

    /// <summary>Who has closed first, by FIN or RST; null as long as nobody has, or if segments are not seen.</summary>
    public Side? EndedBy { get; set; }

    public Side ClientSide => Conversation?.Connection.ClientSide ?? Side.Initiator;

    public IPEndPoint ClientAddress => ClientSide == Side.Initiator ? stream.Initiator : stream.Responder;

    public IPEndPoint ServerAddress => ClientSide == Side.Initiator ? stream.Responder : stream.Initiator;
}

/// <summary>Pings of one connection with nothing else between them.</summary>
internal sealed class PingRun
{
    public PingRun(LadderRow first)
    {
        Rows.Add(first);
        FirstRequest = LastRequest = first.At;
        if (first.Type == PacketType.Pingreq) Requests = 1;
        else Answers = 1;
    }

    /// <summary>The row that stands for them.</summary>
    public LadderRow? Row { get; set; }

    public long Requests { get; set; }

    public long Answers { get; set; }

    public Arrival FirstRequest { get; }

    public Arrival LastRequest { get; set; }

    /// <summary>The first two as rows of their own, in case there are no more.</summary>
    public List<LadderRow> Rows { get; } = [];

    /// <summary>12 x PINGREQ/PINGRESP, every 60 s.</summary>
    public string Describe()
    {
        string what = Requests == Answers ? $"{Requests:N0} x PINGREQ/PINGRESP" : $"{Requests:N0} x PINGREQ, {Answers:N0} x PINGRESP";
        if (Requests < 2) return what;
        var every = TimeSpan.FromTicks((LastRequest.Time - FirstRequest.Time) / (Requests - 1) / TimeSpan.NanosecondsPerTick);
        return $"{what}, every {LadderTimes.Text(every)}";
    }
}

/// <summary>The conversations with a will; bounded. When a client has gone without a word, the server publishes its will.</summary>
internal sealed class WillsSent
{
    private const int MostWills = 256;

    private readonly Queue<Conversation> _conversations = new();

    public void Add(Conversation conversation)
    {
        if (_conversations.Count >= MostWills) _conversations.Dequeue();
        _conversations.Enqueue(conversation);
    }

    /// <summary>The client whose will a server's PUBLISH is; null if it is none.</summary>
    public string? IsWill(in ObservedPacket packet)
    {
        if (_conversations.Count == 0 || packet.IsFromClient || packet.Type != PacketType.Publish || packet.Violation is not null || !packet.IsWhole) return null;
        foreach (Conversation left in _conversations)
            if (HasGone(left) && left.WillTopic.Span.SequenceEqual(packet.Topic) && left.WillPayload.Span.SequenceEqual(packet.Publish.Payload))
                return left.ClientId is { Length: > 0 } id ? Readable.Plain(Encoding.UTF8.GetBytes(id)) : "a client without identifier";
        return null;
    }

    private static bool HasGone(Conversation conversation)
    {
        bool isNormal = conversation.Disconnect != 0 && conversation.DisconnectedBy == conversation.Connection.ClientSide && conversation.DisconnectCode == ReasonCode.Success;
        return conversation is { IsAccepted: true, Closing: not ClosingKind.Open } && !isNormal;
    }
}
