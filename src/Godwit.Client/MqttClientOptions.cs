using System.Net;
using System.Security.Authentication;
using Godwit.Protocol;
using Godwit.Protocol.Topics;
using Godwit.Session;
using Godwit.Transport;

namespace Godwit.Client;

/// <summary>Everything that can be set on a client. What only MQTT 5 has is not sent by earlier versions.</summary>
public sealed record MqttClientOptions
{
    /// <summary>Name or address of the server; default <c>localhost</c>. All addresses of a name are tried in the resolver's order.</summary>
    public string Host { get; init; } = "localhost";

    /// <summary>The server's TCP port; default 1883, the one registered for MQTT without TLS. (With TLS 8883 is.)</summary>
    public int Port { get; init; } = 1883;

    /// <summary>
    /// TLS; default null: none. Without a server name in it the certificate must be for <see cref="Host"/>. The files are read for each attempt
    /// to connect, so renewed certificates need no new client.
    /// </summary>
    public TlsClientOptions? Tls { get; init; }

    /// <summary>WebSocket; default null: MQTT directly on TCP or TLS.</summary>
    public WebSocketClientOptions? WebSocket { get; init; }

    /// <summary>The protocol version; default MQTT 5, which alone says why something was refused.</summary>
    public ProtocolVersion Version { get; init; } = ProtocolVersion.V5;

    /// <summary>
    /// The client identifier. Default null: an MQTT 5 server assigns one, which is kept for reconnects; before MQTT 5 a random one is
    /// made, because not every server assigns. <c>[MQTT-3.1.3-2]</c>
    /// </summary>
    public string? ClientId { get; init; }

    /// <summary>
    /// Whether the server is to drop an earlier session first; default true. Before MQTT 5 this is Clean Session, and the session then
    /// also ends with the connection. Automatic reconnects of MQTT 5 continue the session if it outlives the connection.
    /// </summary>
    public bool CleanStart { get; init; } = true;

    /// <summary>Seconds that the session outlives the connection, MQTT 5; default 0, the specification's; <see cref="uint.MaxValue"/> is for ever.</summary>
    public uint SessionExpiryInterval { get; init; }

    /// <summary>
    /// The longest time in which nothing is sent, 0 to 65,535 whole seconds; default 60 seconds: a dead connection is noticed within
    /// a minute and a half. Zero switches it off. A server may impose its own.
    /// </summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The user name; default none.</summary>
    public string? UserName { get; init; }

    /// <summary>The password; default none. Before MQTT 5 it needs a user name.</summary>
    public ReadOnlyMemory<byte>? Password { get; init; }

    /// <summary>What the server publishes when the connection is lost; default nothing.</summary>
    public MqttWill? Will { get; init; }

    /// <summary>QoS 1 and 2 messages that the server may send unacknowledged, MQTT 5: 1 to 65,535; default 65,535, the specification's.</summary>
    public int ReceiveMaximum { get; init; } = ushort.MaxValue;

    /// <summary>
    /// Bytes of the largest packet accepted; default 268,435,460, all that MQTT can encode. MQTT 5 servers are told of a smaller one;
    /// a larger packet that comes all the same ends the connection.
    /// </summary>
    public int MaximumPacketSize { get; init; } = ConnectionLimits.LargestPacket;

    /// <summary>
    /// Topic aliases that the server may use, MQTT 5; default 16, enough for the few busy topics that aliases are for. They cost memory
    /// for as many topics. <c>[MQTT-3.3.2-10]</c>
    /// </summary>
    public int TopicAliasMaximum { get; init; } = 16;

    /// <summary>Whether to ask for Response Information, MQTT 5; default false.</summary>
    public bool RequestResponseInformation { get; init; }

    /// <summary>User properties of CONNECT, MQTT 5; default none.</summary>
    public IReadOnlyList<UserProperty> UserProperties { get; init; } = [];

    /// <summary>The enhanced authentication's method, MQTT 5; default none. <see cref="Authentication"/> goes before it.</summary>
    public string? AuthenticationMethod { get; init; }

    /// <summary>The data that go with <see cref="AuthenticationMethod"/>; default none.</summary>
    public ReadOnlyMemory<byte>? AuthenticationData { get; init; }

    /// <summary>Answers the server's challenges in an enhanced authentication, MQTT 5; default none.</summary>
    public IClientAuthentication? Authentication { get; init; }

    /// <summary>
    /// How long one attempt may take in all: resolving the name, all its addresses, TLS, WebSocket, CONNECT and CONNACK; default 10 seconds, more than
    /// a slow mobile network needs.
    /// </summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long publishing, subscribing and unsubscribing may take until they fail with <see cref="TimeoutException"/>. Default null,
    /// for ever: keep alive finds dead connections, and what is not acknowledged is sent again on the next one.
    /// </summary>
    public TimeSpan? ResponseTimeout { get; init; }

    /// <summary>What to do when the connection is lost; default: connect again.</summary>
    public ReconnectOptions Reconnect { get; init; } = new();

    /// <summary>
    /// Messages that may be waiting or unacknowledged; default 1,024. With so many, publishing waits before it begins: nothing grows
    /// beyond it. Subscribing and unsubscribing count too.
    /// </summary>
    public int MaximumPendingPublishes { get; init; } = 1024;

    /// <summary>
    /// Received messages that may wait for the application; default 1,024. When it is full the socket is not read, so that TCP slows the
    /// server down. The exception are answers that the application waits for: then reading goes on, further QoS 1 and 2 messages
    /// are held unacknowledged, and QoS 0 messages are dropped and counted (<see cref="MqttClient.DroppedMessages"/>).
    /// </summary>
    public int ReceiveQueueCapacity { get; init; } = 1024;

