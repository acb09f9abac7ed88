// How connections begin and end: refusals, silence, take-overs, wills, and content that is no MQTT.
using Godwit.Capture.Conversations;
using Godwit.Capture.Explain;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;
using Godwit.Protocol;

namespace Godwit.Capture.Findings;

internal sealed class ConnectionFindings(FindingsCollector findings) : FindingGroup(findings)
{
    // Take-overs of one client identifier from which on it is a fight.
    private const int Fight = 3;

    // Seconds of keep alive from which on a dead client is noticed very late.
    private const int LongKeepAlive = 3600;

    private static readonly FindingRule Refused = new("connect-refused", Severity.Error, "The server has refused the client", null, null, "The code says why; `godwit why` says more.");
    private static readonly FindingRule NoConnack = new("no-connack", Severity.Error, "No CONNACK came", "MQTT-3.1.4-4", "MQTT-3.1.4-5",
        "A server closes without CONNACK if it cannot read the CONNECT, or if what listens there is no MQTT server.");
    private static readonly FindingRule KeepAlive = new("keep-alive-exceeded", Severity.Warning, "The client was silent for more than 1.5 times its keep alive", "MQTT-3.1.2-23", "MQTT-3.1.2-20",
        "The client has to send PINGREQ in time: it is busy, asleep or gone. Let its network loop run, or give it a longer keep alive.");
    private static readonly FindingRule KeepAliveOff = new("keep-alive-off", Severity.Note, "Keep alive is 0", null, null,
        "Nobody notices a client that is gone without a word; its will is not sent. A minute is usual.");
    private static readonly FindingRule KeepAliveLong = new("keep-alive-long", Severity.Note, "Keep alive is longer than an hour", null, null,
        "Routers with address translation forget silent connections after minutes. A few minutes are safer.");
    private static readonly FindingRule TakeOver = new("taken-over", Severity.Warning, "A client connects while its earlier connection is open", "MQTT-3.1.4-2", "MQTT-3.1.4-3",
        "Two devices have the same client identifier, or the client has lost its connection unnoticed.");
    private static readonly FindingRule FightRule = new("client-id-fight", Severity.Error, "Clients with the same client identifier throw each other out", "MQTT-3.1.4-2", "MQTT-3.1.4-3",
        "Give each device a client identifier of its own.");
    private static readonly FindingRule SessionLost = new("session-lost", Severity.Warning, "The server has lost the client's session", "MQTT-3.2.2-2", "MQTT-3.2.2-3",
        "It has expired, or the server keeps sessions in memory only and was started anew. Messages that waited are gone; subscribe again.");
    private static readonly FindingRule WithoutDisconnect = new("closed-without-disconnect", Severity.Note, "The client closed without DISCONNECT", null, null,
        "The server publishes the will. A client that leaves on purpose sends DISCONNECT first.");
    private static readonly FindingRule ResetRule = new("connection-reset", Severity.Warning, "The connection was aborted (RST)", null, null,
        "The process has died, or something between the two has cut the connection.");
    private static readonly FindingRule ServerClosed = new("server-closed", Severity.Warning, "The server has closed the connection", null, null,
        "In MQTT 5 its DISCONNECT says why; before, look at what the client has sent last, and into the server's log.");
    private static readonly FindingRule WillAfter = new("will-after-disconnect", Severity.Error, "The will was published although the client had said good-bye", "MQTT-3.14.4-3", "MQTT-3.14.4-3",
        "The server is wrong.");
    private static readonly FindingRule WillMissing = new("will-missing", Severity.Warning, "The will was not published", "MQTT-3.1.2-8", "MQTT-3.1.2-8",
        "The server has not noticed yet that the client is gone, or the subscriber may not read the will's topic.");
    private static readonly FindingRule NoPingresp = new("ping-unanswered", Severity.Warning, "PINGREQ was not answered", "MQTT-3.12.4-1", "MQTT-3.12.4-1",
        "The server or the way to it is gone; the client has to connect anew.");
    private static readonly FindingRule TlsOnPlain = new("tls-on-plain-port", Severity.Error, "TLS on the port of plain MQTT", null, null,
        "Let the client use the server's TLS port (8883), or connect without TLS.");
    private static readonly FindingRule PlainOnTls = new("plain-on-tls-port", Severity.Error, "Plain MQTT on the port of TLS", null, null, "Let the client connect with TLS, or use port 1883.");
    private static readonly FindingRule OtherOnMqtt = new("foreign-on-mqtt-port", Severity.Warning, "Something else than MQTT on MQTT's port", null, null,
        "Whoever connects there takes the server for something else: a browser, a health check, a scanner.");
    private static readonly FindingRule TooMany = new("not-followed", Severity.Note, "Too many client identifiers to follow all of them", null, null, "Look at a part of the capture.");

    public static IEnumerable<FindingRule> Rules =>
    [
        Refused, NoConnack, KeepAlive, KeepAliveOff, KeepAliveLong, TakeOver, FightRule, SessionLost, WithoutDisconnect, ResetRule, ServerClosed, WillAfter, WillMissing, NoPingresp,
        TlsOnPlain, PlainOnTls, OtherOnMqtt, TooMany,
    ];

    public override void OnPacket(Conversation conversation, in ObservedPacket packet)
    {
        if (packet.Type is PacketType.Connect or PacketType.Connack or PacketType.Disconnect) OnBeginOrEnd(conversation, packet);
    }

    public override void OnUnanswered(Conversation conversation, in Exchange exchange)
    {
        if (conversation.Closing == ClosingKind.Open) return;
        if (exchange.Kind == ExchangeKind.Connect)
            Report(NoConnack, conversation, exchange.AnsweredAt, null, () => $"{ClosedWords(conversation)} and no CONNACK had come.", exchange.Request);
        if (exchange.Kind == ExchangeKind.Ping)
            Report(NoPingresp, conversation, exchange.AnsweredAt, null, () => $"{ClosedWords(conversation)} and PINGREQ had not been answered.", exchange.Request);
    }

