// What the codec finds in single packets: one rule for each violation that it knows, with the violation's name.
using Godwit.Capture.Conversations;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;
using Godwit.Protocol;

namespace Godwit.Capture.Findings;

internal sealed class PacketFindings(FindingsCollector findings) : FindingGroup(findings)
{
    private const string Remedy = "Whoever has sent it is not in order: `godwit explain` shows the byte.";

    private static readonly FindingRule Unreadable = new("unreadable-bytes", Severity.Error, "Bytes that are no packets", "MQTT-4.8.0-1", "MQTT-4.13.1-1",
        "Something else than MQTT was sent, or a length in front was wrong. Look at the packet before.");

    private static readonly FindingRule Incomplete = new("incomplete-packet", Severity.Warning, "The connection ended within a packet", null, null,
        "The sender was cut off, or announced a longer packet than it has sent. Look at its Remaining Length.");

    private static readonly FindingRule Missing = new("capture-incomplete", Severity.Note, "The capture misses bytes of this connection", null, null,
        "Packets may be missing here that were there. Capture with a larger buffer and without a snap length.");

    private static readonly Dictionary<Violation, FindingRule> ByViolation = Violations.All.ToDictionary(violation => violation,
        violation => new FindingRule(violation.Name, Severity.Error, violation.Description, violation.Statement311, violation.Statement5, Remedy));

    public static IEnumerable<FindingRule> Rules => [.. ByViolation.Values, Unreadable, Incomplete, Missing];

    public override void OnPacket(Conversation conversation, in ObservedPacket packet)
    {
        if (packet.Violation is not null) OnViolation(conversation, packet, packet.Violation, packet.Type);
    }

    private void OnViolation(Conversation conversation, in ObservedPacket packet, Violation violation, PacketType type)
    {
        Report(ByViolation[violation], conversation, packet.Last, null, () => $"{type.Name()}: {violation.Description}.", packet.Number);
    }

    public override void OnSkipped(Conversation conversation, Side from, long count, UnreadReason reason, Arrival at)
    {
        FindingRule? rule = reason switch
        {
            UnreadReason.Unreadable => Unreadable,
            UnreadReason.Incomplete => Incomplete,
            UnreadReason.Missing => Missing,
            _ => null,
        };
        if (rule is null) return;
        Report(rule, conversation, at, from.ToString(), () => reason switch
        {
            UnreadReason.Unreadable => $"{Who(conversation, from)} has sent bytes that cannot be a packet.",
            UnreadReason.Incomplete => $"{Who(conversation, from)} has sent {count:N0} bytes of a packet, and then no more.",
            _ => $"{count:N0} bytes from {Who(conversation, from).ToLowerInvariant()} are not in the capture.",
        });
    }
}
