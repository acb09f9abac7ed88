// Every setting of the broker, once. The YAML file, environment variables, the command line, `godwit config`, the schema for editors and
// docs/configuration.md are all made of this.
using Godwit.Broker;
using Godwit.Broker.Limits;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Configuration.Description;

/// <summary>What can be set.</summary>
public static class BrokerDescription
{
    private const long MostInPacket = 268_435_460;

    /// <summary>Limits for each client.</summary>
    public static Section Limits { get; } = new("limits", "Limits for each client.", isList: false,
        Broker<long>("max_packet_size", new SizeKind(64, MostInPacket), "Largest packet that is accepted", o => (long)o.MaximumPacketSize, (o, v) => o with { MaximumPacketSize = (int)v },
            mosquitto: "max_packet_size"),
        Broker<long>("max_inflight", new NumberKind(1, 49_152), "QoS 1 and 2 messages on their way to one client at a time", o => (long)o.MaximumInflight,
            (o, v) => o with { MaximumInflight = (int)v }, mosquitto: "max_inflight_messages"),
        Broker<long>("max_inflight_bytes", new SizeKind(1), "Bytes kept in flight for one session that can continue", o => o.MaximumInflightBytes,
            (o, v) => o with { MaximumInflightBytes = v }, mosquitto: "max_inflight_bytes"),
        Broker<long>("max_queued", new NumberKind(0, int.MaxValue), "Messages that may wait for one session, beyond those in flight", o => (long)o.MaximumQueuedMessages,
            (o, v) => o with { MaximumQueuedMessages = (int)v }, mosquitto: "max_queued_messages"),
        Broker<long>("max_queued_bytes", new SizeKind(), "Bytes that may wait for one session", o => o.MaximumQueuedBytes, (o, v) => o with { MaximumQueuedBytes = v },
            mosquitto: "max_queued_bytes"),
        Broker<string>("overflow", Words.Overflow, "Which message goes when a queue is full", o => Words.Write(o.OverflowPolicy),
            (o, v) => o with { OverflowPolicy = Words.ReadOverflow(v) }),
        Broker<bool>("queue_qos0", new FlagKind(), "QoS 0 messages wait for offline sessions too", o => o.QueueQoS0Messages, (o, v) => o with { QueueQoS0Messages = v },
            mosquitto: "queue_qos0_messages"),
        Broker<long>("output_limit", new SizeKind(1024), "Bytes a client may leave unread before QoS 0 messages for it are dropped", o => (long)o.OutputLimit,
            (o, v) => o with { OutputLimit = (int)Math.Min(v, int.MaxValue) }),
        Broker<long>("receive_maximum", new NumberKind(1, 65_535), "QoS 1 and 2 messages a client may have unacknowledged", o => (long)o.ReceiveMaximum,
            (o, v) => o with { ReceiveMaximum = (ushort)v }),
        Broker<long>("max_topic_alias", new NumberKind(0, 65_535), "Topic aliases in each direction, 0 for none", o => (long)o.TopicAliasMaximum,
            (o, v) => o with { TopicAliasMaximum = (ushort)v, MaximumOutboundTopicAliases = (ushort)v }, mosquitto: "max_topic_alias", isReloadable: false),
        Broker<long>("max_keepalive", new NumberKind(1, 65_535, "SECONDS"), "Longest keep alive, in seconds", o => (long)o.MaximumKeepAlive,
            (o, v) => o with { MaximumKeepAlive = (ushort)v }, mosquitto: "max_keepalive"),
        Broker<TimeSpan>("connect_timeout", new SecondsKind(0.001), "How long a client may take to CONNECT", o => o.ConnectTimeout, (o, v) => o with { ConnectTimeout = v }),
        Broker<long>("max_topic_levels", new NumberKind(1, 2000), "Levels a topic may have", o => (long)o.MaximumTopicLevels, (o, v) => o with { MaximumTopicLevels = (int)v }),
        Broker<long>("max_subscriptions", new NumberKind(1, int.MaxValue), "Subscriptions of one session", o => (long)o.MaximumSubscriptions,
            (o, v) => o with { MaximumSubscriptions = (int)v }),
        Broker<long>("max_message_rate", new NumberKind(0, int.MaxValue), "PUBLISH, SUBSCRIBE and UNSUBSCRIBE packets a second of one client, 0 for no limit; beyond it the client has to wait",
            o => (long)o.MaximumMessageRate, (o, v) => o with { MaximumMessageRate = (int)v }),
        Broker<long>("max_byte_rate", new SizeKind(), "Bytes a second of one client, 0 for no limit; beyond it the client has to wait", o => o.MaximumByteRate,
            (o, v) => o with { MaximumByteRate = v }),
        Broker<bool>("empty_client_id", new FlagKind(), "Clients may leave the choice of their client identifier to the broker", o => o.AllowEmptyClientId,
            (o, v) => o with { AllowEmptyClientId = v }, option: "--no-empty-client-id", negated: "Refuse clients without a client identifier", mosquitto: "allow_zero_length_clientid"),
        Broker<string>("auto_id_prefix", new TextKind("TEXT"), "What client identifiers begin with that the broker chooses", o => o.AssignedClientIdPrefix,
            (o, v) => o with { AssignedClientIdPrefix = v }, option: null, mosquitto: "auto_id_prefix"));

