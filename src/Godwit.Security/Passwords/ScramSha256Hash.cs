// $scram-sha-256$: what a server needs for SCRAM-SHA-256 (RFC 5802, section 3), and nothing that lets whoever reads the file log in. A password
// sent as it is can be checked against it too, so the same user may come either way.
using System.Globalization;
using System.Security.Cryptography;

namespace Godwit.Security.Passwords;

/// <summary><c>$scram-sha-256$iterations$salt$StoredKey$ServerKey</c>.</summary>
internal sealed class ScramSha256Hash : PasswordHash
{
    /// <summary>Bytes of keys, hashes and signatures.</summary>
    public const int KeyLength = SHA256.HashSizeInBytes;

    /// <summary>600,000 iterations, as OWASP advises for HMAC-SHA-256 (2023). With SCRAM the client computes them, and a small device may take seconds.</summary>
    public const int DefaultScramIterations = 600_000;

    public ScramSha256Hash(int iterations, byte[] salt, byte[] storedKey, byte[] serverKey) =>
        (Iterations, Salt, StoredKey, ServerKey) = (iterations, salt, storedKey, serverKey);

    public ScramSha256Hash(int iterations, byte[] salt, ReadOnlySpan<byte> password) : this(iterations, salt, new byte[KeyLength], new byte[KeyLength]) =>
        Derive(password, StoredKey, ServerKey);

    /// <summary>Reads an entry.</summary>
    /// <param name="parts">It, divided at each '$'.</param>
    /// <param name="problem">Why it is none.</param>
    public static ScramSha256Hash? Read(string[] parts, out string problem)
    {
        problem = $"A $scram-sha-256$ entry is $scram-sha-256$ITERATIONS$SALT$STOREDKEY$SERVERKEY, with {FewestScramIterations} to {MostIterations} iterations and keys of 32 bytes in base64.";
        if (parts.Length != 6 || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int iterations) || iterations is < FewestScramIterations or > MostIterations)
            return null;
        return Decode(parts[3]) is { } salt && Decode(parts[4]) is { Length: KeyLength } storedKey && Decode(parts[5]) is { Length: KeyLength } serverKey
            ? new ScramSha256Hash(iterations, salt, storedKey, serverKey)
            : null;
    }

    public int Iterations { get; }

    public byte[] Salt { get; }

    /// <summary>H(ClientKey).</summary>
    public byte[] StoredKey { get; }

    public byte[] ServerKey { get; }

    public override bool Verify(ReadOnlySpan<byte> password)
    {
        Span<byte> storedKey = stackalloc byte[KeyLength], serverKey = stackalloc byte[KeyLength];
        Derive(password, storedKey, serverKey);
        return CryptographicOperations.FixedTimeEquals(storedKey, StoredKey);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"$scram-sha-256${Iterations}${Convert.ToBase64String(Salt)}${Convert.ToBase64String(StoredKey)}${Convert.ToBase64String(ServerKey)}");

    private void Derive(ReadOnlySpan<byte> password, Span<byte> storedKey, Span<byte> serverKey)
    {
        Span<byte> salted = stackalloc byte[KeyLength], clientKey = stackalloc byte[KeyLength];
        Rfc2898DeriveBytes.Pbkdf2(password, Salt, salted, Iterations, HashAlgorithmName.SHA256);
        HMACSHA256.HashData(salted, "Client Key"u8, clientKey);
        SHA256.HashData(clientKey, storedKey);
        HMACSHA256.HashData(salted, "Server Key"u8, serverKey);
    }
}
