using System.Net;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Bench;

/// <summary>What a run does.</summary>
public enum ScenarioKind
{
    /// <summary>Connect, CONNECT, CONNACK, DISCONNECT, over and over.</summary>
    Connect,

    /// <summary>Each publisher has a topic and a subscriber of its own.</summary>
    PointToPoint,

    /// <summary>Many publishers to one topic, few subscribers.</summary>
    FanIn,

    /// <summary>Few publishers to one topic, many subscribers.</summary>
    FanOut,

    /// <summary>Publishers to one topic, which the members of a shared subscription divide among themselves.</summary>
    Shared,

    /// <summary>Many retained messages are stored; then subscribers ask for all of them at once.</summary>
    Retained,

    /// <summary>Subscribed clients lose their connections all at once, and come back all at once.</summary>
    Reconnect,
}

/// <summary>Everything that can be set on a run. What is null is chosen by the scenario.</summary>
public sealed record BenchOptions
{
    /// <summary>What to do.</summary>
    public required ScenarioKind Scenario { get; init; }

    /// <summary>The broker's name or address; default <c>localhost</c>.</summary>
    public string Host { get; init; } = "localhost";

    /// <summary>Its port; default 1883.</summary>
    public int Port { get; init; } = 1883;

    /// <summary>TLS; default null: none. Without a server name in it the certificate must be for <see cref="Host"/>.</summary>
    public TlsClientOptions? Tls { get; init; }

    /// <summary>WebSocket; default null: MQTT directly on TCP or TLS.</summary>
    public WebSocketClientOptions? WebSocket { get; init; }

    /// <summary>The protocol version; default MQTT 3.1.1, which every broker has.</summary>
    public ProtocolVersion Version { get; init; } = ProtocolVersion.V311;

    /// <summary>The user name; default none.</summary>
    public string? UserName { get; init; }

    /// <summary>The password; default none.</summary>
    public string? Password { get; init; }

    /// <summary>What the client identifiers begin with; default <c>gb-</c> and six random digits. A number follows.</summary>
    public string? ClientIdPrefix { get; init; }

    /// <summary>Clean Start (Clean Session before MQTT 5); default true.</summary>
    public bool CleanStart { get; init; } = true;

    /// <summary>Seconds that sessions outlive their connections, MQTT 5; default 0.</summary>
    public uint SessionExpiryInterval { get; init; }

    /// <summary>The keep alive in seconds; default 60. PINGREQ is sent every half of it, or of what the broker wants.</summary>
    public ushort KeepAlive { get; init; } = 60;

    /// <summary>The topics' first level or levels; default <c>godwit-bench</c>. A random level follows, so that runs do not meet.</summary>
    public string TopicPrefix { get; init; } = "godwit-bench";

    /// <summary>The QoS of publishers and subscribers; default 0.</summary>
    public QoS QoS { get; init; }

    /// <summary>Bytes of a payload; default 64. Fewer than 20 leave out checks: see <see cref="StampLevel"/>.</summary>
    public int PayloadSize { get; init; } = 64;

    /// <summary>Publishers, or pairs, or connections: the default depends on the scenario.</summary>
    public int? Publishers { get; init; }

    /// <summary>Subscribers: the default depends on the scenario.</summary>
    public int? Subscribers { get; init; }

    /// <summary>Messages (or connections) to begin in all; default null, as many as <see cref="Duration"/> has room for.</summary>
    public long? Messages { get; init; }

    /// <summary>How long to send; default 5 seconds, if <see cref="Messages"/> does not say how much.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long to send before measuring begins; default 1 second. Programs that are compiled just in time need it.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Open loop: messages (or connections) a second of all together, on a fixed schedule. Default null: closed loop.</summary>
    public double? Rate { get; init; }

    /// <summary>Closed loop: messages that a publisher has under way at most; default 16.</summary>
    public int Window { get; init; } = 16;

    /// <summary>Threads, each with an event loop and its part of the connections; default 1.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Local addresses to connect from, in turn; default none: the system chooses, and towards 127.0.0.0/8 several are used.</summary>
    public IReadOnlyList<IPAddress> LocalAddresses { get; init; } = [];

    /// <summary>Connections that may be on their way to CONNACK at a time; default null: 64 for connect, 256 in preparation.</summary>
    public int? Concurrency { get; init; }

    /// <summary>Connections opened a second in preparation and in a reconnect storm; default null, no limit.</summary>
    public double? ConnectRate { get; init; }

    /// <summary>How many storms of reconnects follow each other; default 1.</summary>
    public int Storms { get; init; } = 1;

    /// <summary>How long to wait for what is missing: a CONNACK, the rest of the messages; default 5 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The broker's process on this machine, whose processor time is to be reported; default none.</summary>
    public int? BrokerProcess { get; init; }

