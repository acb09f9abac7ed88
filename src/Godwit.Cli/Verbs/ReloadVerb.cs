// godwit reload: has a broker read its files again, and says what came of it.
using System.CommandLine;
using System.Text.Json;
using Godwit.Broker.Control;
using Godwit.Cli.CommandLine;
using Godwit.Cli.Control;
using Godwit.Client;

namespace Godwit.Cli.Verbs;

internal sealed class ReloadVerb : ControlVerb
{
    public const string Summary = "Have a Godwit broker read its settings, users, rules and certificates again";

    private readonly Option<bool> _json = OptionTypes.Flag("--json", "Print what has changed as a JSON object");

    public ReloadVerb() : base("reload", Summary + ".")
    {
        Group("Output", _json);
        GroupConnection();
    }

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("godwit reload", "The broker on this machine; exits with 1 if a file is wrong, and everything stays as it was."),
        ("godwit reload --control /var/lib/godwit/control.sock", "Another one."),
    ];

    protected override async Task<int> RunAsync(
        ParseResult arguments, ControlClient control, MqttClient client, Terminal terminal, ErrorOutput errors, CancellationToken stop)
    {
        ReloadSummary summary = await control.AskAsync("reload", new ControlRequest(), ControlJson.Instance.ReloadSummary, stop).ConfigureAwait(false);
        terminal.Write(arguments.GetValue(_json) ? JsonSerializer.Serialize(summary, ControlJson.Instance.ReloadSummary) + "\n" : Describe(summary));
        return ExitCode.Success;
    }

    private static string Describe(ReloadSummary summary)
    {
        var lines = new List<string>();
        lines.AddRange(summary.Changed.Select(name => $"changed: {name}"));
        lines.AddRange(summary.Opened.Select(name => $"listens on: {name}"));
        lines.AddRange(summary.Closed.Select(name => $"no longer listens on: {name}"));
        if (summary.Disconnected > 0) lines.Add($"{Readable.Count(summary.Disconnected, "client")} may no longer be connected: disconnected");
        if (summary.Unsubscribed > 0) lines.Add($"{Readable.Count(summary.Unsubscribed, "subscription")} no longer allowed: removed");
        if (lines.Count == 0) lines.Add("Nothing has changed.");
        lines.AddRange(summary.NeedsRestart.Select(name => $"in force after a restart only: {name}"));
        return string.Join('\n', lines) + "\n";
    }
}
