// The options that pub, sub and rr share: everything about the connection, the will and MQTT 5 properties. Names and meanings are those of the
// mosquitto tools.
using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Godwit.Client;
using Godwit.Protocol;
using Godwit.Protocol.Topics;

namespace Godwit.Cli.CommandLine;

internal sealed class ConnectionArguments(string tool, ProtocolVersion defaultVersion)
{
    private const uint NeverExpires = uint.MaxValue;

    private readonly Option<string?> _host = OptionTypes.Text("--host", "HOST", "Host to connect to (default localhost)", "-h");
    private readonly Option<long?> _port = OptionTypes.Number("--port", "PORT", "Port to connect to (default 1883, with TLS 8883)", 1, 65_535, "-p");
    private readonly Option<string?> _url = OptionTypes.Text("--url", "URL", "User, password, host, port and topic at once: mqtt://[user[:password]@]host[:port]/topic; mqtts://, ws:// and wss:// too", "-L");
    private readonly Option<string?> _unix = OptionTypes.Text("--unix", "PATH", "Unix socket to connect to, instead of host and port");
    private readonly Option<string?> _control = OptionTypes.Text("--control", "PATH",
        "The broker's control socket (default, without -h, -p and -L: that of a broker on this machine, if there is one)");
    private readonly Option<string?> _user = OptionTypes.Text("--username", "NAME", "User name", "-u");
    private readonly Option<string?> _password = OptionTypes.Text("--pw", "PASSWORD", "Password", "-P");
    private readonly Option<string?> _id = OptionTypes.Text("--id", "ID", $"Client identifier (default godwit-{tool}- and a random part)", "-i");
    private readonly Option<string?> _idPrefix = OptionTypes.Text("--id-prefix", "PREFIX", "Client identifier: this and the process id", "-I");
    private readonly Option<bool> _keepSession = OptionTypes.Flag("--disable-clean-session", "Keep the session on the broker; needs -i", "-c");
    private readonly Option<string?> _sessionExpiry = OptionTypes.Text("-x", "SECONDS",
        "MQTT 5: how long the session outlives the connection; -1 for ever (default 0, with -c -1)");
    private readonly Option<long?> _keepAlive = OptionTypes.Number("--keepalive", "SECONDS", "Keep alive, 0 for none (default 60)", 0, 65_535, "-k");
    private readonly Option<string?> _version = OptionTypes.Choice("--protocol-version", "31|311|5",
        $"MQTT version (default {(defaultVersion == ProtocolVersion.V5 ? "5" : "311")})", ["31", "311", "5", "mqttv31", "mqttv311", "mqttv5"], "-V");
    private readonly Option<string?> _bind = OptionTypes.Text("-A", "ADDRESS", "Local address to connect from");
    private readonly Option<bool> _noDelay = OptionTypes.Flag("--nodelay", "Accepted and without effect: packets are never held back");

    private readonly Option<string?> _willTopic = OptionTypes.Text("--will-topic", "TOPIC", "Topic of the will, which the broker publishes if the connection is lost");
    private readonly Option<string?> _willPayload = OptionTypes.Text("--will-payload", "TEXT", "Its payload (default empty)");
    private readonly Option<long?> _willQoS = OptionTypes.Number("--will-qos", "QOS", "Its QoS (default 0)", 0, 2);
    private readonly Option<bool> _willRetain = OptionTypes.Flag("--will-retain", "The broker is to retain it");

    private readonly TransportArguments _transport = new();
    private readonly PropertyOption _properties = new();
    private readonly Option<bool> _debug = OptionTypes.Flag("--debug", "Show the packets that are sent and received", "-d");
    private readonly Option<bool> _quiet = OptionTypes.Flag("--quiet", "Print no error messages");

    public Option[] ConnectionOptions => [_host, _port, _unix, _url, _user, _password, _id, _idPrefix, _keepSession, _sessionExpiry, _keepAlive, _version, _bind, _noDelay];

    public Option[] TransportOptions => _transport.All;

    /// <summary>Those that make sense where no messages are exchanged.</summary>
    public Option[] ControlOptions => [_control, _host, _port, _url, _user, _password, _id, _bind];

    public Option[] WillOptions => [_willTopic, _willPayload, _willQoS, _willRetain];

    public Option[] PropertyOptions => [_properties];

    public Option[] OutputOptions => [_debug, _quiet];

