// godwit losses: what the broker has not delivered, to whom and why, and what can be done about it.
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Godwit.Broker.Control;
using Godwit.Broker.Losses;
using Godwit.Broker.Sessions;
using Godwit.Cli.CommandLine;
using Godwit.Cli.Control;
using Godwit.Client;

namespace Godwit.Cli.Verbs;

internal sealed class LossesVerb : ControlVerb
{
    public const string Summary = "Show which messages a Godwit broker has not delivered, and why";

    // Rows of the table, and reasons that get advice, unless asked otherwise.
    private const int UsualRows = 20, MostAdvice = 3;

    private readonly Option<string?> _reason = OptionTypes.Choice("--reason", "REASON", "Only those of this reason, for example queue-full",
        [.. DropReasons.All.Select(reason => reason.Name())]);
    private readonly Option<string?> _client = OptionTypes.Text("--client", "ID", "Only those of this client, or of $share/NAME/FILTER");
    private readonly Option<long?> _top = OptionTypes.Number("--top", "N", $"Show the N largest (default {UsualRows}; with --json all)", 1, int.MaxValue);
    private readonly Option<bool> _json = OptionTypes.Flag("--json", "Print a JSON object for each, a line each");
    private readonly Option<bool> _follow = OptionTypes.Flag("--follow", "Go on and print what is lost from now on", "-f");
    private readonly Option<TimeSpan?> _interval = OptionTypes.Seconds("--interval", "With --follow: how often to look (default 2)");

    public LossesVerb() : base("losses", Summary + ".")
    {
        Group("What to show", _reason, _client, _top, _json, _follow, _interval);
        GroupConnection();
    }

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("godwit losses", "The largest losses since the broker started, and what can be done about them."),
        ("godwit losses -f --reason queue-full", "Then what full queues lose from now on."),
        ("godwit losses --json | jq -s 'map(select(.count > 100))'", "For programs: an object for each client, topic prefix and reason."),
    ];

    protected override bool StaysConnected(ParseResult arguments) => arguments.GetValue(_follow);

    protected override async Task<int> RunAsync(
        ParseResult arguments, ControlClient control, MqttClient client, Terminal terminal, ErrorOutput errors, CancellationToken stop)
    {
        var request = new ControlRequest { Reason = arguments.GetValue(_reason), ClientId = arguments.GetValue(_client) };
        bool isJson = arguments.GetValue(_json), isFollowed = arguments.GetValue(_follow);
        List<Loss> losses = await ListAsync(control, request, stop).ConfigureAwait(false);
        long? top = arguments.GetValue(_top);
        if (!isJson) terminal.Write(Describe(losses, (int)(top ?? UsualRows)));
        else foreach (Loss loss in losses.Take((int)(top ?? int.MaxValue))) terminal.Write(Json(loss, isFollowed ? 0 : null));
        if (!isFollowed) return ExitCode.Success;

        var known = new LossChanges(losses);
        TimeSpan interval = arguments.GetValue(_interval) ?? TimeSpan.FromSeconds(2);
        string? trouble = null; // what has been said of a broker that is away, perhaps to start again
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(interval, stop).ConfigureAwait(false);
                List<Loss> now = await ListAsync(control, request, stop).ConfigureAwait(false);
                foreach ((Loss loss, long more) in known.Take(now)) terminal.Write(isJson ? Json(loss, more) : Line(loss, more));
                trouble = null;
            }
            catch (ControlException failure)
            {
                string words = client.State == ConnectionState.Connected ? failure.Message : "The connection is lost. Connecting again...";
                if (words != trouble) errors.Write(trouble = words);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
            }
        }
        return ExitCode.Success;
    }

    private static async Task<List<Loss>> ListAsync(ControlClient control, ControlRequest request, CancellationToken stop)
    {
        List<Loss> losses = [];
        await foreach (Loss loss in control.ListAsync("losses", request, ControlJson.Instance.LossPage, page => (page.Losses, page.Cursor), stop).ConfigureAwait(false))
            losses.Add(loss);
        losses.Sort((a, b) => b.Count.CompareTo(a.Count));
        return losses;
    }

    private static string Describe(List<Loss> losses, int top)
    {
        if (losses.Count == 0) return "Nothing has been lost.\n";
        var table = new TextTable("COUNT>", "REASON", "CLIENT", "TOPIC", "LAST", "SAMPLE");
        foreach (Loss loss in losses.Take(top))
            table.Add(Readable.Count(loss.Count), loss.Reason.Name(), loss.Client, loss.TopicPrefix, Readable.Ago(loss.LastAt), Sample(loss));
        (DropReason Reason, long Count)[] sums = [.. losses.GroupBy(loss => loss.Reason).Select(g => (g.Key, g.Sum(loss => loss.Count))).OrderByDescending(sum => sum.Item2)];
        string more = losses.Count > top
            ? $"and {Readable.Count(losses.Skip(top).Sum(loss => loss.Count), "message")} in {Readable.Count(losses.Count - top, "smaller row")}; --top shows more of them\n"
            : "";
        return $"""
            {table}{more}
            {Readable.Count(sums.Sum(sum => sum.Count), "message")}: {string.Join(", ", sums.Select(sum => $"{Readable.Count(sum.Count)} {sum.Reason.Name()}"))}.

            {string.Join('\n', sums.Take(MostAdvice).Select(sum => $"{sum.Reason.Name()}: {Advice.For(sum.Reason)}"))}

            """;
    }

    private static string Line(Loss loss, long more) => string.Create(CultureInfo.InvariantCulture,
        $"{loss.LastAt.ToLocalTime():HH:mm:ss}  +{Readable.Count(more)} {loss.Reason.Name()}, {TextTable.Plain(loss.Client)}: {TextTable.Plain(Sample(loss))}\n");

    private static string Json(Loss loss, long? more)
    {
        JsonNode node = JsonSerializer.SerializeToNode(loss, ControlJson.Instance.Loss)!;
        if (more is not null) node["new"] = more;
        return node.ToJsonString(ControlJson.Instance.Options) + "\n";
    }

    private static string Sample(Loss loss)
    {
        if (loss.Samples.Count == 0) return "";
        LossSample last = loss.Samples[0];
        string publisher = last.Publisher is null ? "" : $", by {last.Publisher}";
        return $"{last.Topic}, {Readable.Count(last.Size, "byte")}, QoS {(int)last.QoS}{publisher}";
    }
}
