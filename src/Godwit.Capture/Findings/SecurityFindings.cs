// Who connects, and what everybody on the way can read.
using System.Net;
using Godwit.Capture.Conversations;
using Godwit.Capture.Mqtt;
using Godwit.Protocol;

namespace Godwit.Capture.Findings;

internal sealed class SecurityFindings(FindingsCollector findings) : FindingGroup(findings)
{
    private static readonly FindingRule PasswordInClear = new("password-in-clear", Severity.Warning, "A password goes over the network without TLS", null, null,
        "Everybody on the way can read it, and all messages. Use TLS (port 8883).");
    private static readonly FindingRule RandomId = new("random-client-id-with-session", Severity.Warning, "A random client identifier with a session that outlives the connection", null, null,
        "The client never comes back to this session: the server keeps it, and queues for it. Connect with a clean session, or with a fixed identifier.");
    private static readonly FindingRule EmptyId = new("empty-client-id-with-session", Severity.Error, "No client identifier, with a session that outlives the connection", "MQTT-3.1.3-8", null,
        "In MQTT 3.1.1 the server has to refuse it. Give a client identifier, or connect with Clean Session 1.");
    private static readonly FindingRule Assigned = new("assigned-client-id-with-session", Severity.Note, "The server has chosen the client identifier of a session that outlives the connection", null, null,
        "The client has to use the assigned identifier from now on, or it will never come back to the session.");

    public static IEnumerable<FindingRule> Rules => [PasswordInClear, RandomId, EmptyId, Assigned];

    public override void OnPacket(Conversation conversation, in ObservedPacket packet)
    {
        if (packet.Number == conversation.Connect && packet.Type == PacketType.Connect && conversation.ConnectViolation is null) OnConnect(conversation, packet);
        if (packet.Number == conversation.Connack && packet.Type == PacketType.Connack && conversation is { ConnackCode: 0, SessionExpiry: > 0 } && packet.Version == ProtocolVersion.V5
            && packet.Violation is null && packet.IsWhole
            && ConnackPacket.TryRead(packet.Frame, packet.Bytes, packet.Version, out ConnackPacket connack, out _)
            && connack.Properties.TryFind(PropertyId.AssignedClientIdentifier, out _))
            ReportAssigned(conversation, packet);
    }

    private void ReportAssigned(Conversation conversation, in ObservedPacket packet) => Report(Assigned, conversation, packet.Last, null,
        () => $"The server calls the client {conversation.ClientId}.", conversation.Connect, packet.Number);

    private void OnConnect(Conversation conversation, in ObservedPacket packet)
    {
        bool isLocal = IPAddress.IsLoopback(conversation.Connection.Stream.Responder.Address);
        if (conversation.HasPassword && !conversation.Connection.IsEncrypted && !isLocal)
            Report(PasswordInClear, conversation, packet.Last, null, () => "CONNECT has a password, and the connection is not encrypted.", packet.Number);
        if (conversation.SessionExpiry == 0) return;
        if (conversation.ClientId!.Length == 0)
        {
            if (packet.Version != ProtocolVersion.V5) Report(EmptyId, conversation, packet.Last, null, () => "The client identifier is empty and Clean Session is 0.", packet.Number);
        }
        else if (IsRandom(conversation.ClientId))
            Report(RandomId, conversation, packet.Last, null, () => $"The client identifier {conversation.ClientId} looks random, and the session lasts.", packet.Number);
    }

    /// <summary>
    /// Whether an identifier looks as if it was rolled: a UUID; what mosquitto, Paho and mqtt.js make by default; or a long run of letters
    /// and digits mixed.
    /// </summary>
    internal static bool IsRandom(string id)
    {
        if (Guid.TryParse(id, out _)) return true;
        foreach (string prefix in new[] { "mosq-", "mosqsub", "mosqpub", "mqttjs_", "paho", "auto-", "mqtt_", "rnd" })
            if (id.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && IsMixed(id[prefix.Length..])) return true;
        string longest = id.Split('-', '_', '/', ':', '.').MaxBy(part => part.Length) ?? "";
        return longest.Length >= 16 && IsMixed(longest);
    }

    // Changes between letters and digits, or between small and capital letters, more often than a name does.
    private static bool IsMixed(string text)
    {
        int changes = 0;
        for (int i = 1; i < text.Length; i++) if (KindOf(text[i]) != KindOf(text[i - 1])) changes++;
        return text.Length >= 6 && changes * 4 >= text.Length;

        static int KindOf(char c) => char.IsAsciiDigit(c) ? 0 : char.IsAsciiLetterUpper(c) ? 1 : 2;
    }
}
