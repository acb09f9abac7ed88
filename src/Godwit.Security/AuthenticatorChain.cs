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

    /// <summary>Whether what a client has proved itself with still holds. On its loop, so it answers from memory.</summary>
    /// <param name="evidence">The <see cref="AuthenticationResult.Evidence"/> of the answer.</param>
    /// <param name="objection">Null if it does; otherwise why not, a sentence without a full stop.</param>
    /// <returns>False if it is not for this check to say.</returns>
    bool TryReview(object evidence, out string? objection)
    {
        objection = null;
        return false;
    }
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

    /// <inheritdoc/>
    public string? Review(ConnectingClient client, AuthenticationResult? grant)
    {
        if (client.IsIdentified) return null; // its certificate is reviewed where it was verified
        if (grant?.Evidence is not { } evidence)
            return client.UserName is null && allowAnonymous ? null : client.UserName is null ? NoAnonymous.ReasonString : "It has not shown that it is the user it says to be";
        foreach (ICredentialCheck check in checks)
        {
            if (check.TryReview(evidence, out string? objection)) return objection;
        }
        return "What it was let in by is not asked any more";
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
