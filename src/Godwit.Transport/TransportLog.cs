using System.Net;
using Microsoft.Extensions.Logging;

namespace Godwit.Transport;

/// <summary>The transport's log messages; event ids 1000 to 1099.</summary>
internal static partial class TransportLog
{
    [LoggerMessage(1000, LogLevel.Error, "The handler of connection {RemoteEndPoint} failed; the connection is closed.")]
    public static partial void HandlerFailed(ILogger logger, EndPoint? remoteEndPoint, Exception exception);

    [LoggerMessage(1001, LogLevel.Critical, "Loop {Index}: unexpected exception. The loop goes on; please report this.")]
    public static partial void LoopFailed(ILogger logger, int index, Exception exception);

    [LoggerMessage(1002, LogLevel.Error,
        "Cannot accept connections on {EndPoint} ({Error}): the process or the system has run out of file descriptors or socket memory. "
        + "Existing connections go on; accepting is tried again until it succeeds. "
        + "Raise the limit (ulimit -n, or LimitNOFILE= of the service).")]
    public static partial void AcceptExhausted(ILogger logger, EndPoint endPoint, System.Net.Sockets.SocketError error);

    [LoggerMessage(1003, LogLevel.Information, "Accepting connections on {EndPoint} again.")]
    public static partial void AcceptRecovered(ILogger logger, EndPoint endPoint);

    [LoggerMessage(1004, LogLevel.Error, "No handler could be made for a connection accepted on {EndPoint}; it is closed.")]
    public static partial void AcceptorFailed(ILogger logger, EndPoint endPoint, Exception exception);

    [LoggerMessage(1005, LogLevel.Warning,
        "The system has no room to watch loop {Index} from another thread; it gets a thread of its own. Raise fs.epoll.max_user_watches.")]
    public static partial void CannotWatch(ILogger logger, int index, Exception exception);

    [LoggerMessage(1006, LogLevel.Warning, "{Remote} on {Listener}: {Reason}")]
    public static partial void OpeningRefused(ILogger logger, EndPoint? remote, string listener, string reason);

    [LoggerMessage(1007, LogLevel.Warning,
        "{Listener}: {Count} connections have not said who they are, as many as are allowed (max_opening); the oldest make way for new ones.")]
    public static partial void TooManyOpening(ILogger logger, string listener, int count);
}
