// A TCP connection as a file descriptor in its loop's epoll set.
using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using static Godwit.Transport.Epoll.LibC;

namespace Godwit.Transport.Epoll;

internal sealed unsafe class EpollConnection : BufferedConnection, IEpollTarget
{
    /// <summary>Segments that one send gathers at most.</summary>
    public const int MaxVectors = 64;

    private readonly SocketAddressBytes _remote;
    private EndPoint? _end; // of an outgoing connection: the address that it is to be bound to, or the Unix socket that it goes to
    private int _fd;
    private int _slot = -1;
    private uint _events;

    private EpollConnection(EventLoop loop, IConnectionHandler handler, int fd, SocketAddressBytes remote) : base(loop, handler)
    {
        _fd = fd;
        _remote = remote;
    }

    protected override EndPoint? DirectEndPoint => _remote.ToEndPoint();

    public override EndPoint? LocalEndPoint => _fd < 0 ? null : SocketAddressBytes.OfLocal(_fd).ToEndPoint();

    private EpollPoller Poller => (EpollPoller)Loop.Poller;

    public static EpollConnection Accepted(EventLoop loop, IConnectionHandler handler, int fd, SocketAddressBytes remote) =>
        new(loop, handler, fd, remote);

    /// <summary>One on a Unix socket: the system says who is there.</summary>
    public static EpollConnection AcceptedUnix(EventLoop loop, IConnectionHandler handler, int fd, EndPoint listener)
    {
        var connection = new EpollConnection(loop, handler, fd, default);
        int* credentials = stackalloc int[3]; // struct ucred: process, user, group
        uint length = 3 * sizeof(int);
        bool isKnown = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials, &length) == 0;
        connection.Peer.RemoteEndPoint = connection.Peer.DirectEndPoint = listener;
        if (isKnown) connection.Peer.Unix = new UnixCredentials(credentials[0], (uint)credentials[1], (uint)credentials[2]);
        return connection;
    }

    /// <summary>One that still has to connect; an error met already is reported by its handler.</summary>
    public static BufferedConnection Outgoing(EventLoop loop, IConnectionHandler handler, EndPoint remote, IPEndPoint? local) => remote is IPEndPoint address
        ? new EpollConnection(loop, handler, -1, SocketAddressBytes.From(address)) { _end = local }
        : new EpollConnection(loop, handler, -1, default) { _end = remote };

    public void OnEvents(uint events)
    {
        if (State == ConnectionState.Opening)
        {
            FinishConnecting();
            return;
        }
        if ((events & EPOLLOUT) != 0 && !OnWritable()) return;
        if ((events & ~EPOLLOUT) == 0 || State == ConnectionState.Closed) return;
        bool isBroken = (events & (EPOLLERR | EPOLLHUP)) != 0;
        if (isBroken && !WantsInput) Fail(TakeError(SocketError.ConnectionReset)); // it would be reported for ever
        else OnReadable();
    }

    protected override void StartOpening()
    {
        Loop.Add(this);
        SocketError error = _end is UnixDomainSocketEndPoint unix ? Connect(unix) : Connect();
        if (error == SocketError.Success) Open();
        else if (error != SocketError.InProgress) Fail(error);
    }

    protected override void AttachIo()
    {
        if (_slot >= 0)
        {
            SetEvents(EPOLLIN);
            return;
        }
        _events = EPOLLIN;
        _slot = Poller.Add(this, _fd, EPOLLIN);
    }

    protected override void DetachIo()
    {
        Poller.Delete(_slot, _fd);
        _slot = -1;
    }

    protected override void SetInterest(bool input, bool output) => SetEvents((input ? EPOLLIN : 0) | (output ? EPOLLOUT : 0));

    protected override int Receive(Span<byte> buffer, out SocketError error)
    {
        nint count;
        fixed (byte* target = buffer) count = recv(_fd, target, (nuint)buffer.Length, 0);
        error = count < 0 ? ToSocketError(Errno) : SocketError.Success;
        return (int)count;
    }

    protected override int Send(OutputSegment first, out int offered, out SocketError error)
    {
        nint sent;
        if (first.Next is null)
        {
            ReadOnlySpan<byte> span = first.Span;
            offered = span.Length;
            fixed (byte* source = span) sent = send(_fd, source, (nuint)span.Length, MSG_NOSIGNAL);
        }
        else
        {
            return SendGathered(first, out offered, out error);
        }
        error = sent < 0 ? ToSocketError(Errno) : SocketError.Success;
        return (int)sent;
    }

    protected override void FinishIo() => _ = shutdown(_fd, SHUT_WR);

    protected override void CloseIo()
    {
        if (_slot >= 0) Poller.Free(_slot);
        if (_fd >= 0) _ = close(_fd); // leaves the epoll set by itself
        _slot = _fd = -1;
    }

    private int SendGathered(OutputSegment first, out int offered, out SocketError error)
    {
        IoVector* vectors = stackalloc IoVector[MaxVectors];
        MemoryHandle[] pins = Poller.Pins;
        int count = 0, pinned = 0;
        offered = 0;
        for (OutputSegment? segment = first; segment is not null && count < MaxVectors; segment = segment.Next)
        {
            int length = segment.Length;
            if (length == 0) continue;
            if (length > int.MaxValue - offered) break;
            if (segment.Buffer is { } buffer) // pooled buffers never move
            {
                vectors[count].Base = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(buffer, segment.Start);
            }
            else
            {
                pins[pinned] = segment.Reference[segment.Start..].Pin();
                vectors[count].Base = pins[pinned++].Pointer;
            }
            vectors[count++].Length = (nuint)length;
            offered += length;
        }
        var message = new MessageHeader { Vectors = vectors, VectorCount = (nuint)count };
        nint sent = sendmsg(_fd, &message, MSG_NOSIGNAL);
        error = sent < 0 ? ToSocketError(Errno) : SocketError.Success;
        while (pinned > 0) pins[--pinned].Dispose();
        return (int)sent;
    }

    private SocketError Connect()
    {
        const int Type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
        IPEndPoint remote = _remote.ToEndPoint()!;
        _fd = socket(SocketAddressBytes.FamilyOf(remote), Type, 0);
        if (_fd < 0) return ToSocketError(Errno);
        int one = 1;
        _ = setsockopt(_fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(int));
        var local = (IPEndPoint?)_end;
        if (local is { Port: 0 }) // the port is chosen for the pair of addresses then, at once however many are in use; else bind searches
            _ = setsockopt(_fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(int));
        if (local is not null && SocketAddressBytes.From(local).Bind(_fd) < 0) return ToSocketError(Errno);
        int result = SocketAddressBytes.From(remote).Connect(_fd);
        SocketError error = result == 0 ? SocketError.Success : ToSocketError(Errno);
        if (error is SocketError.InProgress or SocketError.Interrupted)
        {
            _events = EPOLLOUT;
            _slot = Poller.Add(this, _fd, EPOLLOUT);
            return SocketError.InProgress;
        }
        return error;
    }

    // Done at once, or not at all: there is no network in between.
    private SocketError Connect(UnixDomainSocketEndPoint remote)
    {
        _fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (_fd < 0) return ToSocketError(Errno);
        SocketAddress address = remote.Serialize();
        fixed (byte* bytes = address.Buffer.Span) return connect(_fd, bytes, (uint)address.Size) == 0 ? SocketError.Success : ToSocketError(Errno);
    }

    private void FinishConnecting()
    {
        SocketError error = TakeError(SocketError.Success);
        if (error == SocketError.Success) Open();
        else Fail(error);
    }

    private SocketError TakeError(SocketError otherwise)
    {
        int errno = 0;
        uint length = sizeof(int);
        return getsockopt(_fd, SOL_SOCKET, SO_ERROR, &errno, &length) == 0 && errno != 0 ? ToSocketError(errno) : otherwise;
    }

    private void SetEvents(uint events)
    {
        if (events == _events) return;
        _events = events;
        Poller.Modify(_slot, _fd, events);
    }
}
