using System.Net;

namespace Godwit.Transport;

/// <summary>No operating system: loops that are turned by hand and have in-memory connections only.</summary>
internal sealed class ManualBackend : IBackend, IPoller
{
    private const string NoSockets = "Manual loops have in-memory connections only; use MemoryConnection.CreatePair.";

    public IPoller CreatePoller() => this;

    public ListenSocket Listen(EndPoint endPoint, ListenOptions options) => throw new NotSupportedException(NoSockets);

    public BufferedConnection CreateOutgoing(EventLoop loop, IConnectionHandler handler, EndPoint remote, ConnectOptions options) =>
        throw new NotSupportedException(NoSockets);

    public void Wait(long nanoseconds)
    {
        // Manual time moves only when the test moves it, so there is nothing to wait for.
    }

    public bool HasEvents => false;

    public bool Dispatch(EventLoop loop) => false;

    public void Wake()
    {
        // Whoever turns the loop does so without being woken.
    }

    public void Watch(IPoller other)
    {
        // Nothing ever gets ready by itself.
    }

    public void Unwatch(IPoller other)
    {
        // Nothing was watched.
    }

    public void Dispose()
    {
        // Nothing is held.
    }
}
