// What is published: messages that nobody acknowledges, takes or can use, and habits that cost.
using System.Text;
using Godwit.Capture.Conversations;
using Godwit.Capture.Explain;
using Godwit.Capture.Mqtt;
using Godwit.Protocol;
using Godwit.Protocol.Wire;

namespace Godwit.Capture.Findings;

internal sealed class PublishFindings(FindingsCollector findings) : FindingGroup(findings)
{
    // Small acknowledged messages on one connection, and the time for so many, from which on they are called chatty.
    private const int Chatty = 200, SmallPayload = 32;
    private const double ChattySeconds = 10;

    private static readonly FindingRule Unacknowledged = new("publish-unacknowledged", Severity.Warning, "A message was not acknowledged", "MQTT-4.3.2-1", "MQTT-4.3.2-3",
        "It is in doubt: the sender sends it again if both keep the session, otherwise it may be lost.");
    private static readonly FindingRule Refused = new("publish-refused", Severity.Error, "A message was refused", null, null, "The reason code says why.");
    private static readonly FindingRule NobodyThere = new("no-matching-subscribers", Severity.Note, "A message was published that nobody has subscribed to", null, null,
        "Compare the topic with the subscriber's filter, letter by letter.");
    private static readonly FindingRule LeadingSlash = new("topic-leading-slash", Severity.Note, "A topic begins with /", null, null,
        "The / makes one more level, which is empty: /a is another topic than a, and +/a does not match a.");
    private static readonly FindingRule DollarTopic = new("topic-dollar", Severity.Note, "A client publishes to a topic that begins with $", null, null,
        "Servers use these for their own purposes; # and + do not match them.");
    private static readonly FindingRule TopicSpace = new("topic-invisible-characters", Severity.Warning, "A topic has spaces at an end, or characters that cannot be seen", null, null,
        "Such a topic does not match the filter that looks the same. Look for a line end that was not cut off.");
    private static readonly FindingRule RetainUnavailable = new("retain-not-available", Severity.Error, "RETAIN 1, and the server keeps no retained messages", null, "MQTT-3.2.2-14",
        "CONNACK has Retain Available 0: who expects to find the message later will not.");
    private static readonly FindingRule QosTooHigh = new("qos-above-maximum", Severity.Error, "A QoS that the server does not take", null, "MQTT-3.2.2-11", "CONNACK has a lower Maximum QoS.");
    private static readonly FindingRule NotUtf8 = new("payload-not-utf8", Severity.Warning, "The payload is not UTF-8, although Payload Format Indicator says so", null, null,
        "A receiver may refuse it (0x99). Leave the property out for other payloads.");
    private static readonly FindingRule ChattyRule = new("chatty", Severity.Note, "Many small acknowledged messages", null, null,
        "Around a few bytes of payload there are four packets of TCP and MQTT. Send several values in a message, or QoS 0 where a lost one does not matter.");

    public static IEnumerable<FindingRule> Rules =>
        [Unacknowledged, Refused, NobodyThere, LeadingSlash, DollarTopic, TopicSpace, RetainUnavailable, QosTooHigh, NotUtf8, ChattyRule];

    public override void OnPacket(Conversation conversation, in ObservedPacket packet)
    {
        if (!packet.IsWhole || packet.Violation is not null) return;
        if (packet.Type == PacketType.Publish) OnPublish(conversation, packet);
        else if (packet.Type is PacketType.Puback or PacketType.Pubrec && packet.Version == ProtocolVersion.V5) OnAcknowledged(conversation, packet);
    }

    public override void OnUnanswered(Conversation conversation, in Exchange exchange)
    {
        if (exchange.Kind is not (ExchangeKind.Puback or ExchangeKind.Pubrec)) return;
        Exchange what = exchange;
        Report(Unacknowledged, conversation, exchange.AnsweredAt, exchange.From.ToString(),
            () => $"{Who(conversation, what.From)} has sent PUBLISH with packet identifier {what.PacketId}, and there is no {(what.Kind == ExchangeKind.Puback ? "PUBACK" : "PUBREC")}.", exchange.Request);
    }

