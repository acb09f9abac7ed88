// godwit sessions: the sessions of a Godwit broker, one of them in detail, and their deletion.
using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Godwit.Broker.Connections;
using Godwit.Broker.Control;
using Godwit.Cli.CommandLine;
using Godwit.Cli.Control;
using Godwit.Client;

namespace Godwit.Cli.Verbs;

internal sealed class SessionsVerb : ControlVerb
{
    public const string Summary = "List the sessions of a Godwit broker, show one, delete some";

    private readonly Argument<string[]> _words = new("WORDS") { Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> _offline = OptionTypes.Flag("--offline", "Only those whose clients are not connected");
    private readonly Option<TimeSpan?> _olderThan = OptionTypes.Duration("--older-than", "Only those whose clients are away for longer: 90, 15m, 12h, 30d");
    private readonly Option<long?> _top = OptionTypes.Number("--top", "N", "Only the N for which most messages wait", 1, int.MaxValue);
    private readonly Option<bool> _json = OptionTypes.Flag("--json", "Print a JSON object for each, a line each");
    private readonly Option<bool> _yes = OptionTypes.Flag("--yes", "Do not ask before deleting", "-y");

    public SessionsVerb() : base("sessions", Summary + ".", "[list | show ID | delete ID...] [options]")
    {
        Arguments.Add(_words);
        Group("List", _offline, _olderThan, _top);
        Group("Output", _json);
        Group("Delete", _yes);
        GroupConnection();
    }

    public override IReadOnlyList<string> Words => ["list", "show", "delete"];

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("godwit sessions --top 10", "The ten for which most messages wait."),
        ("godwit sessions show press-7", "Its subscriptions, what waits for it, and how its last connections ended."),
        ("godwit sessions --older-than 30d --json | jq -r .clientId | xargs godwit sessions delete --yes", "Deletes those that are away for more than 30 days."),
    ];

    protected override void Check(ParseResult arguments, Terminal terminal)
    {
        (string action, string[] ids) = Read(arguments);
        switch (action)
        {
            case "list" when ids.Length > 0:
                throw new UsageException($"'{ids[0]}': list takes no client identifier; `godwit sessions show {ids[0]}` shows one session.");
            case "show" when ids.Length != 1:
                throw new UsageException("Which session? `godwit sessions show ID` shows one.");
            case "delete" when ids.Length == 0:
                throw new UsageException("Which session? `godwit sessions delete ID...` deletes one or several.");
            case "delete" when !arguments.GetValue(_yes) && !terminal.IsInteractive:
                throw new UsageException("There is no terminal to ask whether to delete: --yes says so.");
            case not ("list" or "show" or "delete"):
                throw new UsageException($"'{action}' is not one of list, show and delete.");
        }
    }

    protected override async Task<int> RunAsync(
        ParseResult arguments, ControlClient control, MqttClient client, Terminal terminal, ErrorOutput errors, CancellationToken stop)
    {
        (string action, string[] ids) = Read(arguments);
        switch (action)
        {
            case "show":
                await ShowAsync(ids[0], arguments.GetValue(_json), control, terminal, stop).ConfigureAwait(false);
                return ExitCode.Success;
            case "delete":
                return await DeleteAsync(ids, arguments, control, terminal, errors, stop).ConfigureAwait(false);
            default:
                await ListAsync(arguments, control, terminal, stop).ConfigureAwait(false);
                return ExitCode.Success;
        }
    }

    private (string Action, string[] Ids) Read(ParseResult arguments) =>
        arguments.GetValue(_words) is [string action, .. string[] ids] ? (action, ids) : ("list", []);

    private async Task ListAsync(ParseResult arguments, ControlClient control, Terminal terminal, CancellationToken stop)
    {
        TimeSpan? olderThan = arguments.GetValue(_olderThan);
        var request = new ControlRequest { Connected = arguments.GetValue(_offline) ? false : null, AwaySeconds = (long?)olderThan?.TotalSeconds };
        Dictionary<string, SessionSummary> found = []; // one that the broker's table has moved between two pages comes twice
        await foreach (SessionSummary session in control.ListAsync(
            "sessions", request, ControlJson.Instance.SessionPage, page => (page.Sessions, page.Cursor), stop).ConfigureAwait(false))
        {
            found[session.ClientId] = session;
        }
        IEnumerable<SessionSummary> sorted = found.Values.OrderByDescending(s => s.Queued).ThenBy(s => s.Connected).ThenBy(s => s.Since);
        SessionSummary[] shown = [.. sorted.Take((int)(arguments.GetValue(_top) ?? int.MaxValue))];
        if (arguments.GetValue(_json))
        {
            foreach (SessionSummary session in shown) terminal.Write(JsonSerializer.Serialize(session, ControlJson.Instance.SessionSummary) + "\n");
            return;
        }
        if (shown.Length > 0) terminal.Write(Table(shown));
        long waiting = found.Values.Sum(s => (long)s.Queued), bytes = found.Values.Sum(s => s.QueuedBytes);
        terminal.Write($"{Readable.Count(found.Count, "session")}, {Readable.Count(found.Values.Count(s => !s.Connected))} away; "
            + $"{Readable.Count(waiting, "message")} ({Readable.Bytes(bytes)}) wait.\n");
    }

