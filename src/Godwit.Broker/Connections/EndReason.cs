// Why a client's connection ended. One value decides the log line, the DISCONNECT code and whether the will is published.
using Godwit.Protocol;

namespace Godwit.Broker.Connections;

/// <summary>Why a client's connection ended.</summary>
public enum EndReason
{
    /// <summary>The client sent DISCONNECT.</summary>
    ClientDisconnected,

    /// <summary>The client sent DISCONNECT with reason code 0x04 or an error: its will is published.</summary>
    ClientDisconnectedWithWill,

    /// <summary>The client closed the connection without DISCONNECT.</summary>
    ClientClosed,

    /// <summary>The connection was reset, or the network failed.</summary>
    ConnectionLost,

    /// <summary>Nothing was received for one and a half times the keep alive. <c>[MQTT-3.1.2-24]</c>, 5.0: <c>[MQTT-3.1.2-22]</c></summary>
    KeepAliveTimeout,

    /// <summary>No CONNECT came in time.</summary>
    ConnectTimeout,

    /// <summary>The CONNECT was refused.</summary>
    ConnectRefused,

    /// <summary>Another connection uses the same client identifier. <c>[MQTT-3.1.4-2]</c>, 5.0: <c>[MQTT-3.1.4-3]</c></summary>
    TakenOver,

    /// <summary>The client broke the protocol.</summary>
    ProtocolViolation,

    /// <summary>Re-authentication failed. <c>[MQTT-4.12.1-2]</c></summary>
    AuthenticationFailed,

    /// <summary>The broker is shutting down.</summary>
    ServerShuttingDown,

    /// <summary>The broker itself failed while serving the connection. <c>[MQTT-4.8.0-2]</c></summary>
    InternalError,

    /// <summary>An administrator has deleted the session.</summary>
    AdministrativeAction,

    /// <summary>The memory budget was used, and much of it by what this client has not read or not sent completely.</summary>
    MemoryShort,

    /// <summary>Its queue was full, and its clients are to be disconnected then (<see cref="OverflowPolicy.Disconnect"/>).</summary>
    QueueOverflow,

    /// <summary>What it proved its identity with has expired, a token for example.</summary>
    CredentialsExpired,

    /// <summary>It had not said who it is, and newer connections needed its room (<see cref="ListenerOptions.MaximumOpening"/>).</summary>
    MadeWay,

    /// <summary>An administrator has banned its client, user or address.</summary>
    Banned,

    /// <summary>It was allowed to connect and is not any more: its user has been removed, or its certificate revoked, for example.</summary>
    NoLongerAllowed,
}

/// <summary>What follows from an <see cref="EndReason"/>.</summary>
internal static class EndReasons
{
    private static readonly (ReasonCode? Code, bool KeepsWill, string Text)[] Table =
    [
        (null, false, "disconnected"),
        (null, true, "disconnected, will kept"),
        (null, true, "closed its connection"),
        (null, true, "lost its connection"),
        (ReasonCode.KeepAliveTimeout, true, "has exceeded timeout, disconnecting"),
        (null, false, "did not send CONNECT in time"),
        (null, false, "refused"),
        (ReasonCode.SessionTakenOver, true, "taken over by a new connection"),
        (ReasonCode.ProtocolError, true, "disconnected due to protocol error"),
        (ReasonCode.NotAuthorized, true, "disconnected, re-authentication failed"),
        (ReasonCode.ServerShuttingDown, true, "disconnected, the server is shutting down"),
        (ReasonCode.UnspecifiedError, true, "disconnected due to an internal error"),
        (ReasonCode.AdministrativeAction, true, "disconnected by an administrator"),
        (ReasonCode.QuotaExceeded, true, "disconnected to free memory: it holds much that it does not read or send to its end"),
        (ReasonCode.QuotaExceeded, true, "disconnected, its queue was full"),
        (ReasonCode.NotAuthorized, true, "disconnected, its credentials have expired"),
        (null, false, "closed, newer connections needed its room"),
        (ReasonCode.AdministrativeAction, true, "disconnected"),
        (ReasonCode.NotAuthorized, true, "disconnected, it may no longer be connected"),
    ];

    /// <summary>The DISCONNECT reason code for an MQTT 5 client; null where none is sent. A violation brings its own.</summary>
    public static ReasonCode? DisconnectCode(this EndReason reason) => Table[(int)reason].Code;

    /// <summary>Whether the will stands: it is published now or after its delay.</summary>
    public static bool KeepsWill(this EndReason reason) => Table[(int)reason].KeepsWill;

    /// <summary>The words of the log line.</summary>
    public static string Text(this EndReason reason) => Table[(int)reason].Text;
}
