using Godwit.Broker.Durability;
using Godwit.Broker.Hooks;
using Godwit.Broker.Limits;
using Godwit.Broker.Listening;
using Godwit.Broker.Memory;
using Godwit.Broker.Retained;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Broker.Telemetry;
using Godwit.Broker.Tracing;
using Godwit.Transport;

namespace Godwit.Broker;

/// <summary>What all shards share: options, the subscription index, retained messages, and each other.</summary>
internal sealed class BrokerState(BrokerOptions options, LogMessages log, int loops)
{
    private long _lastQueue;

    /// <summary>The options at the start. Limits may change later: <see cref="Shard.Options"/>.</summary>
    public BrokerOptions Options { get; } = options;

    public LogMessages Log { get; } = log;

    /// <summary>The application's own code.</summary>
    public HookDispatcher Hooks { get; } = new(options, log);

    /// <summary>Who may come in.</summary>
    public Doorkeeper Door => field ??= new Doorkeeper(Options, Log, () => Shards[0].Loop);

    public Shard[] Shards { get; } = new Shard[loops];

    public SubscriptionIndex Subscriptions { get; } = new(loops);

    public RetainedStore Retained { get; } = new();

    /// <summary>The traces that are on.</summary>
    public TraceTable Traces { get; } = new();

    /// <summary>Which limits hold for whom at the start.</summary>
    public ClientClasses Classes { get; } = new(options);

    /// <summary>How much memory all of this may take.</summary>
    public MemoryBudget Memory => field ??= new MemoryBudget(this);

    public MemoryReport MemoryReport => field ??= new MemoryReport(this);

    /// <summary>Sessions whose clients are away; counted by <see cref="Sessions.OfflineSessions"/>.</summary>
    public int OfflineSessions;

    /// <summary>Writes what is to be stored; null if the broker has no store.</summary>
    public StoreWriter? Writer { get; set; }

    /// <summary>Set once the broker stops: new connections are refused.</summary>
    public bool IsStopping { get; set; }

    /// <summary>The one shard that a client identifier's session lives on. <c>[MQTT-3.1.3-2]</c></summary>
    public Shard HomeOf(string clientId) => Shards[Place(clientId)];

    /// <summary>A new shared subscription, with a home of its own so that the groups spread over the loops.</summary>
    public SharedGroup MakeGroup(string shareName, byte[] filter) => new(shareName, filter, Shards[Place(shareName)]);

    /// <summary>What serves a client that comes in by an entrance; null for one that has no listener.</summary>
    public IConnectionAcceptor AcceptorFor(Entrance? entrance) =>
        new Acceptor(Shards, entrance ?? new Entrance(ListenerOptions.InProcess, Options.EffectiveAcknowledgement(null), null));

    /// <summary>A number for a session's or a shared subscription's queue in the store.</summary>
    public long NextQueue() => Interlocked.Increment(ref _lastQueue);

    /// <summary>Numbers go on behind those in use.</summary>
    public void ContinueQueues(long last) => _lastQueue = last;

    private int Place(string name) => (int)((uint)string.GetHashCode(name, StringComparison.Ordinal) % (uint)Shards.Length);
}