    private static async Task ShowAsync(string id, bool isJson, ControlClient control, Terminal terminal, CancellationToken stop)
    {
        var request = new ControlRequest { ClientId = id };
        SessionDetails details = await control.AskAsync("session", request, ControlJson.Instance.SessionDetails, stop).ConfigureAwait(false);
        List<SubscriptionSummary> subscriptions = [];
        await foreach (SubscriptionSummary subscription in control.ListAsync(
            "subscriptions", request, ControlJson.Instance.SubscriptionPage, page => (page.Subscriptions, page.Cursor), stop).ConfigureAwait(false))
        {
            subscriptions.Add(subscription);
        }
        terminal.Write(isJson ? Json(details, subscriptions) : Describe(details, subscriptions));
    }

    private async Task<int> DeleteAsync(
        string[] ids, ParseResult arguments, ControlClient control, Terminal terminal, ErrorOutput errors, CancellationToken stop)
    {
        if (!arguments.GetValue(_yes))
        {
            terminal.Write($"Delete {Readable.Count(ids.Length, "session")} with what waits for {(ids.Length == 1 ? "it" : "them")}: "
                + $"{TextTable.Plain(string.Join(", ", ids))}? [y/N] ");
            if (await new LineReader(terminal.Input).ReadAsync(stop).ConfigureAwait(false) is not { } answer || Encoding.UTF8.GetString(answer).Trim() is not ("y" or "yes"))
            {
                errors.Write("Nothing is deleted.");
                return ExitCode.Failed;
            }
        }
        int code = ExitCode.Success;
        foreach (string id in ids)
        {
            try
            {
                await control.AskAsync("delete-session", new ControlRequest { ClientId = id }, ControlJson.Instance.SessionDeletion, stop).ConfigureAwait(false);
                if (!arguments.GetValue(_json)) terminal.Write($"Deleted {TextTable.Plain(id)}.\n");
                else terminal.Write(JsonSerializer.Serialize(new SessionDeletion(id), ControlJson.Instance.SessionDeletion) + "\n");
            }
            catch (ControlException failure)
            {
                errors.Write(failure.Message);
                code = ExitCode.Failed;
            }
        }
        return code;
    }

    private static string Json(SessionDetails details, List<SubscriptionSummary> subscriptions)
    {
        JsonNode node = JsonSerializer.SerializeToNode(details, ControlJson.Instance.SessionDetails)!;
        node["subscriptions"] = new JsonArray([.. subscriptions.Select(each => JsonSerializer.SerializeToNode(each, ControlJson.Instance.SubscriptionSummary))]);
        return node.ToJsonString(ControlJson.Instance.Options) + "\n";
    }

    private static string Table(SessionSummary[] sessions)
    {
        var table = new TextTable("CLIENT", "USER", "STATE", "CONNECTS>", "SUBSCRIPTIONS>", "IN FLIGHT>", "WAITING>", "BYTES>", "LOST>");
        foreach (SessionSummary s in sessions)
        {
            table.Add(s.ClientId, s.UserName ?? "", State(s), Readable.Count(s.Connects), Readable.Count(s.Subscriptions), Readable.Count(s.InFlight),
                Readable.Count(s.Queued), Readable.Bytes(s.QueuedBytes), Readable.Count(s.Lost));
        }
        return table.ToString();
    }

    private static string Describe(SessionDetails details, List<SubscriptionSummary> subscriptions)
    {
        SessionSummary s = details.Session;
        string lasts = s.ExpiryInterval is { } seconds ? $"{Readable.Span(TimeSpan.FromSeconds(seconds))} beyond its connection" : "for ever";
        var text = new StringBuilder($"{TextTable.Plain(s.ClientId)}: {State(s)}{(details.Address is null ? "" : $", from {details.Address}")}\n");
        text.Append($"{(s.UserName is null ? "" : $"User {TextTable.Plain(s.UserName)}. ")}It has connected {Readable.Count(s.Connects, "time")}; the session lasts {lasts}.\n");
        text.Append($"{Readable.Count(s.Queued, "message")} ({Readable.Bytes(s.QueuedBytes)}) wait, {Readable.Count(s.InFlight)} are in flight, {Readable.Count(s.Lost)} were lost");
        text.Append(s.Lost > 0 ? $": `godwit losses --client {TextTable.Plain(s.ClientId)}`.\n" : ".\n");

        var filters = new TextTable("SUBSCRIPTION", "QOS>");
        foreach (SubscriptionSummary subscription in subscriptions.OrderBy(each => each.Filter, StringComparer.Ordinal)) filters.Add(subscription.Filter, $"{(int)subscription.QoS}");
        if (subscriptions.Count > 0) text.Append('\n').Append(filters);

        var waiting = new TextTable("WAITS FIRST", "BYTES>", "QOS>", "PUBLISHER");
        foreach (WaitingMessage message in details.Waiting) waiting.Add(message.Topic, Readable.Bytes(message.Size), $"{(int)message.QoS}", message.Publisher ?? "");
        if (details.Waiting.Count > 0) text.Append('\n').Append(waiting);

        var history = new TextTable("ENDED", "LASTED", "HOW");
        foreach (EndedConnection end in details.History)
            history.Add(Readable.Ago(end.EndedAt), Readable.Span(end.EndedAt - end.ConnectedAt), JsonNamingPolicy.KebabCaseLower.ConvertName(end.Reason.ToString()));
        if (details.History.Count > 0) text.Append('\n').Append(history);
        return text.ToString();
    }

    private static string State(SessionSummary session) =>
        $"{(session.Connected ? "connected" : "away")} {Readable.Span(TimeProvider.System.GetUtcNow() - session.Since)}";
}
