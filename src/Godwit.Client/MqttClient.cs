using Godwit.Client.Connections;
using Godwit.Client.Sessions;
using Godwit.Protocol;
using Godwit.Session;
using Godwit.Transport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Godwit.Client;

/// <summary>
/// An MQTT 3.1, 3.1.1 and 5.0 client. Once connected it stays so: a lost connection is made again, subscriptions are renewed, messages
/// that were not acknowledged are sent again. All members may be called from any thread; nothing of the application's runs on the
/// client's loop, so waiting for an acknowledgement while handling a message is fine.
/// </summary>
/// <example><code>
/// await using var client = new MqttClient(new MqttClientOptions { Host = "localhost" });
/// await client.ConnectAsync();
/// await client.SubscribeAsync(new MqttSubscription("house/+/temperature", QoS.AtLeastOnce));
/// await foreach (MqttMessage message in client.Messages()) Console.WriteLine($"{message.Topic}: {message.PayloadText}");
/// </code></example>
public sealed class MqttClient : IAsyncDisposable
{
    private readonly EventLoop _loop;
    private readonly StateFeed _states = new();
    private readonly MessageQueue _queue;
    private readonly ClientSession _session;
    private readonly Supervisor _supervisor;
    private readonly SemaphoreSlim _permits;
    private int _isDisposed;

    /// <summary>Makes a client; <see cref="ConnectAsync"/> connects it.</summary>
    /// <param name="options">All settings; null for the defaults.</param>
    /// <param name="logger">Where to log; null for nowhere.</param>
    /// <exception cref="ArgumentException">An option is not valid.</exception>
    public MqttClient(MqttClientOptions? options = null, ILogger? logger = null)
    {
        Options = options ?? new MqttClientOptions();
        Options.Validate();
        _loop = Options.Loop ?? SharedLoop.Instance;
        _permits = new SemaphoreSlim(Options.MaximumPendingPublishes);
        _queue = new MessageQueue(Options.ReceiveQueueCapacity, OnRoom);
        _session = new ClientSession(Options, _queue);
        _supervisor = new Supervisor(Options, _loop, _session, _states, logger ?? NullLogger.Instance);
    }

    /// <summary>The settings.</summary>
    public MqttClientOptions Options { get; }

    /// <summary>Where the client stands.</summary>
    public ConnectionState State => _states.Current.State;

    /// <summary>The latest change of state, with its cause.</summary>
    public ConnectionStateChange LastChange => _states.Current;

    /// <summary>The client identifier: the one set, made or assigned; empty while an MQTT 5 server has yet to assign it.</summary>
    public string ClientId => _supervisor.ClientId;

    /// <summary>What the server can take, from its latest CONNACK; the specification's defaults before.</summary>
    public ConnectionLimits ServerLimits => _supervisor.Limits;

    /// <summary>QoS 0 messages that were dropped: see <see cref="MqttClientOptions.ReceiveQueueCapacity"/>.</summary>
    public long DroppedMessages => _session.Receiver.Dropped;