    public override void OnEvent(Conversation conversation, in ConversationEvent happened)
    {
        ConversationEvent what = happened;
        switch (happened.Kind)
        {
            case ConversationEventKind.KeepAliveExceeded:
                Report(KeepAlive, conversation, happened.At, null,
                    () => $"The client's keep alive is {conversation.KeepAlive} s, and nothing came from it for {what.Value / 1000.0:0.0} s.", happened.Packet);
                break;
            case ConversationEventKind.TakeOver:
                Report(TakeOver, conversation, happened.At, null, () => "Its earlier connection was still open.", happened.Related, happened.Packet);
                if (conversation.Client is { TakeOvers: >= Fight } client)
                    Report(FightRule, conversation, happened.At, null, () => $"It is the {client.TakeOvers}. time that this client identifier connects while it is connected.", happened.Related, happened.Packet);
                break;
            case ConversationEventKind.SessionLost:
                Report(SessionLost, conversation, happened.At, null, () => "The client wanted to go on with its session, and the server has none.", happened.Related, happened.Packet);
                break;
            case ConversationEventKind.WillAfterDisconnect:
                Report(WillAfter, conversation, happened.At, null, () => $"Packet {what.Packet} is the will of this client, which had sent DISCONNECT.", happened.Related, happened.Packet);
                break;
            case ConversationEventKind.WillMissing:
                Report(WillMissing, conversation, happened.At, null,
                    () => $"The client went without DISCONNECT, and a subscriber of {Readable.Quote(conversation.WillTopic.Span)} got nothing.", happened.Related);
                break;
            case ConversationEventKind.NotFollowed:
                Report(TooMany, conversation, happened.At, null, () => $"More than {what.Value:N0} client identifiers have appeared.", happened.Packet);
                break;
        }
    }

    public override void OnOver(Conversation conversation)
    {
        if (!conversation.IsAccepted || conversation.Disconnect != 0 || conversation.Closing == ClosingKind.Open) return;
        bool isByClient = conversation.ClosedBy == conversation.Connection.ClientSide;
        FindingRule? rule = conversation.Closing == ClosingKind.Reset ? ResetRule : isByClient ? WithoutDisconnect : conversation.TakenOverBy == 0 ? ServerClosed : null;
        if (rule is not null) Report(rule, conversation, conversation.ClosedAt, null, () => $"{ClosedWords(conversation)} and there had been no DISCONNECT.");
    }

    public override void OnForeign(StreamConnection connection, ContentKind kind, ReadOnlySpan<byte> beginning, Arrival at)
    {
        if (connection.Responder.Port == 1883 && kind == ContentKind.Tls)
            Report(TlsOnPlain, connection, at, null, () => "The client begins a TLS handshake on port 1883.");
        else if (connection.Responder.Port is 1883 or 8883 && kind is not (ContentKind.Tls or ContentKind.Unknown or ContentKind.ProxyProtocol))
            Report(OtherOnMqtt, connection, at, null, () => $"What came first on port {connection.Responder.Port} is {(kind == ContentKind.Other ? "no MQTT" : kind.ToString())}.");
    }

    private void OnBeginOrEnd(Conversation conversation, in ObservedPacket packet)
    {
        if (packet.Number == conversation.Connect && packet.Type == PacketType.Connect)
        {
            if (conversation.KeepAlive == 0 && conversation.ConnectViolation is null) Report(KeepAliveOff, conversation, packet.Last, null, () => "The client has switched keep alive off.", packet.Number);
            if (conversation.KeepAlive > LongKeepAlive)
                Report(KeepAliveLong, conversation, packet.Last, null, () => $"The client's keep alive is {PropertyWords.Duration(conversation.KeepAlive)}.", packet.Number);
            if (conversation.Connection.Stream.Responder.Port == 8883 && !conversation.Connection.IsEncrypted)
                Report(PlainOnTls, conversation, packet.Last, null, () => "The client connects to port 8883 without TLS.", packet.Number);
        }
        if (packet.Number == conversation.Connack && packet.Type == PacketType.Connack && conversation.ConnackCode != 0)
            Report(Refused, conversation, packet.Last, null, () => $"{CodeWords(conversation)}.", conversation.Connect, packet.Number);
        if (packet.Number == conversation.Disconnect && packet.Type == PacketType.Disconnect && !packet.IsFromClient)
            Report(ServerClosed, conversation, packet.Last, null,
                () => $"The server has sent DISCONNECT 0x{(byte)conversation.DisconnectCode:X2}, {ReasonWords.Describe(conversation.DisconnectCode, PacketType.Disconnect)}.", packet.Number);
    }

    /// <summary>CONNACK's code in words.</summary>
    internal static string CodeWords(Conversation conversation) => conversation.Connection.Version == ProtocolVersion.V5
        ? $"CONNACK 0x{conversation.ConnackCode:X2}, {ReasonWords.Describe((ReasonCode)conversation.ConnackCode, PacketType.Connack)}"
            + (conversation.ConnackReason is { } reason ? $" ({reason})" : "")
        : $"CONNACK {conversation.ConnackCode}, {ConnectCodes.Describe((ConnectReturnCode)conversation.ConnackCode)}";

    /// <summary>Who has closed, and how.</summary>
    internal static string ClosedWords(Conversation conversation) =>
        $"{Who(conversation, conversation.ClosedBy)} {(conversation.Closing == ClosingKind.Reset ? "aborted the connection (RST)" : "closed the connection")},";
}
