// Godwit's own format of rules, in YAML: users, groups, roles, and what each of them is allowed or denied.
//
//   default: deny
//   roles:
//     reporter:
//       - {allow: publish, topic: 'plant/${clientid}/#', max_qos: 1, retain: no}
//   groups:
//     machines: {members: [m1, m2], roles: [reporter]}
//   users:
//     alice: {roles: [reporter], rules: [{allow: subscribe, topics: ['plant/#']}]}
//   anonymous: {rules: [...]}
//   everybody: {rules: [...]}
using Godwit.Protocol;
using Godwit.Security.Files;
using YamlDotNet.RepresentationModel;

namespace Godwit.Security.Access;

/// <summary>Reads policies in YAML.</summary>
public static class PolicyFile
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="SecurityFileException">It cannot be read, or something in it is wrong: all of that is named.</exception>
    public static AccessPolicy Load(string path) => Parse(TextFile.Read(path), path);

    /// <summary>Reads the text of a file.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">What the file is called in messages.</param>
    /// <exception cref="SecurityFileException">Something in it is wrong: all of that is named.</exception>
    public static AccessPolicy Parse(string text, string path)
    {
        var file = new YamlFile(text, path);
        AccessPolicy policy = new Reader(file).Read();
        return file.Problems.Count == 0 ? policy : throw new SecurityFileException(file.Problems);
    }

    private sealed class Reader(YamlFile file)
    {
        private static readonly string[] Actions = ["connect", "publish", "subscribe"];

        private readonly Dictionary<string, YamlSequenceNode> _roles = new(StringComparer.Ordinal);

        public AccessPolicy Read()
        {
            var users = new Dictionary<string, List<AccessRule>>(StringComparer.Ordinal);
            List<AccessRule> anonymous = [], everybody = [];
            YamlMap root = file.Root("default", "roles", "groups", "users", "anonymous", "everybody");
            string fallback = root.Word("default", ["deny", "allow"]) ?? "deny";
            foreach ((string name, YamlNode rules) in root.Entries("roles"))
            {
                if (file.Sequence(rules) is not { } sequence) continue;
                _roles.Add(name, sequence);
                ReadRules(sequence, $"role {name}"); // one that nobody has can be wrong too
            }
            foreach ((string name, YamlNode node) in root.Entries("users")) Of(name).AddRange(ReadHolder(file.Map(node, "roles", "rules"), $"user {name}"));
            foreach ((string name, YamlNode node) in root.Entries("groups"))
            {
                YamlMap group = file.Map(node, "members", "roles", "rules");
                List<AccessRule> rules = ReadHolder(group, $"group {name}");
                foreach (string member in group.Texts("members")) Of(member).AddRange(rules);
            }
            if (root.Node("anonymous") is { } nameless) anonymous.AddRange(ReadHolder(file.Map(nameless, "roles", "rules"), "anonymous clients"));
            if (root.Node("everybody") is { } all) everybody.AddRange(ReadHolder(file.Map(all, "roles", "rules"), "everybody"));
            return AccessPolicy.DenyFirst(users.ToDictionary(u => u.Key, u => (IReadOnlyList<AccessRule>)u.Value), anonymous, everybody, fallback == "allow");

            List<AccessRule> Of(string user) => users.TryGetValue(user, out List<AccessRule>? rules) ? rules : users[user] = [];
        }

        // The rules of somebody: of the roles first, then those of one's own.
        private List<AccessRule> ReadHolder(YamlMap holder, string scope)
        {
            var rules = new List<AccessRule>();
            foreach (YamlScalarNode role in holder.Scalars("roles"))
            {
                if (_roles.TryGetValue(role.Value!, out YamlSequenceNode? sequence)) rules.AddRange(file.Quietly(() => ReadRules(sequence, $"{scope}, role {role.Value}")));
                else file.Wrong(role, $"There is no role '{role.Value}'.{YamlFile.Hint(role.Value!, _roles.Keys)}");
            }
            if (holder.Node("rules") is { } node && file.Sequence(node) is { } own) rules.AddRange(ReadRules(own, scope));
            return rules;
        }

        private List<AccessRule> ReadRules(YamlSequenceNode sequence, string scope) => [.. sequence.SelectMany(node => ReadRule(node, scope))];

        private List<AccessRule> ReadRule(YamlNode node, string scope)
        {
            YamlMap rule = file.Map(node, "allow", "deny", "topic", "topics", "clientid", "max_qos", "retain");
            bool isAllow = rule.Node("allow") is not null;
            if (isAllow == rule.Node("deny") is not null)
            {
                file.Wrong(node, "A rule either allows or denies something: allow: publish, deny: [publish, subscribe].");
                return [];
            }
            string verb = isAllow ? "allow" : "deny";
            AccessActions actions = AccessActions.None;
            foreach (YamlScalarNode action in rule.Scalars(verb))
            {
                if (Array.IndexOf(Actions, action.Value) is >= 0 and var place) actions |= (AccessActions)(1 << place);
                else file.Wrong(action, $"'{action.Value}' is nothing to {verb}: connect, publish and subscribe are.{YamlFile.Hint(action.Value!, Actions)}");
            }
            bool isConnect = actions == AccessActions.Connect;
            YamlScalarNode[] patterns = isConnect ? [.. rule.Scalars("clientid")] : [.. rule.Scalars("topic"), .. rule.Scalars("topics")];
            if (isConnect)
            {
                if (rule.Node("topic") is not null || rule.Node("topics") is not null) file.Wrong(node, "A rule about connect has a clientid, or nothing for all; topics are for publish and subscribe.");
            }
            else if (actions != AccessActions.None)
            {
                if (actions.HasFlag(AccessActions.Connect)) file.Wrong(node, "A rule about connect is about nothing else: it has no topics.");
                if (rule.Node("clientid") is { } clientId) file.Wrong(clientId, "Only a rule about connect has a clientid; in a topic ${clientid} stands for it.");
                if (patterns.Length == 0) file.Wrong(node, "Which topics? A rule about publish or subscribe has topic: FILTER or topics: [FILTER, ...].");
            }
            bool hasLimits = rule.Node("max_qos") is not null || rule.Node("retain") is not null;
            if (hasLimits && (!isAllow || !actions.HasFlag(AccessActions.Publish))) file.Wrong(node, "max_qos and retain limit what a rule allows to publish.");
            string maximumQoS = rule.Word("max_qos", ["0", "1", "2"]) ?? "2";
            bool allowsRetain = rule.Word("retain", ["yes", "no", "true", "false"]) is not ("no" or "false");

            var rules = new List<AccessRule>();
            YamlScalarNode?[] places = isConnect && patterns.Length == 0 ? new YamlScalarNode?[1] : patterns;
            foreach (YamlScalarNode? place in places)
            {
                TopicPattern? pattern = place is null ? null : ReadPattern(place, isConnect);
                if (place is not null && pattern is null) continue;
                rules.Add(new AccessRule
                {
                    IsAllow = isAllow,
                    Actions = actions,
                    Pattern = pattern,
                    MaximumQoS = (QoS)(maximumQoS[0] - '0'),
                    AllowsRetain = allowsRetain,
                    File = file.Path,
                    Line = (int)(place ?? node).Start.Line,
                    Text = $"{verb} {string.Join(" and ", Actions.Where((_, i) => actions.HasFlag((AccessActions)(1 << i))))}"
                        + (place is null ? "" : $" {place.Value}") + (rule.Node("max_qos") is null ? "" : $", max_qos {maximumQoS}") + (allowsRetain ? "" : ", retain no"),
                    Scope = scope,
                });
            }
            return rules;
        }

        private TopicPattern? ReadPattern(YamlScalarNode node, bool isClientId)
        {
            TopicPattern? pattern = TopicPattern.TryParse(node.Value!, out string problem);
            if (pattern is null) file.Wrong(node, problem);
            else if (!isClientId && pattern.Check() is { } violation)
            {
                file.Wrong(node, $"'{node.Value}' is no topic filter: {violation}.");
                return null;
            }
            return pattern;
        }
    }
}
