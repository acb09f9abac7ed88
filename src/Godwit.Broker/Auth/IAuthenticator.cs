using System.Net;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Broker.Auth;

/// <summary>What is known of a client that wants to connect.</summary>
/// <param name="ClientId">The client identifier, assigned by the broker if the client sent none.</param>
/// <param name="UserName">The user name; null if the client sent none.</param>
/// <param name="Password">The password; null if the client sent none.</param>
/// <param name="Version">The protocol version.</param>
/// <param name="RemoteEndPoint">Where it connects from; null for in-process clients.</param>
public sealed record ConnectingClient(string ClientId, string? UserName, ReadOnlyMemory<byte>? Password, ProtocolVersion Version, EndPoint? RemoteEndPoint)
{
    /// <summary>What else is known of the other side: TLS and its client certificate, WebSocket, proxies; null in tests of authenticators.</summary>
    public PeerInfo? Peer { get; init; }

    /// <summary>Whether the user name is that of a verified client certificate (<see cref="ListenerOptions.UserName"/>), not the client's word.</summary>
    public bool IsIdentified { get; init; }
}

/// <summary>The answer of an authenticator.</summary>
/// <param name="ReasonCode"><see cref="ReasonCode.Success"/>, or the code the client is refused with.</param>
/// <param name="ReasonString">A sentence for an MQTT 5 client and the log; null for none.</param>
/// <param name="UserName">The user name from here on; null to keep the client's own.</param>
public sealed record AuthenticationResult(ReasonCode ReasonCode, string? ReasonString = null, string? UserName = null)
{
    /// <summary>When the client's proof ends: it is disconnected then, with 0x87 (Not authorized). Null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What else was found out, for <see cref="ClientFacts.Attributes"/>.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    /// <summary>
    /// What the client has proved itself with, for <see cref="IAuthenticator.Review"/>; nothing that is secret. Null for nothing. Kept as long as the
    /// client is connected.
    /// </summary>
    public object? Evidence { get; init; }

    /// <summary>The client may connect.</summary>
    public static readonly AuthenticationResult Success = new(ReasonCode.Success);

    /// <summary>User name or password is wrong.</summary>
    public static readonly AuthenticationResult BadUserNameOrPassword = new(ReasonCode.BadUserNameOrPassword);

    /// <summary>The client may not connect.</summary>
    public static readonly AuthenticationResult NotAuthorized = new(ReasonCode.NotAuthorized);
}

/// <summary>Decides whether a client may connect, from its CONNECT.</summary>
public interface IAuthenticator
{
    /// <summary>
    /// Called once for each CONNECT, on the connection's loop. A decision that needs time completes later: the loop goes on with other
    /// connections meanwhile. An exception refuses the client with <see cref="ReasonCode.UnspecifiedError"/> and is logged.
    /// </summary>
    ValueTask<AuthenticationResult> AuthenticateAsync(ConnectingClient client, CancellationToken cancellationToken);

    /// <summary>
    /// Asked of every connected client after <see cref="MqttBroker.ReloadAsync"/>, on its loop, so it answers from memory at once: whether it may stay
    /// connected. By default everybody may. An exception lets the client stay and is logged.
    /// </summary>
    /// <param name="client">The client; its password is not known any more.</param>
    /// <param name="grant">What was answered when it connected; null if nobody was asked then.</param>
    /// <returns>Null if it may; otherwise why not, a sentence for the log and an MQTT 5 client.</returns>
    string? Review(ConnectingClient client, AuthenticationResult? grant) => null;
}
