using System.Security.Cryptography;
using System.Text;
using Godwit.Broker.Auth;
using Godwit.Security.Passwords;

namespace Godwit.Security.Scram;

/// <summary>
/// SCRAM-SHA-256 (RFC 5802, RFC 7677) as MQTT 5's enhanced authentication (section 4.12): the password never leaves the client, and the server
/// proves that it knows the user. For users whose entry in the password file is <c>$scram-sha-256$</c>.
/// </summary>
/// <param name="passwords">The password file.</param>
public sealed class ScramSha256Authenticator(PasswordCheck passwords) : IEnhancedAuthenticator
{
    private const int NonceLength = 18; // 24 characters

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    /// <inheritdoc/>
    public string Method => "SCRAM-SHA-256";

    /// <inheritdoc/>
    public IEnhancedAuthentication Begin(ConnectingClient client) =>
        new ScramSha256Exchange(client.UserName, Find, Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceLength)));

    // Whoever is not there gets a salt all the same, always the same one: the answer does not tell who is.
    private (ScramSha256Hash Entry, bool IsKnown) Find(string user)
    {
        if (passwords.Find(user) is ScramSha256Hash entry) return (entry, true);
        byte[] salt = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(user))[..PasswordHash.SaltLength];
        byte[] nothing = new byte[ScramSha256Hash.KeyLength];
        return (new ScramSha256Hash(ScramSha256Hash.DefaultScramIterations, salt, nothing, nothing), false);
    }
}