    private void OnPublish(Conversation conversation, in ObservedPacket packet)
    {
        PublishPacket publish = packet.Publish;
        if (publish.QoS != QoS.AtMostOnce && publish.Payload.Length <= SmallPayload) CountSmall(conversation, packet);
        if (!publish.Properties.IsEmpty && publish.Properties.Number(PropertyId.PayloadFormatIndicator) == 1 && Utf8Text.Check(publish.Payload) == Violations.IllFormedUtf8)
            Report(NotUtf8, conversation, packet.Last, null, () => "The payload is no text.", packet.Number);
        if (!packet.IsFromClient) return;
        ReadOnlySpan<byte> topic = packet.Topic;
        if (topic.Length > 0 && (topic[0] is (byte)'/' or (byte)'$' or (byte)' ' || topic[^1] is (byte)' ' || topic.ContainsAnyInRange((byte)1, (byte)31) || topic.Contains((byte)0xE2)))
            CheckTopic(conversation, packet);
        if (publish.Retain && !conversation.ServerLimits.RetainAvailable) Report(RetainUnavailable, conversation, packet.Last, null, () => "The client publishes with RETAIN 1.", packet.Number);
        if (publish.QoS > conversation.ServerLimits.MaximumQoS) ReportQos(conversation, packet, publish.QoS);
    }

    private void ReportQos(Conversation conversation, in ObservedPacket packet, QoS qos) =>
        Report(QosTooHigh, conversation, packet.Last, null, () => $"The client publishes with QoS {(int)qos}.", packet.Number);

    private void CheckTopic(Conversation conversation, in ObservedPacket packet)
    {
        string topic = Encoding.UTF8.GetString(packet.Topic), quoted = Readable.Quote(packet.Topic);
        if (topic[0] == '/') Report(LeadingSlash, conversation, packet.Last, topic, () => $"The topic {quoted} has an empty first level.", packet.Number);
        if (topic[0] == '$') Report(DollarTopic, conversation, packet.Last, topic, () => $"The client publishes to {quoted}.", packet.Number);
        if (topic != topic.Trim() || quoted.Contains('\\', StringComparison.Ordinal))
            Report(TopicSpace, conversation, packet.Last, topic, () => $"The client publishes to {quoted}.", packet.Number);
    }

    private void OnAcknowledged(Conversation conversation, in ObservedPacket packet)
    {
        PublishAckPacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out PublishAckPacket ack, out _);
        if (ack.ReasonCode != ReasonCode.Success) ReportCode(conversation, packet, ack.ReasonCode, packet.Type);
    }

    private void ReportCode(Conversation conversation, in ObservedPacket packet, ReasonCode code, PacketType type)
    {
        if (code == ReasonCode.NoMatchingSubscribers) Report(NobodyThere, conversation, packet.Last, null, () => $"{type.Name()} says that there is no subscriber.", packet.Number);
        else if (code.IsError()) Report(Refused, conversation, packet.Last, code.ToString(), () => $"{type.Name()} 0x{(byte)code:X2}, {ReasonWords.Describe(code, type)}.", packet.Number);
    }

    private void CountSmall(Conversation conversation, in ObservedPacket packet)
    {
        (int count, long first) = conversation.SmallMessages;
        if (count == 0) first = packet.First.Time;
        double seconds = (packet.Last.Time - first) / 1e9;
        if (seconds > ChattySeconds) (count, first) = (0, packet.First.Time);
        conversation.SmallMessages = (++count, first);
        if (count == Chatty) ReportChatty(conversation, packet, seconds);
    }

    private void ReportChatty(Conversation conversation, in ObservedPacket packet, double seconds) => Report(ChattyRule, conversation, packet.Last, null,
        () => $"{Chatty} messages of at most {SmallPayload} bytes with acknowledgement within {seconds:0.0} s.", packet.Number);
}
