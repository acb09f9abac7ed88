using System.Net;
using System.Net.Sockets;
using Godwit.Broker.Auth;
using Godwit.Broker.Control;
using Godwit.Broker.Hooks;
using Godwit.Broker.Limits;
using Godwit.Broker.Sessions;
using Godwit.Broker.Storage;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Broker;

/// <summary>Which message has to go when a session's queue is full.</summary>
public enum OverflowPolicy
{
    /// <summary>The one that has waited longest: the client gets the newest state.</summary>
    DropOldest,

    /// <summary>The one that has just come: the client gets the beginning without gaps.</summary>
    DropNewest,

    /// <summary>The one that has just come, and the client is disconnected (0x97): it shall see that it has missed something.</summary>
    Disconnect,
}

/// <summary>Everything that can be set on a broker. The defaults are meant for production on one machine.</summary>
public sealed record BrokerOptions
{
    /// <summary>Where to listen; default 127.0.0.1:1883. Empty for a broker that serves in-process clients only.</summary>
    public IReadOnlyList<ListenerOptions> Listeners { get; init; } = [new ListenerOptions(new IPEndPoint(IPAddress.Loopback, 1883))];

    /// <summary>Event loops, between which clients are divided: 1 to 64; default 0 takes one for each processor.</summary>
    public int Loops { get; init; }

    /// <summary>How loops get threads; by default one thread runs them all until it is saturated, then as many as it takes.</summary>
    public LoopThreading LoopThreads { get; init; } = LoopThreading.Elastic;

    /// <summary>How sockets are driven; the default takes epoll where there is one.</summary>
    public TransportBackend Backend { get; init; } = TransportBackend.Automatic;

    /// <summary>Bytes of the largest packet accepted; default 16 MiB. Announced to MQTT 5 clients.</summary>
    public int MaximumPacketSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>The highest QoS for publishing; default 2. Announced to MQTT 5 clients. <c>[MQTT-3.2.2-9]</c></summary>
    public QoS MaximumQoS { get; init; } = QoS.ExactlyOnce;

    /// <summary>Whether retained messages are kept; default true. Announced to MQTT 5 clients.</summary>
    public bool RetainAvailable { get; init; } = true;

    /// <summary>How many topics may have a retained message; default 1,000,000.</summary>
    public int MaximumRetainedMessages { get; init; } = 1_000_000;

    /// <summary>QoS 1 and 2 messages a client may have unacknowledged towards the broker; default 65,535. Announced to MQTT 5 clients.</summary>
    public ushort ReceiveMaximum { get; init; } = ushort.MaxValue;

    /// <summary>Topic aliases a client may use; default 64, 0 for none. Announced to MQTT 5 clients.</summary>
    public ushort TopicAliasMaximum { get; init; } = 64;

    /// <summary>Topic aliases the broker uses towards a client that allows them; default 64, 0 for none.</summary>
    public ushort MaximumOutboundTopicAliases { get; init; } = 64;

    /// <summary>
    /// QoS 1 and 2 messages on their way to one client at the same time: 1 to 49,152, default 32,768. A smaller Receive Maximum of an MQTT 5 client
    /// goes before it.
    /// </summary>
    public int MaximumInflight { get; init; } = 32_768;

    /// <summary>
    /// Bytes of the messages kept in flight for one session that can continue; default 64 MiB. Beyond it new ones wait in its queue until
    /// the client has acknowledged some.
    /// </summary>
    public long MaximumInflightBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Messages that may wait for one session, beyond those in flight; default 10,000.</summary>
    public int MaximumQueuedMessages { get; init; } = 10_000;

    /// <summary>Bytes of the messages that may wait for one session; default 64 MiB.</summary>
    public long MaximumQueuedBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// Bytes that retained messages, queues, buffers, sessions and connections may take together, at least 8 MiB; default 0 for no limit. When
    /// most of it is used publishers are slowed down, then the broker sheds what it can do without: <c>docs/memory.md</c>.
    /// </summary>
    public long MemoryBudget { get; init; }

    /// <summary>Where sessions, queues and retained messages are kept beyond the process; null keeps them in memory. The caller disposes of it.</summary>
    public IBrokerStore? Store { get; init; }

