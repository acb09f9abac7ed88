using System.Net;
using System.Reflection;
using System.Text;
using Godwit.Broker.Auth;
using Godwit.Broker.Connections;
using Godwit.Broker.Durability;
using Godwit.Broker.Limits;
using Godwit.Broker.Listening;
using Godwit.Broker.Losses;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Broker.Storage;
using Godwit.Broker.Telemetry;
using Godwit.Protocol;
using Godwit.Protocol.Topics;
using Godwit.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Godwit.Broker;

/// <summary>
/// An MQTT 3.1, 3.1.1 and 5.0 broker. In a test: <c>await using var broker = await MqttBroker.StartAsync(new BrokerOptions { ... });</c>
/// In a host: <c>services.AddGodwitBroker(...)</c>.
/// </summary>
public sealed class MqttBroker : IAsyncDisposable
{
    private readonly BrokerState _state;
    private readonly EventLoopGroup _loops;
    private readonly BrokerListeners _listeners;
    private readonly SemaphoreSlim _reloading = new(1);
    private BrokerOptions _options; // in force
    private int _decision;
    private readonly LossSummary? _lossSummary;
    private int _nextLoop;
    private bool _isStarted;
    private bool _isStopped;

    /// <summary>Makes a broker; <see cref="StartAsync(CancellationToken)"/> starts it.</summary>
    /// <param name="options">All settings; null for the defaults.</param>
    /// <param name="loggerFactory">Where to log; null for nowhere.</param>
    /// <param name="timeProvider">The clock; null for the system's.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public MqttBroker(BrokerOptions? options = null, ILoggerFactory? loggerFactory = null, TimeProvider? timeProvider = null)
        : this(options ?? new BrokerOptions(), loggerFactory ?? NullLoggerFactory.Instance, MakeLoops(options ?? new BrokerOptions(), loggerFactory, timeProvider))
    {
    }

    /// <summary>A broker on loops of the caller's, for tests that turn them by hand.</summary>
    internal MqttBroker(BrokerOptions options, ILoggerFactory loggerFactory, EventLoopGroup loops)
    {
        options.Validate();
        _options = options;
        _loops = loops;
        _state = new BrokerState(options, new LogMessages(loggerFactory.CreateLogger("Godwit.Broker")), loops.Loops.Count);
        _listeners = new BrokerListeners(_state, loops);
        for (int i = 0; i < loops.Loops.Count; i++) _state.Shards[i] = new Shard(_state, loops.Loops[i], i, loops.Loops.Count);
        Shard first = _state.Shards[0];
        if (options.Store is { } store)
        {
            var writer = new StoreWriter(store, _state, new StoreClock(first.Loop.TimeProvider), (int)options.CommitDelay.TotalMilliseconds);
            _state.Writer = writer;
            foreach (Shard shard in _state.Shards) shard.Store = new StoreLog(shard, writer);
        }
        if (options.LossSummaryInterval > TimeSpan.Zero) first.Loop.Post((_lossSummary = new LossSummary(_state, options.LossSummaryInterval)).Start);
        if (options.SysInterval > TimeSpan.Zero) first.Loop.Post(() => new SysTopics(this, first, options.SysInterval).Start());
    }

    /// <summary>The version of Godwit.</summary>
    public static string Version { get; } =
        typeof(MqttBroker).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>Where the broker listens by TCP, with the ports that the system chose.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => _listeners.EndPoints;

    /// <summary>The broker's counters now.</summary>
    public BrokerStatistics Statistics => StatisticsReader.Read(_state);

    /// <summary>What the shards share, for tests that look at a session or place it on a loop.</summary>
    internal BrokerState State => _state;

