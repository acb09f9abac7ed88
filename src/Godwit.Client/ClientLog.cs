using Godwit.Protocol;
using Microsoft.Extensions.Logging;

namespace Godwit.Client;

/// <summary>The client's log messages; event ids 2000 to 2099.</summary>
internal static partial class ClientLog
{
    [LoggerMessage(2000, LogLevel.Information, "Client {ClientId} is connected to {Server} (session present: {SessionPresent}).")]
    public static partial void Connected(ILogger logger, string clientId, string server, bool sessionPresent);

    [LoggerMessage(2001, LogLevel.Information, "Client {ClientId}: {Disconnection}.")]
    public static partial void Disconnected(ILogger logger, string clientId, Disconnection disconnection);

    [LoggerMessage(2002, LogLevel.Warning, "Client {ClientId}: {Disconnection}. Connecting again in {Delay} ms.")]
    public static partial void Reconnecting(ILogger logger, string clientId, Disconnection disconnection, long delay);

    [LoggerMessage(2003, LogLevel.Error, "The server has a new session and refuses to renew the subscription to '{Filter}': {ReasonCode}. The client does not receive it any more.")]
    public static partial void ResubscribeRefused(ILogger logger, string filter, ReasonCode reasonCode);

    [LoggerMessage(2004, LogLevel.Warning, "Client {ClientId}: the application takes messages too slowly while it waits for answers; QoS 0 messages are dropped.")]
    public static partial void DroppingMessages(ILogger logger, string clientId);
}
