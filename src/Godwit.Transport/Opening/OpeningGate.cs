// Where a listener's connections wait until they are through their layers. They cost memory and have said nothing of MQTT yet, so they are
// counted and bounded.
using System.Net;
using Microsoft.Extensions.Logging;

namespace Godwit.Transport.Opening;

internal sealed class OpeningGate(LayerOptions options, IConnectionAcceptor acceptor, EndPoint endPoint)
{
    private int _count;
    private int _isFull;

    public LayerOptions Options => options;

    /// <summary>A handler that opens the layers; null if there are too many already.</summary>
    public IConnectionHandler? TryOpen(EventLoop loop)
    {
        if (Interlocked.Increment(ref _count) <= options.MaximumOpening) return new OpeningHandler(this);
        Interlocked.Decrement(ref _count);
        if (Interlocked.Exchange(ref _isFull, 1) == 0) TransportLog.TooManyOpening(loop.Logger, options.Name, options.MaximumOpening);
        return null;
    }

    /// <summary>A connection is through, or gone.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _count) <= options.MaximumOpening / 2) Volatile.Write(ref _isFull, 0);
    }

    public IConnectionHandler CreateHandler(EventLoop loop) => acceptor.Accept(loop);

    public void LogRefusal(ILogger logger, EndPoint? remote, string reason)
    {
        if (logger.IsEnabled(LogLevel.Warning)) TransportLog.OpeningRefused(logger, remote, NameOf(), reason);
    }

    // With the port that the system chose.
    private string NameOf() => options.Name.EndsWith(":0", StringComparison.Ordinal) && endPoint is IPEndPoint ip ? $"{options.Name[..^1]}{ip.Port}" : options.Name;
}
