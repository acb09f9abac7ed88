// godwit pub: publishes messages and ends; mosquitto_pub's options.
using System.CommandLine;
using Godwit.Cli.CommandLine;
using Godwit.Cli.OutputFormat;
using Godwit.Client;
using Godwit.Protocol;

namespace Godwit.Cli.Verbs;

internal sealed class PubVerb : ClientVerb
{
    public const string Summary = "Publish a message, a file, or each line of standard input";

    // With -l. More than a few hundred under way bring no more throughput.
    private const int DefaultInflight = 1000;

    private readonly Option<string?> _topic = OptionTypes.Text("--topic", "TOPIC", "Topic to publish to", "-t");
    private readonly MessageArguments _message = new();
    private readonly Option<long?> _qos = OptionTypes.Number("--qos", "QOS", "Quality of service 0, 1 or 2 (default 0)", 0, 2, "-q");
    private readonly Option<bool> _retain = OptionTypes.Flag("--retain", "The broker is to retain the message", "-r");
    private readonly Option<long?> _repeat = OptionTypes.Number("--repeat", "N", "Publish it so many times; not with -l (default 1)", 1, int.MaxValue);
    private readonly Option<TimeSpan?> _repeatDelay = OptionTypes.Seconds("--repeat-delay", "Wait in between (default 0)");
    private readonly Option<long?> _inflight = OptionTypes.Number("-M", "N", $"Messages that may be under way at a time (default {DefaultInflight})", 1, 65_535);

    public PubVerb() : base("pub", Summary + ".", "-t TOPIC {-m TEXT | -f FILE | -l | -s | -n} [options]", ProtocolVersion.V311)
    {
        Group("Message", [_topic, .. _message.Options, _message.LinesOption, _qos, _retain, _repeat, _repeatDelay, _inflight]);
        Group("Connection", Connection.ConnectionOptions);
        Group("TLS and WebSocket", Connection.TransportOptions);
        Group("Will", Connection.WillOptions);
        Group("MQTT 5 properties (connect, publish, disconnect, will)", Connection.PropertyOptions);
        Group("Output", Connection.OutputOptions);
    }

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("godwit pub -t sensors/kitchen -m 21.5 -q 1 -r", "Publishes with QoS 1; the broker keeps it for later subscribers."),
        ("tail -F app.log | godwit pub -h broker.example -t logs/app -l", "Publishes each line as it comes."),
        ("godwit pub -V 5 -t a -m hi -D publish content-type text/plain -D publish user-property unit C", "Adds MQTT 5 properties."),
    ];

    protected override async Task<int> RunAsync(
        ParseResult arguments, ConnectionSettings settings, Terminal terminal, ErrorOutput errors, CancellationToken stop)
    {
        string topic = arguments.GetValue(_topic) ?? settings.UrlTopic ?? throw new UsageException("There is no topic: give it by -t TOPIC.");
        _message.Check(arguments);
        bool isLines = _message.IsLines(arguments);
        if (isLines && arguments.GetValue(_repeat) is not null) throw new UsageException("--repeat cannot be combined with -l.");
        MqttMessage message = ConnectionArguments.WithProperties(new MqttMessage
        {
            Topic = ConnectionArguments.Topic(topic, "-t"),
            QoS = (QoS)(arguments.GetValue(_qos) ?? 0),
            Retain = arguments.GetValue(_retain),
        }, settings.Properties.Publish);
        // What is to be published is read before connecting: a file that is not there is not the broker's business.
        if (!isLines) message = message with { Payload = await _message.ReadAsync(arguments, terminal, stop).ConfigureAwait(false) };

        int inflight = (int)(arguments.GetValue(_inflight) ?? DefaultInflight);
        // A single message fails with its connection, so that a script learns of it. A stream of lines goes on.
        MqttClientOptions options = settings.Options with
        {
            Reconnect = settings.Options.Reconnect with { Enabled = isLines },
            MaximumPendingPublishes = inflight,
        };
        var printer = new MessagePrinter(terminal.Output, new PayloadFormat(), hasLineEnds: true);
        await using MqttClient client = CreateClient(settings, options, printer.PrintLine);
        await client.ConnectAsync(stop).ConfigureAwait(false);

        bool isRefused = false;
        var window = new PublishWindow(client, inflight, Note);
        if (isLines) await PublishLinesAsync(window, message, terminal.Input, stop).ConfigureAwait(false);
        else await RepeatAsync(window, message, arguments, stop).ConfigureAwait(false);
        await window.DrainAsync().ConfigureAwait(false);
        await DisconnectAsync(client, settings).ConfigureAwait(false);
        return isRefused ? ExitCode.Failed : ExitCode.Success;

        void Note(PublishResult result)
        {
            if (result.IsSuccess) return;
            isRefused = true;
            string words = result.ReasonString is { } own ? $" The broker says: {own}" : "";
            errors.Write($"The broker refused the message to '{topic}': {result.ReasonCode.Name()} (0x{(byte)result.ReasonCode:X2}).{words}");
        }
    }

    private static async Task PublishLinesAsync(PublishWindow window, MqttMessage message, Stream input, CancellationToken stop)
    {
        var lines = new LineReader(input);
        while (await lines.ReadAsync(stop).ConfigureAwait(false) is { } line)
            await window.PublishAsync(message with { Payload = line }, stop).ConfigureAwait(false);
    }

    private async Task RepeatAsync(PublishWindow window, MqttMessage message, ParseResult arguments, CancellationToken stop)
    {
        long count = arguments.GetValue(_repeat) ?? 1;
        TimeSpan delay = arguments.GetValue(_repeatDelay) ?? TimeSpan.Zero;
        for (long i = 0; i < count; i++)
        {
            if (i > 0 && delay > TimeSpan.Zero) await Task.Delay(delay, stop).ConfigureAwait(false);
            await window.PublishAsync(message, stop).ConfigureAwait(false);
        }
    }
}
