// Why a device was refused or dropped: what conversations and findings say, put in the order of likelihood, the way somebody would who has seen
// many. The rank is a rule of thumb, from 100 (it is this) down to 0.
using Godwit.Capture.Conversations;
using Godwit.Capture.Explain;
using Godwit.Capture.Findings;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;
using Godwit.Protocol;

namespace Godwit.Capture.Diagnosing;

/// <summary>A possible cause.</summary>
/// <param name="Rank">How likely it is: 0 to 100.</param>
/// <param name="Title">What it is, in a few words.</param>
/// <param name="Explanation">What speaks for it, in sentences.</param>
/// <param name="Remedy">What can be done.</param>
/// <param name="Packets">The numbers of the packets that show it.</param>
public sealed record Cause(int Rank, string Title, string Explanation, string Remedy, IReadOnlyList<long> Packets)
{
    /// <summary>The statement of the standard that is concerned, without brackets; null if there is none.</summary>
    public string? Statement { get; init; }

    /// <summary>For a CONNECT that cannot be read: the nearest valid one.</summary>
    public NearestPacket? Nearest { get; init; }
}

/// <summary>What became of one connection, and why.</summary>
public sealed record Diagnosis
{
    /// <summary>The connection's number.</summary>
    public required long Connection { get; init; }

    /// <summary>The two ends.</summary>
    public required StreamConnection Stream { get; init; }

    /// <summary>The client identifier; null if it is not known.</summary>
    public string? ClientId { get; init; }

    /// <summary>What happened, in a sentence.</summary>
    public required string Outcome { get; init; }

    /// <summary>Whether the connection was refused, dropped or never came to be.</summary>
    public required bool IsTrouble { get; init; }

    /// <summary>When it was over, or last seen.</summary>
    public required Arrival At { get; init; }

    /// <summary>The causes, the likeliest first; empty if nothing is wrong or nothing is known.</summary>
    public required IReadOnlyList<Cause> Causes { get; init; }
}

/// <summary>Makes a <see cref="Diagnosis"/> of each connection that is over. Give it to a <see cref="ConversationTracker"/> behind its <see cref="FindingsCollector"/>.</summary>
/// <param name="findings">Asked for what was found about a connection.</param>
public sealed class DiagnosisCollector(FindingsCollector findings) : IConversationObserver
{
    /// <summary>Diagnoses of connections in trouble that are kept; of the others none are.</summary>
    public const int MostKept = 10_000;

    private readonly List<Diagnosis> _diagnoses = [];

    /// <summary>The connections in trouble, in the order in which they ended.</summary>
    public IReadOnlyList<Diagnosis> Diagnoses => _diagnoses;

    /// <summary>Connections in trouble that were not kept because there are too many.</summary>
    public long NotKept { get; private set; }

    /// <inheritdoc/>
    public void OnOver(Conversation conversation) => Keep(Of(conversation, findings));

    /// <inheritdoc/>
    public void OnForeign(StreamConnection connection, ContentKind kind, ReadOnlySpan<byte> beginning, Side from, Arrival at)
    {
        LayerRemark[] troubles = [.. connection.Layers?.Remarks.Where(remark => remark.Kind is LayerRemarkKind.Violation or LayerRemarkKind.Ending or LayerRemarkKind.Unfinished) ?? []];
        if (troubles.Length > 0)
        {
            Keep(Unopened(connection, troubles));
            return;
        }
        if (connection.Responder.Port is not (1883 or 8883) || (connection.Responder.Port == 8883 && kind == ContentKind.Tls)) return;
        Keep(Foreign(connection, kind, at));
    }

    /// <summary>What can be said of a conversation, over or not.</summary>
    public static Diagnosis Of(Conversation conversation, FindingsCollector findings)
    {
        var causes = new List<Cause>();
        CauseFinder.OfConnect(conversation, causes);
        CauseFinder.OfRefusal(conversation, causes);
        CauseFinder.OfEnd(conversation, causes);
        bool isTrouble = IsTrouble(conversation);
        if (isTrouble) CauseFinder.OfFindings(conversation, findings.Of(conversation.Connection.Number), causes);
        return new Diagnosis
        {
            Connection = conversation.Connection.Number,
            Stream = conversation.Connection.Stream,
            ClientId = conversation.ClientId,
            Outcome = Outcome(conversation),
            IsTrouble = isTrouble,
            At = conversation.Closing == ClosingKind.Open ? conversation.LastFrom(conversation.Connection.ClientSide) : conversation.ClosedAt,
            Causes = [.. causes.OrderByDescending(cause => cause.Rank)],
        };
    }