    /// <summary>Connections.</summary>
    public static Section Connections { get; } = new("connections", "How many may connect, how often, and from where.", isList: false,
        Connect<long>("max_clients", new NumberKind(0, int.MaxValue), "Clients connected at the same time, 0 for no limit", c => (long)c.MaximumClients,
            (c, v) => c with { MaximumClients = (int)v }, option: "--max-clients", mosquitto: "global_max_connections"),
        Connect<long>("max_per_address", new NumberKind(0, int.MaxValue), "Connections from one address (IPv6: one /64), 0 for no limit", c => (long)c.MaximumPerAddress,
            (c, v) => c with { MaximumPerAddress = (int)v }, option: "--max-connections-per-address"),
        Connect<long>("max_per_user", new NumberKind(0, int.MaxValue), "Connections of one user name, 0 for no limit", c => (long)c.MaximumPerUser,
            (c, v) => c with { MaximumPerUser = (int)v }, option: "--max-connections-per-user"),
        Connect<long>("connect_rate", new NumberKind(0, int.MaxValue), "Connects a second from one address once its burst is used up, 0 for no limit", c => (long)c.ConnectRate,
            (c, v) => c with { ConnectRate = (int)v }),
        Connect<long>("connect_burst", new NumberKind(1, int.MaxValue), "Connects from one address that may come at once", c => (long)c.ConnectBurst, (c, v) => c with { ConnectBurst = (int)v }),
        Connect<long>("max_opening_per_address", new NumberKind(0, int.MaxValue), "Connections from one address that are not through CONNECT; the oldest make way, 0 for no limit",
            c => (long)c.MaximumOpeningPerAddress, (c, v) => c with { MaximumOpeningPerAddress = (int)v }),
        Connect<IReadOnlyList<string>>("exempt_address", new ListKind(new NetworkKind()), "Addresses and networks without the limits on addresses", c => null,
            (c, v) => c with { ExemptAddresses = [.. v.Select(NetworkKind.Parse)] }, otherwise: "this machine, 127.0.0.0/8 and ::1"),
        Connect<long>("flapping_connects", new NumberKind(0, int.MaxValue), "Connects of one client within flapping_window before it is refused, 0 for never", c => (long)c.FlappingConnects,
            (c, v) => c with { FlappingConnects = (int)v }),
        Connect<TimeSpan>("flapping_window", new SecondsKind(0.001), "In which time connects of one client are counted", c => c.FlappingWindow, (c, v) => c with { FlappingWindow = v }),
        Connect<TimeSpan>("flapping_ban", new SecondsKind(0.001), "How long a client is refused that connects too often", c => c.FlappingBan, (c, v) => c with { FlappingBan = v }));

