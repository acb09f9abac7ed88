// A TLS listener on a port of the loopback interface, and clients of it.
using System.Net;

namespace Godwit.Transport.Tests;

internal sealed class TlsPair : IAsyncDisposable
{
    private readonly Listener _listener;
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TlsPair(TlsServerOptions options, WebSocketServerOptions? webSocket = null, TransportBackend backend = TransportBackend.Automatic,
        Func<TestHandler>? createServer = null, int loops = 1)
    {
        Group = new EventLoopGroup(new EventLoopGroupOptions { Count = loops, Backend = backend, Logger = Log });
        Tls = new TlsServer(options);
        _listener = Group.Listen(Pairs.Loopback, () =>
        {
            TestHandler handler = createServer?.Invoke() ?? new TestHandler();
            handler.Opened += connection =>
            {
                ServerConnection = connection;
                _opened.TrySetResult();
            };
            return handler;
        }, new ListenOptions { Layers = new LayerOptions { Tls = Tls, WebSocket = webSocket } });
        Group.Start();
    }

    public EventLoopGroup Group { get; }

    public TlsServer Tls { get; }

    public TestLog Log { get; } = new();

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndPoint;

    public TransportConnection? ServerConnection { get; private set; }

    public void Begin(TestHandler client, TlsClientOptions tls, WebSocketClientOptions? webSocket = null) =>
        Group.Loops[0].Connect(Address, client, new ConnectOptions { Tls = new TlsClient(tls), WebSocket = webSocket });

    public Task<TransportConnection> ConnectAsync(TestHandler client, TlsClientOptions tls, WebSocketClientOptions? webSocket = null)
    {
        Begin(client, tls, webSocket);
        return client.OpenedTask;
    }

    public Task ServerOpened() => _opened.Task.WaitAsync(TestHandler.Patience);

    /// <summary>Waits until these words are in the log.</summary>
    public Task LoggedAsync(string words) => Log.LoggedAsync(words);

    public async ValueTask DisposeAsync()
    {
        await Group.DisposeAsync();
        Assert.DoesNotContain(Log.Entries, entry => entry.Level >= Microsoft.Extensions.Logging.LogLevel.Error);
    }
}