    /// <summary>
    /// What has happened to a message before it is acknowledged. Default null: <see cref="AcknowledgementLevel.Fsync"/> with a
    /// <see cref="Store"/>, <see cref="AcknowledgementLevel.Memory"/> without one, where nothing else is possible.
    /// </summary>
    public AcknowledgementLevel? Acknowledgement { get; init; }

    /// <summary>
    /// How long writes to the store are collected before they are committed together; default 2 ms, more while the store is busy. What is
    /// acknowledged by its recipients meanwhile is not written at all.
    /// </summary>
    public TimeSpan CommitDelay { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>With a <see cref="Store"/>: messages that may wait for one persistent session; default 10,000,000. Only the first of them are in memory.</summary>
    public long MaximumStoredMessages { get; init; } = 10_000_000;

    /// <summary>With a <see cref="Store"/>: bytes of the messages that may wait for one persistent session; default 4 GiB.</summary>
    public long MaximumStoredBytes { get; init; } = 4L * 1024 * 1024 * 1024;

    /// <summary>What happens when a queue is full; default: the oldest message goes.</summary>
    public OverflowPolicy OverflowPolicy { get; init; } = OverflowPolicy.DropOldest;

    /// <summary>Clients with limits of their own; the first class that a client belongs to decides. Default none.</summary>
    public IReadOnlyList<ClientClass> ClientClasses { get; init; } = [];

    /// <summary>Whether QoS 0 messages wait for an offline session too; default false.</summary>
    public bool QueueQoS0Messages { get; init; }

    /// <summary>Bytes a client may leave unread before QoS 0 messages for it are dropped and others wait in its queue; default 1 MiB.</summary>
    public int OutputLimit { get; init; } = 1024 * 1024;

    /// <summary>Seconds a session may outlive its connection at most; default without limit (0xFFFFFFFF).</summary>
    public uint MaximumSessionExpiry { get; init; } = uint.MaxValue;

    /// <summary>
    /// The same for a new session, until its client has come back to it once: what random client identifiers leave behind is gone sooner;
    /// default without limit. MQTT 5 clients are told.
    /// </summary>
    public uint MaximumNewSessionExpiry { get; init; } = uint.MaxValue;

    /// <summary>
    /// Sessions that may be kept for clients that are not connected; default 1,000,000. Beyond that those go whose client has never come back,
    /// the one that is away for longest first; only then others.
    /// </summary>
    public int MaximumOfflineSessions { get; init; } = 1_000_000;

    /// <summary>The longest keep alive in seconds; default 65,535. A longer one (or none) is replaced for MQTT 5 clients when this is set lower.</summary>
    public ushort MaximumKeepAlive { get; init; } = ushort.MaxValue;

    /// <summary>How long a new connection may take until its CONNECT is complete and accepted; default 10 seconds.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Levels that a topic or filter may have: 1 to 2,000, default 200. More are refused.</summary>
    public int MaximumTopicLevels { get; init; } = 200;

    /// <summary>Subscriptions one session may have; default 100,000.</summary>
    public int MaximumSubscriptions { get; init; } = 100_000;

    /// <summary>
    /// PUBLISH, SUBSCRIBE and UNSUBSCRIBE packets a second of one client, on average over some seconds; default 0 for no limit. Beyond it the client is
    /// not read from for a while: TCP slows it down, and nothing is lost.
    /// </summary>
    public int MaximumMessageRate { get; init; }

    /// <summary>Bytes a second of one client; default 0 for no limit. As with <see cref="MaximumMessageRate"/>, what is beyond it waits.</summary>
    public long MaximumByteRate { get; init; }

    /// <summary>How many may connect, how often, and from where.</summary>
    public ConnectLimits Connections { get; init; } = new();

    /// <summary>Who may not connect, whatever administrators say while the broker runs; at most 10,000. Default nobody.</summary>
    public IReadOnlyList<Ban> Bans { get; init; } = [];

    /// <summary>The file that keeps the bans which administrators set while the broker runs; default null: they end with it.</summary>
    public string? BanFile { get; init; }

    /// <summary>Whether a client may leave the choice of its client identifier to the broker; default true.</summary>
    public bool AllowEmptyClientId { get; init; } = true;

    /// <summary>What assigned client identifiers begin with; default <c>auto-</c>.</summary>
    public string AssignedClientIdPrefix { get; init; } = "auto-";

    /// <summary>What an MQTT 5 client is told when it asks for response information; null for nothing. <c>%c</c> stands for the client identifier.</summary>
    public string? ResponseInformation { get; init; }

    /// <summary>How often <c>$SYS</c> topics are brought up to date; default 10 seconds, zero turns them off.</summary>
    public TimeSpan SysInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Entries of the loss ledger for each event loop: 16 to 65,536, default 4,096 (about 4 MB). Beyond it those that were not hit for longest
    /// are counted together; no message is left out.
    /// </summary>
    public int MaximumLossEntries { get; init; } = 4096;

    /// <summary>By how many levels of their topics lost messages are counted: 1 to 8, default 2.</summary>
    public int LossTopicLevels { get; init; } = 2;

    /// <summary>How often the log sums up what was not delivered, a line for each reason; default a minute, zero for never.</summary>
    public TimeSpan LossSummaryInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Decides who may connect; null lets everybody in.</summary>
    public IAuthenticator? Authenticator { get; init; }

    /// <summary>The enhanced authentication methods of MQTT 5 that clients may use; default none.</summary>
    public IReadOnlyList<IEnhancedAuthenticator> EnhancedAuthenticators { get; init; } = [];

    /// <summary>Decides what clients may publish and subscribe to; null allows everything.</summary>
    public IAuthorizer? Authorizer { get; init; }

    /// <summary>
    /// Says who may use the control channel (<c>$CONTROL/godwit/v1/...</c>): look at losses and sessions, delete sessions. By default whoever connects
    /// from this machine or within this process, as long as there is no authenticator, and nobody otherwise.
    /// </summary>
    public Func<ClientIdentity, bool>? IsAdministrator { get; init; }

    /// <summary>
    /// Whether an administrator who traces connections may have passwords and authentication data shown. Default false: they are written over before they
    /// leave the connection.
    /// </summary>
    public bool TracePasswords { get; init; }

    /// <summary>
    /// Carries out <c>reload</c> on the control channel: reads again what the options were made of, and calls <see cref="MqttBroker.ReloadAsync"/>. It is
    /// told who has asked; the message of an exception is the answer. Default null: there is nothing to read again.
    /// </summary>
    public Func<string, Task<ReloadSummary>>? OnReload { get; init; }

    /// <summary>See every message; default none.</summary>
    public IReadOnlyList<IMessageHook> MessageHooks { get; init; } = [];

    /// <summary>Are told of connections, subscriptions and sessions; default none.</summary>
    public IReadOnlyList<ISessionHook> SessionHooks { get; init; } = [];

    /// <summary>How long a new session may outlive its connection.</summary>
    internal uint NewSessionExpiry => Math.Min(MaximumSessionExpiry, MaximumNewSessionExpiry);

    /// <summary>What acknowledgements mean to clients of a listener.</summary>
    internal AcknowledgementLevel EffectiveAcknowledgement(ListenerOptions? listener) =>
        Store is null ? AcknowledgementLevel.Memory : listener?.Acknowledgement ?? Acknowledgement ?? AcknowledgementLevel.Fsync;

    /// <summary>Checks the values.</summary>
    /// <exception cref="ArgumentException">A value is out of its range; the message says which and what is allowed.</exception>
    public void Validate()
    {
        Require(Loops is >= 0 and <= 64, nameof(Loops), "0 to 64");
        Require(MaximumPacketSize is >= 64 and <= 268_435_460, nameof(MaximumPacketSize), "64 to 268,435,460 bytes");
        Require(MaximumQoS <= QoS.ExactlyOnce, nameof(MaximumQoS), "0, 1 or 2");
        Require(ReceiveMaximum > 0, nameof(ReceiveMaximum), "1 to 65,535");
        Require(MaximumInflight is >= 1 and <= 49_152, nameof(MaximumInflight), "1 to 49,152"); // a free packet identifier must be near
        Require(MaximumInflightBytes >= 1, nameof(MaximumInflightBytes), "1 or more");
        Require(MaximumQueuedMessages >= 0, nameof(MaximumQueuedMessages), "0 or more");
        Require(MaximumQueuedBytes >= 0, nameof(MaximumQueuedBytes), "0 or more");
        Require(MemoryBudget is 0 or >= 8 * 1024 * 1024, nameof(MemoryBudget), "0 (no limit) or at least 8 MiB");
        Require(MaximumStoredMessages >= 0, nameof(MaximumStoredMessages), "0 or more");
        Require(MaximumStoredBytes >= 0, nameof(MaximumStoredBytes), "0 or more");
        Require(CommitDelay >= TimeSpan.Zero && CommitDelay <= TimeSpan.FromSeconds(10), nameof(CommitDelay), "0 to 10 seconds");
        Require(Listeners.All(l => !l.IsControl || (l.EndPoint is UnixDomainSocketEndPoint && l.Tls is null && l.WebSocket is null && !l.IsAny)), nameof(Listeners),
            "for control a Unix socket without TLS and WebSocket");
        bool isMemoryOnly = Listeners.Select(l => l.Acknowledgement).Append(Acknowledgement).All(level => level is null or AcknowledgementLevel.Memory);
        Require(Store is not null || isMemoryOnly, nameof(Acknowledgement), "without a store only memory");
        Require(MaximumRetainedMessages >= 0, nameof(MaximumRetainedMessages), "0 or more");
        Require(OutputLimit >= 1024, nameof(OutputLimit), "at least 1,024 bytes");
        Require(MaximumOfflineSessions >= 0, nameof(MaximumOfflineSessions), "0 or more");
        Require(MaximumKeepAlive > 0, nameof(MaximumKeepAlive), "1 to 65,535 seconds");
        Require(ConnectTimeout > TimeSpan.Zero, nameof(ConnectTimeout), "more than zero");
        Require(MaximumTopicLevels is >= 1 and <= 2000, nameof(MaximumTopicLevels), "1 to 2,000"); // matching goes as deep on the stack
        Require(MaximumSubscriptions >= 1, nameof(MaximumSubscriptions), "1 or more");
        Require(SysInterval >= TimeSpan.Zero, nameof(SysInterval), "zero (off) or more");
        Require(MaximumLossEntries is >= 16 and <= 65_536, nameof(MaximumLossEntries), "16 to 65,536");
        Require(LossTopicLevels is >= 1 and <= 8, nameof(LossTopicLevels), "1 to 8");
        Require(LossSummaryInterval >= TimeSpan.Zero, nameof(LossSummaryInterval), "zero (off) or more");
        Require(MaximumMessageRate >= 0, nameof(MaximumMessageRate), "0 (no limit) or more");
        Require(MaximumByteRate >= 0, nameof(MaximumByteRate), "0 (no limit) or more");
        Connections.Validate(Require);
        foreach (ListenerOptions listener in Listeners)
        {
            Require(listener.MaximumConnections >= 0, nameof(listener.MaximumConnections), "0 (no limit) or more");
            Require(listener.MaximumOpening >= 1, nameof(listener.MaximumOpening), "1 or more");
        }
        Require(Bans.Count <= BanList.Most, nameof(Bans), "10,000 bans or less");
        if (Bans.Select(ban => ban.Problem).FirstOrDefault(problem => problem is not null) is { } wrong) throw new ArgumentException(wrong, nameof(Bans));
        foreach (ClientClass own in ClientClasses)
        {
            Require(own.MaximumMessageRate is null or >= 0 && own.MaximumByteRate is null or >= 0, nameof(ClientClasses), "of messages and bytes a second 0 (no limit) or more");
            Require(own.MaximumQueuedMessages is null or >= 0 && own.MaximumQueuedBytes is null or >= 0, nameof(ClientClasses), "of queued messages and bytes 0 or more");
            Require(own.MaximumInflight is null or (>= 1 and <= 49_152), nameof(ClientClasses), "of messages in flight 1 to 49,152");
            Require(own.MaximumPacketSize is null or >= 64 && !(own.MaximumPacketSize > MaximumPacketSize), nameof(ClientClasses), "of a packet 64 bytes to the limit of all");
            Require(own.MaximumSubscriptions is null or >= 1, nameof(ClientClasses), "of subscriptions 1 or more");
            Require(own.MaximumTopicLevels is null or (>= 1 and <= 2000), nameof(ClientClasses), "of topic levels 1 to 2,000");
        }
        if (EnhancedAuthenticators.Select(a => a.Method).Distinct().Count() != EnhancedAuthenticators.Count)
            throw new ArgumentException("Two enhanced authenticators have the same method.", nameof(EnhancedAuthenticators));

        static void Require(bool holds, string option, string allowed)
        {
            if (!holds) throw new ArgumentException($"{option} is out of range: {allowed} is allowed.", option);
        }
    }
}