    /// <summary>Sessions without a connection.</summary>
    public static Section Sessions { get; } = new("sessions", "Sessions without a connection.", isList: false,
        Broker<long>("max_session_expiry", new NumberKind(0, uint.MaxValue, "SECONDS"), "How long a session may outlive its connection, in seconds",
            o => (long)o.MaximumSessionExpiry, (o, v) => o with { MaximumSessionExpiry = (uint)v }, mosquitto: "persistent_client_expiration", otherwise: "no limit"),
        Broker<long>("max_new_session_expiry", new NumberKind(0, uint.MaxValue, "SECONDS"), "The same until the client has come back once",
            o => (long)o.MaximumNewSessionExpiry, (o, v) => o with { MaximumNewSessionExpiry = (uint)v }, otherwise: "no limit"),
        Broker<long>("max_offline_sessions", new NumberKind(0, int.MaxValue), "Sessions kept for clients that are away; those who never came back go first",
            o => (long)o.MaximumOfflineSessions, (o, v) => o with { MaximumOfflineSessions = (int)v }));

    /// <summary>What may be published.</summary>
    public static Section Messages { get; } = new("messages", "What may be published.", isList: false,
        Broker<long>("max_qos", new NumberKind(0, 2, "QOS"), "Highest QoS that clients may publish with", o => (long)o.MaximumQoS, (o, v) => o with { MaximumQoS = (QoS)v },
            mosquitto: "max_qos"),
        Broker<bool>("retain", new FlagKind(), "Retained messages are kept", o => o.RetainAvailable, (o, v) => o with { RetainAvailable = v },
            option: "--no-retain", negated: "Keep no retained messages", mosquitto: "retain_available"),
        Broker<long>("max_retained", new NumberKind(0, int.MaxValue), "Topics that may have a retained message", o => (long)o.MaximumRetainedMessages,
            (o, v) => o with { MaximumRetainedMessages = (int)v }));

    /// <summary>The store.</summary>
    public static Section Store { get; } = new("store", "The store, which keeps sessions, queues and retained messages over a restart.", isList: false,
        Described.As<BrokerSettings, string>("data", new PathKind("DIR"), "Keep sessions, queues and retained messages in this directory; made if it is not there",
            s => s.DataDirectory, (s, v) => s with { DataDirectory = v }, mosquitto: "persistence_location", otherwise: "memory only"),
        Broker<string>("ack_level", Words.AckLevel, "With data, a message is acknowledged once it is with its receivers (memory), with the system (os) or on disk (fsync)",
            o => null, (o, v) => o with { Acknowledgement = Words.ReadAckLevel(v) }, otherwise: "fsync with data, else memory", isReloadable: false),
        Broker<TimeSpan>("commit_delay", new SecondsKind(0, 10), "With data, how long writes are collected for one commit", o => o.CommitDelay,
            (o, v) => o with { CommitDelay = v }, isReloadable: false),
        Broker<long>("max_stored", new NumberKind(0, long.MaxValue), "With data, messages that may wait for one persistent session", o => o.MaximumStoredMessages,
            (o, v) => o with { MaximumStoredMessages = v }),
        Broker<long>("max_stored_bytes", new SizeKind(), "With data, bytes that may wait for one persistent session", o => o.MaximumStoredBytes,
            (o, v) => o with { MaximumStoredBytes = v }));