    /// <summary>A Unix socket to connect to instead of <see cref="Host"/> and port; default null.</summary>
    public string? UnixSocket { get; init; }

    /// <summary>The local address and port (or 0) to connect from; default null, the system chooses.</summary>
    public IPEndPoint? LocalEndPoint { get; init; }

    /// <summary>
    /// The loop that does the client's work, with its clock; default null: one background loop that all clients of the process share.
    /// Dispose of the client before stopping a loop of your own.
    /// </summary>
    public EventLoop? Loop { get; init; }

    /// <summary>
    /// Connects in another way than by TCP; default null. For a broker in this process: <c>broker.ConnectInProcess</c>. Called on the
    /// loop for each attempt.
    /// </summary>
    public Action<EventLoop, IConnectionHandler>? Connector { get; init; }

    /// <summary>Sees every packet; default null, which costs nothing.</summary>
    public IPacketObserver? PacketObserver { get; init; }

    /// <summary>
    /// Options for a server that is given as <c>mqtt://</c>, <c>mqtts://</c> (TLS), <c>ws://</c> (WebSocket) or <c>wss://</c> (both) and
    /// <c>[USER[:PASSWORD]@]HOST[:PORT]</c>, for WebSocket with a path. The rest is set by <c>with</c>.
    /// </summary>
    /// <param name="uri">Ports not named are 1883, 8883, 8083 and 8084; a path not named is <c>/mqtt</c>.</param>
    /// <exception cref="ArgumentException">It is not such a URI; the message says why.</exception>
    public static MqttClientOptions FromUri(string uri) => ServerUri.Parse(uri);

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">A value is out of its range; the message says which and what is allowed.</exception>
    public void Validate()
    {
        Require(Connector is not null || Host.Length > 0, nameof(Host), "a name or an address");
        Require(Port is >= 1 and <= ushort.MaxValue, nameof(Port), "1 to 65,535");
        Require(Connector is null || (Tls is null && WebSocket is null), nameof(Connector), "a connector instead of TLS and WebSocket, not beside them");
        Require(Tls is null || Tls.MinimumVersion is SslProtocols.Tls12 or SslProtocols.Tls13, nameof(Tls), "TLS 1.2 or 1.3 as the lowest version");
        Require(WebSocket is null || (WebSocket.Path.StartsWith('/') && IsOneLine(WebSocket.Path) && !WebSocket.Path.Contains(' ')), nameof(WebSocket), "a path that begins with / and has no blanks");
        Require(WebSocket is null || WebSocket.Headers.All(header => IsOneLine(header.Key) && IsOneLine(header.Value)), nameof(WebSocket), "headers of one line each");
        Require(Version is ProtocolVersion.V31 or ProtocolVersion.V311 or ProtocolVersion.V5, nameof(Version), "V31, V311 or V5");
        Require(KeepAlive.TotalSeconds is >= 0 and <= ushort.MaxValue, nameof(KeepAlive), "0 to 65,535 seconds");
        Require(ReceiveMaximum is >= 1 and <= ushort.MaxValue, nameof(ReceiveMaximum), "1 to 65,535");
        Require(MaximumPacketSize is >= 1 and <= ConnectionLimits.LargestPacket, nameof(MaximumPacketSize), "1 to 268,435,460 bytes");
        Require(TopicAliasMaximum is >= 0 and <= ushort.MaxValue, nameof(TopicAliasMaximum), "0 to 65,535");
        Require(ConnectTimeout > TimeSpan.Zero && ConnectTimeout.TotalMilliseconds <= int.MaxValue, nameof(ConnectTimeout), "more than zero, at most 24 days");
        Require(ResponseTimeout is null || ResponseTimeout > TimeSpan.Zero, nameof(ResponseTimeout), "null or more than zero");
        Require(MaximumPendingPublishes >= 1, nameof(MaximumPendingPublishes), "1 or more");
        Require(ReceiveQueueCapacity >= 1, nameof(ReceiveQueueCapacity), "1 or more");
        Require(Reconnect.Jitter is >= 0 and <= 1, nameof(Reconnect), "a jitter of 0 to 1");
        Require(Reconnect.InitialDelay > TimeSpan.Zero && Reconnect.MaximumDelay >= Reconnect.InitialDelay, nameof(Reconnect), "delays of more than zero, the maximum not below the first");
        if (Version != ProtocolVersion.V5)
        {
            Require(Password is null || UserName is not null, nameof(Password), "a password only with a user name [MQTT-3.1.2-22]"); // 3.1.1: [MQTT-3.1.2-22]
            Require(ClientId != "" || CleanStart, nameof(ClientId), "an empty one only with CleanStart [MQTT-3.1.3-7]"); // 3.1.1: [MQTT-3.1.3-7]
        }
        Require(Password is null || Password.Value.Length <= ushort.MaxValue, nameof(Password), "at most 65,535 bytes");
        if (Will is { } will)
        {
            Require(will.Message.QoS <= QoS.ExactlyOnce, nameof(Will), "QoS 0, 1 or 2"); // [MQTT-3.1.2-14], 5.0: [MQTT-3.1.2-12]
            Require(will.Message.Payload.Length <= ushort.MaxValue, nameof(Will), "a payload of at most 65,535 bytes");
            if (TopicName.Check(Text.Encode(will.Message.Topic, nameof(Will))) is { } violation) throw new ArgumentException(violation.Describe(Version), nameof(Will));
        }

        static bool IsOneLine(string text) => !text.AsSpan().ContainsAny('\r', '\n');

        static void Require(bool holds, string option, string allowed)
        {
            if (!holds) throw new ArgumentException($"{option} is out of range: {allowed} is allowed.", option);
        }
    }
}
