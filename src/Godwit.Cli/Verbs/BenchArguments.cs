// The options of `godwit bench`, and what they make of BenchOptions. Those of the connection have the names that pub and sub give them.
using System.CommandLine;
using System.Net;
using Godwit.Bench;
using Godwit.Cli.CommandLine;
using Godwit.Protocol;

namespace Godwit.Cli.Verbs;

internal sealed class BenchArguments
{
    private readonly Option<string?> _host = OptionTypes.Text("--host", "HOST", "Host to connect to (default localhost)", "-h");
    private readonly Option<long?> _port = OptionTypes.Number("--port", "PORT", "Port to connect to (default 1883, with TLS 8883)", 1, 65_535, "-p");
    private readonly Option<string?> _url = OptionTypes.Text("--url", "URL",
        "User, password, host, port and topic prefix at once: mqtt://[user[:password]@]host[:port]/prefix; mqtts://, ws:// and wss:// too", "-L");
    private readonly Option<string?> _user = OptionTypes.Text("--username", "NAME", "User name", "-u");
    private readonly Option<string?> _password = OptionTypes.Text("--pw", "PASSWORD", "Password", "-P");
    private readonly Option<string?> _version = OptionTypes.Choice("--protocol-version", "31|311|5", "MQTT version (default 311)",
        ["31", "311", "5", "mqttv31", "mqttv311", "mqttv5"], "-V");
    private readonly Option<long?> _keepAlive = OptionTypes.Number("--keepalive", "SECONDS", "Keep alive, 0 for none (default 60)", 0, 65_535, "-k");
    private readonly Option<string?> _idPrefix = OptionTypes.Text("--id-prefix", "PREFIX", "What client identifiers begin with (default gb- and a random part)", "-I");
    private readonly Option<bool> _keepSession = OptionTypes.Flag("--disable-clean-session", "Have the broker keep the sessions; needs -I", "-c");
    private readonly Option<long?> _sessionExpiry = OptionTypes.Number("-x", "SECONDS",
        "MQTT 5: how long sessions outlive their connections (default 0, with -c 300)", 0, uint.MaxValue);
    private readonly Option<string[]> _bind = OptionTypes.Texts("--bind", "ADDRESS",
        "Local address to connect from; may be repeated, the connections take turns", "-A");
    private readonly Option<long?> _connectRate = OptionTypes.Number("--connect-rate", "N", "Connections opened a second, except by connect (default no limit)",
        1, 1_000_000_000);
    private readonly Option<long?> _concurrency = OptionTypes.Number("--concurrency", "N",
        "Connections that may be on their way at a time (default 64 for connect, else 256, no limit in a storm)", 1, 1_000_000);

    private readonly TransportArguments _transport = new();

    private readonly Option<long?> _publishers = OptionTypes.Number("--publishers", "N",
        "Publishers (default fan-in 200, fan-out 1, shared 10, retained 1)", 1, 1_000_000);
    private readonly Option<long?> _subscribers = OptionTypes.Number("--subscribers", "N",
        "Subscribers, or members (default fan-in 1, fan-out 500, shared 10, retained 10)", 1, 1_000_000);
    private readonly Option<long?> _pairs = OptionTypes.Number("--pairs", "N", "p2p: pairs of publisher and subscriber (default 100)", 1, 1_000_000);
    private readonly Option<long?> _clients = OptionTypes.Number("--clients", "N", "reconnect: clients (default 1000)", 1, 1_000_000);
    private readonly Option<long?> _storms = OptionTypes.Number("--storms", "N", "reconnect: storms, one after the other (default 1)", 1, 1000);
    private readonly Option<long?> _qos = OptionTypes.Number("--qos", "QOS", "QoS of publishers and subscribers (default 0)", 0, 2, "-q");
    private readonly Option<long?> _payload = OptionTypes.Size("--payload", "Size of a payload (default 64); below 20 there are fewer checks");
    private readonly Option<string?> _topic = OptionTypes.Text("--topic", "PREFIX", "What topics begin with (default godwit-bench)", "-t");

    private readonly Option<long?> _messages = OptionTypes.Number("--messages", "N",
        "Messages (or connections) in all, instead of a duration; retained: topics (default 10000)", 1, long.MaxValue, "-n");
    private readonly Option<TimeSpan?> _duration = OptionTypes.Seconds("--duration", "How long to measure (default 5)");
    private readonly Option<TimeSpan?> _warmUp = OptionTypes.Seconds("--warmup", "How long to send before that (default 1)");
    private readonly Option<long?> _rate = OptionTypes.Number("--rate", "N",
        "Open loop: messages (or connections) a second in all, on a fixed schedule, from which latencies count", 1, 1_000_000_000, "-r");
    private readonly Option<long?> _window = OptionTypes.Number("--window", "N",
        "Closed loop: messages that a publisher has under way (default 16)", 1, 65_535);
    private readonly Option<TimeSpan?> _timeout = OptionTypes.Seconds("--timeout", "How long to wait for what does not come (default 5)");
    private readonly Option<long?> _threads = OptionTypes.Number("--threads", "N", "Threads of the generator (default 1)", 1, 64);
    private readonly Option<long?> _brokerPid = OptionTypes.Number("--broker-pid", "PID",
        "The broker's process on this machine: reports its CPU for each delivery", 1, int.MaxValue);

    public Option[] Connection =>
        [_host, _port, _url, _user, _password, _version, _keepAlive, _idPrefix, _keepSession, _sessionExpiry, _bind, _connectRate, _concurrency];

    public Option[] Transport => _transport.All;

    public Option[] Clients => [_publishers, _subscribers, _pairs, _clients, _storms, _qos, _payload, _topic];

