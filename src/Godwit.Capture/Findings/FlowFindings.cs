// What is wrong between packets: their order, their identifiers, what they may be answered by, and the limits that the sides have announced.
using Godwit.Capture.Conversations;
using Godwit.Capture.Streams;
using Godwit.Protocol;

namespace Godwit.Capture.Findings;

internal sealed class FlowFindings(FindingsCollector findings) : FindingGroup(findings)
{
    private const string FixSender = "The sender's MQTT implementation is wrong. Update or report it.";

    private static readonly Dictionary<ConversationEventKind, FindingRule> ByEvent = new()
    {
        [ConversationEventKind.NoConnectFirst] = Error("no-connect-first", "The first packet is not CONNECT", "MQTT-3.1.0-1", "MQTT-3.1.0-1", "The client has to begin with CONNECT."),
        [ConversationEventKind.SecondConnect] = Error("second-connect", "A second CONNECT on one connection", "MQTT-3.1.0-2", "MQTT-3.1.0-2", "Connect anew over a new TCP connection."),
        [ConversationEventKind.NoConnackFirst] = Error("no-connack-first", "The server's first packet is not CONNACK", "MQTT-3.2.0-1", "MQTT-3.2.0-1", FixSender),
        [ConversationEventKind.WrongDirection] = Error("wrong-direction", "A packet that only the other side may send", "MQTT-4.8.0-1", "MQTT-4.13.1-1", FixSender),
        [ConversationEventKind.AfterDisconnect] = Error("packet-after-disconnect", "A packet behind DISCONNECT", "MQTT-3.14.4-2", "MQTT-3.14.4-1", "Send nothing behind DISCONNECT: it may be lost."),
        [ConversationEventKind.PacketIdInUse] = Error("packet-id-in-use", "A packet identifier is used for something new while it is in use", "MQTT-2.3.1-2", "MQTT-2.2.1-3",
            "The receiver may take the new message for the old one. If it is a repetition, it needs DUP 1."),
        [ConversationEventKind.DupWithoutOriginal] = Warning("dup-without-original", "DUP is 1 in a message that was not sent before", "MQTT-3.3.1-3", "MQTT-4.3.2-2", "DUP is for repetitions only."),
        [ConversationEventKind.Repeated] = Note("publish-repeated", "A message was sent again", null, null,
            "The acknowledgement was late or got lost, or the connection was. At QoS 1 the receiver gets it twice."),
        [ConversationEventKind.UnknownAcknowledgement] = Warning("unknown-acknowledgement", "An acknowledgement of something that is not in flight", "MQTT-2.3.1-6", "MQTT-2.2.1-5",
            "The receiver acknowledges twice, or the two sides do not have the same idea of the session."),
        [ConversationEventKind.WrongAcknowledgement] = Error("wrong-acknowledgement", "An acknowledgement of another kind than the message needs", "MQTT-4.3.3-1", "MQTT-4.3.3-4", FixSender),
        [ConversationEventKind.OutOfOrder] = Warning("acknowledgements-out-of-order", "Acknowledgements come in another order than the messages", "MQTT-4.6.0-2", "MQTT-4.6.0-2",
            "The order of messages is only kept if they are acknowledged in their order."),
        [ConversationEventKind.CodeCount] = Error("suback-code-count", "The answer has another number of codes than there are filters", "MQTT-3.8.4-5", "MQTT-3.8.4-6", FixSender),
        [ConversationEventKind.ReceiveMaximumExceeded] = Error("receive-maximum-exceeded", "More unacknowledged messages than Receive Maximum allows", null, "MQTT-3.3.4-7",
            "The receiver may close the connection (0x93). The sender has to wait for acknowledgements."),
        [ConversationEventKind.PacketTooLarge] = Error("maximum-packet-size-exceeded", "A packet larger than the other side takes", null, "MQTT-3.2.2-15",
            "The receiver closes the connection (0x95). Send less at once, or raise its Maximum Packet Size."),
        [ConversationEventKind.TopicAliasTooHigh] = Error("topic-alias-too-high", "A topic alias above Topic Alias Maximum", null, "MQTT-3.2.2-17", FixSender),
        [ConversationEventKind.TopicAliasUnknown] = Error("topic-alias-unknown", "A topic alias that was not given a topic", null, "MQTT-3.3.2-7", "Aliases do not outlive the connection: give them anew after a reconnect."),
        [ConversationEventKind.SessionPresentAfterClean] = Error("session-present-after-clean", "Session Present 1 although the client wanted a new session", "MQTT-3.2.2-1", "MQTT-3.2.2-2", FixSender),
    };

