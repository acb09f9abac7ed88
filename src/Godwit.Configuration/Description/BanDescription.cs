// The settings of a ban: somebody who may not connect, for as long as it stands there.
using Godwit.Broker.Limits;

namespace Godwit.Configuration.Description;

/// <summary>What can be said of a ban.</summary>
public static class BanDescription
{
    /// <summary>The settings.</summary>
    public static Section Section { get; } = new("bans", "Who may not connect; all that is named has to fit. `godwit ban` has others, which come and go.", isList: true,
        Of("client_id", new TextKind("ID"), "The client identifier", b => b.ClientId, (b, v) => b with { ClientId = v }, "any"),
        Of("user_name", new TextKind("NAME"), "The user name", b => b.UserName, (b, v) => b with { UserName = v }, "any"),
        Of("address", new NetworkKind(), "The address, or a network such as 10.0.0.0/8", b => b.Address, (b, v) => b with { Address = v }, "any"),
        Of("reason", new TextKind("TEXT"), "Why, for the list and the log", b => b.Reason, (b, v) => b with { Reason = v }, "none"));

    /// <summary>Whether a setting says who is banned.</summary>
    public static bool SaysWhom(Setting setting) => setting.Name != "reason";

    private static Setting<Ban> Of(string name, ValueKind kind, string help, Func<Ban, object?> get, Func<Ban, string, Ban> set, string otherwise) =>
        Described.As(name, kind, help, get, set, option: null, otherwise: otherwise, isReloadable: true);
}