    /// <summary>Connects. This first attempt is not repeated: if it fails, the client is disconnected again.</summary>
    /// <param name="cancellationToken">Gives the attempt up.</param>
    /// <returns>The server's answer.</returns>
    /// <exception cref="MqttConnectException">The server cannot be reached or refuses; the message tells the likely cause.</exception>
    /// <exception cref="InvalidOperationException">The client is connected or connecting already.</exception>
    public async Task<ConnectResult> ConnectAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new TaskCompletionSource<ConnectResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop.Post(() => _supervisor.Connect(waiter));
        using CancellationTokenRegistration registration =
            cancellationToken.UnsafeRegister((_, token) => _loop.Post(() => _supervisor.CancelConnect(waiter, token)), null);
        return await waiter.Task.ConfigureAwait(false);
    }

    /// <summary>Publishes a message.</summary>
    /// <param name="message">The message. Its payload must not change until the task has ended.</param>
    /// <param name="cancellationToken">
    /// Gives up waiting. A message not sent yet is forgotten; one that is under way may still arrive.
    /// </param>
    /// <returns>
    /// QoS 0: when it has been handed to the transport. QoS 1 and 2: when the server has acknowledged it, over reconnects if need be.
    /// A refusal by the server is a result too.
    /// </returns>
    /// <exception cref="ArgumentException">The message is not valid.</exception>
    /// <exception cref="MqttException">
    /// The client is not connected and does not try to be, it was disconnected meanwhile, or the server does not take such a message
    /// (too large, its QoS, retained): then nothing was sent.
    /// </exception>
    /// <exception cref="TimeoutException"><see cref="MqttClientOptions.ResponseTimeout"/> has passed.</exception>
    public async ValueTask<PublishResult> PublishAsync(MqttMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        var operation = new PublishOperation(message, Options.Version, _session.Publisher, _permits);
        using CancellationTokenSource? limit = LimitTime(cancellationToken);
        CancellationToken token = limit?.Token ?? cancellationToken;
        try
        {
            await _permits.WaitAsync(token).ConfigureAwait(false);
            _loop.Post(operation);
            using CancellationTokenRegistration registration = token.UnsafeRegister((_, reason) => _loop.Post(
                () => _session.Publisher.Cancel(operation, waiting => waiting.TrySetCanceled(reason))), null);
            return await operation.Task.ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (limit is not null && !cancellationToken.IsCancellationRequested)
        {
            throw TimedOut("acknowledge the message", exception);
        }
    }

    /// <inheritdoc cref="PublishAsync(MqttMessage, CancellationToken)"/>
    /// <param name="topic">The topic name.</param>
    /// <param name="payload">The payload; must not change until the task has ended.</param>
    /// <param name="qos">The Quality of Service; default 0.</param>
    /// <param name="retain">Whether the server is to retain it; default false.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public ValueTask<PublishResult> PublishAsync(
        string topic, ReadOnlyMemory<byte> payload, QoS qos = QoS.AtMostOnce, bool retain = false, CancellationToken cancellationToken = default) =>
        PublishAsync(new MqttMessage { Topic = topic, Payload = payload, QoS = qos, Retain = retain }, cancellationToken);

    /// <summary>Subscribes. The client renews the subscriptions that were granted whenever a server has lost them.</summary>
    /// <param name="subscriptions">What to; at least one.</param>
    /// <param name="subscriptionIdentifier">MQTT 5: comes back with each message; 1 to 268,435,455, null for none.</param>
    /// <param name="userProperties">MQTT 5: user properties of the request; null for none.</param>
    /// <param name="cancellationToken">Gives up waiting; the request may still take effect.</param>
    /// <returns>The server's answer; single subscriptions may have been refused.</returns>
    /// <exception cref="ArgumentException">A filter is not valid.</exception>
    /// <exception cref="MqttException">As for publishing.</exception>
    /// <exception cref="TimeoutException"><see cref="MqttClientOptions.ResponseTimeout"/> has passed.</exception>
    public async Task<SubscribeResult> SubscribeAsync(
        IEnumerable<MqttSubscription> subscriptions, uint? subscriptionIdentifier = null, IReadOnlyList<UserProperty>? userProperties = null,
        CancellationToken cancellationToken = default)
    {
        var request = SubscribeRequest.Create(_session.Subscriptions, Options.Version, [.. subscriptions], subscriptionIdentifier, userProperties);
        return await RequestAsync(request, request.Task, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc cref="SubscribeAsync(IEnumerable{MqttSubscription}, uint?, IReadOnlyList{UserProperty}?, CancellationToken)"/>
    /// <param name="subscription">What to.</param>
    /// <param name="subscriptionIdentifier">MQTT 5: comes back with each message; null for none.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task<SubscribeResult> SubscribeAsync(MqttSubscription subscription, uint? subscriptionIdentifier = null, CancellationToken cancellationToken = default) =>
        SubscribeAsync([subscription], subscriptionIdentifier, null, cancellationToken);

    /// <summary>Ends subscriptions.</summary>
    /// <param name="filters">The filters as they were subscribed to; at least one.</param>
    /// <param name="userProperties">MQTT 5: user properties of the request; null for none.</param>
    /// <param name="cancellationToken">Gives up waiting; the request may still take effect.</param>
    /// <returns>The server's answer.</returns>
    /// <exception cref="ArgumentException">A filter is not valid.</exception>
    /// <exception cref="MqttException">As for publishing.</exception>
    /// <exception cref="TimeoutException"><see cref="MqttClientOptions.ResponseTimeout"/> has passed.</exception>
    public async Task<UnsubscribeResult> UnsubscribeAsync(
        IEnumerable<string> filters, IReadOnlyList<UserProperty>? userProperties = null, CancellationToken cancellationToken = default)
    {
        var request = UnsubscribeRequest.Create(_session.Subscriptions, Options.Version, [.. filters], userProperties);
        return await RequestAsync(request, request.Task, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc cref="UnsubscribeAsync(IEnumerable{string}, IReadOnlyList{UserProperty}?, CancellationToken)"/>
    /// <param name="filter">The filter.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task<UnsubscribeResult> UnsubscribeAsync(string filter, CancellationToken cancellationToken = default) =>
        UnsubscribeAsync([filter], null, cancellationToken);

    /// <summary>
    /// The messages as they come, over reconnects, until the client is disposed of. A message of QoS 1 or 2 is acknowledged when it stands
    /// in this queue, not when it has been handled. Several readers share the messages.
    /// </summary>
    public IAsyncEnumerable<MqttMessage> Messages(CancellationToken cancellationToken = default) => _queue.ReadAsync(cancellationToken);

    /// <summary>The state now, then each change, until the client is disposed of. Each reader gets all of them.</summary>
    public IAsyncEnumerable<ConnectionStateChange> StateChanges(CancellationToken cancellationToken = default) => _states.ReadAsync(cancellationToken);

    /// <summary>
    /// Disconnects; without a connection it stops trying. What still waits to be published or acknowledged fails: wait for it before.
    /// </summary>
    /// <param name="code">MQTT 5: <see cref="ReasonCode.DisconnectWithWillMessage"/> has the will published. Default: normal.</param>
    /// <param name="reasonString">MQTT 5: a sentence for the server's log; null for none.</param>
    /// <param name="sessionExpiryInterval">MQTT 5: seconds that replace those of the options; null to keep them.</param>
    /// <param name="userProperties">MQTT 5: user properties; null for none.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ArgumentException">The code or the interval is not allowed.</exception>
    public async Task DisconnectAsync(
        ReasonCode code = ReasonCode.Success, string? reasonString = null, uint? sessionExpiryInterval = null,
        IReadOnlyList<UserProperty>? userProperties = null, CancellationToken cancellationToken = default)
    {
        if (Options.Version == ProtocolVersion.V5 && !code.IsAllowedIn(PacketType.Disconnect)) // [MQTT-3.14.2-1]
            throw new ArgumentException($"DISCONNECT has no reason code 0x{(byte)code:X2}. [MQTT-3.14.2-1]", nameof(code));
        if (Options.SessionExpiryInterval == 0 && sessionExpiryInterval > 0) // section 3.14.2.2.2
            throw new ArgumentException("A session that ends with its connection cannot be given more time when it ends: set SessionExpiryInterval in the options.", nameof(sessionExpiryInterval));
        byte[] properties = [];
        if (Options.Version == ProtocolVersion.V5)
        {
            var buffer = new PropertyBuffer();
            buffer.Add(PropertyId.SessionExpiryInterval, sessionExpiryInterval);
            buffer.Add(PropertyId.ReasonString, reasonString);
            buffer.Add(userProperties ?? []);
            properties = buffer.ToArray();
        }
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop.Post(() => _supervisor.Disconnect(code, properties, done));
        await done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Disconnects and ends everything that waits; the last messages can still be read.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1) return;
        await DisconnectAsync().ConfigureAwait(false);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop.Post(() =>
        {
            _supervisor.Close();
            _queue.Complete();
            done.SetResult();
        });
        await done.Task.ConfigureAwait(false);
    }

    private async Task<T> RequestAsync<T>(SubscriptionRequest request, Task<T> answer, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        using CancellationTokenSource? limit = LimitTime(cancellationToken);
        CancellationToken token = limit?.Token ?? cancellationToken;
        try
        {
            await _permits.WaitAsync(token).ConfigureAwait(false);
            try
            {
                _loop.Post(request);
                return await answer.WaitAsync(token).ConfigureAwait(false);
            }
            finally
            {
                _permits.Release();
            }
        }
        catch (OperationCanceledException exception)
        {
            _loop.Post(() => _session.Subscriptions.Cancel(request));
            if (limit is null || cancellationToken.IsCancellationRequested) throw;
            throw TimedOut("answer the request", exception);
        }
    }

    private CancellationTokenSource? LimitTime(CancellationToken cancellationToken)
    {
        if (Options.ResponseTimeout is not { } timeout) return null;
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        return limit;
    }

    private TimeoutException TimedOut(string what, Exception inner) =>
        new($"The server did not {what} within {Options.ResponseTimeout!.Value.TotalSeconds:0.###} s (the connection is {State}).", inner);

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) == 1, this);

    private void OnRoom() => _loop.Post(_session.Receiver.OnRoom);
}
