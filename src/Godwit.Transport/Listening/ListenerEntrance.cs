using System.Net;
using Godwit.Transport.Opening;
using Microsoft.Extensions.Logging;

namespace Godwit.Transport;

/// <summary>What holds for connections of a listener, from when they are accepted: a listener can be given another one while it listens.</summary>
internal sealed class ListenerEntrance(ListenOptions options, IConnectionAcceptor acceptor, EndPoint endPoint)
{
    public ListenOptions Options => options;

    public LayerOptions Layers { get; } = options.Layers ?? new LayerOptions();

    /// <summary>Connections that may be there without having been established.</summary>
    public int MostOpening { get; } = Math.Min(options.MaximumOpening, DescriptorLimit.MostOpening);

    /// <summary>What people call it, with the port that the system chose.</summary>
    public string Name => options.Layers is null ? $"{endPoint}"
        : Layers.Name.EndsWith(":0", StringComparison.Ordinal) && endPoint is IPEndPoint ip ? $"{Layers.Name[..^1]}{ip.Port}"
        : Layers.Name;

    /// <summary>Who serves a connection that has been let in.</summary>
    public IConnectionHandler CreateHandler(EventLoop loop) => options.Layers is null ? acceptor.Accept(loop) : new OpeningHandler(this);

    /// <summary>Who serves a connection whose layers are open.</summary>
    public IConnectionHandler CreateRealHandler(EventLoop loop) => acceptor.Accept(loop);

    public void LogRefusal(ILogger logger, EndPoint? remote, string reason)
    {
        if (logger.IsEnabled(LogLevel.Warning)) TransportLog.OpeningRefused(logger, remote, Name, reason);
    }
}
