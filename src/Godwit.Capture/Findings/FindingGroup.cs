using Godwit.Capture.Conversations;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;

namespace Godwit.Capture.Findings;

/// <summary>
/// Rules that belong together, and the code that finds what they are about. What is asked for each packet only compares; wording is in methods
/// of its own, because a method with a lambda allocates when it is entered.
/// </summary>
internal abstract class FindingGroup(FindingsCollector findings)
{
    public virtual void OnPacket(Conversation conversation, in ObservedPacket packet)
    {
    }

    /// <summary>A packet was not answered.</summary>
    public virtual void OnUnanswered(Conversation conversation, in Exchange exchange)
    {
    }

    public virtual void OnEvent(Conversation conversation, in ConversationEvent happened)
    {
    }

    public virtual void OnSkipped(Conversation conversation, Side from, long count, UnreadReason reason, Arrival at)
    {
    }

    public virtual void OnOver(Conversation conversation)
    {
    }

    public virtual void OnForeign(StreamConnection connection, ContentKind kind, ReadOnlySpan<byte> beginning, Arrival at)
    {
    }

    /// <summary>Reports a finding about a conversation.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="conversation">The conversation.</param>
    /// <param name="at">When.</param>
    /// <param name="about">What tells apart several findings of a rule on one connection: a topic, a filter. Null for none.</param>
    /// <param name="sentence">Words what happened; only called the first time.</param>
    /// <param name="packets">The packets concerned; 0 for none.</param>
    protected void Report(FindingRule rule, Conversation conversation, Arrival at, string? about, Func<string> sentence, params ReadOnlySpan<long> packets)
    {
        if (findings.IsKnown(rule, conversation.Connection.Number, about, at, packets)) return;
        ObservedConnection connection = conversation.Connection;
        var finding = new Finding(rule, connection.Number, conversation.ClientId, connection.Version,
            connection.ClientSide == Side.Initiator ? connection.Stream.Initiator : connection.Stream.Responder, sentence(), at);
        finding.AddPackets(packets);
        findings.Add(about, finding);
    }

    /// <summary>Reports a finding about a connection that carries no MQTT, or of which only TCP counts.</summary>
    protected void Report(FindingRule rule, StreamConnection connection, Arrival at, string? about, Func<string> sentence)
    {
        if (findings.IsKnown(rule, connection.Number, about, at)) return;
        findings.Add(about, new Finding(rule, connection.Number, null, Protocol.ProtocolVersion.Unknown, connection.Initiator, sentence(), at));
    }

    /// <summary>The client's or the server's name in a sentence.</summary>
    protected static string Who(Conversation conversation, Side side) => side == conversation.Connection.ClientSide ? "The client" : "The server";
}
