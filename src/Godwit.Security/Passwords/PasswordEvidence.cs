using Godwit.Broker.Auth;

namespace Godwit.Security.Passwords;

/// <summary>A client has known the password that a file had of a user, whichever way it has shown that.</summary>
/// <param name="User">The user.</param>
/// <param name="Hash">What the file had.</param>
internal sealed record PasswordEvidence(string User, PasswordHash Hash)
{
    public static AuthenticationResult Grant(string user, PasswordHash hash) => AuthenticationResult.Success with { Evidence = new PasswordEvidence(user, hash) };
}