    /// <summary>Makes and starts a broker.</summary>
    public static async Task<MqttBroker> StartAsync(BrokerOptions options, ILoggerFactory? loggerFactory = null, CancellationToken cancellationToken = default)
    {
        var broker = new MqttBroker(options, loggerFactory);
        try
        {
            await broker.StartAsync(cancellationToken).ConfigureAwait(false);
            return broker;
        }
        catch
        {
            await broker.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts the loops and opens the listeners.</summary>
    /// <exception cref="ListenException">A listener cannot be opened; nothing is left open then.</exception>
    /// <exception cref="TransportException">A certificate or another file of a listener cannot be used.</exception>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // First the listeners: a broker that cannot listen has not started and says nothing but why.
        Func<Task<ListenerChanges>> listen = await _listeners.PrepareAsync(_state.Options).ConfigureAwait(false);
        _state.Log.Starting(Version, _loops.Loops.Count, _loops.Backend == TransportBackend.Epoll ? "epoll" : "sockets");
        Restore();
        _isStarted = true;
        _state.Writer?.Start();
        await listen().ConfigureAwait(false);
        _loops.Start();
    }

    /// <summary>Takes over what the store and the ban file have, before the loops run.</summary>
    /// <exception cref="StoreException">It cannot be read.</exception>
    internal void Restore()
    {
        if (_state.Writer is { } writer) writer.Restore();
        if (_state.Door.File is { } bans) _state.Door.Bans.Restore(bans.Load());
    }

    /// <summary>
    /// Stops: no new connections; MQTT 5 clients get DISCONNECT 0x8B (Server shutting down); output that is under way goes out.
    /// </summary>
    public async Task StopAsync()
    {
        if (_isStopped) return;
        _isStopped = true;
        _state.IsStopping = true;
        await _listeners.StopAsync().ConfigureAwait(false);
        if (_isStarted) _state.Log.Terminating(_state.Shards.Sum(s => s.Counters.ClientsConnected), _state.Options.Store?.Description);
        foreach (Shard shard in _state.Shards)
        {
            shard.Loop.Post(() =>
            {
                foreach (ClientConnection connection in shard.Connections.ToArray()) connection.End(EndReason.ServerShuttingDown);
            });
        }
        await _loops.StopAsync().ConfigureAwait(false);
        foreach (Shard shard in _state.Shards) shard.Store?.Flush();
        _state.Writer?.Stop();
        foreach (Shard shard in _state.Shards) EndedSession.CountStopped(shard);
        _lossSummary?.Finish();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        await _loops.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Connects a client inside this process, without a socket.</summary>
    /// <param name="clientLoop">The loop that the client's side lives on.</param>
    /// <param name="handler">The client's side.</param>
    public void ConnectInProcess(EventLoop clientLoop, IConnectionHandler handler)
    {
        Shard shard = _state.Shards[(uint)Interlocked.Increment(ref _nextLoop) % _state.Shards.Length];
        MemoryConnection.CreatePair(clientLoop, handler, shard.Loop, _state.AcceptorFor(null).Accept(shard.Loop));
    }

    /// <summary>All clients that have a session, connected or not; each loop's part is of one moment.</summary>
    public async Task<IReadOnlyList<ClientStatistics>> ListClientsAsync()
    {
        IEnumerable<Task<ClientStatistics[]>> parts = _state.Shards.Select(shard => OnLoop(shard, () => shard.Sessions.Select(ClientStatistics.Of).ToArray()));
        return [.. (await Task.WhenAll(parts).ConfigureAwait(false)).SelectMany(part => part)];
    }

    /// <summary>What was not delivered, by client, topic prefix and reason, the most first; each loop's part is of one moment.</summary>
    public async Task<IReadOnlyList<Loss>> ListLossesAsync()
    {
        IEnumerable<Task<IEnumerable<Loss>>> parts = _state.Shards.Select(shard => OnLoop(shard, shard.Losses.Snapshot));
        return [.. (await Task.WhenAll(parts).ConfigureAwait(false)).SelectMany(part => part).OrderByDescending(loss => loss.Count)];
    }

    /// <summary>Publishes a message in the broker's own name.</summary>
    /// <param name="topic">The topic name.</param>
    /// <param name="payload">The message; copied.</param>
    /// <param name="qos">The QoS.</param>
    /// <param name="retain">Whether to retain it.</param>
    /// <returns>Completed once the message has been handed to the loop of every matching session.</returns>
    /// <exception cref="ArgumentException">The topic is not a valid topic name.</exception>
    public Task PublishAsync(string topic, ReadOnlyMemory<byte> payload, QoS qos = QoS.AtMostOnce, bool retain = false)
    {
        byte[] topicBytes = Encoding.UTF8.GetBytes(topic);
        if (TopicName.Check(topicBytes) is { } violation) throw new ArgumentException(violation.ToString(), nameof(topic));
        byte[] body = payload.ToArray();
        Shard shard = _state.Shards[0];
        return OnLoop(shard, () =>
        {
            var view = new PublicationView { Topic = topicBytes, Payload = body, OwnedPayload = body, QoS = qos, Retain = retain, ExpiresAt = PublicationView.Never };
            Route? route = null;
            return shard.Publish(ref view, ref route);
        });
    }

    /// <summary>
    /// Lets go of the large buffers that nobody has needed since the last call; up to 64 MiB of them are kept for reuse otherwise.
    /// </summary>
    /// <returns>How many bytes; their memory comes back with the next garbage collection.</returns>
    public long DropUnusedBuffers() => _loops.DropUnusedBuffers();

    /// <summary>
    /// Reads the files of all TLS listeners again: certificates, keys, authorities, revocation lists. New handshakes use them; connections go on.
    /// </summary>
    /// <exception cref="TransportException">A file cannot be used; its listener keeps what it had.</exception>
    public void ReloadCertificates() => _listeners.ReloadCertificates();

    /// <summary>
    /// Takes over other listeners, limits and rules while the broker runs: <see cref="BrokerOptions.Listeners"/>, <see cref="BrokerOptions.Authenticator"/>,
    /// <see cref="BrokerOptions.EnhancedAuthenticators"/>, <see cref="BrokerOptions.Authorizer"/> and what <see cref="Reconfigure(BrokerOptions)"/> takes. All of it or, if
    /// anything is wrong, nothing. Everything else stays as it was.
    /// <para>
    /// A listener whose address is there already takes its new options, and its files as they are now, for new connections; its socket stays open. The
    /// others are opened and closed. Connections of a closed listener go on. Then every connected client is asked about again, by
    /// <see cref="IAuthenticator.Review"/>, <see cref="IClientAccess.MayConnect"/> and, if authorities or revocation lists have changed, by its
    /// certificate; and every subscription and will by its access. Who may not be there any more is disconnected (0x87); a subscription that is not
    /// allowed any more is removed. Nobody else notices anything.
    /// </para>
    /// </summary>
    /// <param name="options">The options to be in force: usually those of the start, changed by <c>with</c>.</param>
    /// <param name="apply">Called once, when nothing can fail any more and before anybody is asked about: for what the caller changes with it.</param>
    /// <exception cref="ArgumentException">An option is out of range; nothing has changed.</exception>
    /// <exception cref="ListenException">A listener cannot be opened; nothing has changed.</exception>
    /// <exception cref="TransportException">A certificate or another file of a listener cannot be used; nothing has changed.</exception>
    public async Task<ReloadReport> ReloadAsync(BrokerOptions options, Action? apply = null)
    {
        await _reloading.WaitAsync().ConfigureAwait(false);
        try
        {
            BrokerOptions next = WithLimitsOf(options) with
            {
                Listeners = options.Listeners,
                Authenticator = options.Authenticator,
                EnhancedAuthenticators = options.EnhancedAuthenticators,
                Authorizer = options.Authorizer,
            };
            next.Validate();
            Func<Task<ListenerChanges>> listen = await _listeners.PrepareAsync(next).ConfigureAwait(false);
            apply?.Invoke();
            bool hasNewAuthorizer = _state.Hooks.Replace(next.Authorizer);
            _decision++;
            Take(next, new ClientClasses(next));
            ListenerChanges listeners = await listen().ConfigureAwait(false);
            ClientReview[] reviews = [.. _state.Shards.Select(shard => new ClientReview(shard, hasNewAuthorizer))];
            await Task.WhenAll(reviews.Select(review => review.StartAsync())).ConfigureAwait(false);
            return new ReloadReport(listeners.Opened, listeners.Closed, reviews.Sum(review => review.Disconnected), reviews.Sum(review => review.Removed));
        }
        finally
        {
            _reloading.Release();
        }
    }

    /// <summary>
    /// Takes over other limits while the broker runs: those of packets, flows, queues, sessions, messages, client classes and connections, and bans. They hold for what comes
    /// from then on. Receive Maximum, packet size, topic levels and the limits of a session's queue are those of its last CONNECT; <see cref="BrokerOptions.MaximumQoS"/>
    /// and <see cref="BrokerOptions.RetainAvailable"/> hold for connected clients too; who is banned is disconnected. Everything else stays as it was. What is logged is asked anew.
    /// </summary>
    /// <exception cref="ArgumentException">A value is out of range; nothing has changed.</exception>
    public void Reconfigure(BrokerOptions options)
    {
        BrokerOptions next = WithLimitsOf(options);
        next.Validate();
        Take(next, new ClientClasses(next));
    }

    /// <summary>
    /// Tells the broker of memory in use that it does not know of, to be counted in <see cref="BrokerOptions.MemoryBudget"/>: found by the host,
    /// which can look at the whole process.
    /// </summary>
    public void SetOtherMemory(long bytes) => _state.Memory.Other = bytes;

    private void Take(BrokerOptions next, ClientClasses classes)
    {
        _options = next;
        int decision = _decision;
        foreach (Shard shard in _state.Shards) shard.Loop.Post(() => shard.Reconfigure(next, classes, decision));
        _state.Door.Reconfigure(next);
        BanSweep.Start(_state);
        _state.Log.Refresh();
    }

    private BrokerOptions WithLimitsOf(BrokerOptions options) => _options with
    {
        MaximumPacketSize = options.MaximumPacketSize,
        MaximumQoS = options.MaximumQoS,
        RetainAvailable = options.RetainAvailable,
        MaximumRetainedMessages = options.MaximumRetainedMessages,
        ReceiveMaximum = options.ReceiveMaximum,
        MaximumInflight = options.MaximumInflight,
        MaximumInflightBytes = options.MaximumInflightBytes,
        MaximumQueuedMessages = options.MaximumQueuedMessages,
        MaximumQueuedBytes = options.MaximumQueuedBytes,
        MaximumStoredMessages = options.MaximumStoredMessages,
        MaximumStoredBytes = options.MaximumStoredBytes,
        OverflowPolicy = options.OverflowPolicy,
        ClientClasses = options.ClientClasses,
        QueueQoS0Messages = options.QueueQoS0Messages,
        OutputLimit = options.OutputLimit,
        TracePasswords = options.TracePasswords,
        MaximumSessionExpiry = options.MaximumSessionExpiry,
        MaximumNewSessionExpiry = options.MaximumNewSessionExpiry,
        MaximumOfflineSessions = options.MaximumOfflineSessions,
        MaximumKeepAlive = options.MaximumKeepAlive,
        ConnectTimeout = options.ConnectTimeout,
        MaximumTopicLevels = options.MaximumTopicLevels,
        MaximumSubscriptions = options.MaximumSubscriptions,
        MaximumMessageRate = options.MaximumMessageRate,
        MaximumByteRate = options.MaximumByteRate,
        Connections = options.Connections,
        Bans = options.Bans,
        AllowEmptyClientId = options.AllowEmptyClientId,
        AssignedClientIdPrefix = options.AssignedClientIdPrefix,
    };

    private static Task<T> OnLoop<T>(Shard shard, Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        shard.Loop.Post(() => done.SetResult(work()));
        return done.Task;
    }

    private static EventLoopGroup MakeLoops(BrokerOptions options, ILoggerFactory? loggerFactory, TimeProvider? timeProvider)
    {
        options.Validate();
        return new EventLoopGroup(new EventLoopGroupOptions
        {
            Count = options.Loops > 0 ? options.Loops : Math.Min(Environment.ProcessorCount, 64),
            Threads = options.LoopThreads,
            Backend = options.Backend,
            TimeProvider = timeProvider ?? TimeProvider.System,
            Logger = (loggerFactory ?? NullLoggerFactory.Instance).CreateLogger("Godwit.Transport"),
        });
    }
}
