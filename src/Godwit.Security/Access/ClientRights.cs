// Rules that a client brings along: the claim `acl` of its token, or the member `acl` of the answer of an HTTP service. Both forms are EMQX's:
//
//   {"pub": ["a/${clientid}"], "sub": ["b/#"], "all": ["c"]}
//   [{"permission": "allow", "action": "publish", "topic": "a/${clientid}", "qos": [0, 1], "retain": false}, ...]
//
// Who lists a client's rights lists all of them: what neither they nor a file's rules decide is denied.
using System.Text.Json;
using Godwit.Broker.Auth;
using Godwit.Protocol;

namespace Godwit.Security.Access;

/// <summary>Reads the rules that a client brings along.</summary>
public static class ClientRights
{
    /// <summary>The attribute (<see cref="ClientFacts.Attributes"/>) that has them, as JSON.</summary>
    public const string Attribute = "acl";

    private const int MostRules = 1024;

    /// <summary>The client's rules; null if it has brought none. What an authenticator let pass although it is not understood allows nothing.</summary>
    internal static IReadOnlyList<AccessRule>? Of(ClientFacts client)
    {
        if (client.Attributes is not { } attributes || !attributes.TryGetValue(Attribute, out string? json)) return null;
        try
        {
            return Parse(json);
        }
        catch (FormatException)
        {
            return [];
        }
    }

    /// <summary>Reads rules.</summary>
    /// <exception cref="FormatException">They are not understood; the message says which.</exception>
    public static IReadOnlyList<AccessRule> Parse(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            List<AccessRule> rules = document.RootElement.ValueKind == JsonValueKind.Array ? ReadRules(document.RootElement) : ReadLists(document.RootElement);
            return rules.Count <= MostRules ? rules : throw new FormatException($"acl has more than {MostRules} rules.");
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException("acl is neither an object of lists nor a list of rules.", wrong);
        }
    }

    private static List<AccessRule> ReadLists(JsonElement lists)
    {
        var rules = new List<AccessRule>();
        foreach (JsonProperty list in lists.EnumerateObject())
        {
            AccessActions actions = Action(list.Name);
            foreach (JsonElement topic in list.Value.EnumerateArray()) rules.Add(Rule(rules.Count, true, actions, topic, QoS.ExactlyOnce, allowsRetain: true));
        }
        return rules;
    }

    private static List<AccessRule> ReadRules(JsonElement list)
    {
        var rules = new List<AccessRule>();
        foreach (JsonElement rule in list.EnumerateArray())
        {
            bool isAllow = rule.GetProperty("permission").GetString() switch
            {
                "allow" => true,
                "deny" => false,
                var other => throw new FormatException($"acl has permission '{other}', which is neither allow nor deny."),
            };
            AccessActions actions = rule.TryGetProperty("action", out JsonElement action) ? Action(action.GetString()) : AccessActions.Publish | AccessActions.Subscribe;
            QoS most = rule.TryGetProperty("qos", out JsonElement qos) ? HighestQoS(qos) : QoS.ExactlyOnce;
            bool allowsRetain = !rule.TryGetProperty("retain", out JsonElement retain) || retain.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                _ => retain.GetString() == "all" ? true : throw new FormatException($"acl has retain '{retain}', which is none of true, false and all."),
            };
            if (!isAllow && (most != QoS.ExactlyOnce || !allowsRetain)) throw new FormatException("acl limits what it denies: qos and retain are for what is allowed.");
            JsonElement topics = rule.TryGetProperty("topics", out JsonElement several) ? several : rule.GetProperty("topic");
            foreach (JsonElement topic in topics.ValueKind == JsonValueKind.Array ? [.. topics.EnumerateArray()] : new[] { topics })
                rules.Add(Rule(rules.Count, isAllow, actions, topic, most, allowsRetain));
        }
        return rules;
    }

    private static AccessActions Action(string? name) => name switch
    {
        "pub" or "publish" => AccessActions.Publish,
        "sub" or "subscribe" => AccessActions.Subscribe,
        "all" => AccessActions.Publish | AccessActions.Subscribe,
        _ => throw new FormatException($"acl has '{name}', which is none of publish, subscribe and all."),
    };

    // A list must have all up to its highest: nothing else is of use.
    private static QoS HighestQoS(JsonElement qos)
    {
        int[] levels = qos.ValueKind == JsonValueKind.Array ? [.. qos.EnumerateArray().Select(level => level.GetInt32()).Distinct().Order()] : [.. Enumerable.Range(0, Math.Clamp(qos.GetInt32(), 0, 3) + 1)];
        bool isWhole = levels.Length is >= 1 and <= 3 && levels[0] == 0 && levels[^1] == levels.Length - 1;
        return isWhole ? (QoS)levels[^1] : throw new FormatException($"acl has qos {qos}: it is the highest that is allowed, or a list of 0, of 0 and 1, or of 0, 1 and 2.");
    }

    private static AccessRule Rule(int index, bool isAllow, AccessActions actions, JsonElement topic, QoS most, bool allowsRetain)
    {
        string text = topic.GetString() ?? "";
        TopicPattern? pattern = TopicPattern.TryParse(text, out string problem);
        if (pattern?.Check() is { } violation) problem = $"'{text}' is no topic filter: {violation}.";
        if (problem.Length > 0) throw new FormatException($"acl: {problem}");
        return new AccessRule
        {
            IsAllow = isAllow,
            Actions = actions,
            Pattern = pattern,
            MaximumQoS = most,
            AllowsRetain = allowsRetain,
            File = Attribute,
            Line = index + 1,
            Text = $"{(isAllow ? "allow" : "deny")} {actions.ToString().ToLowerInvariant()} {text}",
            Scope = "brought along by the client's token or authentication service",
        };
    }
}
