using System.Net;
using System.Text.Json.Serialization;

namespace Godwit.Broker.Limits;

/// <summary>Who says that somebody is banned.</summary>
public enum BanOrigin
{
    /// <summary>An administrator, while the broker ran.</summary>
    Administrator,

    /// <summary>The settings.</summary>
    Settings,

    /// <summary>The broker itself: the client has connected too often.</summary>
    Flapping,
}

/// <summary>Somebody who may not connect: whoever fits all of client, user and address that are named, at least one.</summary>
public sealed record Ban
{
    private const int LongestText = 2000;

    /// <summary>The client identifier; null for any.</summary>
    public string? ClientId { get; init; }

    /// <summary>The user name; null for any.</summary>
    public string? UserName { get; init; }

    /// <summary>An address or a network, such as <c>192.0.2.7</c> or <c>2001:db8::/32</c>; null for any.</summary>
    public string? Address
    {
        get;
        init
        {
            field = value;
            Network = value is not null && TryParseNetwork(value, out IPNetwork network) ? network : null;
        }
    }

    /// <summary>When it ends; null for never.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Why, for people; null if nobody has said so.</summary>
    public string? Reason { get; init; }

    /// <summary>Since when; null if it is not known, as for settings.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Who has banned it; null if it was no administrator.</summary>
    public string? By { get; init; }

    /// <summary>Who says so.</summary>
    public BanOrigin Origin { get; init; }

    /// <summary>The network of <see cref="Address"/>.</summary>
    [JsonIgnore]
    internal IPNetwork? Network { get; private init; }

    /// <summary>Reads an address or a network.</summary>
    public static bool TryParseNetwork(string text, out IPNetwork network)
    {
        if (IPNetwork.TryParse(text, out network)) return true;
        if (!IPAddress.TryParse(text, out IPAddress? address)) return false;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
        return true;
    }

    /// <summary>What is wrong with it; null for nothing.</summary>
    internal string? Problem => (ClientId, UserName, Address) is (null, null, null) ? "Whom? Name a client identifier, a user name or an address."
        : Address is not null && Network is null ? $"'{Address}' is neither an address nor a network such as 192.0.2.7 or 10.0.0.0/8."
        : ClientId is "" || UserName is "" ? "A client identifier or user name without characters is nobody's."
        : (ClientId?.Length ?? 0) + (UserName?.Length ?? 0) + (Reason?.Length ?? 0) > LongestText ? $"Names and reason together may have {LongestText} characters."
        : null;

    /// <summary>Whether it hits a client.</summary>
    internal bool Hits(string? clientId, string? userName, IPAddress? address) =>
        (ClientId is null || ClientId == clientId) && (UserName is null || UserName == userName)
        && (Network is not { } network || (address is not null && network.Contains(address)));

    /// <summary>Whether another ban's members are those that this one names.</summary>
    internal bool IsAbout(string? clientId, string? userName, string? address) =>
        (ClientId is null || ClientId == clientId) && (UserName is null || UserName == userName) && (Address is null || Address == address);

    /// <summary>Whether both are about the same clients.</summary>
    internal bool IsSame(Ban other) => ClientId == other.ClientId && UserName == other.UserName && Network == other.Network;

    /// <summary>Whom it hits, in words.</summary>
    internal string Whom => string.Join(", ", new[]
    {
        ClientId is null ? null : $"client {ClientId}", UserName is null ? null : $"user {UserName}", Address is null ? null : $"address {Address}",
    }.OfType<string>());
}