    private static readonly FindingRule Qos2Broken = Error("qos2-incomplete", "A QoS 2 exchange stopped half-way", "MQTT-4.3.3-1", "MQTT-4.3.3-5",
        "The two sides go on when the client comes back with its session (Clean Session 0). Without it the message may be lost or doubled.");

    public static IEnumerable<FindingRule> Rules => [.. ByEvent.Values, Qos2Broken];

    public override void OnEvent(Conversation conversation, in ConversationEvent happened)
    {
        if (!ByEvent.TryGetValue(happened.Kind, out FindingRule? rule)) return;
        ConversationEvent what = happened;
        Report(rule, conversation, happened.At, happened.Side.ToString(), () => Sentence(conversation, what), happened.Packet, happened.Related);
    }

    public override void OnUnanswered(Conversation conversation, in Exchange exchange)
    {
        if (exchange.Kind is not (ExchangeKind.Pubrel or ExchangeKind.Pubcomp)) return;
        Exchange what = exchange;
        Report(Qos2Broken, conversation, exchange.AnsweredAt, null,
            () => $"The connection ended before {(what.Kind == ExchangeKind.Pubrel ? "PUBREL" : "PUBCOMP")} for packet identifier {what.PacketId}.", exchange.Request);
    }

    private static string Sentence(Conversation conversation, ConversationEvent what)
    {
        string who = Who(conversation, what.Side), type = what.Type.Name();
        return what.Kind switch
        {
            ConversationEventKind.NoConnectFirst => $"{who} begins with {type}.",
            ConversationEventKind.SecondConnect => $"{who} has sent CONNECT again in packet {what.Packet}.",
            ConversationEventKind.NoConnackFirst => $"{who} has sent {type} before CONNACK.",
            ConversationEventKind.WrongDirection => $"{who} has sent {type}.",
            ConversationEventKind.AfterDisconnect => $"{who} has sent {type} behind its DISCONNECT.",
            ConversationEventKind.PacketIdInUse => $"{who} uses packet identifier {what.PacketId} for a new {type} while packet {what.Related} still waits for its answer.",
            ConversationEventKind.DupWithoutOriginal => $"{who} has sent packet identifier {what.PacketId} with DUP 1 as the first of a new session.",
            ConversationEventKind.Repeated when what.Value == 0 => $"{who} has sent packet {what.Related} (packet identifier {what.PacketId}) again after the reconnect, without DUP.",
            ConversationEventKind.Repeated => $"{who} has sent packet {what.Related} (packet identifier {what.PacketId}) again.",
            ConversationEventKind.UnknownAcknowledgement => $"{who} has sent {type} for packet identifier {what.PacketId}, which is not in flight.",
            ConversationEventKind.WrongAcknowledgement => $"{who} has answered packet {what.Related} by {type}.",
            ConversationEventKind.OutOfOrder => $"{who} has acknowledged packet identifier {what.PacketId} before packet {what.Related}, which came earlier.",
            ConversationEventKind.CodeCount => $"{type} answers {what.Value} filters with another number of codes.",
            ConversationEventKind.ReceiveMaximumExceeded => $"{who} has more than {what.Value} messages unacknowledged.",
            ConversationEventKind.PacketTooLarge => $"{who} has sent a {type} of more than {what.Value:N0} bytes.",
            ConversationEventKind.TopicAliasTooHigh => $"{who} uses topic alias {what.Value}, which the other side has not offered.",
            ConversationEventKind.TopicAliasUnknown => $"{who} uses topic alias {what.Value} without having given it a topic.",
            _ => $"{who} says that there is a session, and the client had asked for a new one.",
        };
    }

    private static FindingRule Error(string id, string title, string? statement311, string? statement5, string remedy) => new(id, Severity.Error, title, statement311, statement5, remedy);

    private static FindingRule Warning(string id, string title, string? statement311, string? statement5, string remedy) => new(id, Severity.Warning, title, statement311, statement5, remedy);

    private static FindingRule Note(string id, string title, string? statement311, string? statement5, string remedy) => new(id, Severity.Note, title, statement311, statement5, remedy);
}
