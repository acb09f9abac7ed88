// What is asked for: filters that are refused, lowered, or wider than anybody needs.
using System.Text;
using Godwit.Capture.Conversations;
using Godwit.Capture.Explain;
using Godwit.Capture.Mqtt;
using Godwit.Protocol;
using Godwit.Protocol.Topics;

namespace Godwit.Capture.Findings;

internal sealed class SubscriptionFindings(FindingsCollector findings) : FindingGroup(findings)
{
    private static readonly FindingRule Refused = new("subscription-refused", Severity.Error, "The server has refused a subscription", null, null,
        "The client gets nothing by this filter. It may not read there, or the server does not take the filter.");
    private static readonly FindingRule Lowered = new("subscription-qos-lowered", Severity.Note, "The server grants a lower QoS than was asked for", null, null,
        "Messages come with the granted QoS at most, and may get lost where the client relied on more.");
    private static readonly FindingRule Unanswered = new("subscribe-unanswered", Severity.Warning, "SUBSCRIBE was not answered", "MQTT-3.8.4-1", "MQTT-3.8.4-1",
        "Until SUBACK comes it is not certain that there is a subscription.");
    private static readonly FindingRule UnsubscribeUnanswered = new("unsubscribe-unanswered", Severity.Warning, "UNSUBSCRIBE was not answered", "MQTT-3.10.4-4", "MQTT-3.10.4-4", "The subscription may go on.");
    private static readonly FindingRule Everything = new("subscribes-to-everything", Severity.Warning, "A client subscribes to everything", null, null,
        "It gets every message of the server, which is rarely wanted outside of tests. Subscribe to what is needed.");
    private static readonly FindingRule LeadingSlash = new("filter-leading-slash", Severity.Note, "A topic filter begins with /", null, null,
        "The / makes one more level, which is empty: /a is another topic than a.");
    private static readonly FindingRule WildcardUnavailable = new("wildcard-not-available", Severity.Error, "A filter with a wildcard, which the server does not serve", null, "MQTT-4.13.1-1",
        "CONNACK has Wildcard Subscription Available 0.");
    private static readonly FindingRule SharedUnavailable = new("shared-not-available", Severity.Error, "A shared subscription, which the server does not serve", null, "MQTT-4.13.1-1",
        "CONNACK has Shared Subscription Available 0.");
    private static readonly FindingRule IdentifierUnavailable = new("subscription-identifier-not-available", Severity.Error, "A subscription identifier, which the server does not serve", null, "MQTT-4.13.1-1",
        "CONNACK has Subscription Identifier Available 0.");
    private static readonly FindingRule SharedBefore5 = new("shared-before-5", Severity.Note, "$share/ in a subscription of MQTT 3.1.1", null, null,
        "The standard has shared subscriptions since MQTT 5; other servers take the filter literally.");

    public static IEnumerable<FindingRule> Rules =>
        [Refused, Lowered, Unanswered, UnsubscribeUnanswered, Everything, LeadingSlash, WildcardUnavailable, SharedUnavailable, IdentifierUnavailable, SharedBefore5];

    public override void OnPacket(Conversation conversation, in ObservedPacket packet)
    {
        if (!packet.IsWhole || packet.Violation is not null) return;
        if (packet.Type == PacketType.Subscribe) OnSubscribe(conversation, packet);
        else if (packet.Type == PacketType.Suback) OnSuback(conversation, packet);
    }

    public override void OnUnanswered(Conversation conversation, in Exchange exchange)
    {
        if (exchange.Kind is not (ExchangeKind.Subscribe or ExchangeKind.Unsubscribe)) return;
        string type = exchange.RequestType.Name();
        Report(exchange.Kind == ExchangeKind.Subscribe ? Unanswered : UnsubscribeUnanswered, conversation, exchange.AnsweredAt, null,
            () => $"The connection, or the capture, ended before {type} was answered.", exchange.Request);
    }

    private void OnSubscribe(Conversation conversation, in ObservedPacket packet)
    {
        SubscribePacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out SubscribePacket subscribe, out _);
        Session.ConnectionLimits limits = conversation.ServerLimits;
        if (!limits.SubscriptionIdentifierAvailable && subscribe.Properties.TryFind(PropertyId.SubscriptionIdentifier, out _))
            Report(IdentifierUnavailable, conversation, packet.Last, null, () => "SUBSCRIBE has a Subscription Identifier.", packet.Number);
        foreach (RequestedSubscription requested in subscribe.Subscriptions)
        {
            TopicFilter.TrySplitShared(requested.Filter, out _, out ReadOnlySpan<byte> inner);
            bool isShared = TopicFilter.IsShared(requested.Filter);
            string filter = Encoding.UTF8.GetString(requested.Filter), quoted = Readable.Quote(requested.Filter);
            if (inner.SequenceEqual("#"u8)) Report(Everything, conversation, packet.Last, filter, () => $"The client subscribes to {quoted}.", packet.Number);
            if (inner.StartsWith("/"u8)) Report(LeadingSlash, conversation, packet.Last, filter, () => $"The filter {quoted} has an empty first level.", packet.Number);
            if (isShared && packet.Version != ProtocolVersion.V5) Report(SharedBefore5, conversation, packet.Last, filter, () => $"The client subscribes to {quoted}.", packet.Number);
            if (isShared && !limits.SharedSubscriptionAvailable) Report(SharedUnavailable, conversation, packet.Last, filter, () => $"The client subscribes to {quoted}.", packet.Number);
            if (TopicName.HasWildcard(inner) && !limits.WildcardSubscriptionAvailable)
                Report(WildcardUnavailable, conversation, packet.Last, filter, () => $"The client subscribes to {quoted}.", packet.Number);
        }
    }

    private void OnSuback(Conversation conversation, in ObservedPacket packet)
    {
        SubackPacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out SubackPacket suback, out _);
        ProtocolVersion version = packet.Version;
        for (int i = 0; i < Math.Min(suback.Codes.Length, conversation.AnsweredFilters.Count); i++)
        {
            (string filter, SubscriptionOptions options) = conversation.AnsweredFilters[i];
            byte code = suback.Codes[i];
            string quoted = Readable.Quote(Encoding.UTF8.GetBytes(filter));
            if (code >= 0x80)
                Report(Refused, conversation, packet.Last, filter,
                    () => $"The subscription to {quoted} was refused with 0x{code:X2}{(version == ProtocolVersion.V5 ? $", {ReasonWords.Describe((ReasonCode)code, PacketType.Suback)}" : "")}.", packet.Number);
            else if (code < (byte)options.MaximumQoS)
                Report(Lowered, conversation, packet.Last, filter, () => $"For {quoted} QoS {(int)options.MaximumQoS} was asked for, and QoS {code} granted.", packet.Number);
        }
    }
}
