// godwit ban: who may not connect to a Godwit broker for a while, or for ever.
using System.CommandLine;
using System.Text.Json;
using Godwit.Broker.Control;
using Godwit.Broker.Limits;
using Godwit.Cli.CommandLine;
using Godwit.Cli.Control;
using Godwit.Client;

namespace Godwit.Cli.Verbs;

internal sealed class BanVerb : ControlVerb
{
    public const string Summary = "Keep clients, users or addresses away from a Godwit broker";

    private readonly Argument<string[]> _words = new("WORDS") { Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _client = OptionTypes.Text("--client", "ID", "The client identifier");
    private readonly Option<string?> _user = OptionTypes.Text("--user", "NAME", "The user name");
    private readonly Option<string?> _address = OptionTypes.Text("--address", "NETWORK", "An address or a network, such as 192.0.2.7 or 2001:db8::/32");
    private readonly Option<TimeSpan?> _for = OptionTypes.Duration("--for", "For how long: 90, 15m, 12h, 30d (default for ever)");
    private readonly Option<string?> _reason = OptionTypes.Text("--reason", "TEXT", "Why, for the list and the log");
    private readonly Option<bool> _json = OptionTypes.Flag("--json", "Print a JSON object for each, a line each");

    public BanVerb() : base("ban", Summary + ".", "[list | add | remove] [options]")
    {
        Arguments.Add(_words);
        Group("Whom: all that is named has to fit", _client, _user, _address);
        Group("Add", _for, _reason);
        Group("Output", _json);
        GroupConnection();
    }

    public override IReadOnlyList<string> Words => ["list", "add", "remove"];

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("godwit ban", "Who is banned, until when, by whom and why."),
        ("godwit ban add --client sensor-7 --for 1h --reason 'floods us'", "Disconnects it, and refuses it for an hour."),
        ("godwit ban add --address 203.0.113.0/24", "A network, for ever."),
        ("godwit ban add --user anna --client laptop", "Only that client of that user."),
        ("godwit ban remove --client sensor-7", "It may connect again."),
    ];

    protected override void Check(ParseResult arguments, Terminal terminal)
    {
        string action = ActionOf(arguments);
        bool hasTarget = arguments.GetValue(_client) is not null || arguments.GetValue(_user) is not null || arguments.GetValue(_address) is not null;
        if (arguments.GetValue(_words) is { Length: > 1 } words) throw new UsageException($"'{words[1]}': whom to ban is said with --client, --user or --address.");
        if (action is not ("list" or "add" or "remove")) throw new UsageException($"'{action}' is not one of list, add and remove.");
        if (action == "list" && hasTarget) throw new UsageException("list takes no --client, --user or --address: it has all of them. Did you mean add?");
        if (action != "list" && !hasTarget) throw new UsageException($"Whom? `godwit ban {action}` needs --client, --user or --address.");
        if (action != "add" && (arguments.GetValue(_for) is not null || arguments.GetValue(_reason) is not null)) throw new UsageException("--for and --reason go with add only.");
        if (arguments.GetValue(_for) is { TotalSeconds: < 1 }) throw new UsageException("--for takes a second or more.");
        if (arguments.GetValue(_address) is { } address && !Ban.TryParseNetwork(address, out _))
            throw new UsageException($"--address takes an address or a network such as 192.0.2.7 or 10.0.0.0/8, not '{address}'.");
    }

    protected override async Task<int> RunAsync(
        ParseResult arguments, ControlClient control, MqttClient client, Terminal terminal, ErrorOutput errors, CancellationToken stop)
    {
        var request = new ControlRequest
        {
            ClientId = arguments.GetValue(_client),
            UserName = arguments.GetValue(_user),
            Address = arguments.GetValue(_address),
            Seconds = (long?)arguments.GetValue(_for)?.TotalSeconds,
            Reason = arguments.GetValue(_reason),
        };
        bool isJson = arguments.GetValue(_json);
        switch (ActionOf(arguments))
        {
            case "add":
                BanAddition added = await control.AskAsync("ban", request, ControlJson.Instance.BanAddition, stop).ConfigureAwait(false);
                string kept = added.IsKept ? "" : " The broker has no data directory: the ban ends with it.";
                terminal.Write(isJson ? JsonSerializer.Serialize(added, ControlJson.Instance.BanAddition) + "\n" : $"Banned: {WhomOf(added.Banned)}, {(arguments.GetValue(_for) is { } time ? $"for {Readable.Span(time)}" : "for ever")}.{kept}\n");
                return ExitCode.Success;
            case "remove":
                BanRemoval removed = await control.AskAsync("unban", request, ControlJson.Instance.BanRemoval, stop).ConfigureAwait(false);
                terminal.Write(isJson ? JsonSerializer.Serialize(removed, ControlJson.Instance.BanRemoval) + "\n" : $"Removed {Readable.Count(removed.Removed, "ban")}.\n");
                return ExitCode.Success;
            default:
                await ListAsync(isJson, control, terminal, stop).ConfigureAwait(false);
                return ExitCode.Success;
        }
    }

    private string ActionOf(ParseResult arguments) => arguments.GetValue(_words) is [string action, ..] ? action : "list";

    private static async Task ListAsync(bool isJson, ControlClient control, Terminal terminal, CancellationToken stop)
    {
        List<Ban> bans = [];
        await foreach (Ban ban in control.ListAsync("bans", new ControlRequest(), ControlJson.Instance.BanPage, page => (page.Bans, page.Cursor), stop).ConfigureAwait(false))
            bans.Add(ban);
        if (isJson)
        {
            foreach (Ban ban in bans) terminal.Write(JsonSerializer.Serialize(ban, ControlJson.Instance.Ban) + "\n");
            return;
        }
        var table = new TextTable("CLIENT", "USER", "ADDRESS", "ENDS", "BY", "REASON");
        foreach (Ban ban in bans) table.Add(ban.ClientId ?? "", ban.UserName ?? "", ban.Address ?? "", EndOf(ban), ByOf(ban), ban.Reason ?? "");
        terminal.Write(bans.Count == 0 ? "Nobody is banned.\n" : $"{table}");
    }

    private static string WhomOf(Ban ban) => string.Join(", ", new[]
    {
        ban.ClientId is null ? null : $"client {TextTable.Plain(ban.ClientId)}", ban.UserName is null ? null : $"user {TextTable.Plain(ban.UserName)}",
        ban.Address is null ? null : $"address {ban.Address}",
    }.OfType<string>());

    private static string EndOf(Ban ban) => ban.Until is { } until ? $"in {Readable.Span(until - TimeProvider.System.GetUtcNow())}" : "never";

    private static string ByOf(Ban ban) => ban.Origin switch
    {
        BanOrigin.Settings => "(settings)",
        BanOrigin.Flapping => "(flapping)",
        _ => ban.By ?? "",
    };
}