    /// <summary>Who may connect, and what for.</summary>
    public static Section Security { get; } = new("security", "Who may connect, and what for.", isList: false,
        Secure<string>("password_file", new PathKind(), "Users and their passwords, as godwit passwd and mosquitto_passwd write them", s => s.PasswordFile,
            (s, v) => s with { PasswordFile = v }, mosquitto: "password_file"),
        Secure<string>("token_key", new PathKind("FILE|URL"),
            "Accept JSON Web Tokens as passwords: a public key in PEM, a key set or a secret in a file, or the key set of an issuer", s => s.TokenKey, (s, v) => s with { TokenKey = v }),
        Secure<string>("token_issuer", new TextKind("NAME"), "Who must have issued tokens", s => s.TokenIssuer, (s, v) => s with { TokenIssuer = v }, otherwise: "anybody with the key"),
        Secure<string>("token_audience", new TextKind("NAME"), "Whom tokens must be for", s => s.TokenAudience, (s, v) => s with { TokenAudience = v }, otherwise: "anybody"),
        Secure<string>("token_user", new TextKind("CLAIM"), "Which claim of a token is the user name", s => s.TokenUser, (s, v) => s with { TokenUser = v }),
        Secure<TimeSpan>("token_leeway", new SecondsKind(), "By how much the issuer's clock may differ", s => s.TokenLeeway, (s, v) => s with { TokenLeeway = v }),
        Secure<string>("auth_url", new TextKind("URL"), "Ask an HTTP service who may connect: it gets and answers JSON, as with EMQX", s => s.AuthUrl, (s, v) => s with { AuthUrl = v }),
        Secure<bool>("allow_anonymous", new FlagKind(), "Clients without a user name may connect", s => s.AllowAnonymous, (s, v) => s with { AllowAnonymous = v },
            mosquitto: "allow_anonymous", otherwise: "to 127.0.0.1, where neither passwords nor tokens are asked for"),
        Secure<string>("acl_file", new PathKind(), "What clients may publish and receive: an ACL file of mosquitto", s => s.AclFile, (s, v) => s with { AclFile = v }, mosquitto: "acl_file"),
        Secure<string>("policy", new PathKind(), "The same in godwit's own format, in YAML: users, groups, roles, limits", s => s.Policy, (s, v) => s with { Policy = v }));

    /// <summary>The log.</summary>
    public static Section Log { get; } = new("log", "The log, on standard error.", isList: false,
        Described.As<BrokerSettings, string>("level", new WordKind("error", "warning", "information", "debug"), "What is logged; debug has every packet (-v), warning is -q",
            s => s.LogLevel, (s, v) => s with { LogLevel = v }, option: null, mosquitto: "log_type", isReloadable: true),
        Described.As<BrokerSettings, string>("format", new WordKind("unix", "iso"), "Time in log lines: seconds since 1970 or ISO 8601",
            s => s.LogFormat, (s, v) => s with { LogFormat = v }, option: "--log-format", mosquitto: "log_timestamp_format"));

    /// <summary>Administration of the running broker.</summary>
    public static Section Control { get; } = new("control", "Administration of the running broker.", isList: false,
        Described.As<BrokerSettings, string>("socket", new TextKind("PATH"), "Unix socket by which the broker's own user and root look into it, reload it and so on; none for none",
            s => s.ControlSocket, (s, v) => s with { ControlSocket = v }, option: "--control-socket",
            otherwise: "control.sock in the data directory, else $XDG_RUNTIME_DIR/godwit.sock or /run/godwit/control.sock"),
        Described.As<BrokerSettings, bool>("watch", new FlagKind(), "Files that have changed are read again by themselves: settings, users, rules, certificates", s => s.WatchFiles,
            (s, v) => s with { WatchFiles = v }, option: "--no-watch", negated: "Read files again on SIGHUP and godwit reload only"),
        Broker<bool>("trace_passwords", new FlagKind(), "Administrators who trace clients may have their passwords shown (godwit trace --show-passwords)", o => o.TracePasswords,
            (o, v) => o with { TracePasswords = v }));

    /// <summary>Memory.</summary>
    public static Section Memory { get; } = new("memory", "Memory of the whole process.", isList: false,
        Described.As<BrokerSettings, long>("limit", new SizeKind(96 << 20), "Memory that the broker may take, 96M or more; near it publishers are slowed down, then it sheds",
            s => s.Memory, (s, v) => s with { Memory = v }, option: "--memory", mosquitto: "memory_limit", otherwise: "no limit"));

