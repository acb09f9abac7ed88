using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Godwit.Transport.Epoll;
using Godwit.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Godwit.Transport;

/// <summary>What does the loops' TCP.</summary>
public enum TransportBackend
{
    /// <summary><see cref="Epoll"/> on Linux (x64, arm64), <see cref="Sockets"/> elsewhere.</summary>
    Automatic,

    /// <summary>Linux's epoll directly.</summary>
    Epoll,

    /// <summary>System.Net.Sockets: everywhere, at one and a half to twice the cost per message.</summary>
    Sockets,
}

/// <summary>How loops get threads.</summary>
public enum LoopThreading
{
    /// <summary>
    /// One thread runs all loops while it can; a saturated one gives half of its loops to another, for as long as that pays. Where the system
    /// does not tell how threads fare (other than Linux), the same as <see cref="Fixed"/>.
    /// </summary>
    Elastic,

    /// <summary>A thread for each loop.</summary>
    Fixed,
}

/// <summary>How to make a group of loops.</summary>
public sealed record EventLoopGroupOptions
{
    /// <summary>How many loops. Default: one per processor.</summary>
    public int Count { get; init; } = Environment.ProcessorCount;

    /// <summary>How they get threads. Default: as many as the load needs.</summary>
    public LoopThreading Threads { get; init; }

    /// <summary>What does the TCP. Default: the best there is.</summary>
    public TransportBackend Backend { get; init; }

    /// <summary>The clock of timers. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where failures are logged. Default: nowhere.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}

/// <summary>The loops of a program.</summary>
public sealed class EventLoopGroup : IAsyncDisposable
{
    private const int MostTurnsUntilIdle = 100_000;

    private readonly IBackend _backend;
    private readonly List<Listener> _listeners = [];
    private readonly EventLoop[] _loops;
    private readonly SharedBufferPool _buffers = new();
    private readonly LoopThreads _threads;
    private bool _isStopped;

    /// <summary>Makes the loops; <see cref="Start"/> sets them going.</summary>
    public EventLoopGroup(EventLoopGroupOptions? options = null)
        : this(options ??= new EventLoopGroupOptions(), CreateBackend(options.Backend), isManual: false)
    {
    }

    private EventLoopGroup(EventLoopGroupOptions options, IBackend backend, bool isManual)
    {
        Backend = backend is EpollBackend ? TransportBackend.Epoll : TransportBackend.Sockets;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Count);
        _backend = backend;
        _loops = new EventLoop[options.Count];
        for (int i = 0; i < _loops.Length; i++) _loops[i] = new EventLoop(i, backend, _buffers, options.TimeProvider, options.Logger, isManual);
        _threads = new LoopThreads(_loops, options.TimeProvider, options.Threads == LoopThreading.Elastic);
    }

    /// <summary>How sockets are driven: never <see cref="TransportBackend.Automatic"/>.</summary>
    public TransportBackend Backend { get; }

    /// <summary>The loops.</summary>
    public IReadOnlyList<EventLoop> Loops => _loops;

    /// <summary>
    /// Loops without threads, sockets or waiting, for deterministic tests: in-memory connections only, driven by
    /// <see cref="EventLoop.Turn(int)"/> or <see cref="RunUntilIdle"/>, on the time the test gives. Exceptions that belong to no connection
    /// come out of the turn.
    /// </summary>
    public static EventLoopGroup Manual(TimeProvider time, int count = 1, ILogger? logger = null)
    {
        var options = new EventLoopGroupOptions { Count = count, TimeProvider = time, Logger = logger ?? NullLogger.Instance };
        return new EventLoopGroup(options, new ManualBackend(), isManual: true);
    }

    /// <summary>Sets the loops going.</summary>
    /// <exception cref="InvalidOperationException">They run already, or are to be turned by hand.</exception>
    public void Start()
    {
        if (_loops[0].IsManual) throw new InvalidOperationException("Manual loops have no threads; call Turn.");
        if (_loops[0].HasThread) throw new InvalidOperationException("The loops run already.");
        _threads.Start();
    }

