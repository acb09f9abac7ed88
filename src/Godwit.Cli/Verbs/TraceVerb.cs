// godwit trace: what goes through the connections of a running broker, as the broker itself sees it: decrypted, and already in packets.
using System.CommandLine;
using System.Text;
using Godwit.Broker.Control;
using Godwit.Capture;
using Godwit.Capture.Exports;
using Godwit.Capture.Files;
using Godwit.Capture.Streams;
using Godwit.Capture.Views;
using Godwit.Cli.CommandLine;
using Godwit.Cli.Control;
using Godwit.Client;

namespace Godwit.Cli.Verbs;

internal sealed class TraceVerb : ControlVerb
{
    public const string Summary = "Show the packets of a running Godwit broker's clients";

    private readonly Option<string?> _client = OptionTypes.Text("--client", "ID", "Only this client, from CONNECT on or from now on");
    private readonly Option<string?> _user = OptionTypes.Text("--user", "NAME", "Only clients with this user name");
    private readonly Option<string?> _address = OptionTypes.Text("--address", "ADDRESS", "Only clients at this address, or in this network: 10.0.0.0/8");
    private readonly Option<string?> _topic = OptionTypes.Text("--topic", "FILTER", "Only PUBLISH packets to topics of this filter, and their acknowledgements");
    private readonly Option<string?> _where = OptionTypes.Text("--where", "FILTER", "Of those show only packets that meet a condition: 'qos > 0 and payload.len > 1000'; see docs/filters.md", "-Y");
    private readonly Option<long?> _first = OptionTypes.Number("--first", "N", "End after N packets", 1, long.MaxValue, "-c");
    private readonly Option<TimeSpan?> _for = OptionTypes.Duration("--for", "End after this time: 90, 15m, 12h");
    private readonly Option<bool> _json = OptionTypes.Flag("--json", "Print a JSON object for each packet, a line each");
    private readonly PacketViewArguments _view = new();
    private readonly RingArguments _ring = new();

    public TraceVerb() : base("trace", Summary + ".", "[--client ID] [--topic FILTER] [--address ADDRESS] [options]")
    {
        Group("Which packets", _client, _user, _address, _topic, _where, _first, _for);
        Group("Output", [.. _view.Options, _json]);
        Group("Files", _ring.Options);
        GroupConnection();
    }

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("godwit trace --client press-7", "What this client sends and gets, and why its connections end."),
        ("godwit trace --topic 'plant/+/alarm' --for 10m -v", "Who publishes alarms, and who gets them, with every field."),
        ("godwit trace --address 10.1.0.0/16 --write trace.pcapng --ring-size 100M --ring-files 5", "The last 500 MB of a site, decrypted, for when it happens again."),
    ];

    protected override void Check(ParseResult arguments, Terminal terminal)
    {
        Choose(arguments);
        _ring.Check(arguments);
    }

    protected override async Task<int> RunAsync(
        ParseResult arguments, ControlClient control, MqttClient client, Terminal terminal, ErrorOutput errors, CancellationToken stop)
    {
        TextViewOptions options = _view.Read(arguments, terminal);
        bool isJson = arguments.GetValue(_json);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var output = new RecordOutput(terminal.Output, isLive: true);
        var selection = new PacketSelection(Choose(arguments), [isJson ? new JsonView(output, options) : new TextView(output, options)], enough.Cancel);
        IStreamConsumerFactory consumers = new PacketStreams([selection]);
        using PcapngWriter? writer = _ring.Open(arguments, ref consumers);
        var feed = new TraceFeed(consumers, line =>
        {
            if (!isJson) output.Write(Encoding.UTF8.GetBytes(line));
        });

        TraceSummary begun = await control.AskAsync("trace", Request(arguments, options), ControlJson.Instance.TraceSummary, stop).ConfigureAwait(false);
        terminal.Error.WriteLine($"Trace {begun.Trace} has begun. Ctrl-C ends it.");
        Task<string?> lost = WhenLostAsync(client, enough);
        await ReadAsync(client, feed, writer, enough).ConfigureAwait(false);
        await enough.CancelAsync().ConfigureAwait(false);
        feed.Finish();
        string dropped = feed.DroppedPackets == 0 ? "none was left out"
            : $"{Readable.Count(feed.DroppedPackets, "packet")} ({Readable.Bytes(feed.DroppedBytes)}) were left out because this reader was too slow: ask for less, or write to a file";
        terminal.Error.WriteLine($"{Readable.Count(selection.Count, "packet")} of {Readable.Count(feed.Connections, "connection")}; {dropped}.");
        if (await lost.ConfigureAwait(false) is not { } why || feed.End is not null) return ExitCode.Success;
        errors.Write(why);
        return ExitCode.Failed;
    }

    private ControlRequest Request(ParseResult arguments, TextViewOptions options) => new()
    {
        ClientId = arguments.GetValue(_client),
        UserName = arguments.GetValue(_user),
        Address = arguments.GetValue(_address),
        Topic = arguments.GetValue(_topic),
        Seconds = arguments.GetValue(_for) is { } time ? (long)Math.Max(1, Math.Ceiling(time.TotalSeconds)) : null,
        Passwords = options.ShowPasswords ? true : null,
    };

    private PacketChoice Choose(ParseResult arguments) =>
        new() { Filter = CaptureArguments.CompileFilter(arguments.GetValue(_where)), Count = arguments.GetValue(_first) };

    private static async Task ReadAsync(MqttClient client, TraceFeed feed, PcapngWriter? writer, CancellationTokenSource enough)
    {
        try
        {
            await using IAsyncEnumerator<MqttMessage> messages = client.Messages(enough.Token).GetAsyncEnumerator(enough.Token);
            while (feed.End is null)
            {
                ValueTask<bool> next = messages.MoveNextAsync();
                if (!next.IsCompleted) writer?.Flush(); // whoever reads along sees all that there is
                if (!await next.ConfigureAwait(false)) break;
                if (messages.Current.Topic.EndsWith("/stream", StringComparison.Ordinal)) feed.Take(messages.Current.Payload.Span);
            }
        }
        catch (FormatException wrong)
        {
            throw new ControlException(wrong.Message);
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested)
        {
        }
    }

    // Why the connection is over; null if it is not.
    private static async Task<string?> WhenLostAsync(MqttClient client, CancellationTokenSource enough)
    {
        try
        {
            await foreach (ConnectionStateChange change in client.StateChanges(enough.Token).ConfigureAwait(false))
            {
                if (change.State is not (ConnectionState.Disconnected or ConnectionState.Closed)) continue;
                await enough.CancelAsync().ConfigureAwait(false);
                return $"The broker has gone away: {change.Cause}.";
            }
        }
        catch (OperationCanceledException)
        {
            // It has ended otherwise.
        }
        return null;
    }
}
