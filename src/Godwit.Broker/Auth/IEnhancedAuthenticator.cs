using Godwit.Protocol;

namespace Godwit.Broker.Auth;

/// <summary>One step of an enhanced authentication.</summary>
/// <param name="ReasonCode">
/// <see cref="ReasonCode.ContinueAuthentication"/>: send AUTH and wait; <see cref="ReasonCode.Success"/>: done; otherwise refused.
/// </param>
/// <param name="Data">Authentication data for the client; sent with AUTH, or with CONNACK on success.</param>
/// <param name="ReasonString">A sentence for the client and the log.</param>
/// <param name="UserName">With success: who the client is; null to keep the user name of CONNECT.</param>
public sealed record EnhancedAuthenticationStep(
    ReasonCode ReasonCode, ReadOnlyMemory<byte> Data = default, string? ReasonString = null, string? UserName = null)
{
    /// <summary>With success: when the client's proof ends, by this exchange. See <see cref="AuthenticationResult.ExpiresAt"/>.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <inheritdoc cref="AuthenticationResult.Evidence"/>
    public object? Evidence { get; init; }
}

/// <summary>A challenge-response method of MQTT 5 (section 4.12), for example SCRAM-SHA-256.</summary>
public interface IEnhancedAuthenticator
{
    /// <summary>The name of the method, as clients send it.</summary>
    string Method { get; }

    /// <summary>Begins an exchange: at CONNECT, or when a client re-authenticates.</summary>
    IEnhancedAuthentication Begin(ConnectingClient client);
}

/// <summary>One exchange with one client.</summary>
public interface IEnhancedAuthentication
{
    /// <summary>Takes the client's authentication data: of CONNECT first, then of each AUTH.</summary>
    ValueTask<EnhancedAuthenticationStep> ContinueAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken);
}
