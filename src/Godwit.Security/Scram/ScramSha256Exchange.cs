// One exchange (RFC 5802, sections 3 and 5):
//   client: n,,n=USER,r=NONCE            server: r=NONCE+OURS,s=SALT,i=ITERATIONS
//   client: c=biws,r=NONCE+OURS,p=PROOF  server: v=SIGNATURE
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Godwit.Broker.Auth;
using Godwit.Protocol;
using Godwit.Security.Passwords;

namespace Godwit.Security.Scram;

/// <param name="expectedUser">The user name that CONNECT gave or an earlier exchange has proved; null if any will do.</param>
/// <param name="find">The entry of a user, or one to try in vain.</param>
/// <param name="nonce">The server's part of the nonce.</param>
internal sealed class ScramSha256Exchange(string? expectedUser, Func<string, (ScramSha256Hash Entry, bool IsKnown)> find, string nonce) : IEnhancedAuthentication
{
    private static readonly EnhancedAuthenticationStep Refused = new(ReasonCode.NotAuthorized, ReasonString: "User name or password is wrong");

    private string? _user, _header, _clientFirst, _serverFirst;
    private ScramSha256Hash? _entry;
    private bool _isKnown;

    /// <inheritdoc/>
    public ValueTask<EnhancedAuthenticationStep> ContinueAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        string message;
        try
        {
            message = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(data.Span);
        }
        catch (ArgumentException)
        {
            return new(Malformed("it is not UTF-8"));
        }
        return new(_serverFirst is null ? Begin(message) : Finish(message));
    }

    private EnhancedAuthenticationStep Begin(string message)
    {
        string[] parts = message.Split(',', 3);
        if (parts.Length < 3) return Malformed("it begins with n,,n=USER,r=NONCE");
        if (parts[0].StartsWith("p=", StringComparison.Ordinal)) return Malformed("channel binding is not served here");
        if (parts[0] is not ("n" or "y")) return Malformed("it begins with n,,n=USER,r=NONCE");
        _header = $"{parts[0]},{parts[1]},";
        _clientFirst = parts[2];
        string[] attributes = _clientFirst.Split(',');
        if (attributes.Length < 2 || Value(attributes[0], 'n') is not { Length: > 0 } name || Value(attributes[1], 'r') is not { Length: > 0 } theirs)
            return Malformed("it begins with n,,n=USER,r=NONCE"); // m=, an extension that must be understood, comes first too
        if (Unescape(name) is not { } user) return Malformed("'=' stands in a user name as =3D, ',' as =2C");
        if (parts[1].Length > 0 && Unescape(Value(parts[1], 'a') ?? "") != user) return Malformed("nobody may act for another user here");
        if (expectedUser is not null && expectedUser != user) return new(ReasonCode.NotAuthorized, ReasonString: "The user name is another one than that of CONNECT");
        _user = user;
        (_entry, _isKnown) = find(user);
        _serverFirst = string.Create(CultureInfo.InvariantCulture, $"r={theirs}{nonce},s={Convert.ToBase64String(_entry.Salt)},i={_entry.Iterations}");
        return new(ReasonCode.ContinueAuthentication, Encoding.UTF8.GetBytes(_serverFirst));
    }

    private EnhancedAuthenticationStep Finish(string message)
    {
        int end = message.LastIndexOf(",p=", StringComparison.Ordinal);
        string[] attributes = end < 0 ? [] : message[..end].Split(',');
        if (attributes.Length < 2 || Value(attributes[0], 'c') is not { } binding || Value(attributes[1], 'r') is not { } whole)
            return Malformed("it ends with c=BINDING,r=NONCE,p=PROOF");
        if (binding != Convert.ToBase64String(Encoding.UTF8.GetBytes(_header!))) return Malformed("its channel binding is not what it began with");
        Span<byte> proof = stackalloc byte[ScramSha256Hash.KeyLength];
        bool isRightNonce = $"r={whole}" == _serverFirst![.._serverFirst!.IndexOf(",s=", StringComparison.Ordinal)];
        bool isProof = Convert.TryFromBase64String(message[(end + 3)..], proof, out int length) && length == proof.Length;
        byte[] exchange = Encoding.UTF8.GetBytes($"{_clientFirst},{_serverFirst},{message[..end]}");
        return isRightNonce && isProof && IsProved(proof, exchange) & _isKnown
            ? new(ReasonCode.Success, Encoding.UTF8.GetBytes($"v={Convert.ToBase64String(HMACSHA256.HashData(_entry!.ServerKey, exchange))}"), UserName: _user)
            {
                Evidence = new PasswordEvidence(_user!, _entry),
            }
            : Refused;
    }

    // H(proof XOR HMAC(StoredKey, exchange)) is StoredKey.
    private bool IsProved(Span<byte> proof, byte[] exchange)
    {
        Span<byte> signature = stackalloc byte[ScramSha256Hash.KeyLength], key = stackalloc byte[ScramSha256Hash.KeyLength];
        HMACSHA256.HashData(_entry!.StoredKey, exchange, signature);
        for (int i = 0; i < key.Length; i++) key[i] = (byte)(proof[i] ^ signature[i]);
        SHA256.HashData(key, signature);
        return CryptographicOperations.FixedTimeEquals(signature, _entry.StoredKey);
    }

    private static EnhancedAuthenticationStep Malformed(string why) => new(ReasonCode.NotAuthorized, ReasonString: $"This is no message of SCRAM-SHA-256: {why}");

    private static string? Value(string attribute, char name) => attribute.Length >= 2 && attribute[0] == name && attribute[1] == '=' ? attribute[2..] : null;

    private static string? Unescape(string name)
    {
        string without = name.Replace("=2C", "", StringComparison.Ordinal).Replace("=3D", "", StringComparison.Ordinal);
        return without.Contains('=') ? null : name.Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal);
    }
}