    public Option[] Load => [_messages, _duration, _warmUp, _rate, _window, _timeout, _threads, _brokerPid];

    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">They do not fit together, or not to the scenario.</exception>
    public BenchOptions Read(ParseResult arguments, ScenarioKind scenario)
    {
        Refuse(arguments, scenario);
        MqttUrl? url = arguments.GetValue(_url) is { } text ? MqttUrl.Parse(text) : null;
        ProtocolVersion version = arguments.GetValue(_version) switch
        {
            "31" or "mqttv31" => ProtocolVersion.V31,
            "5" or "mqttv5" => ProtocolVersion.V5,
            _ => ProtocolVersion.V311,
        };
        bool keepsSession = arguments.GetValue(_keepSession);
        var defaults = new BenchOptions { Scenario = scenario };
        string host = arguments.GetValue(_host) ?? url?.Host ?? defaults.Host;
        TransportSettings transport = _transport.Read(arguments, host, (int?)arguments.GetValue(_port) ?? url?.Port, url);
        BenchOptions options = defaults with
        {
            Host = host,
            Port = transport.Port,
            Tls = transport.Tls,
            WebSocket = transport.WebSocket,
            Version = version,
            UserName = arguments.GetValue(_user) ?? url?.UserName,
            Password = arguments.GetValue(_password) ?? url?.Password,
            ClientIdPrefix = arguments.GetValue(_idPrefix),
            CleanStart = !keepsSession,
            SessionExpiryInterval = version == ProtocolVersion.V5 ? (uint)(arguments.GetValue(_sessionExpiry) ?? (keepsSession ? 300 : 0)) : 0,
            KeepAlive = (ushort)(arguments.GetValue(_keepAlive) ?? defaults.KeepAlive),
            TopicPrefix = ConnectionArguments.Topic(arguments.GetValue(_topic) ?? url?.Topic ?? defaults.TopicPrefix, "--topic"),
            QoS = (QoS)(arguments.GetValue(_qos) ?? 0),
            PayloadSize = (int)Math.Min(arguments.GetValue(_payload) ?? defaults.PayloadSize, int.MaxValue),
            Publishers = (int?)(arguments.GetValue(_clients) ?? arguments.GetValue(_pairs) ?? arguments.GetValue(_publishers)),
            Subscribers = (int?)arguments.GetValue(_subscribers),
            Messages = arguments.GetValue(_messages),
            Duration = arguments.GetValue(_duration) ?? defaults.Duration,
            WarmUp = arguments.GetValue(_warmUp) ?? defaults.WarmUp,
            Rate = arguments.GetValue(_rate),
            Window = (int)(arguments.GetValue(_window) ?? defaults.Window),
            Threads = (int)(arguments.GetValue(_threads) ?? defaults.Threads),
            LocalAddresses = [.. arguments.GetValue(_bind)!.Select(LocalAddress)],
            Concurrency = (int?)arguments.GetValue(_concurrency),
            ConnectRate = arguments.GetValue(_connectRate),
            Storms = (int)(arguments.GetValue(_storms) ?? defaults.Storms),
            Timeout = arguments.GetValue(_timeout) ?? defaults.Timeout,
            BrokerProcess = (int?)arguments.GetValue(_brokerPid),
        };
        try
        {
            options.Validate();
            return options;
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException(wrong.Message);
        }
    }

    // An option that the scenario does not know would silently measure something else than the user had in mind.
    private void Refuse(ParseResult arguments, ScenarioKind scenario)
    {
        bool isPaired = scenario == ScenarioKind.PointToPoint, isReconnect = scenario == ScenarioKind.Reconnect, isConnect = scenario == ScenarioKind.Connect;
        bool sendsMessages = !isReconnect && !isConnect && scenario != ScenarioKind.Retained;
        Only(_pairs, isPaired, "p2p");
        Only(_publishers, !isPaired && !isReconnect && !isConnect, "scenarios with publishers; p2p has --pairs");
        Only(_subscribers, !isPaired && !isReconnect && !isConnect, "scenarios with subscribers; p2p has --pairs");
        Only(_clients, isReconnect, "reconnect");
        Only(_storms, isReconnect, "reconnect");
        Only(_connectRate, !isConnect, "scenarios other than connect; connect has --rate");
        Only(_rate, sendsMessages || isConnect, "p2p, fan-in, fan-out, shared and connect");
        Only(_window, sendsMessages, "p2p, fan-in, fan-out and shared");
        Only(_messages, !isReconnect, "scenarios other than reconnect");
        Only(_duration, sendsMessages || isConnect, "p2p, fan-in, fan-out, shared and connect");
        Only(_payload, !isReconnect && !isConnect, "scenarios with messages");
        Only(_warmUp, !isReconnect, "scenarios other than reconnect");
        if (arguments.GetResult(_messages) is not null && arguments.GetResult(_duration) is not null)
            throw new UsageException("--messages and --duration cannot both be given.");
        if (arguments.GetResult(_rate) is not null && arguments.GetResult(_window) is not null)
            throw new UsageException("--rate (open loop) and --window (closed loop) cannot both be given.");
        if (arguments.GetValue(_keepSession) && arguments.GetResult(_idPrefix) is null)
            throw new UsageException("-c needs a prefix of your own for the client identifiers (-I PREFIX): the sessions are found again by them.");

        void Only(Option option, bool belongs, string where)
        {
            if (!belongs && arguments.GetResult(option) is { Implicit: false }) throw new UsageException($"{option.Name} is for {where}.");
        }
    }

    private static IPAddress LocalAddress(string text) => IPAddress.TryParse(text, out IPAddress? address)
        ? address
        : throw new UsageException($"--bind takes an IP address of this machine such as 192.168.1.5, not '{text}'.");
}
