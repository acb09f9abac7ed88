using Godwit.Broker.Auth;
using Godwit.Protocol;

namespace Godwit.Security;

/// <summary>One way to check who a client is.</summary>
public interface ICredentialCheck
{
    /// <summary>Called on the connection's loop, so what takes long completes later.</summary>
    /// <param name="client">Who wants to connect.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits for the answer any more.</param>
    /// <returns>The answer; null if this check does not know the client, so that the next one is asked.</returns>
    ValueTask<AuthenticationResult?> CheckAsync(ConnectingClient client, CancellationToken cancellationToken);
}

/// <summary>
/// Asks one check after the other: the first that knows the client decides. Whom none knows is refused, and clients without a user name too
/// unless they are allowed. Who is known by a certificate needs no check.
/// </summary>
/// <param name="checks">In the order in which they are asked.</param>
/// <param name="allowAnonymous">Whether clients without a user name may connect.</param>
public sealed class AuthenticatorChain(IReadOnlyList<ICredentialCheck> checks, bool allowAnonymous) : IAuthenticator
{
    // What mosquitto answers, to a wrong password and to an unknown user alike.
    internal static readonly AuthenticationResult Refused = new(ReasonCode.NotAuthorized, "User name or password is wrong");

    private static readonly AuthenticationResult NoAnonymous = new(ReasonCode.NotAuthorized, "A user name and a password are needed here");

    /// <inheritdoc/>
    public ValueTask<AuthenticationResult> AuthenticateAsync(ConnectingClient client, CancellationToken cancellationToken)
    {
        if (client.IsIdentified) return new ValueTask<AuthenticationResult>(AuthenticationResult.Success);
        for (int i = 0; i < checks.Count; i++)
        {
            ValueTask<AuthenticationResult?> answer = checks[i].CheckAsync(client, cancellationToken);
            if (!answer.IsCompletedSuccessfully) return FinishAsync(answer, i + 1, client, cancellationToken);
            if (answer.Result is { } result) return new ValueTask<AuthenticationResult>(result);
        }
        return new ValueTask<AuthenticationResult>(Unknown(client));
    }

    private async ValueTask<AuthenticationResult> FinishAsync(
        ValueTask<AuthenticationResult?> answer, int next, ConnectingClient client, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await answer.ConfigureAwait(false) is { } result) return result;
            if (next == checks.Count) return Unknown(client);
            answer = checks[next++].CheckAsync(client, cancellationToken);
        }
    }

    private AuthenticationResult Unknown(ConnectingClient client) =>
        client.UserName is not null ? Refused : allowAnonymous ? AuthenticationResult.Success : NoAnonymous;
}