    /// <summary>Reads the options.</summary>
    /// <exception cref="UsageException">They do not fit together.</exception>
    public ConnectionSettings Read(ParseResult arguments)
    {
        PropertyArguments properties = PropertyArguments.Parse(arguments.GetValue(_properties)!);
        MqttUrl? url = arguments.GetValue(_url) is { } text ? MqttUrl.Parse(text) : null;
        ProtocolVersion version = arguments.GetValue(_version) switch
        {
            "31" or "mqttv31" => ProtocolVersion.V31,
            "311" or "mqttv311" => ProtocolVersion.V311,
            "5" or "mqttv5" => ProtocolVersion.V5,
            _ => defaultVersion,
        };
        string? user = arguments.GetValue(_user) ?? url?.UserName, password = arguments.GetValue(_password) ?? url?.Password;
        if (password is not null && user is null && version != ProtocolVersion.V5)
            throw new UsageException("A password (-P) needs a user name (-u) before MQTT 5. [MQTT-3.1.2-22]"); // 3.1.1: [MQTT-3.1.2-22]

        PropertySet connect = properties.Connect;
        string host = arguments.GetValue(_host) ?? url?.Host ?? "localhost";
        TransportSettings transport = _transport.Read(arguments, host, (int?)arguments.GetValue(_port) ?? url?.Port, url);
        var options = new MqttClientOptions
        {
            Host = host,
            Port = transport.Port,
            UnixSocket = UnixSocket(arguments, transport),
            Tls = transport.Tls,
            WebSocket = transport.WebSocket,
            Version = version,
            ClientId = ClientId(arguments),
            CleanStart = !arguments.GetValue(_keepSession),
            SessionExpiryInterval = SessionExpiry(arguments, version, connect),
            KeepAlive = TimeSpan.FromSeconds(arguments.GetValue(_keepAlive) ?? 60),
            UserName = user,
            Password = password is null ? default(ReadOnlyMemory<byte>?) : Encoding.UTF8.GetBytes(password),
            Will = Will(arguments, properties.Will),
            ReceiveMaximum = (int)(connect.Number(PropertyId.ReceiveMaximum) ?? ushort.MaxValue),
            TopicAliasMaximum = (int)(connect.Number(PropertyId.TopicAliasMaximum) ?? 0), // as mosquitto_sub: %A, %j and %J show aliases
            RequestResponseInformation = connect.Number(PropertyId.RequestResponseInformation) == 1,
            UserProperties = connect.UserProperties,
            AuthenticationMethod = connect.Text(PropertyId.AuthenticationMethod),
            AuthenticationData = connect.Binary(PropertyId.AuthenticationData),
            LocalEndPoint = LocalAddress(arguments.GetValue(_bind)),
        };
        if (connect.Number(PropertyId.MaximumPacketSize) is { } size) options = options with { MaximumPacketSize = (int)Math.Min(size, 268_435_460) };
        return new ConnectionSettings(options, properties, url?.Topic, arguments.GetValue(_debug), arguments.GetValue(_quiet));
    }

    /// <summary>Whether the options leave open which server is meant.</summary>
    public bool NameNoServer(ParseResult arguments) =>
        arguments.GetValue(_host) is null && arguments.GetValue(_port) is null && arguments.GetValue(_url) is null && arguments.GetValue(_control) is null;

    /// <summary>Checks a topic to publish to.</summary>
    public static string Topic(string topic, string option) => TopicName.Check(Encoding.UTF8.GetBytes(topic)) is not { } violation
        ? topic
        : throw new UsageException(TopicName.HasWildcard(Encoding.UTF8.GetBytes(topic))
            ? $"{option} '{topic}': a message cannot be published to a topic with + or #; those are for subscribing."
            : $"{option} '{topic}' is not a valid topic: {violation}");

    /// <summary>Checks a topic filter.</summary>
    public static string Filter(string filter, string option, ProtocolVersion version) =>
        TopicFilter.Check(Encoding.UTF8.GetBytes(filter), version) is not { } violation
            ? filter
            : throw new UsageException($"{option} '{filter}' is not a valid topic filter: {violation} (+ stands for one whole level, # for the rest at the end.)");

