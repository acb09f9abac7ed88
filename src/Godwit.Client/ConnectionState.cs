using Godwit.Protocol;

namespace Godwit.Client;

/// <summary>Where a client stands.</summary>
public enum ConnectionState
{
    /// <summary>Not connected and not trying: before <see cref="MqttClient.ConnectAsync"/>, after a disconnect.</summary>
    Disconnected,

    /// <summary>The first attempt is under way.</summary>
    Connecting,

    /// <summary>The server has accepted.</summary>
    Connected,

    /// <summary>The connection was lost; the client waits or tries again. Publishes wait meanwhile.</summary>
    Reconnecting,

    /// <summary>DISCONNECT is on its way.</summary>
    Disconnecting,

    /// <summary>Disposed of.</summary>
    Closed,
}

/// <summary>Why a connection ended or could not be made.</summary>
public enum DisconnectReason
{
    /// <summary>The application asked for it.</summary>
    Requested,

    /// <summary>The server sent DISCONNECT (MQTT 5); its reason code says why.</summary>
    ServerDisconnected,

    /// <summary>The server closed the connection without a word, or the network failed.</summary>
    ConnectionLost,

    /// <summary>The server did not answer PINGREQ in time.</summary>
    KeepAliveTimeout,

    /// <summary>The server sent what the protocol does not allow.</summary>
    ProtocolError,

    /// <summary>An attempt to connect failed; the exception says why.</summary>
    ConnectFailed,

    /// <summary>The loop was stopped.</summary>
    LoopStopped,

    /// <summary>A packet observer or an authentication threw an exception.</summary>
    CallbackFailed,
}

/// <summary>How a connection ended.</summary>
/// <param name="Reason">Why.</param>
/// <param name="ReasonCode">The code of the DISCONNECT that was received or sent; null for none.</param>
/// <param name="Detail">A sentence for people: the server's own words, or what happened; null for none.</param>
/// <param name="Exception">The error, if there is one.</param>
public sealed record Disconnection(DisconnectReason Reason, ReasonCode? ReasonCode = null, string? Detail = null, Exception? Exception = null)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        string text = Reason switch
        {
            DisconnectReason.Requested => "disconnected as asked",
            DisconnectReason.ServerDisconnected => "the server disconnected",
            DisconnectReason.ConnectionLost => "the connection was lost",
            DisconnectReason.KeepAliveTimeout => "the server did not answer within the keep alive",
            DisconnectReason.ProtocolError => "the server broke the protocol",
            DisconnectReason.ConnectFailed => "connecting failed",
            DisconnectReason.LoopStopped => "the event loop was stopped",
            _ => "a callback of the application failed",
        };
        if (ReasonCode is { } code && code != Protocol.ReasonCode.Success) text += $" ({code.Describe(PacketType.Disconnect)})";
        return (Detail ?? Exception?.Message) is { } detail ? $"{text}: {detail}" : text;
    }
}

/// <summary>A client's change of state.</summary>
/// <param name="State">The state now.</param>
/// <param name="Cause">How the connection ended before, or why the last attempt failed; null otherwise.</param>
public sealed record ConnectionStateChange(ConnectionState State, Disconnection? Cause = null);