    /// <summary>Turns all loops, one after the other, until nothing happens any more. For loops without threads.</summary>
    /// <exception cref="InvalidOperationException">Something still happens after 100,000 rounds.</exception>
    public void RunUntilIdle()
    {
        for (int round = 0; round < MostTurnsUntilIdle; round++)
        {
            bool busy = false;
            foreach (EventLoop loop in _loops) busy |= loop.Turn(0);
            if (!busy) return;
        }
        throw new InvalidOperationException($"The loops are still busy after {MostTurnsUntilIdle:N0} rounds: something keeps itself going.");
    }

    /// <summary>Listens on an address with all loops.</summary>
    /// <param name="endPoint">An IP address and port (port 0 lets the system choose, <c>::</c> takes IPv4 too), or a Unix socket.</param>
    /// <param name="acceptor">Gives accepted connections their handlers, on the loop that accepted them.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ListenException">The address cannot be listened on.</exception>
    public Listener Listen(EndPoint endPoint, IConnectionAcceptor acceptor, ListenOptions? options = null)
    {
        Listener listener = Bind(endPoint, acceptor, options);
        listener.Start();
        return listener;
    }

    /// <summary>
    /// Takes an address and accepts nobody before <see cref="Listener.Start"/>: what connects meanwhile waits. For opening several listeners, or none.
    /// </summary>
    /// <inheritdoc cref="Listen(EndPoint, IConnectionAcceptor, ListenOptions?)"/>
    public Listener Bind(EndPoint endPoint, IConnectionAcceptor acceptor, ListenOptions? options = null)
    {
        if (endPoint is not (IPEndPoint or UnixDomainSocketEndPoint))
            throw new ArgumentException($"'{endPoint}' is neither an IP address with a port nor a Unix socket.", nameof(endPoint));
        if (endPoint is UnixDomainSocketEndPoint unix) UnixSocketFile.MakeWay(unix);
        options ??= new ListenOptions();
        ListenSocket socket;
        try
        {
            socket = _backend.Listen(endPoint, options);
        }
        catch (SocketException exception)
        {
            throw ListenException.For(endPoint, exception);
        }
        var listener = new Listener(this, socket, acceptor, options);
        lock (_listeners) _listeners.Add(listener);
        return listener;
    }

    /// <inheritdoc cref="Listen(EndPoint, IConnectionAcceptor, ListenOptions?)"/>
    public Listener Listen(EndPoint endPoint, Func<IConnectionHandler> createHandler, ListenOptions? options = null) =>
        Listen(endPoint, new DelegateAcceptor(createHandler), options);

    /// <summary>
    /// Lets go of the large buffers that nobody has needed since the last call; up to 64 MiB of them are kept for reuse otherwise. From any
    /// thread.
    /// </summary>
    /// <returns>How many bytes; their memory comes back with the next garbage collection.</returns>
    public long DropUnusedBuffers() => _buffers.DropUnused();

    /// <summary>Stops listening, closes all connections (<see cref="CloseReason.LoopStopped"/>) and ends the threads.</summary>
    public async Task StopAsync()
    {
        if (_isStopped) return;
        _isStopped = true;
        Listener[] listeners;
        lock (_listeners) listeners = [.. _listeners];
        foreach (Listener listener in listeners) await listener.StopAsync().ConfigureAwait(false);
        // First all are emptied, then all end: a connection on its way from one loop to another arrives.
        await Task.WhenAll(_loops.Select(loop => loop.DrainAsync())).ConfigureAwait(false);
        if (_loops[0].HasThread) await _threads.ExitAsync().ConfigureAwait(false);
        else foreach (EventLoop loop in _loops) loop.Dispose();
    }

    /// <inheritdoc cref="StopAsync"/>
    public ValueTask DisposeAsync() => new(StopAsync());

    internal void Forget(Listener listener)
    {
        lock (_listeners) _listeners.Remove(listener);
    }

    private static IBackend CreateBackend(TransportBackend backend)
    {
        bool hasEpoll = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;
        return backend switch
        {
            TransportBackend.Epoll when !hasEpoll => throw new PlatformNotSupportedException("epoll needs Linux on x64 or arm64."),
            TransportBackend.Automatic when hasEpoll => new EpollBackend(),
            TransportBackend.Epoll => new EpollBackend(),
            _ => new SocketsBackend(),
        };
    }

    private sealed class DelegateAcceptor(Func<IConnectionHandler> createHandler) : IConnectionAcceptor
    {
        public IConnectionHandler Accept(EventLoop loop) => createHandler();
    }
}