    private string? UnixSocket(ParseResult arguments, TransportSettings transport)
    {
        Option<string?> option = arguments.GetValue(_control) is null ? _unix : _control;
        if (arguments.GetValue(option) is not { } path) return null;
        if (arguments.GetValue(_host) is not null || arguments.GetValue(_port) is not null || arguments.GetValue(_url) is not null)
            throw new UsageException($"{option.Name} says where to connect, so -h, -p and -L do not go with it.");
        if (transport.Tls is not null) throw new UsageException($"There is no TLS on a Unix socket ({option.Name}): nothing leaves this machine.");
        return path.Length <= 100 ? path : throw new UsageException($"{option.Name} '{path}' is too long for a Unix socket: about 100 characters are possible.");
    }

    private string ClientId(ParseResult arguments)
    {
        string? id = arguments.GetValue(_id), prefix = arguments.GetValue(_idPrefix);
        if (id is not null && prefix is not null) throw new UsageException("-i and -I cannot both be given.");
        if (id is null && arguments.GetValue(_keepSession))
            throw new UsageException("-c needs a client identifier of your own (-i ID): the session is found again by it.");
        // A random one says in the broker's log which tool it was, and fits into the 23 characters of MQTT 3.1. [MQTT-3.1.3-5]
        return id ?? (prefix is null ? $"godwit-{tool}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}" : $"{prefix}{Environment.ProcessId}");
    }

    private uint SessionExpiry(ParseResult arguments, ProtocolVersion version, PropertySet connect)
    {
        if (version != ProtocolVersion.V5) return 0;
        uint? seconds = connect.Number(PropertyId.SessionExpiryInterval);
        switch (arguments.GetValue(_sessionExpiry))
        {
            case null: break;
            case "-1" or "∞": seconds = NeverExpires; break;
            case var text:
                seconds = uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
                    ? number
                    : throw new UsageException($"-x takes a number of seconds up to 4294967294, or -1 for ever, not '{text}'.");
                break;
        }
        if (seconds == NeverExpires && arguments.GetValue(_id) is null)
            throw new UsageException("A session that never expires (-x -1) needs a client identifier of your own (-i ID): the session is found again by it.");
        return seconds ?? (arguments.GetValue(_keepSession) ? NeverExpires : 0);
    }

    private MqttWill? Will(ParseResult arguments, PropertySet properties)
    {
        string? topic = arguments.GetValue(_willTopic);
        if (topic is null)
        {
            bool isMissing = arguments.GetValue(_willPayload) is not null || arguments.GetValue(_willQoS) is not null || arguments.GetValue(_willRetain) || !properties.IsEmpty;
            return isMissing ? throw new UsageException("A will needs a topic: --will-topic TOPIC.") : null;
        }
        MqttMessage message = WithProperties(new MqttMessage
        {
            Topic = Topic(topic, "--will-topic"),
            Payload = Encoding.UTF8.GetBytes(arguments.GetValue(_willPayload) ?? ""),
            QoS = (QoS)(arguments.GetValue(_willQoS) ?? 0),
            Retain = arguments.GetValue(_willRetain),
        }, properties);
        return new MqttWill(message) { DelayInterval = properties.Number(PropertyId.WillDelayInterval) ?? 0 };
    }

    /// <summary>The message with the properties of -D.</summary>
    public static MqttMessage WithProperties(MqttMessage message, PropertySet properties) => message with
    {
        PayloadFormatIndicator = (byte?)properties.Number(PropertyId.PayloadFormatIndicator),
        MessageExpiryInterval = properties.Number(PropertyId.MessageExpiryInterval),
        ContentType = properties.Text(PropertyId.ContentType),
        ResponseTopic = properties.Text(PropertyId.ResponseTopic) is { } topic ? Topic(topic, "-D response-topic") : null,
        CorrelationData = properties.Binary(PropertyId.CorrelationData),
        UserProperties = properties.UserProperties,
    };

    private static IPEndPoint? LocalAddress(string? address) => address is null ? null
        : IPAddress.TryParse(address, out IPAddress? parsed) ? new IPEndPoint(parsed, 0)
        : throw new UsageException($"-A takes an IP address of this machine such as 192.168.1.5, not '{address}'.");
}

/// <summary>What the shared options say.</summary>
/// <param name="Options">How to connect.</param>
/// <param name="Properties">MQTT 5 properties.</param>
/// <param name="UrlTopic">The topic of -L.</param>
/// <param name="IsDebug">-d.</param>
/// <param name="IsQuiet">--quiet.</param>
internal sealed record ConnectionSettings(MqttClientOptions Options, PropertyArguments Properties, string? UrlTopic, bool IsDebug, bool IsQuiet);
