// The rules of a file, whatever its format: which of them apply to a client, and in which order they are asked.
using Godwit.Broker.Auth;

namespace Godwit.Security.Access;

/// <summary>Rules for all clients. Immutable.</summary>
public sealed class AccessPolicy
{
    // In each what denies comes first.
    private readonly Dictionary<string, IReadOnlyList<AccessRule>> _users;
    private readonly IReadOnlyList<AccessRule> _anonymous, _everybody;
    private readonly bool _isOneList;

    private AccessPolicy(Dictionary<string, IReadOnlyList<AccessRule>> users, IReadOnlyList<AccessRule> anonymous, IReadOnlyList<AccessRule> everybody, bool isOneList)
    {
        _users = users.ToDictionary(user => user.Key, user => DenyFirst(user.Value), users.Comparer);
        (_anonymous, _everybody, _isOneList) = (DenyFirst(anonymous), DenyFirst(everybody), isOneList);
    }

    /// <summary>No rules: everything is allowed but to clients that bring rules along.</summary>
    public static readonly AccessPolicy Open = DenyFirst([], [], [], allowsByDefault: true);

    /// <summary>What happens where no rule decides, to clients that bring no rules along; to those that do it is denied.</summary>
    public bool AllowsByDefault { get; private init; }

    /// <summary>
    /// Whether a subscription is refused unless rules allow everything that it can match. Otherwise it is always granted, and what the client
    /// may not read is left out when it is delivered.
    /// </summary>
    public bool ChecksSubscriptions { get; private init; }

    /// <summary>Whether client identifiers and user names with wildcards in them make the rules for everybody void.</summary>
    private bool HidesFromWildcards { get; init; }

    /// <summary>
    /// Mosquitto's way: the user's own rules first, then those for everybody; in each of the two what denies comes before what allows.
    /// Subscriptions are not checked, and what no rule decides is denied.
    /// </summary>
    public static AccessPolicy Mosquitto(
        Dictionary<string, IReadOnlyList<AccessRule>> users, IReadOnlyList<AccessRule> anonymous, IReadOnlyList<AccessRule> patterns) =>
        new(users, anonymous, patterns, isOneList: false) { HidesFromWildcards = true };

    /// <summary>All rules together: what denies comes before what allows, wherever it is from.</summary>
    public static AccessPolicy DenyFirst(
        Dictionary<string, IReadOnlyList<AccessRule>> users, IReadOnlyList<AccessRule> anonymous, IReadOnlyList<AccessRule> everybody, bool allowsByDefault) =>
        new(users, anonymous, everybody, isOneList: true) { AllowsByDefault = allowsByDefault, ChecksSubscriptions = true };

    /// <summary>The rules that are about a client, in the order in which they are asked: the first one that applies decides.</summary>
    public IReadOnlyList<AccessRule> RulesFor(ClientFacts client)
    {
        IReadOnlyList<AccessRule> own = client.UserName is null ? _anonymous : _users.GetValueOrDefault(client.UserName, []);
        if (ClientRights.Of(client) is { } rights) own = DenyFirst([.. rights, .. own]);
        IReadOnlyList<AccessRule> common = HidesFromWildcards && (HasWildcard(client.UserName) || HasWildcard(client.ClientId)) ? [] : _everybody;
        if (own.Count == 0) return common;
        if (common.Count == 0) return own;
        return _isOneList ? DenyFirst([.. own, .. common]) : [.. own, .. common];
    }

    private static IReadOnlyList<AccessRule> DenyFirst(IReadOnlyList<AccessRule> rules) => [.. rules.OrderBy(rule => rule.IsAllow)]; // keeps their order otherwise

    private static bool HasWildcard(string? name) => name.AsSpan().ContainsAny('+', '#');
}
