// The seam between loops and operating systems: how a loop waits, and how TCP connections come into being on it.
using System.Net;

namespace Godwit.Transport;

/// <summary>How one loop learns of readiness.</summary>
internal interface IPoller : IDisposable
{
    /// <summary>Sleeps until something is ready, <see cref="Wake"/> is called or the time is over (-1: no limit).</summary>
    void Wait(long nanoseconds);

    /// <summary>Passes on what <see cref="Wait"/> found.</summary>
    /// <returns>Whether there was anything.</returns>
    bool Dispatch(EventLoop loop);

    /// <summary>Ends a <see cref="Wait"/>; from any thread.</summary>
    void Wake();
}

/// <summary>A way to do TCP: epoll, System.Net.Sockets, or none at all.</summary>
internal interface IBackend
{
    IPoller CreatePoller();

    /// <exception cref="System.Net.Sockets.SocketException">The address cannot be listened on.</exception>
    ListenSocket Listen(IPEndPoint endPoint, ListenOptions options);

    /// <summary>A connection that connects once the loop runs it.</summary>
    BufferedConnection CreateOutgoing(EventLoop loop, IConnectionHandler handler, IPEndPoint remote, ConnectOptions options);
}
