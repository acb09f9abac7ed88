namespace Godwit.Capture.Findings;

/// <summary>All rules by which findings are made.</summary>
public static class FindingRules
{
    /// <summary>The rules, by group.</summary>
    public static IReadOnlyList<(string Group, IReadOnlyList<FindingRule> Rules)> Groups { get; } =
    [
        ("Connections", [.. ConnectionFindings.Rules]),
        ("Exchanges", [.. FlowFindings.Rules]),
        ("Subscriptions", [.. SubscriptionFindings.Rules]),
        ("Messages", [.. PublishFindings.Rules]),
        ("Identity and passwords", [.. SecurityFindings.Rules]),
        ("TLS, WebSocket, PROXY", [.. LayerFindings.Rules]),
        ("TCP", [.. TransportFindings.Rules]),
        ("Packets", [.. PacketFindings.Rules]),
    ];

    /// <summary>The rules without their groups.</summary>
    public static IEnumerable<FindingRule> All => Groups.SelectMany(group => group.Rules);
}
