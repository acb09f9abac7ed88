// The seam between loops and operating systems: how a loop waits, and how TCP connections come into being on it.
using System.Net;

namespace Godwit.Transport;

/// <summary>How one loop learns of readiness.</summary>
internal interface IPoller : IDisposable
{
    /// <summary>Sleeps until something is ready, <see cref="Wake"/> is called or the time is over (negative: no limit).</summary>
    void Wait(long nanoseconds);

    /// <summary>Whether <see cref="Dispatch"/> has something to pass on, as far as is known.</summary>
    bool HasEvents { get; }

    /// <summary>Passes on what <see cref="Wait"/> found; looks first if it is another poller's wait that has found out.</summary>
    /// <returns>Whether there was anything.</returns>
    bool Dispatch(EventLoop loop);

    /// <summary>Ends a <see cref="Wait"/>; from any thread.</summary>
    void Wake();

    /// <summary>Has this poller's <see cref="Wait"/> end when something is ready at another one too: one thread waits for both.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The system has no room to watch another one.</exception>
    void Watch(IPoller other);

    /// <summary>Ends that.</summary>
    void Unwatch(IPoller other);
}

/// <summary>A way to do TCP: epoll, System.Net.Sockets, or none at all.</summary>
internal interface IBackend
{
    IPoller CreatePoller();

    /// <exception cref="System.Net.Sockets.SocketException">The address cannot be listened on.</exception>
    ListenSocket Listen(EndPoint endPoint, ListenOptions options);

    /// <summary>A connection that connects once the loop runs it.</summary>
    BufferedConnection CreateOutgoing(EventLoop loop, IConnectionHandler handler, EndPoint remote, ConnectOptions options);
}
