// godwit broker: runs the broker until Ctrl-C or SIGTERM. Every option sets the BrokerOptions property of the same name.
using System.CommandLine;
using System.Net;
using System.Runtime.InteropServices;
using Godwit.Broker;
using Godwit.Broker.Storage;
using Godwit.Cli.CommandLine;
using Godwit.Cli.Logging;
using Godwit.Cli.Memory;
using Godwit.Protocol;
using Godwit.Storage;
using Godwit.Transport;
using Microsoft.Extensions.Logging;

namespace Godwit.Cli.Verbs;

internal sealed class BrokerVerb : Verb
{
    public const string Summary = "Run an MQTT broker; without options on 127.0.0.1:1883, in memory";

    /// <summary>Bytes of a store that takes a while to be read.</summary>
    private const long LargeStore = 256 << 20;

    private static readonly BrokerOptions Defaults = new();

    private readonly ListenerArguments _listeners = new();

    private readonly Option<string?> _data = OptionTypes.Text("--data", "DIR",
        "Keep sessions, queues and retained messages in this directory; made if it is not there (default: memory only)");
    private readonly Option<string?> _ackLevel = OptionTypes.Choice("--ack-level",
        "With --data, a message is acknowledged once it is with its receivers (memory), with the system (os) or on disk (fsync, default)",
        ["memory", "os", "fsync"]);
    private readonly Option<TimeSpan?> _commitDelay = OptionTypes.Seconds("--commit-delay",
        "With --data, how long writes are collected for one commit (default 0.002)");
    private readonly Option<long?> _maxStored = OptionTypes.Number("--max-stored", "N",
        "With --data, messages that may wait for one persistent session (default 10000000)", 0, long.MaxValue);
    private readonly Option<long?> _maxStoredBytes = OptionTypes.Size("--max-stored-bytes",
        "With --data, bytes that may wait for one persistent session (default 4G)");

    private readonly SecurityArguments _security = new();

    private readonly Option<bool> _verbose = OptionTypes.Flag("--verbose", "Log every packet", "-v");
    private readonly Option<bool> _quiet = OptionTypes.Flag("--quiet", "Log warnings and errors only", "-q");
    private readonly Option<string?> _logFormat = OptionTypes.Choice("--log-format", "Time in log lines: seconds since 1970 or ISO 8601 (default unix)",
        ["unix", "iso"]);

    private readonly Option<long?> _memory = OptionTypes.Size("--memory",
        "Memory that the broker may take, 96M or more; near it publishers are slowed down, then it sheds (default no limit)");
    private readonly Option<long?> _maxPacketSize = OptionTypes.Size("--max-packet-size", "Largest packet that is accepted (default 16M)");
    private readonly Option<long?> _maxInflight = OptionTypes.Number("--max-inflight", "N",
        "QoS 1 and 2 messages on their way to one client at a time (default 32768)", 1, 65_535);
    private readonly Option<long?> _maxInflightBytes = OptionTypes.Size("--max-inflight-bytes",
        "Bytes kept in flight for one session that can continue (default 64M)");
    private readonly Option<long?> _maxQueued = OptionTypes.Number("--max-queued", "N",
        "Messages that may wait for one session, beyond those in flight (default 10000)", 0, int.MaxValue);
    private readonly Option<long?> _maxQueuedBytes = OptionTypes.Size("--max-queued-bytes", "Bytes that may wait for one session (default 64M)");
    private readonly Option<string?> _overflow = OptionTypes.Choice("--overflow", "Which message goes when a queue is full (default drop-oldest)",
        ["drop-oldest", "drop-newest", "disconnect"]);
    private readonly Option<bool> _queueQoS0 = OptionTypes.Flag("--queue-qos0", "QoS 0 messages wait for offline sessions too");
    private readonly Option<long?> _outputLimit = OptionTypes.Size("--output-limit",
        "Bytes a client may leave unread before QoS 0 messages for it are dropped (default 1M)");
    private readonly Option<long?> _maxRetained = OptionTypes.Number("--max-retained", "N", "Topics that may have a retained message (default 1000000)",
        0, int.MaxValue);