    private void Keep(Diagnosis diagnosis)
    {
        if (!diagnosis.IsTrouble) return;
        if (_diagnoses.Count < MostKept) _diagnoses.Add(diagnosis);
        else NotKept++;
    }

    private static bool IsTrouble(Conversation conversation)
    {
        if (conversation.Connect != 0 && conversation.Connack == 0) return conversation.Closing != ClosingKind.Open || conversation.ConnectViolation is not null;
        if (conversation.Connack != 0 && conversation.ConnackCode != 0) return true;
        bool isByClient = conversation.ClosedBy == conversation.Connection.ClientSide;
        return conversation.Closing switch
        {
            ClosingKind.Open => false,
            ClosingKind.Disconnect => !isByClient || conversation.DisconnectCode.IsError(),
            ClosingKind.Reset => true,
            _ => !isByClient,
        };
    }

    private static string Outcome(Conversation conversation)
    {
        if (conversation.Connack != 0 && conversation.ConnackCode != 0) return $"The server refused the client: {ConnectionFindings.CodeWords(conversation)}.";
        bool isClosed = conversation.Closing != ClosingKind.Open;
        if (conversation.Connect != 0 && conversation.Connack == 0)
            return isClosed ? $"{ConnectionFindings.ClosedWords(conversation)} and no CONNACK had come." : "No CONNACK has come so far.";
        if (!isClosed) return "The connection is open as far as the capture goes.";
        if (conversation.Closing != ClosingKind.Disconnect) return $"{ConnectionFindings.ClosedWords(conversation)} and there had been no DISCONNECT.";
        string who = conversation.DisconnectedBy == conversation.Connection.ClientSide ? "The client" : "The server";
        return $"{who} has sent DISCONNECT 0x{(byte)conversation.DisconnectCode:X2}, {ReasonWords.Describe(conversation.DisconnectCode, PacketType.Disconnect)}.";
    }

    // TLS or WebSocket that has not come to be: what the layer says of itself is more than first bytes tell.
    private static Diagnosis Unopened(StreamConnection connection, LayerRemark[] troubles)
    {
        string layer = troubles[0].Layer == Layer.Tls ? "TLS" : troubles[0].Layer == Layer.WebSocket ? "WebSocket" : "The PROXY header";
        bool hasNoTls = connection.Layers is { Tls.Version: 0 } && troubles[0].Layer == Layer.Tls;
        string remedy = hasNoTls ? "Use the server's TLS port (8883), or connect without TLS."
            : troubles[0].Layer == Layer.Tls ? "Look at certificate, authority and versions of both ends; docs/capture-tls.md says how to see more."
            : "Look at address, path and sub-protocol of the two ends.";
        var cause = new Cause(90, hasNoTls ? "TLS on a port without TLS" : $"{layer} was not opened", string.Join(' ', troubles.Select(remark => remark.Sentence)), remedy, []);
        return new Diagnosis
        {
            Connection = connection.Number,
            Stream = connection,
            Outcome = $"{layer} was not opened: no MQTT came through.",
            IsTrouble = true,
            At = troubles[0].At,
            Causes = [cause],
        };
    }

    private static Diagnosis Foreign(StreamConnection connection, ContentKind kind, Arrival at)
    {
        (string outcome, Cause? cause) = kind switch
        {
            ContentKind.Tls => ("The client began a TLS handshake on the port of plain MQTT.", new Cause(100, "TLS on the plain port",
                $"The first bytes are a TLS handshake, and port {connection.Responder.Port} is that of MQTT without TLS.", "Use the server's TLS port (8883), or connect without TLS.", [])),
            ContentKind.Unknown => ("The connection was opened, and ended before anything was sent.", new Cause(50, "Nothing was sent",
                "A health check, a port scanner, or a client that gave up.", "Nothing, if it is a health check.", [])),
            ContentKind.Http or ContentKind.WebSocketUpgrade => ("HTTP came on MQTT's port.", new Cause(90, "HTTP on the port of plain MQTT",
                "A browser, or a client that shall use WebSocket, connects to the wrong port.", "Use the server's WebSocket port.", [])),
            _ => ("What came first is no MQTT.", new Cause(60, "No CONNECT", "A client has to begin with CONNECT, whose first byte is 10.", "`godwit explain` shows what the bytes are.", [])),
        };
        return new Diagnosis { Connection = connection.Number, Stream = connection, Outcome = outcome, IsTrouble = true, At = at, Causes = [cause] };
    }
}
