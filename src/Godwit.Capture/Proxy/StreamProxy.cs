// A TCP proxy that shows what goes through it to consumers of streams: the way to see a connection where capturing packets is not possible, or
// where TLS hides it.
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Godwit.Capture.Streams;

namespace Godwit.Capture.Proxy;

/// <summary>Listens, connects each client with a host, and passes bytes on in both directions without changing them.</summary>
public sealed class StreamProxy : IDisposable
{
    private readonly ProxyOptions _options;
    private readonly ProxyFeed _feed;
    private readonly Socket _listener;
    private readonly SemaphoreSlim _room;
    private readonly ConcurrentDictionary<Task, bool> _running = [];

    /// <summary>Listens. Clients are served once <see cref="RunAsync"/> runs.</summary>
    /// <param name="options">Between whom.</param>
    /// <param name="consumers">Take the bytes. They are called by one thread at a time.</param>
    /// <param name="observer">Is told about connections.</param>
    /// <param name="time">The clock; null = the system's.</param>
    /// <exception cref="SocketException">The address cannot be listened on.</exception>
    public StreamProxy(ProxyOptions options, IStreamConsumerFactory consumers, IProxyObserver observer, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(consumers);
        ArgumentNullException.ThrowIfNull(observer);
        const int Backlog = 512;
        (_options, _feed) = (options, new ProxyFeed(consumers, observer, time ?? TimeProvider.System));
        _room = new SemaphoreSlim(options.MaxConnections);
        _listener = new Socket(options.Listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _listener.Bind(options.Listen);
            _listener.Listen(Backlog);
        }
        catch
        {
            _listener.Dispose();
            throw;
        }
        LocalEndPoint = (IPEndPoint)_listener.LocalEndPoint!;
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Serves clients until it is stopped; then all connections are aborted.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using CancellationTokenRegistration closing = stop.Register(_listener.Dispose);
        try
        {
            while (true)
            {
                await _room.WaitAsync(stop).ConfigureAwait(false);
                Socket client = await _listener.AcceptAsync(stop).ConfigureAwait(false);
                Task task = ServeAsync(client, stop);
                _running[task] = true;
                _ = task.ContinueWith(over => _running.TryRemove(over, out _), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            }
        }
        catch (Exception exception) when (stop.IsCancellationRequested && exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(_running.Keys).ConfigureAwait(false);
        }
    }

    /// <summary>Does something about the consumers while none of them is called.</summary>
    public void Synchronise(Action action) => _feed.Run(action);

    /// <summary>Closes the port.</summary>
    public void Dispose()
    {
        _listener.Dispose();
        _room.Dispose();
    }

    private async Task ServeAsync(Socket client, CancellationToken stop)
    {
        try
        {
            using var connection = new ProxyConnection(_options, _feed, client);
            await Task.Yield();
            await connection.RunAsync(stop).ConfigureAwait(false);
        }
        finally
        {
            _room.Release();
        }
    }
}