    /// <summary>Event loops.</summary>
    public static Section Loops { get; } = new("loops", "Event loops and their threads.", isList: false,
        Broker<long>("count", new NumberKind(1, 64), "Event loops, between which clients are divided", o => (long)o.Loops, (o, v) => o with { Loops = (int)v },
            option: "--loops", otherwise: "one per processor", isReloadable: false),
        Broker<string>("threads", new WordKind("elastic", "fixed"), "A thread for each loop, or as many as the load needs", o => Words.Write(o.LoopThreads),
            (o, v) => o with { LoopThreads = v == "fixed" ? LoopThreading.Fixed : LoopThreading.Elastic }, option: "--loop-threads", isReloadable: false),
        Broker<string>("backend", new WordKind("auto", "epoll", "sockets"), "How sockets are driven; auto is epoll on Linux", o => Words.Write(o.Backend),
            (o, v) => o with { Backend = Words.ReadBackend(v) }, option: "--backend", isReloadable: false));

    /// <summary>Reports in $SYS.</summary>
    public static Section Sys { get; } = new("sys", "The broker's figures below $SYS.", isList: false,
        Broker<TimeSpan>("interval", new SecondsKind(), "How often $SYS topics are updated, 0 for never", o => o.SysInterval, (o, v) => o with { SysInterval = v },
            option: "--sys-interval", mosquitto: "sys_interval", isReloadable: false));

    /// <summary>The loss ledger.</summary>
    public static Section Losses { get; } = new("losses", "How messages are counted that are not delivered.", isList: false,
        Broker<long>("max_entries", new NumberKind(16, 65_536), "Entries of the loss ledger for each event loop", o => (long)o.MaximumLossEntries,
            (o, v) => o with { MaximumLossEntries = (int)v }, option: null, isReloadable: false),
        Broker<long>("topic_levels", new NumberKind(1, 8), "By how many levels of their topics lost messages are counted", o => (long)o.LossTopicLevels,
            (o, v) => o with { LossTopicLevels = (int)v }, option: null, isReloadable: false),
        Broker<TimeSpan>("summary_interval", new SecondsKind(), "How often the log sums up what was not delivered, 0 for never", o => o.LossSummaryInterval,
            (o, v) => o with { LossSummaryInterval = v }, option: null, isReloadable: false));

    /// <summary>All sections, in the order of the file.</summary>
    public static IReadOnlyList<Section> Sections { get; } =
        [ListenerDescription.Section, Security, Store, Log, Control, Limits, ClassDescription.Section, Connections, BanDescription.Section, Sessions, Messages, Memory, Loops, Sys, Losses];

    /// <summary>All settings.</summary>
    public static IEnumerable<Setting> Settings => Sections.SelectMany(section => section.Settings);

    private static Setting<BrokerSettings> Broker<TValue>(
        string name, ValueKind kind, string help, Func<BrokerOptions, object?> get, Func<BrokerOptions, TValue, BrokerOptions> set, string? option = "",
        string? mosquitto = null, string? otherwise = null, string? negated = null, bool isReloadable = true) =>
        Described.As<BrokerSettings, TValue>(
            name, kind, help, s => get(s.Broker), (s, v) => s with { Broker = set(s.Broker, v) }, option, mosquitto, otherwise, negated, isReloadable);

    private static Setting<BrokerSettings> Connect<TValue>(
        string name, ValueKind kind, string help, Func<ConnectLimits, object?> get, Func<ConnectLimits, TValue, ConnectLimits> set, string? option = "", string? mosquitto = null,
        string? otherwise = null) =>
        Broker<TValue>(name, kind, help, o => get(o.Connections), (o, v) => o with { Connections = set(o.Connections, v) }, option, mosquitto: mosquitto, otherwise: otherwise);

    private static Setting<BrokerSettings> Secure<TValue>(
        string name, ValueKind kind, string help, Func<SecuritySettings, object?> get, Func<SecuritySettings, TValue, SecuritySettings> set,
        string? mosquitto = null, string? otherwise = null) =>
        Described.As<BrokerSettings, TValue>(name, kind, help, s => get(s.Security), (s, v) => s with { Security = set(s.Security, v) }, "", mosquitto, otherwise, isReloadable: true);
}
