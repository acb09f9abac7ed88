// The rules that are about one client, with its names filled in. An answer about a topic has a bit for each kind of question, so that one
// walk over the rules answers all of them, and a byte is all there is to remember.
using System.Text;
using Godwit.Broker.Auth;
using Godwit.Broker.Sessions;
using Godwit.Protocol;
using Godwit.Protocol.Topics;

namespace Godwit.Security.Access;

internal sealed class CompiledAccess
{
    /// <summary>The bit of "receive". Bits 0 to 2 are "publish" by QoS, 3 to 5 the same for retained messages.</summary>
    public const byte Receive = 0x40;

    private const byte All = 0x7F;
    private const int RetainShift = 3;

    private readonly ClientFacts _client;
    private readonly bool _allowsByDefault;

    public CompiledAccess(AccessPolicy policy, ClientFacts client)
    {
        Policy = policy;
        _client = client;
        _allowsByDefault = policy.AllowsByDefault && client.Attributes?.ContainsKey(ClientRights.Attribute) != true;
    }

    /// <summary>What it was made of.</summary>
    public AccessPolicy Policy { get; }

    // Put together with the first question about a topic: whether a client may connect is asked of all of them, when rules change.
    private Rule[] Rules => field ??= [.. Policy.RulesFor(_client).Select(rule => Compile(rule, _client)).OfType<Rule>()];

    private sealed record Rule(AccessRule Source, byte[] Filter, byte Bits);

    /// <summary>The bit of a publish.</summary>
    public static byte Publish(QoS qos, bool retain) => (byte)(1 << ((int)qos + (retain ? RetainShift : 0)));

    /// <summary>What the client may do with a topic: a bit for each.</summary>
    public byte Answer(ReadOnlySpan<byte> topic)
    {
        int open = All, allowed = 0;
        foreach (Rule rule in Rules)
        {
            int concerned = rule.Bits & open;
            if (concerned == 0 || !TopicFilter.Matches(rule.Filter, topic)) continue;
            if (rule.Source.IsAllow) allowed |= concerned;
            open &= ~concerned;
            if (open == 0) break;
        }
        return (byte)(_allowsByDefault ? allowed | open : allowed);
    }

    /// <summary>The rule that decides one of the questions; null if none does.</summary>
    public AccessRule? Decider(byte bit, ReadOnlySpan<byte> topic)
    {
        foreach (Rule rule in Rules)
        {
            if ((rule.Bits & bit) != 0 && TopicFilter.Matches(rule.Filter, topic)) return rule.Source;
        }
        return null;
    }

    /// <summary>A rule that allows publishing to a topic, whatever its limits; null if there is none.</summary>
    public AccessRule? Widest(ReadOnlySpan<byte> topic) => Decider(Publish(QoS.AtMostOnce, retain: false), topic) is { IsAllow: true } rule ? rule : null;

    /// <summary>Whether the client may subscribe, and the rule that decides it; no rule if none does.</summary>
    public (bool IsAllowed, AccessRule? Decider) Subscribe(ReadOnlySpan<byte> filter)
    {
        if (!Policy.ChecksSubscriptions) return (true, null);
        foreach (Rule rule in Rules)
        {
            if ((rule.Bits & Receive) != 0 && FilterCover.Covers(rule.Filter, filter)) return (rule.Source.IsAllow, rule.Source);
        }
        return (_allowsByDefault, null);
    }

    /// <summary>Whether the client may connect: nothing denies it, and if anything allows it that applies.</summary>
    public (bool IsAllowed, AccessRule? Decider) Connect()
    {
        AccessRule? missed = null;
        foreach (AccessRule rule in Policy.RulesFor(_client))
        {
            if (!rule.Actions.HasFlag(AccessActions.Connect)) continue;
            string? pattern = rule.Pattern is null ? "*" : rule.Pattern.For(_client, rule.IsAllow);
            if (pattern is not null && ClientIdPattern.Matches(pattern, _client.ClientId))
                return (rule.IsAllow, rule);
            if (rule.IsAllow) missed ??= rule;
        }
        return (missed is null, missed);
    }

    private static Rule? Compile(AccessRule rule, ClientFacts client)
    {
        int bits = rule.Actions.HasFlag(AccessActions.Subscribe) ? Receive : 0;
        if (rule.Actions.HasFlag(AccessActions.Publish))
        {
            int upTo = (1 << ((int)rule.MaximumQoS + 1)) - 1;
            bits |= rule.AllowsRetain ? upTo | upTo << RetainShift : upTo;
        }
        return bits != 0 && rule.Pattern!.For(client, rule.IsAllow) is { } filter ? new Rule(rule, Encoding.UTF8.GetBytes(filter), (byte)bits) : null;
    }
}
