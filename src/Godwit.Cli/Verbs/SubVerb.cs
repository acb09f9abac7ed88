// godwit sub: prints the messages of topics; mosquitto_sub's options.
using System.CommandLine;
using System.Globalization;
using System.Text;
using Godwit.Cli.CommandLine;
using Godwit.Cli.OutputFormat;
using Godwit.Client;
using Godwit.Protocol;

namespace Godwit.Cli.Verbs;

internal sealed class SubVerb : ClientVerb
{
    public const string Summary = "Subscribe to topics and print their messages";

    private readonly Option<string[]> _topics = OptionTypes.Texts("--topic", "FILTER", "Topic filter to subscribe to; may be repeated", "-t");
    private readonly Option<long?> _qos = OptionTypes.Number("--qos", "QOS", "Highest quality of service for delivery: 0, 1 or 2 (default 0)", 0, 2, "-q");
    private readonly Option<string[]> _unsubscribe = OptionTypes.Texts("--unsubscribe", "FILTER", "Topic filter to unsubscribe from; may be repeated", "-U");
    private readonly Option<bool> _retainAsPublished = OptionTypes.Flag("--retain-as-published", "MQTT 5: keep the retain flag as it was published");

    private readonly Option<string[]> _filterOut = OptionTypes.Texts("--filter-out", "FILTER", "Skip messages of these topics; may be repeated", "-T");
    private readonly Option<bool> _skipRetained = OptionTypes.Flag("-R", "Skip retained messages");
    private readonly Option<bool> _retainedOnly = OptionTypes.Flag("--retained-only", "Only retained messages; end at the first other one");
    private readonly Option<bool> _removeRetained = OptionTypes.Flag("--remove-retained", "Remove the retained messages that come from the broker");
    private readonly Option<string?> _randomFilter = OptionTypes.Text("--random-filter", "PERCENT", "Print only so many of the messages, by chance");

    private readonly Option<long?> _count = OptionTypes.Number("-C", "N", "End after so many messages", 1, long.MaxValue);
    private readonly Option<bool> _endWhenSubscribed = OptionTypes.Flag("-E", "End when the broker has answered the subscriptions");
    private readonly Option<TimeSpan?> _timeout = OptionTypes.Seconds("-W", "End after this time, with exit code 27");
    private readonly OutputArguments _output = new();

    public SubVerb() : base("sub", Summary + ".", "-t FILTER [-t FILTER ...] [options]", ProtocolVersion.V311)
    {
        Group("Subscription", _topics, _qos, _unsubscribe, _retainAsPublished);
        Group("Which messages", _filterOut, _skipRetained, _retainedOnly, _removeRetained, _randomFilter);
        Group("When to end", _count, _endWhenSubscribed, _timeout);
        Group("Output", [.. _output.Options, .. Connection.OutputOptions]);
        Group("Connection", Connection.ConnectionOptions);
        Group("TLS and WebSocket", Connection.TransportOptions);
        Group("Will", Connection.WillOptions);
        Group("MQTT 5 properties (connect, subscribe, unsubscribe, disconnect, will)", Connection.PropertyOptions);
    }

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("godwit sub -v -t 'sensors/#' -t 'alarms/+/state'", "Prints topic and payload of everything below sensors, and of the states of all alarms."),
        ("godwit sub -t '$SYS/broker/uptime' -C 1 -W 15", "Waits for one message, 15 seconds at most."),
        (@"godwit sub -t '#' -F '@H:@M:@S %t %l bytes: %p'", "Prints time, topic, length and payload."),
        ("godwit sub -V 5 -t jobs -F %j", "Prints each message with all its properties as JSON."),
    ];

    protected override async Task<int> RunAsync(
        ParseResult arguments, ConnectionSettings settings, Terminal terminal, ErrorOutput errors, CancellationToken stop)
    {
        ProtocolVersion version = settings.Options.Version;
        string[] topics = [.. arguments.GetValue(_topics)!, .. settings.UrlTopic is { } urlTopic ? [urlTopic] : Array.Empty<string>()];
        string[] unsubscribe = [.. arguments.GetValue(_unsubscribe)!.Select(f => ConnectionArguments.Filter(f, "-U", version))];
        if (topics.Length == 0 && unsubscribe.Length == 0) throw new UsageException("There is no topic: give at least one by -t FILTER.");
        MessagePrinter printer = _output.CreatePrinter(arguments, terminal.Output);
        var selection = new MessageSelection
        {
            FilteredOut = [.. arguments.GetValue(_filterOut)!.Select(f => Encoding.UTF8.GetBytes(ConnectionArguments.Filter(f, "-T", ProtocolVersion.V5)))],
            SkipRetained = arguments.GetValue(_skipRetained),
            RetainedOnly = arguments.GetValue(_retainedOnly),
            RemoveRetained = arguments.GetValue(_removeRetained),
            Percent = Percent(arguments.GetValue(_randomFilter)),
            Count = arguments.GetValue(_count),
        };

        using var limit = new TimeLimit(arguments.GetValue(_timeout), stop);
        await using MqttClient client = CreateClient(settings, settings.Options with { ReceiveQueueCapacity = Subscriber.QueueCapacity }, printer.PrintLine);
        var subscriber = new Subscriber(client, printer, errors, settings)
        {
            Subscriptions = [.. topics.Select(topic => Subscription(ConnectionArguments.Filter(topic, "-t", version), arguments))],
            Unsubscribe = unsubscribe,
            EndWhenSubscribed = arguments.GetValue(_endWhenSubscribed) || topics.Length == 0,
            Selection = selection,
        };
        return await RunAsync(subscriber, client, settings, errors, limit, stop).ConfigureAwait(false);
    }

    private MqttSubscription Subscription(string filter, ParseResult arguments) => new(filter, (QoS)(arguments.GetValue(_qos) ?? 0))
    {
        RetainAsPublished = arguments.GetValue(_retainAsPublished),
        // The broker need not send at all what would be skipped.
        RetainHandling = arguments.GetValue(_skipRetained) ? RetainHandling.DoNotSend : RetainHandling.Send,
    };

    private static double Percent(string? text)
    {
        if (text is null) return 100;
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent) && percent is >= 0.1 and <= 100
            ? percent
            : throw new UsageException($"--random-filter takes a percentage from 0.1 to 100, not '{text}'.");
    }
}
