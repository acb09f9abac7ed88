// A proxy between test clients and a test server, all on loopback with ports of the system's choice.
using System.Net;
using System.Net.Sockets;
using Godwit.Capture.Proxy;
using Godwit.Capture.Streams;
using Godwit.Capture.Tests.Tcp;

namespace Godwit.Capture.Tests.Proxy;

internal sealed class ProxyHarness : IProxyObserver, IAsyncDisposable
{
    private readonly List<TcpClient> _open = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly StreamProxy _proxy;
    private readonly Task _running;
    private readonly SemaphoreSlim _changed = new(0);

    public ProxyHarness(Func<ProxyOptions, ProxyOptions>? change = null, Func<IStreamConsumerFactory, IStreamConsumerFactory>? around = null)
    {
        _server.Start();
        var options = new ProxyOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), Host = "127.0.0.1", Port = ((IPEndPoint)_server.LocalEndpoint).Port };
        _proxy = new StreamProxy(change?.Invoke(options) ?? options, around?.Invoke(Streams) ?? Streams, this);
        _running = _proxy.RunAsync(_stop.Token);
    }

    public RecordedStreams Streams { get; } = new();

    /// <summary>What the observer was told, in words.</summary>
    public List<string> Events { get; } = [];

    public int Port => _proxy.LocalEndPoint.Port;

    public async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, Port);
        return client;
    }

    public Task<TcpClient> AcceptAsync() => _server.AcceptTcpClientAsync();

    public async Task<(TcpClient Client, TcpClient Server)> OpenAsync()
    {
        Task<TcpClient> accepting = AcceptAsync();
        TcpClient client = await ConnectAsync(), server = await accepting;
        lock (_open) _open.AddRange([client, server]); // a socket that nobody holds is reset by the garbage collection
        return (client, server);
    }

    /// <summary>Waits until the observer has been told so much.</summary>
    public async Task UntilEventsAsync(int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            lock (Events) if (Events.Count >= count) return;
            await _changed.WaitAsync(limit.Token);
        }
    }

    /// <summary>Ends it; afterwards what was seen can be looked at.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (TcpClient end in _open) end.Dispose();
        _proxy.Dispose();
        _server.Dispose();
        _stop.Dispose();
    }

    void IProxyObserver.OnOpened(StreamConnection connection) => Note("opened");

    void IProxyObserver.OnClosed(StreamConnection connection, long fromClient, long fromHost, Side by, StreamEnd end, Arrival at) => Note($"{by} {end} {fromClient} {fromHost}");

    void IProxyObserver.OnFailed(IPEndPoint client, string sentence) => Note(sentence);

    private void Note(string what)
    {
        lock (Events) Events.Add(what);
        _changed.Release();
    }
}
