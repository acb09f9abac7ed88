// Why a client may do something or not: the same rules that the broker asks, with the words for people.
using System.Text;
using Godwit.Broker.Auth;
using Godwit.Protocol;

namespace Godwit.Security.Access;

/// <summary>What a client wants to do.</summary>
public enum AccessQuestion
{
    /// <summary>Connect.</summary>
    Connect,

    /// <summary>Publish to a topic.</summary>
    Publish,

    /// <summary>Subscribe to a filter.</summary>
    Subscribe,

    /// <summary>Receive what is published to a topic.</summary>
    Receive,
}

/// <summary>An answer, and how it came about.</summary>
/// <param name="IsAllowed">Whether the client may.</param>
/// <param name="Rule">The rule that decided; null if none did.</param>
/// <param name="Reason">Why, in a sentence.</param>
/// <param name="Need">What would have to be otherwise; null if it is allowed.</param>
public sealed record AccessExplanation(bool IsAllowed, AccessRule? Rule, string Reason, string? Need)
{
    /// <summary>Asks the rules.</summary>
    /// <param name="policy">The rules.</param>
    /// <param name="client">Who asks.</param>
    /// <param name="question">What for.</param>
    /// <param name="topic">The topic or filter; of a shared subscription the part behind the share name.</param>
    /// <param name="qos">Of a publish.</param>
    /// <param name="retain">Of a publish.</param>
    public static AccessExplanation Of(AccessPolicy policy, ClientFacts client, AccessQuestion question, string topic, QoS qos, bool retain)
    {
        var access = new CompiledAccess(policy, client);
        byte[] bytes = Encoding.UTF8.GetBytes(topic);
        byte bit = question == AccessQuestion.Publish ? CompiledAccess.Publish(qos, retain) : CompiledAccess.Receive;
        (bool isAllowed, AccessRule? rule) = question switch
        {
            AccessQuestion.Connect => access.Connect(),
            AccessQuestion.Subscribe => access.Subscribe(bytes),
            _ => ((access.Answer(bytes) & bit) != 0, access.Decider(bit, bytes)),
        };
        if (isAllowed) return new AccessExplanation(true, rule, ReasonOfAllowed(policy, question, rule), null);
        if (question == AccessQuestion.Connect && rule is { IsAllow: true })
            return new AccessExplanation(false, rule, "The client has rules about connecting, and none allows this client identifier.", $"A client identifier such as {rule.Pattern}.");
        if (rule is not null) return new AccessExplanation(false, rule, "This rule denies it, and is asked before those that allow.", "Remove the rule, or make its topics fewer.");
        if (question == AccessQuestion.Publish && access.Widest(bytes) is { } limited)
        {
            string limits = $"up to QoS {(int)limited.MaximumQoS}{(limited.AllowsRetain ? "" : ", not retained")}";
            return new AccessExplanation(false, limited, $"The rule for this topic allows less: {limits}.", $"Publish {limits}, or give the rule wider limits.");
        }
        string place = client.UserName is { } user ? $"user {user}" : "anonymous clients";
        string need = policy.ChecksSubscriptions
            ? $"A rule for {place}: {{allow: {(question == AccessQuestion.Publish ? "publish" : "subscribe")}, topic: '{topic}'}}."
            : $"A line `topic {(question == AccessQuestion.Publish ? "write" : "read")} {topic}` {(client.UserName is null ? "before the first `user` line" : $"below `user {client.UserName}`")}.";
        return new AccessExplanation(false, null, "No rule decides it, and what no rule decides is denied.", need + HiddenPatterns(policy, client));
    }

    private static string ReasonOfAllowed(AccessPolicy policy, AccessQuestion question, AccessRule? rule) => question switch
    {
        _ when rule is not null => "This rule allows it.",
        AccessQuestion.Connect => "No rule is about connecting as this client.",
        AccessQuestion.Subscribe when !policy.ChecksSubscriptions =>
            "With an ACL file subscriptions are always granted; of what they match only that is delivered which the client may receive.",
        _ => "No rule decides it, and what no rule decides is allowed.",
    };

    private static string HiddenPatterns(AccessPolicy policy, ClientFacts client)
    {
        string names = $"{client.UserName}{client.ClientId}";
        bool isHidden = names.AsSpan().ContainsAny('+', '#') || (names.Contains('/', StringComparison.Ordinal) && policy.RulesFor(client).Any(rule => rule.Pattern?.For(client, isAllow: true) is null));
        return isHidden ? " The user name or client identifier has a character of topic filters in it (/ + #): places for it are not filled in." : "";
    }
}
