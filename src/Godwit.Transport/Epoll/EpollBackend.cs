// TCP on Linux: one epoll set per loop, and listening sockets that every loop watches.
using System.Net;
using System.Net.Sockets;
using static Godwit.Transport.Epoll.LibC;

namespace Godwit.Transport.Epoll;

internal sealed class EpollBackend : IBackend
{
    public IPoller CreatePoller() => new EpollPoller();

    public ListenSocket Listen(EndPoint endPoint, ListenOptions options) =>
        endPoint is IPEndPoint address ? new EpollListenSocket(address, options.Backlog) : new EpollListenSocket((UnixDomainSocketEndPoint)endPoint, options);

    public BufferedConnection CreateOutgoing(EventLoop loop, IConnectionHandler handler, EndPoint remote, ConnectOptions options) =>
        EpollConnection.Outgoing(loop, handler, remote, options.LocalEndPoint);
}

internal sealed unsafe class EpollListenSocket : ListenSocket
{
    public EpollListenSocket(IPEndPoint endPoint, int backlog)
    {
        Fd = socket(SocketAddressBytes.FamilyOf(endPoint), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (Fd < 0) throw LastException();
        try
        {
            Set(SOL_SOCKET, SO_REUSEADDR, 1);
            Set(IPPROTO_TCP, TCP_NODELAY, 1); // accepted sockets inherit it
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
                Set(IPPROTO_IPV6, IPV6_V6ONLY, endPoint.Address.Equals(IPAddress.IPv6Any) ? 0 : 1);
            if (SocketAddressBytes.From(endPoint).Bind(Fd) < 0 || listen(Fd, backlog) < 0) throw LastException();
            LocalEndPoint = SocketAddressBytes.OfLocal(Fd).ToEndPoint()!;
        }
        catch
        {
            _ = close(Fd);
            throw;
        }
    }

    public EpollListenSocket(UnixDomainSocketEndPoint endPoint, ListenOptions options)
    {
        LocalEndPoint = endPoint;
        Fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (Fd < 0) throw LastException();
        try
        {
            SocketAddress address = endPoint.Serialize();
            fixed (byte* bytes = address.Buffer.Span)
            {
                if (bind(Fd, bytes, (uint)address.Size) < 0) throw LastException();
            }
            UnixSocketFile.SetMode(endPoint, options.UnixMode); // before anybody can connect
            if (listen(Fd, options.Backlog) < 0) throw LastException();
        }
        catch
        {
            _ = close(Fd);
            throw;
        }
    }

    public int Fd { get; }

    public override EndPoint LocalEndPoint { get; }

    public override AcceptPort CreatePort(Listener listener, EventLoop loop) => new EpollAcceptPort(listener, loop, Fd);

    public override void Dispose()
    {
        _ = close(Fd);
        UnixSocketFile.Remove(LocalEndPoint);
    }

    private void Set(int level, int option, int value)
    {
        if (setsockopt(Fd, level, option, &value, sizeof(int)) < 0) throw LastException();
    }
}

/// <summary>One loop's watch on a listening socket. EPOLLEXCLUSIVE: a connect wakes one loop, not all of them.</summary>
internal sealed class EpollAcceptPort(Listener listener, EventLoop loop, int fd) : AcceptPort(listener, loop), IEpollTarget
{
    // Enough to keep up with a storm of connects, few enough that the loop's connections get their share. How the kernel spreads connects
    // does not depend on it: with two loops, one got 60 to 85 % at 1, 8 and 64 alike.
    private const int MostPerTurn = 64;

    private int _slot = -1;

    private EpollPoller Poller => (EpollPoller)Loop.Poller;

    public void OnEvents(uint events)
    {
        for (int i = 0; i < MostPerTurn; i++)
        {
            int accepted = -1;
            SocketAddressBytes remote = default;
            SocketError error = Listener.Options.AcceptFault?.Invoke() ?? SocketError.Success;
            if (error == SocketError.Success)
            {
                accepted = SocketAddressBytes.Accept(fd, out remote);
                if (accepted < 0)
                {
                    error = ToSocketError(Errno);
                }
                else if (Listener.IsSpare(accepted))
                {
                    _ = close(accepted);
                    error = SocketError.TooManyOpenSockets;
                }
            }
            switch (Listener.Judge(error, Loop.Logger))
            {
                case AcceptOutcome.NoneWaiting:
                    return;
                case AcceptOutcome.Exhausted:
                    Pause();
                    return;
                case AcceptOutcome.Accepted:
                    if (Listener.TryEnter(Loop, remote.ToEndPoint()?.Address, out IConnectionHandler handler) is not { } arrival) _ = close(accepted);
                    else if (Listener.IsUnix) EpollConnection.AcceptedUnix(Loop, handler, accepted, Listener.LocalEndPoint).Open(arrival);
                    else EpollConnection.Accepted(Loop, handler, accepted, remote).Open(arrival);
                    break;
            }
        }
    }

    protected override void Arm()
    {
        if (_slot < 0) _slot = Poller.Add(this, fd, EPOLLIN | EPOLLEXCLUSIVE);
    }

    protected override void Disarm()
    {
        if (_slot < 0) return;
        Poller.Delete(_slot, fd);
        _slot = -1;
    }
}