    /// <summary>Publishers in numbers: <see cref="Publishers"/> or the scenario's default.</summary>
    public int PublisherCount => Publishers ?? Scenario switch
    {
        ScenarioKind.PointToPoint => Subscribers ?? 100,
        ScenarioKind.FanIn => 200,
        ScenarioKind.Shared => 10,
        ScenarioKind.Reconnect => 1000,
        _ => 1,
    };

    /// <summary>Subscribers in numbers: <see cref="Subscribers"/> or the scenario's default.</summary>
    public int SubscriberCount => Scenario == ScenarioKind.PointToPoint ? PublisherCount : Subscribers ?? Scenario switch
    {
        ScenarioKind.FanIn => 1,
        ScenarioKind.FanOut => 500,
        _ => 10,
    };

    /// <summary>Retained messages, each on a topic of its own: <see cref="Messages"/>, or 10,000.</summary>
    public int RetainedCount => (int)(Messages ?? 10_000);

    /// <summary>What is between MQTT and TCP: <c>tcp</c> (nothing), <c>tls</c>, <c>ws</c> or <c>wss</c>.</summary>
    public string Transport => (Tls, WebSocket) switch
    {
        (null, null) => "tcp",
        (_, null) => "tls",
        (null, _) => "ws",
        _ => "wss",
    };

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">A value is out of range, or two do not fit together; the message says what is allowed.</exception>
    public void Validate()
    {
        Require(Version is ProtocolVersion.V31 or ProtocolVersion.V311 or ProtocolVersion.V5, "The version is 3.1, 3.1.1 or 5.");
        Require(Password is null || UserName is not null || Version == ProtocolVersion.V5, "A password needs a user name before MQTT 5. [MQTT-3.1.2-22]"); // 3.1.1: [MQTT-3.1.2-22]
        Require(PayloadSize is >= 0 and <= 16 * 1024 * 1024, "The payload has 0 to 16,777,216 bytes.");
        Require(PublisherCount is >= 1 and <= 1_000_000 && SubscriberCount is >= 1 and <= 1_000_000, "There are 1 to 1,000,000 clients of a kind.");
        Require(Scenario != ScenarioKind.PointToPoint || Publishers is null || Subscribers is null || Publishers == Subscribers,
            "p2p has as many subscribers as publishers: give one of the two.");
        Require(Messages is null or > 0, "There is at least one message.");
        Require(Duration > TimeSpan.Zero, "The duration is more than zero.");
        Require(WarmUp >= TimeSpan.Zero, "The warm-up is not negative.");
        Require(Rate is null or (> 0 and <= 1e9), "The rate is more than zero, and at most 1,000,000,000 a second.");
        Require(ConnectRate is null or (> 0 and <= 1e9), "The connect rate is more than zero, and at most 1,000,000,000 a second.");
        Require(Window is >= 1 and <= 65_535, "The window is 1 to 65,535 messages.");
        Require(Threads is >= 1 and <= 64, "There are 1 to 64 threads.");
        Require(Concurrency is null or >= 1, "At least one connection is made at a time.");
        Require(Storms is >= 1 and <= 1000, "There are 1 to 1,000 storms.");
        Require(Timeout > TimeSpan.Zero, "The timeout is more than zero.");
        Require((long)PublisherCount * SubscriberCount <= 10_000_000 || Scenario is not (ScenarioKind.FanIn or ScenarioKind.FanOut),
            "Each subscriber checks each publisher: at most 10,000,000 pairs of them.");
        Require(Scenario != ScenarioKind.Retained || Messages is null or <= 100_000_000, "There are at most 100,000,000 retained messages.");
        Require(Scenario != ScenarioKind.Retained || PayloadSize >= MessageStamp.FullSize,
            $"Retained messages have payloads of at least {MessageStamp.FullSize} bytes, to be told apart; an empty one would delete.");

        static void Require(bool holds, string allowed)
        {
            if (!holds) throw new ArgumentException(allowed);
        }
    }
}

/// <summary>Names of scenarios as users write them.</summary>
public static class ScenarioNames
{
    private static readonly string[] Names = ["connect", "p2p", "fan-in", "fan-out", "shared", "retained", "reconnect"];

    /// <summary>All of them, in the order of <see cref="ScenarioKind"/>.</summary>
    public static IReadOnlyList<string> All => Names;

    /// <summary>The scenario's name.</summary>
    public static string Name(this ScenarioKind scenario) => Names[(int)scenario];

    /// <summary>The scenario of that name, or null.</summary>
    public static ScenarioKind? Find(string name) => Array.IndexOf(Names, name) is >= 0 and var index ? (ScenarioKind)index : null;
}
