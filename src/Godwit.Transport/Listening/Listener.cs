using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Godwit.Transport;

/// <summary>
/// Accepts connections on one address for all loops of a group. Made by
/// <see cref="EventLoopGroup.Listen(EndPoint, IConnectionAcceptor, ListenOptions?)"/>.
/// </summary>
public sealed class Listener
{
    private readonly EventLoopGroup _group;
    private readonly ListenSocket _socket;
    private readonly List<AcceptPort> _ports = [];
    private readonly ListenerGate _gate;
    private int _isExhausted;
    private int _isStopped;

    internal Listener(EventLoopGroup group, ListenSocket socket, IConnectionAcceptor acceptor, ListenOptions options)
    {
        _group = group;
        _socket = socket;
        Options = options;
        LocalEndPoint = socket.LocalEndPoint;
        _gate = new ListenerGate(options, acceptor, LocalEndPoint);
        foreach (EventLoop loop in group.Loops)
        {
            if (socket.CreatePort(this, loop) is { } port) _ports.Add(port);
        }
    }

    /// <summary>Where it listens; has the actual port if port 0 was asked for.</summary>
    public EndPoint LocalEndPoint { get; }

    /// <summary>The port; 0 for a Unix socket.</summary>
    public int Port => LocalEndPoint is IPEndPoint address ? address.Port : 0;

    internal bool IsUnix => LocalEndPoint is UnixDomainSocketEndPoint;

    internal ListenOptions Options { get; private set; }

    internal IReadOnlyList<EventLoop> Loops => _group.Loops;

    /// <summary>Begins to accept, once.</summary>
    public void Start()
    {
        foreach (AcceptPort port in _ports) port.Loop.Post(port.Start);
    }

    /// <summary>
    /// Changes what happens to connections from now on, without closing the socket: nobody is refused meanwhile. Those that are opening or open keep
    /// what they began with. The backlog stays as it was.
    /// </summary>
    public void Replace(IConnectionAcceptor acceptor, ListenOptions options)
    {
        if (IsUnix) UnixSocketFile.SetMode(LocalEndPoint, options.UnixMode);
        Options = options;
        _gate.Replace(options, acceptor);
    }

    /// <summary>Stops accepting and frees the port. Connections accepted before go on.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _isStopped, 1) != 0) return;
        _group.Forget(this);
        foreach (AcceptPort port in _ports) await port.StopAsync().ConfigureAwait(false);
        _socket.Dispose();
    }

    /// <summary>Connections now. From any thread.</summary>
    public int ConnectionCount => _gate.Connections;

    /// <summary>Connections now whose clients have not said who they are. From any thread.</summary>
    public int OpeningCount => _gate.Opening;

    /// <summary>Lets a connection in that has just been accepted, and makes its handler.</summary>
    /// <returns>Null if it has to be closed.</returns>
    internal Arrival? TryEnter(EventLoop loop, IPAddress? address, out IConnectionHandler handler)
    {
        handler = null!;
        if (_gate.TryEnter(loop, address) is not { } arrival) return null;
        try
        {
            handler = arrival.Entrance.CreateHandler(loop);
            return arrival;
        }
        catch (Exception exception)
        {
            TransportLog.AcceptorFailed(loop.Logger, LocalEndPoint, exception);
            _gate.Withdraw(arrival);
            return null;
        }
    }

    /// <summary>A connection that was let in could not be made.</summary>
    internal void Withdraw(Arrival arrival) => _gate.Withdraw(arrival);

    /// <summary>Whether a descriptor that has just been accepted is one of those that connections leave alone. It is to be closed: the process is exhausted.</summary>
    internal bool IsSpare(nint descriptor) => descriptor >= DescriptorLimit.FirstSpare && !Options.MayUseSpareDescriptors;

    /// <summary>Notes the result of an accept and logs when the system begins or ceases to be exhausted.</summary>
    internal AcceptOutcome Judge(SocketError error, ILogger logger)
    {
        switch (error)
        {
            case SocketError.Success:
                bool hasRecovered = _isExhausted != 0 && Interlocked.Exchange(ref _isExhausted, 0) != 0;
                if (hasRecovered) TransportLog.AcceptRecovered(logger, LocalEndPoint);
                return AcceptOutcome.Accepted;
            case SocketError.WouldBlock:
                return AcceptOutcome.NoneWaiting;
            case SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable:
                if (Interlocked.Exchange(ref _isExhausted, 1) == 0) TransportLog.AcceptExhausted(logger, LocalEndPoint, error);
                return AcceptOutcome.Exhausted;
            default:
                return AcceptOutcome.Failed; // that connection's own misfortune (it was reset meanwhile, its network is gone)
        }
    }
}

/// <summary>What became of an accept.</summary>
internal enum AcceptOutcome
{
    /// <summary>There is a new connection.</summary>
    Accepted,

    /// <summary>Nobody waits to be accepted.</summary>
    NoneWaiting,

    /// <summary>One connection was lost; the next may succeed.</summary>
    Failed,

    /// <summary>The system has no descriptors or memory for it.</summary>
    Exhausted,
}
