// Keeps a client connected: the states, the attempts, and what happens when a connection ends. On the loop only.
//
//   Disconnected -> Connecting -> Connected -> Reconnecting -> Connected ...
//   any of them -> Disconnecting -> Disconnected; and in the end Closed
using Godwit.Client.Sessions;
using Godwit.Protocol;
using Godwit.Session;
using Godwit.Transport;
using Microsoft.Extensions.Logging;

namespace Godwit.Client.Connections;

internal sealed class Supervisor : IConnectionOwner
{
    private readonly MqttClientOptions _options;
    private readonly EventLoop _loop;
    private readonly ClientSession _session;
    private readonly ConnectWriter _connect;
    private readonly StateFeed _states;
    private readonly ILogger _logger;
    private readonly Backoff _backoff;
    private readonly CallbackTimer _timer;
    private readonly List<TaskCompletionSource> _disconnects = [];
    private TaskCompletionSource<ConnectResult>? _waiter;
    private ConnectAttempt? _attempt;
    private ClientConnection? _connection;
    private volatile ConnectionLimits _limits = ConnectionLimits.Default;
    private volatile string _clientId;
    private bool _wasConnected;

    public Supervisor(MqttClientOptions options, EventLoop loop, ClientSession session, StateFeed states, ILogger logger)
    {
        _options = options;
        _loop = loop;
        _session = session;
        _states = states;
        _logger = logger;
        _connect = new ConnectWriter(options);
        _backoff = new Backoff(options.Reconnect);
        _timer = new CallbackTimer(_ => BeginAttempt());
        _clientId = options.ClientId ?? (options.Version == ProtocolVersion.V5 ? "" : $"godwit-{Random.Shared.NextInt64(1L << 60):x15}");
    }

    /// <summary>From any thread.</summary>
    public ConnectionLimits Limits => _limits;

    /// <summary>From any thread. Empty until an MQTT 5 server has assigned one.</summary>
    public string ClientId => _clientId;

    private ConnectionState State => _states.Current.State;

    public void Connect(TaskCompletionSource<ConnectResult> waiter)
    {
        if (State != ConnectionState.Disconnected)
        {
            waiter.TrySetException(State == ConnectionState.Closed
                ? new ObjectDisposedException(nameof(MqttClient))
                : new InvalidOperationException($"The client is {State} already."));
            return;
        }
        _waiter = waiter;
        _wasConnected = false;
        _session.Open();
        SetState(ConnectionState.Connecting);
        BeginAttempt();
    }

    /// <summary>The caller of <see cref="Connect"/> gives up.</summary>
    public void CancelConnect(TaskCompletionSource<ConnectResult> waiter, CancellationToken cancellationToken)
    {
        waiter.TrySetCanceled(cancellationToken);
        if (_waiter == waiter) Stop(new Disconnection(DisconnectReason.Requested));
    }

    /// <summary>Disconnects, or gives up connecting.</summary>
    public void Disconnect(ReasonCode code, byte[] properties, TaskCompletionSource done)
    {
        if (_connection is not { } connection)
        {
            if (State is ConnectionState.Connecting or ConnectionState.Reconnecting) Stop(new Disconnection(DisconnectReason.Requested));
            done.TrySetResult();
            return;
        }
        _disconnects.Add(done);
        if (State == ConnectionState.Connected) SetState(ConnectionState.Disconnecting);
        connection.Disconnect(code, properties);
    }

    /// <summary>The client is disposed of; it is disconnected.</summary>
    public void Close()
    {
        _session.Close(static () => new MqttException("The client has been disposed of."), forGood: true);
        SetState(ConnectionState.Closed);
    }

    void IConnectionOwner.OnEnded(ClientConnection connection, Disconnection end)
    {
        _connection = null;
        _session.OnConnectionLost();
        _backoff.OnConnectionEnded(_loop.Now - connection.ConnectedAt);
        bool tryAgain = _options.Reconnect.Enabled && _disconnects.Count == 0
            && end.Reason is not (DisconnectReason.Requested or DisconnectReason.LoopStopped) && end.ReasonCode != ReasonCode.SessionTakenOver;
        if (tryAgain) Retry(end);
        else Stop(end);
    }

    private void BeginAttempt()
    {
        // A session that outlives its connection is continued by a reconnect. Before MQTT 5 Clean Session says both things at once.
        bool cleanStart = _options.CleanStart && !(_wasConnected && _options.Version == ProtocolVersion.V5 && _options.SessionExpiryInterval > 0);
        _attempt = new ConnectAttempt(_options, _loop, CreateConnection, OnConnected, OnAttemptFailed);
        _attempt.Begin();

        ClientConnection CreateConnection(IConnackHandler connackHandler) =>
            new(_options, _session, _logger, connackHandler, _connect.Write(_clientId, cleanStart), cleanStart, _clientId);
    }

    private void OnConnected(ClientConnection connection, ConnectResult result)
    {
        _attempt = null;
        _connection = connection;
        connection.Owner = this;
        _clientId = connection.ClientId;
        _limits = result.Limits;
        _wasConnected = true;
        ClientLog.Connected(_logger, _clientId, ConnectAttempt.NameOf(_options), result.SessionPresent);
        SetState(ConnectionState.Connected);
        _waiter?.TrySetResult(result);
        _waiter = null;
    }

    private void OnAttemptFailed(MqttConnectException exception)
    {
        _attempt = null;
        var end = new Disconnection(DisconnectReason.ConnectFailed, exception.ReasonCode, exception.Message, exception);
        if (_waiter is null) Retry(end);
        else Stop(end);
    }

    private void Retry(Disconnection cause)
    {
        long delay = _backoff.Next();
        ClientLog.Reconnecting(_logger, _clientId, cause, delay);
        SetState(ConnectionState.Reconnecting, cause);
        _loop.Schedule(_timer, _loop.Now + delay);
    }

    private void Stop(Disconnection cause)
    {
        _loop.Cancel(_timer);
        _attempt?.Abort();
        _attempt = null;
        ReasonCode code = cause.ReasonCode is { } known && known.IsError() ? known : ReasonCode.UnspecifiedError;
        _session.Close(() => new MqttException($"The client is disconnected: {cause}.", code, cause.Exception));
        ClientLog.Disconnected(_logger, _clientId, cause);
        SetState(ConnectionState.Disconnected, cause);
        if (cause.Exception is { } error) _waiter?.TrySetException(error);
        else _waiter?.TrySetCanceled();
        _waiter = null;
        foreach (TaskCompletionSource done in _disconnects) done.TrySetResult();
        _disconnects.Clear();
    }

    private void SetState(ConnectionState state, Disconnection? cause = null) => _states.Set(new ConnectionStateChange(state, cause));
}
