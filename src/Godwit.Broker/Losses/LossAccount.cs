using Godwit.Broker.Sessions;

namespace Godwit.Broker.Losses;

/// <summary>
/// Whom losses are counted for: a client, or a shared subscription as long as no member has been chosen. Made with the first loss. It
/// remembers its latest entry of the ledger, because losses come in rows.
/// </summary>
internal sealed class LossAccount(string name)
{
    /// <summary>Characters of a name that are kept: a client identifier may have 65,535.</summary>
    public const int LongestName = 256;

    public string Name { get; } = Cut(name)!;

    public int NameHash { get; } = string.GetHashCode(Cut(name), StringComparison.Ordinal);

    public DropCounts Counts { get; } = new();

    /// <summary>The entry counted last; it may have been given to somebody else since.</summary>
    public LossEntry? Latest { get; set; }

    /// <summary>A name short enough to be kept.</summary>
    public static string? Cut(string? name) => name is { Length: > LongestName } ? name[..LongestName] : name;
}
