// One attempt to connect, under one time limit: resolve the name, try its addresses one after the other, TLS and WebSocket, CONNECT, CONNACK. On
// the loop only; the name is resolved and the files of TLS are read elsewhere. Ends by exactly one call of one of the two delegates.
using System.Net;
using System.Net.Sockets;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Client.Connections;

internal sealed class ConnectAttempt : IConnackHandler
{
    private readonly MqttClientOptions _options;
    private readonly EventLoop _loop;
    private readonly Func<IConnackHandler, ClientConnection> _createConnection;
    private readonly Action<ClientConnection, ConnectResult> _succeeded;
    private readonly Action<MqttConnectException> _failed;
    private readonly CallbackTimer _timer;
    private readonly long _deadline;
    private readonly WebSocketClientOptions? _webSocket;
    private Queue<IPAddress> _addresses = new();
    private TlsClient? _tls;
    private ClientConnection? _connection;
    private MqttConnectException? _lastFailure;
    private bool _isOver;

    public ConnectAttempt(
        MqttClientOptions options, EventLoop loop, Func<IConnackHandler, ClientConnection> createConnection,
        Action<ClientConnection, ConnectResult> succeeded, Action<MqttConnectException> failed)
    {
        _options = options;
        _loop = loop;
        _createConnection = createConnection;
        _succeeded = succeeded;
        _failed = failed;
        _timer = new CallbackTimer(_ => OnTimer());
        _deadline = loop.Now + (long)options.ConnectTimeout.TotalMilliseconds;
        // Bracketed IPv6 addresses are the Host header's form too.
        string host = options.Host.Contains(':', StringComparison.Ordinal) ? $"[{options.Host}]" : options.Host;
        _webSocket = options.WebSocket is { Host: null } webSocket ? webSocket with { Host = $"{host}:{options.Port}" } : options.WebSocket;
    }

    /// <summary>The server as it is called in messages.</summary>
    public static string NameOf(MqttClientOptions options) => options switch
    {
        { Connector: not null } => "The server",
        { UnixSocket: { } path } => $"the Unix socket {path}",
        _ => $"{options.Host} port {options.Port}",
    };

    public void Begin()
    {
        _loop.Schedule(_timer, _deadline);
        if (_options.Connector is { } connector)
        {
            Open(connection => connector(_loop, connection));
        }
        else if (_options.UnixSocket is { } path)
        {
            var how = new ConnectOptions { WebSocket = _webSocket };
            Open(connection => connection.Attach(_loop.Connect(new UnixDomainSocketEndPoint(path), connection, how)));
        }
        else if (IPAddress.TryParse(_options.Host, out IPAddress? address) && _options.Tls is null)
        {
            OnPrepared(new Preparation([address], null), null);
        }
        else
        {
            Task.Run(PrepareAsync).ContinueWith(
                task => _loop.Post(() => OnPrepared(task.IsCompletedSuccessfully ? task.Result : new Preparation([], null), task.Exception?.InnerException)),
                CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>Gives it up; nothing is reported any more.</summary>
    public void Abort()
    {
        if (!End()) return;
        _connection?.Abort();
    }

    void IConnackHandler.OnConnack(ClientConnection connection, ConnectResult result)
    {
        if (result.ReasonCode != ReasonCode.Success) Fail(MqttConnectException.Refused(NameOf(_options), result));
        else if (End()) _succeeded(connection, result);
    }

    void IConnectionOwner.OnEnded(ClientConnection connection, Disconnection end)
    {
        if (_isOver || connection != _connection) return;
        if (end.Reason == DisconnectReason.ConnectFailed && end.Exception is SocketException error)
            TryNextAddress(MqttConnectException.Unreachable(NameOf(_options), error));
        else if (end.Exception is TransportException failure && _options.Tls is not null && !(connection.IsSecure && end.Reason == DisconnectReason.ConnectFailed))
            Fail(MqttConnectException.TlsFailed(NameOf(_options), failure));
        else if (end.Exception is TransportException refusal)
            Fail(MqttConnectException.WebSocketFailed(NameOf(_options), refusal));
        else
            Fail(MqttConnectException.From(NameOf(_options), end, _options.Tls));
    }

    private async Task<Preparation> PrepareAsync()
    {
        TlsClient? tls = _options.Tls is { } options ? new TlsClient(options with { ServerName = options.ServerName ?? _options.Host }, _loop.TimeProvider) : null;
        return new Preparation(await Dns.GetHostAddressesAsync(_options.Host).ConfigureAwait(false), tls);
    }

    private void OnPrepared(Preparation preparation, Exception? error)
    {
        if (_isOver) return;
        _addresses = new Queue<IPAddress>(preparation.Addresses);
        _tls = preparation.Tls;
        if (error is TransportException unusable) Fail(MqttConnectException.Unusable(unusable));
        else if (_addresses.Count == 0) Fail(MqttConnectException.HostNotFound(_options.Host, error ?? new SocketException((int)SocketError.HostNotFound)));
        else TryNextAddress(null);
    }

    private void TryNextAddress(MqttConnectException? failure)
    {
        _lastFailure = failure;
        if (!_addresses.TryDequeue(out IPAddress? address))
        {
            Fail(failure!);
            return;
        }
        // Each address gets its share of the time, so that one that swallows packets does not use up that of the others.
        _loop.Schedule(_timer, _loop.Now + (_deadline - _loop.Now) / (_addresses.Count + 1));
        var how = new ConnectOptions { LocalEndPoint = _options.LocalEndPoint, Tls = _tls, WebSocket = _webSocket };
        Open(connection => connection.Attach(_loop.Connect(new IPEndPoint(address, _options.Port), connection, how)));
    }

    // The connector and the authentication, which has a part in CONNECT, are the application's.
    private void Open(Action<ClientConnection> open)
    {
        try
        {
            open(_connection = _createConnection(this));
        }
        catch (Exception exception)
        {
            Fail(MqttConnectException.CallbackFailed(exception));
        }
    }

    private void OnTimer()
    {
        MqttConnectException timedOut = MqttConnectException.TimedOut(NameOf(_options), _lastFailure);
        ClientConnection? connection = _connection;
        _connection = null;
        connection?.Abort();
        if (_addresses.Count > 0) TryNextAddress(timedOut);
        else Fail(timedOut);
    }

    private void Fail(MqttConnectException exception)
    {
        if (End()) _failed(exception);
    }

    private bool End()
    {
        if (_isOver) return false;
        _isOver = true;
        _loop.Cancel(_timer);
        return true;
    }

    /// <summary>What has to be there before the first connection is begun.</summary>
    private sealed record Preparation(IPAddress[] Addresses, TlsClient? Tls);
}
