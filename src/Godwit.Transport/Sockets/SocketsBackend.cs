// TCP by System.Net.Sockets, where epoll is not available. Completions come on pool threads and only announce readiness; all receiving
// and sending is done on the loop's thread, without blocking, exactly as with epoll.
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Godwit.Transport.Sockets;

internal sealed class SocketsBackend : IBackend
{
    public IPoller CreatePoller() => new SocketsPoller();

    public ListenSocket Listen(EndPoint endPoint, ListenOptions options) => new SocketsListenSocket(endPoint, options);

    public BufferedConnection CreateOutgoing(EventLoop loop, IConnectionHandler handler, EndPoint remote, ConnectOptions options) =>
        new SocketsConnection(loop, handler, remote, options.LocalEndPoint);
}

/// <summary>Everything arrives through the loop's inbox, so there is only sleeping and waking.</summary>
internal sealed class SocketsPoller : IPoller
{
    private readonly AutoResetEvent _wake = new(false);

    public void Wait(long nanoseconds)
    {
        // Whole milliseconds, rounded up: a wait that ended early would only be repeated.
        if (nanoseconds != 0) _wake.WaitOne(nanoseconds < 0 ? Timeout.Infinite : (int)((nanoseconds + 999_999) / 1_000_000));
    }

    public bool HasEvents => false;

    public bool Dispatch(EventLoop loop) => false;

    public void Wake() => _wake.Set();

    public void Watch(IPoller other)
    {
        // The loops' inboxes wake whoever runs them: there is nothing else to watch.
    }

    public void Unwatch(IPoller other)
    {
        // As above.
    }

    public void Dispose()
    {
        // The event is left to its finaliser: late completions may still set it.
    }
}

internal sealed class SocketsListenSocket : ListenSocket
{
    private readonly Socket _socket;

    public SocketsListenSocket(EndPoint endPoint, ListenOptions options)
    {
        _socket = new Socket(endPoint.AddressFamily, SocketType.Stream, endPoint is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            // SO_REUSEADDR: .NET sets it for TCP on Unix by itself; its ReuseAddress option would let two programs share the port.
            if (endPoint is IPEndPoint { AddressFamily: AddressFamily.InterNetworkV6 } address) _socket.DualMode = address.Address.Equals(IPAddress.IPv6Any);
            _socket.Bind(endPoint);
            if (endPoint is UnixDomainSocketEndPoint) UnixSocketFile.SetMode(endPoint, options.UnixMode);
            _socket.Listen(options.Backlog);
            LocalEndPoint = endPoint is IPEndPoint ? _socket.LocalEndPoint! : endPoint;
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    public override EndPoint LocalEndPoint { get; }

    // The group's first loop accepts and deals the connections out.
    public override AcceptPort? CreatePort(Listener listener, EventLoop loop) =>
        loop == listener.Loops[0] ? new SocketsAcceptPort(listener, loop, _socket) : null;

    public override void Dispose()
    {
        _socket.Dispose();
        UnixSocketFile.Remove(LocalEndPoint);
    }
}

[SuppressMessage("Design", "CA1001", Justification = "The arguments must outlive the socket until their operation has completed.")]
internal sealed class SocketsAcceptPort : AcceptPort, ILoopWork
{
    private readonly Socket _socket;
    private readonly SocketAsyncEventArgs _accept = new();
    private bool _isArmed;
    private bool _isAccepting;
    private int _next;

    public SocketsAcceptPort(Listener listener, EventLoop loop, Socket socket) : base(listener, loop)
    {
        _socket = socket;
        _accept.Completed += (_, _) => Loop.Post(this);
    }

    /// <summary>An accept has ended.</summary>
    public void Run(EventLoop loop)
    {
        _isAccepting = false;
        Socket? accepted = _accept.AcceptSocket;
        SocketError error = _accept.SocketError;
        _accept.AcceptSocket = null;
        if (error == SocketError.Success && Listener.Options.AcceptFault?.Invoke() is { } fault and not SocketError.Success) error = fault;
        if (error == SocketError.Success && Listener.IsSpare(accepted!.Handle)) error = SocketError.TooManyOpenSockets;
        if (!_isArmed || error is not SocketError.Success) accepted?.Dispose();
        if (!_isArmed) return;
        switch (Listener.Judge(error, loop.Logger))
        {
            case AcceptOutcome.Exhausted:
                Pause();
                return;
            case AcceptOutcome.Accepted:
                Deal(accepted!);
                break;
        }
        Accept();
    }

    protected override void Arm()
    {
        _isArmed = true;
        Accept();
    }

    protected override void Disarm() => _isArmed = false;

    private void Accept()
    {
        if (_isAccepting) return;
        _isAccepting = true;
        try
        {
            if (!_socket.AcceptAsync(_accept)) Loop.Post(this);
        }
        catch (ObjectDisposedException)
        {
            _isArmed = false; // the listener has been stopped
        }
    }

    private void Deal(Socket accepted)
    {
        EventLoop target = Listener.Loops[_next++ % Listener.Loops.Count];
        target.Post(() =>
        {
            Arrival? arrival = null;
            try
            {
                arrival = Listener.TryEnter(target, (accepted.RemoteEndPoint as IPEndPoint)?.Address, out IConnectionHandler handler);
                if (arrival is null)
                {
                    accepted.Dispose();
                    return;
                }
                var connection = new SocketsConnection(target, handler, accepted);
                if (Listener.IsUnix) connection.Peer.RemoteEndPoint = connection.Peer.DirectEndPoint = Listener.LocalEndPoint;
                connection.Open(arrival);
            }
            catch (SocketException)
            {
                if (arrival is not null) Listener.Withdraw(arrival);
                accepted.Dispose(); // it was gone before it could be prepared
            }
        });
    }
}