    private readonly Option<long?> _maxQoS = OptionTypes.Number("--max-qos", "QOS", "Highest QoS that clients may publish with (default 2)", 0, 2);
    private readonly Option<bool> _noRetain = OptionTypes.Flag("--no-retain", "Keep no retained messages");
    private readonly Option<long?> _receiveMaximum = OptionTypes.Number("--receive-maximum", "N",
        "QoS 1 and 2 messages a client may have unacknowledged (default 65535)", 1, 65_535);
    private readonly Option<long?> _maxTopicAlias = OptionTypes.Number("--max-topic-alias", "N",
        "Topic aliases in each direction, 0 for none (default 64)", 0, 65_535);
    private readonly Option<long?> _maxSessionExpiry = OptionTypes.Number("--max-session-expiry", "SECONDS",
        "How long a session may outlive its connection (default no limit)", 0, uint.MaxValue);
    private readonly Option<long?> _maxNewSessionExpiry = OptionTypes.Number("--max-new-session-expiry", "SECONDS",
        "The same until the client has come back once (default no limit)", 0, uint.MaxValue);
    private readonly Option<long?> _maxOfflineSessions = OptionTypes.Number("--max-offline-sessions", "N",
        "Sessions kept for clients that are away; those who never came back go first (default 1000000)", 0, int.MaxValue);
    private readonly Option<long?> _maxKeepAlive = OptionTypes.Number("--max-keepalive", "SECONDS", "Longest keep alive (default 65535)", 1, 65_535);
    private readonly Option<TimeSpan?> _connectTimeout = OptionTypes.Seconds("--connect-timeout", "How long a client may take to CONNECT (default 10)");
    private readonly Option<long?> _maxTopicLevels = OptionTypes.Number("--max-topic-levels", "N", "Levels a topic may have (default 200)", 1, 2000);
    private readonly Option<long?> _maxSubscriptions = OptionTypes.Number("--max-subscriptions", "N", "Subscriptions of one session (default 100000)",
        1, int.MaxValue);
    private readonly Option<bool> _noEmptyClientId = OptionTypes.Flag("--no-empty-client-id", "Refuse clients without a client identifier");

    private readonly Option<long?> _loops = OptionTypes.Number("--loops", "N", "Event loops, between which clients are divided (default: one per processor)", 1, 64);
    private readonly Option<string?> _loopThreads = OptionTypes.Choice("--loop-threads", "A thread for each loop, or as many as the load needs (default)",
        ["elastic", "fixed"]);
    private readonly Option<string?> _backend = OptionTypes.Choice("--backend", "How sockets are driven (default auto: epoll on Linux)",
        ["auto", "epoll", "sockets"]);
    private readonly Option<TimeSpan?> _sysInterval = OptionTypes.Seconds("--sys-interval", "How often $SYS topics are updated, 0 for never (default 10)");

