// The single causes: what each stage of a connection can tell.
using Godwit.Capture.Conversations;
using Godwit.Capture.Explain;
using Godwit.Capture.Findings;
using Godwit.Protocol;

namespace Godwit.Capture.Diagnosing;

internal static class CauseFinder
{
    // Findings about a whole connection that repeat what the other causes say.
    private static readonly string[] Covered = ["connect-refused", "no-connack", "server-closed", "connection-reset", "taken-over", "keep-alive-exceeded"];

    /// <summary>CONNECT itself is wrong.</summary>
    public static void OfConnect(Conversation conversation, List<Cause> causes)
    {
        if (conversation.ConnectViolation is not { } violation) return;
        ProtocolVersion version = conversation.Connection.Version;
        causes.Add(new Cause(95, "CONNECT cannot be read", $"{violation.Description}. A server closes the connection, often without a word.",
            "Correct the client; the nearest valid packet shows what to change.", [conversation.Connect])
        {
            Statement = violation.StatementFor(version),
            Nearest = NearestConnect.Find(conversation.ConnectBytes),
        });
    }

    /// <summary>CONNACK refuses, or does not come.</summary>
    public static void OfRefusal(Conversation conversation, List<Cause> causes)
    {
        if (conversation.Connect == 0) return;
        if (conversation.Connack == 0)
        {
            if (conversation.Closing == ClosingKind.Open || conversation.ConnectViolation is not null) return;
            bool isByServer = conversation.ClosedBy != conversation.Connection.ClientSide;
            causes.Add(isByServer
                ? new Cause(60, "The server closed without CONNACK", "CONNECT is in order. Servers do so if they do not know the protocol version, if a proxy in front has no server, or when they stop.",
                    "Look into the server's log at this time.", [conversation.Connect])
                : new Cause(60, "The client did not wait for CONNACK", "CONNECT is in order, and the client closed before the server had answered: its time-out is too short, or the server too slow.",
                    "Look at the server's load; give the client more time.", [conversation.Connect]));
            return;
        }
        if (conversation.ConnackCode == 0) return;
        ReasonCode code = conversation.Connection.Version == ProtocolVersion.V5 ? (ReasonCode)conversation.ConnackCode : ((ConnectReturnCode)conversation.ConnackCode).ToReasonCode();
        (string explanation, string remedy) = Refusal(conversation, code);
        causes.Add(new Cause(90, ConnectionFindings.CodeWords(conversation), explanation, remedy, [conversation.Connect, conversation.Connack]));
    }

    /// <summary>An accepted connection has ended.</summary>
    public static void OfEnd(Conversation conversation, List<Cause> causes)
    {
        if (!conversation.IsAccepted || conversation.Closing == ClosingKind.Open) return;
        if (conversation.TakenOverBy != 0)
            causes.Add(new Cause(90, "Taken over", $"Another connection with client identifier {Quoted(conversation)} came in packet {conversation.TakenOverBy}; a server then closes the earlier one.",
                conversation.Client is { TakeOvers: > 1 } client
                    ? $"It happened {client.TakeOvers} times: two devices have the same client identifier. Give each its own."
                    : "If it is the same device it had lost its connection; if it is another one give each its own client identifier.",
                [conversation.Connect, conversation.TakenOverBy]) { Statement = conversation.Connection.Version == ProtocolVersion.V5 ? "MQTT-3.1.4-3" : "MQTT-3.1.4-2" });
        bool isByServer = conversation.ClosedBy != conversation.Connection.ClientSide;
        if (!isByServer) return;
        double silence = (conversation.ClosedAt.Time - conversation.LastFrom(conversation.Connection.ClientSide).Time) / 1e9;
        if (conversation.KeepAlive > 0 && silence >= conversation.KeepAlive * 1.4)
            causes.Add(new Cause(92, "Keep alive", $"Nothing came from the client for {silence:0.0} s; its keep alive is {conversation.KeepAlive} s, and the server closes after 1.5 times as long.",
                "The client has to send PINGREQ in time: let its network loop run, also while it does something else.", [conversation.Connect])
            {
                Statement = conversation.Connection.Version == ProtocolVersion.V5 ? "MQTT-3.1.2-22" : "MQTT-3.1.2-24",
            });
        if (conversation.Disconnect != 0)
            causes.Add(new Cause(94, $"The server says {conversation.DisconnectCode.Describe(PacketType.Disconnect)}",
                $"{ReasonWords.Describe(conversation.DisconnectCode, PacketType.Disconnect)}.", "The packets in front of DISCONNECT show what it is about.", [conversation.Disconnect]));
        if (causes.Count == 0 && silence > 60)
            causes.Add(new Cause(30, "A long silence", $"Nothing came from the client for {silence:0} s. Routers forget silent connections, and servers may close them.", "Give the client a shorter keep alive.", []));
    }

    /// <summary>What was found on the connection besides: errors first.</summary>
    public static void OfFindings(Conversation conversation, IEnumerable<Finding> findings, List<Cause> causes)
    {
        foreach (Finding finding in findings)
        {
            bool isSaid = Covered.Contains(finding.Rule.Id) || finding.Rule.Id == conversation.ConnectViolation?.Name;
            if (isSaid || finding.Rule.Severity == Severity.Note) continue;
            // What happened last is likelier to be the reason than what was tolerated for long.
            bool isLast = conversation.ClosedAt.Time - finding.LastAt.Time < 1_000_000_000;
            int rank = (finding.Rule.Severity == Severity.Error ? 55 : 20) + (isLast ? 25 : 0);
            causes.Add(new Cause(rank, finding.Rule.Title, finding.Sentence, finding.Rule.Remedy, finding.Packets) { Statement = finding.Statement });
        }
    }

    private static (string Explanation, string Remedy) Refusal(Conversation conversation, ReasonCode code) => code switch
    {
        ReasonCode.UnsupportedProtocolVersion => ($"The client speaks MQTT {ExplanationText.VersionName(conversation.Connection.Version)}, and the server does not.",
            "Let the client use MQTT 3.1.1, which every server speaks."),
        ReasonCode.ClientIdentifierNotValid => (conversation.ClientId is { Length: 0 }
                ? "The client has no client identifier" + (conversation.IsClean ? ", and the server does not choose one." : " and wants a lasting session, which cannot be.")
                : $"The server does not accept the client identifier {Quoted(conversation)}: too long, a character it does not take, or not allowed for this user.",
            "Give the client another identifier; letters and digits, at most 23, are taken everywhere."),
        ReasonCode.BadUserNameOrPassword => (conversation.HasUserName ? $"The client gave a user name{(conversation.HasPassword ? " and a password" : " and no password")}, and the server does not accept them."
            : "The client gave no user name, and the server asks for one.", "Compare both with the server's password file, spaces and line ends included."),
        ReasonCode.NotAuthorized => (conversation.HasUserName ? "The server knows the user or not, and does not let this client connect." : "The client gave no user name, and the server lets nobody in without.",
            "Give the client a user name and a password that the server knows; mosquitto says this also for a wrong password."),
        ReasonCode.ServerUnavailable or ReasonCode.ServerBusy or ReasonCode.QuotaExceeded => ("The server takes no more clients at the moment.", "Look at the server's limits and load; connect again later."),
        _ => ("The server says no more than that.", "Look into the server's log at this time."),
    };

    private static string Quoted(Conversation conversation) => Readable.Quote(System.Text.Encoding.UTF8.GetBytes(conversation.ClientId ?? ""));
}
