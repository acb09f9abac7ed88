// godwit rr: publishes a request and prints the response; mosquitto_rr's options.
using System.CommandLine;
using Godwit.Cli.CommandLine;
using Godwit.Cli.OutputFormat;
using Godwit.Client;
using Godwit.Protocol;

namespace Godwit.Cli.Verbs;

internal sealed class RrVerb : ClientVerb
{
    public const string Summary = "Publish a request and print the response to it";

    private readonly Option<string?> _topic = OptionTypes.Text("--topic", "TOPIC", "Topic to publish the request to", "-t");
    private readonly Option<string?> _responseTopic = OptionTypes.Text("-e", "TOPIC", "Topic on which the response is expected");
    private readonly MessageArguments _message = new();
    private readonly Option<long?> _qos = OptionTypes.Number("--qos", "QOS", "Quality of service of request and response (default 0)", 0, 2, "-q");
    private readonly Option<bool> _skipRetained = OptionTypes.Flag("-R", "Skip retained messages");
    private readonly Option<TimeSpan?> _timeout = OptionTypes.Seconds("-W", "Wait for the response no longer than this; exit code 27 then");
    private readonly OutputArguments _output = new();

    public RrVerb() : base("rr", Summary + ".", "-t TOPIC -e TOPIC {-m TEXT | -f FILE | -s | -n} [options]", ProtocolVersion.V5)
    {
        Group("Request", [_topic, _responseTopic, .. _message.Options, _qos]);
        Group("Response", _timeout, _skipRetained);
        Group("Output", [.. _output.Options, .. Connection.OutputOptions]);
        Group("Connection", Connection.ConnectionOptions);
        Group("TLS and WebSocket", Connection.TransportOptions);
        Group("Will", Connection.WillOptions);
        Group("MQTT 5 properties (connect, publish, subscribe, disconnect, will)", Connection.PropertyOptions);
    }

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("godwit rr -t lamp/get -e lamp/answer -m state -W 5", "Asks on lamp/get, with lamp/answer as MQTT 5 response topic, and waits 5 seconds."),
    ];

    protected override async Task<int> RunAsync(
        ParseResult arguments, ConnectionSettings settings, Terminal terminal, ErrorOutput errors, CancellationToken stop)
    {
        string topic = arguments.GetValue(_topic) ?? settings.UrlTopic ?? throw new UsageException("There is no topic: give it by -t TOPIC.");
        string responseTopic = arguments.GetValue(_responseTopic) ?? throw new UsageException("There is no response topic: give it by -e TOPIC.");
        _message.Check(arguments);
        MqttMessage request = ConnectionArguments.WithProperties(new MqttMessage
        {
            Topic = ConnectionArguments.Topic(topic, "-t"),
            Payload = await _message.ReadAsync(arguments, terminal, stop).ConfigureAwait(false),
            QoS = (QoS)(arguments.GetValue(_qos) ?? 0),
        }, settings.Properties.Publish) with { ResponseTopic = ConnectionArguments.Topic(responseTopic, "-e") };
        MessagePrinter printer = _output.CreatePrinter(arguments, terminal.Output);
        bool skipRetained = arguments.GetValue(_skipRetained);

        using var limit = new TimeLimit(arguments.GetValue(_timeout), stop);
        await using MqttClient client = CreateClient(settings, settings.Options, printer.PrintLine);
        var subscriber = new Subscriber(client, printer, errors, settings)
        {
            Subscriptions = [new MqttSubscription(responseTopic, request.QoS) { RetainHandling = skipRetained ? RetainHandling.DoNotSend : RetainHandling.Send }],
            Selection = new MessageSelection { SkipRetained = skipRetained, Count = 1 },
            WhenSubscribed = async () =>
            {
                PublishResult result = await client.PublishAsync(request, limit.Token).ConfigureAwait(false);
                if (result.ReasonCode == ReasonCode.NoMatchingSubscribers) errors.Write($"Warning: nobody is subscribed to '{topic}'.");
                else if (!result.IsSuccess) throw new MqttException($"The broker refused the request: {result.ReasonCode.Name()} (0x{(byte)result.ReasonCode:X2}).");
            },
        };
        return await RunAsync(subscriber, client, settings, errors, limit, stop).ConfigureAwait(false);
    }
}