    public BrokerVerb() : base("broker", Summary + ".")
    {
        Group("Listening", _listeners.Addresses);
        Group("TLS", _listeners.Tls);
        Group("Who may connect, and what for", _security.Options);
        Group("Storage", _data, _ackLevel, _commitDelay, _maxStored, _maxStoredBytes);
        Group("Log", _verbose, _quiet, _logFormat);
        Group("Limits for each client", _maxPacketSize, _maxInflight, _maxInflightBytes, _maxQueued, _maxQueuedBytes, _overflow, _queueQoS0, _outputLimit,
            _receiveMaximum, _maxTopicAlias, _maxKeepAlive, _connectTimeout, _maxTopicLevels, _maxSubscriptions, _noEmptyClientId);
        Group("Sessions without a connection", _maxSessionExpiry, _maxNewSessionExpiry, _maxOfflineSessions);
        Group("Messages", _maxQoS, _noRetain, _maxRetained);
        Group("Running", _memory, _loops, _loopThreads, _backend, _sysInterval);
    }

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("godwit broker -v", "On 127.0.0.1:1883; shows every packet."),
        ("godwit broker --data /var/lib/godwit", "Nothing that was acknowledged is lost, even if the power fails."),
        ("godwit broker -p 1884 --bind 0.0.0.0 --password-file users", "For other machines too, on port 1884, for the users of a file."),
        ("godwit broker --listen any://0.0.0.0:1883 --cert server.pem --key server.key", "MQTT, WebSocket, and both over TLS on one port."),
    ];

    public override async Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken stop)
    {
        using BrokerSecurity security = _security.Open(arguments);
        BrokerOptions options = security.Apply(ToBrokerOptions(arguments));
        LogLevel level = arguments.GetValue(_verbose) ? LogLevel.Debug : arguments.GetValue(_quiet) ? LogLevel.Warning : LogLevel.Information;
        using ILoggerFactory loggers = ConsoleLog.Create(level, iso: arguments.GetValue(_logFormat) == "iso");
        ILogger logger = loggers.CreateLogger("Godwit.Cli");
        if (arguments.GetValue(_memory) is { } memory) MemoryLimit.Apply(memory);
        if (DescriptorLimit.Read() is { } descriptors)
            BrokerVerbLog.DescriptorLimit(logger, descriptors, DescriptorLimit.Connections(descriptors));
        if (AcceptQueue.Read() is { } length and < AcceptQueue.Usual) BrokerVerbLog.ShortAcceptQueue(logger, length);

        options = options with { Acknowledgement = Level(arguments) };
        string? directory = arguments.GetValue(_data);
        try
        {
            return await RunAsync(options, directory, security, loggers, terminal, stop).ConfigureAwait(false);
        }
        catch (StoreException damage) when (damage.Failure == StoreFailure.Damaged)
        {
            BrokerVerbLog.StoreFoundDamaged(logger, damage.Message);
        }
        try
        {
            return await RunAsync(options, directory, security, loggers, terminal, stop).ConfigureAwait(false);
        }
        catch (StoreException cannot)
        {
            throw new UsageException(cannot.Message);
        }
    }

    // Damage that is found while the store is read, not when it is opened, is the caller's: opened again, it is saved.
    private static async Task<int> RunAsync(
        BrokerOptions options, string? directory, BrokerSecurity security, ILoggerFactory loggers, Terminal terminal, CancellationToken stop)
    {
        ILogger logger = loggers.CreateLogger("Godwit.Cli");
        using SqliteStore? store = OpenStore(directory, logger);
        await using var broker = new MqttBroker(options with { Store = store }, loggers);
        using var trimmer = new CalmTrimmer(logger, new ManagedHeap(), broker.DropUnusedBuffers, TimeProvider.System);
        using MemoryLimit? limit = options.MemoryBudget > 0 ? MemoryLimit.Watch(broker, TimeProvider.System) : null;
        try
        {
            await broker.StartAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return 0; // asked to end before it was there, for example while a large store was read
        }
        catch (Exception cannot) when (cannot is ListenException or TransportException or StoreException { Failure: not StoreFailure.Damaged })
        {
            throw new UsageException(cannot.Message);
        }
        if (store is null) BrokerVerbLog.MemoryOnly(logger);
        if (security.IsClosed(options)) BrokerVerbLog.ClosedToEverybody(logger);
        foreach (IPEndPoint endPoint in broker.EndPoints.Where(e => security.IsOpen && !IPAddress.IsLoopback(e.Address))) BrokerVerbLog.OpenToEverybody(logger, endPoint);

        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration = stop.Register(stopped.SetResult);
        using IDisposable hangup = terminal.OnHangup(() => Reload(security, broker, logger));
        await stopped.Task.ConfigureAwait(false);
        await broker.StopAsync().ConfigureAwait(false);
        return 0;
    }

    // SIGHUP, which is also what a certificate tool sends after a renewal.
    private static void Reload(BrokerSecurity security, MqttBroker broker, ILogger logger)
    {
        List<string> failures = [.. security.Reload()];
        try
        {
            broker.ReloadCertificates();
        }
        catch (TransportException cannot)
        {
            failures.Add(cannot.Message);
        }
        foreach (string failure in failures) BrokerVerbLog.ReloadFailed(logger, failure);
        if (failures.Count == 0) BrokerVerbLog.Reloaded(logger);
    }

    private AcknowledgementLevel? Level(ParseResult arguments) => arguments.GetValue(_ackLevel) switch
    {
        "memory" => AcknowledgementLevel.Memory,
        "os" => AcknowledgementLevel.Os,
        "fsync" => AcknowledgementLevel.Fsync,
        _ => null,
    };

    private static SqliteStore? OpenStore(string? directory, ILogger logger)
    {
        if (directory is null) return null;
        try
        {
            var options = new SqliteStoreOptions { Directory = directory };
            if (new FileInfo(options.FilePath) is { Exists: true, Length: > LargeStore } file)
                BrokerVerbLog.OpeningLargeStore(logger, options.FilePath, file.Length >> 20);
            SqliteStore store = SqliteStore.Open(options, out StoreOpenReport report);
            if (report.IsNew) BrokerVerbLog.StoreIsNew(logger, store.Description);
            if (report.MigratedFrom is { } version) BrokerVerbLog.StoreMigrated(logger, store.Description, version);
            if (report.Damage is { } damage) BrokerVerbLog.StoreDamaged(logger, damage.ToString());
            return store;
        }
        catch (StoreException cannot)
        {
            throw new UsageException(cannot.Message);
        }
    }

    /// <summary>The broker's options as the command line has them, but for the store.</summary>
    internal BrokerOptions ToBrokerOptions(ParseResult arguments)
    {
        if (arguments.GetValue(_data) is null && arguments.GetValue(_ackLevel) is "os" or "fsync")
            throw new UsageException("--ack-level os and fsync need a store: --data DIR.");
        if (arguments.GetValue(_memory) is { } memory and < MemoryLimit.Smallest)
            throw new UsageException($"--memory {memory} is too little: the program itself takes half of 96M, the least that is possible.");
        var options = new BrokerOptions
        {
            Listeners = _listeners.Read(arguments),
            Loops = (int)(arguments.GetValue(_loops) ?? Defaults.Loops),
            LoopThreads = arguments.GetValue(_loopThreads) == "fixed" ? LoopThreading.Fixed : LoopThreading.Elastic,
            Backend = arguments.GetValue(_backend) switch
            {
                "epoll" => TransportBackend.Epoll,
                "sockets" => TransportBackend.Sockets,
                _ => TransportBackend.Automatic,
            },
            MemoryBudget = arguments.GetValue(_memory) is { } limit ? MemoryLimit.Budget(limit) : 0,
            MaximumPacketSize = (int)Math.Min(arguments.GetValue(_maxPacketSize) ?? LargestPacket(arguments), int.MaxValue),
            MaximumInflight = (int)(arguments.GetValue(_maxInflight) ?? Defaults.MaximumInflight),
            MaximumInflightBytes = arguments.GetValue(_maxInflightBytes) ?? Defaults.MaximumInflightBytes,
            MaximumQueuedMessages = (int)(arguments.GetValue(_maxQueued) ?? Defaults.MaximumQueuedMessages),
            MaximumQueuedBytes = arguments.GetValue(_maxQueuedBytes) ?? Defaults.MaximumQueuedBytes,
            MaximumStoredMessages = arguments.GetValue(_maxStored) ?? Defaults.MaximumStoredMessages,
            MaximumStoredBytes = arguments.GetValue(_maxStoredBytes) ?? Defaults.MaximumStoredBytes,
            CommitDelay = arguments.GetValue(_commitDelay) ?? Defaults.CommitDelay,
            OverflowPolicy = arguments.GetValue(_overflow) switch
            {
                "drop-newest" => OverflowPolicy.DropNewest,
                "disconnect" => OverflowPolicy.Disconnect,
                _ => OverflowPolicy.DropOldest,
            },
            QueueQoS0Messages = arguments.GetValue(_queueQoS0),
            OutputLimit = (int)Math.Min(arguments.GetValue(_outputLimit) ?? Defaults.OutputLimit, int.MaxValue),
            MaximumRetainedMessages = (int)(arguments.GetValue(_maxRetained) ?? Defaults.MaximumRetainedMessages),
            MaximumQoS = (QoS)(arguments.GetValue(_maxQoS) ?? (long)Defaults.MaximumQoS),
            RetainAvailable = !arguments.GetValue(_noRetain),
            ReceiveMaximum = (ushort)(arguments.GetValue(_receiveMaximum) ?? Defaults.ReceiveMaximum),
            TopicAliasMaximum = (ushort)(arguments.GetValue(_maxTopicAlias) ?? Defaults.TopicAliasMaximum),
            MaximumOutboundTopicAliases = (ushort)(arguments.GetValue(_maxTopicAlias) ?? Defaults.MaximumOutboundTopicAliases),
            MaximumSessionExpiry = (uint)(arguments.GetValue(_maxSessionExpiry) ?? Defaults.MaximumSessionExpiry),
            MaximumNewSessionExpiry = (uint)(arguments.GetValue(_maxNewSessionExpiry) ?? Defaults.MaximumNewSessionExpiry),
            MaximumOfflineSessions = (int)(arguments.GetValue(_maxOfflineSessions) ?? Defaults.MaximumOfflineSessions),
            MaximumKeepAlive = (ushort)(arguments.GetValue(_maxKeepAlive) ?? Defaults.MaximumKeepAlive),
            ConnectTimeout = arguments.GetValue(_connectTimeout) ?? Defaults.ConnectTimeout,
            MaximumTopicLevels = (int)(arguments.GetValue(_maxTopicLevels) ?? Defaults.MaximumTopicLevels),
            MaximumSubscriptions = (int)(arguments.GetValue(_maxSubscriptions) ?? Defaults.MaximumSubscriptions),
            AllowEmptyClientId = !arguments.GetValue(_noEmptyClientId),
            SysInterval = arguments.GetValue(_sysInterval) ?? Defaults.SysInterval,
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

    private long LargestPacket(ParseResult arguments) => arguments.GetValue(_memory) is { } memory
        ? Math.Min(Defaults.MaximumPacketSize, MemoryLimit.LargestPacket(memory))
        : Defaults.MaximumPacketSize;
}
