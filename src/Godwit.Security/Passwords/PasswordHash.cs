// What a password file keeps instead of a password, in mosquitto's formats: what stands behind the user name in a line.
using System.Globalization;
using System.Security.Cryptography;

namespace Godwit.Security.Passwords;

/// <summary>The kinds of entries that can be written.</summary>
public enum PasswordHashKind
{
    /// <summary><c>$7$iterations$salt$hash</c>: PBKDF2 with HMAC-SHA-512. The default.</summary>
    Pbkdf2Sha512,

    /// <summary><c>$argon2id$...</c>, for mosquitto from 2.1 on; needs the system's libargon2.</summary>
    Argon2id,

    /// <summary><c>$scram-sha-256$...</c>: for SCRAM-SHA-256, with which MQTT 5 clients need not send their password. mosquitto does not know it.</summary>
    ScramSha256,

    /// <summary><c>$6$salt$hash</c>: one SHA-512 of password and salt, for mosquitto before 2.0. Guessed a million times faster.</summary>
    Sha512,
}

/// <summary>A password as a file keeps it. Immutable.</summary>
public abstract class PasswordHash
{
    /// <summary>What PBKDF2 takes by default: 210,000 iterations, as OWASP advises for HMAC-SHA-512 (2023). About a tenth of a second.</summary>
    public const int DefaultIterations = 210_000;

    /// <summary>What costs a guesser most of what this system can compute: Argon2id if it has libargon2, otherwise PBKDF2.</summary>
    public static PasswordHashKind BestKind => Argon2id.IsAvailable ? PasswordHashKind.Argon2id : PasswordHashKind.Pbkdf2Sha512;

    /// <summary>More iterations would keep a processor busy for seconds with every login.</summary>
    public const int MostIterations = 10_000_000;

    /// <summary>Clients of SCRAM are to refuse fewer iterations (RFC 7677, section 4).</summary>
    public const int FewestScramIterations = 4096;

    /// <summary>What mosquitto takes: it refuses other lengths.</summary>
    internal const int SaltLength = 12;

    private protected const int HashLength = SHA512.HashSizeInBytes;

    private static readonly string[] HashKinds = ["$6$", "$7$", "$argon2", "$scram-"];

    /// <summary>Makes an entry, with a new salt.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="password">The password in UTF-8.</param>
    /// <param name="iterations">For PBKDF2 and SCRAM; null for the default.</param>
    /// <exception cref="NotSupportedException">Argon2id, and the system does not have its library.</exception>
    public static PasswordHash Create(PasswordHashKind kind, ReadOnlySpan<byte> password, int? iterations = null)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltLength);
        return kind switch
        {
            PasswordHashKind.Sha512 => new SaltedSha512(salt, password),
            PasswordHashKind.ScramSha256 => new ScramSha256Hash(iterations ?? ScramSha256Hash.DefaultScramIterations, salt, password),
            PasswordHashKind.Argon2id => Argon2id.Create(password, salt),
            _ => new Pbkdf2Sha512(iterations ?? DefaultIterations, salt, password),
        };
    }

    /// <summary>Reads an entry.</summary>
    /// <param name="text">What stands behind the user name and the colon.</param>
    /// <param name="problem">Why it is none, without quoting it: it may be a password.</param>
    public static PasswordHash? TryParse(string text, out string problem)
    {
        string[] parts = text.Split('$');
        problem = "";
        if (parts.Length < 3 || parts[0].Length > 0)
        {
            problem = "This is no password hash. If it is the password itself, `godwit passwd -U FILE` replaces the passwords of a file by hashes.";
            return null;
        }
        switch (parts[1])
        {
            case "6":
                if (parts.Length == 4 && Decode(parts[2]) is { } salt && Decode(parts[3]) is { Length: HashLength } hash) return new SaltedSha512(salt, hash);
                problem = "A $6$ entry is $6$SALT$HASH, with a hash of 64 bytes in base64.";
                return null;
            case "7":
                bool hasIterations = int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int iterations);
                if (hasIterations && iterations is < 1 or > MostIterations) problem = $"The iterations of a $7$ entry are 1 to {MostIterations}, not {iterations}.";
                else if (hasIterations && parts.Length == 5 && Decode(parts[3]) is { } salted && Decode(parts[4]) is { Length: HashLength } derived)
                    return new Pbkdf2Sha512(iterations, salted, derived);
                else problem = "A $7$ entry is $7$ITERATIONS$SALT$HASH, with a hash of 64 bytes in base64.";
                return null;
            case "scram-sha-256":
                return ScramSha256Hash.Read(parts, out problem);
            case "argon2id":
                return Argon2id.Read(text, out problem);
            default:
                problem = "This kind of password hash is not known; $6$ (SHA-512), $7$ (PBKDF2 with HMAC-SHA-512), $argon2id$ and $scram-sha-256$ are.";
                return null;
        }
    }

    /// <summary>Whether a text is a hash of some kind, known here or not, rather than a password.</summary>
    internal static bool IsHash(string text) => HashKinds.Any(kind => text.StartsWith(kind, StringComparison.Ordinal));

    /// <summary>Whether this is the password; takes as long for a wrong one as for the right one.</summary>
    /// <param name="password">The password in UTF-8.</param>
    public abstract bool Verify(ReadOnlySpan<byte> password);

    /// <summary>As it stands in the file.</summary>
    public abstract override string ToString();

    private protected static byte[]? Decode(string base64)
    {
        byte[] bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out int length) && length > 0 ? bytes[..length] : null;
    }
}

/// <summary><c>$6$</c>: SHA-512 of password and salt.</summary>
internal sealed class SaltedSha512 : PasswordHash
{
    private readonly byte[] _salt, _hash;

    public SaltedSha512(byte[] salt, byte[] hash) => (_salt, _hash) = (salt, hash);

    public SaltedSha512(byte[] salt, ReadOnlySpan<byte> password) : this(salt, new byte[HashLength]) => Compute(password, _hash);

    public override bool Verify(ReadOnlySpan<byte> password)
    {
        Span<byte> computed = stackalloc byte[HashLength];
        Compute(password, computed);
        return CryptographicOperations.FixedTimeEquals(computed, _hash);
    }

    public override string ToString() => $"$6${Convert.ToBase64String(_salt)}${Convert.ToBase64String(_hash)}";

    private void Compute(ReadOnlySpan<byte> password, Span<byte> hash)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        sha.AppendData(password);
        sha.AppendData(_salt);
        sha.GetHashAndReset(hash);
    }
}

/// <summary><c>$7$</c>: PBKDF2 with HMAC-SHA-512 (RFC 8018).</summary>
internal sealed class Pbkdf2Sha512 : PasswordHash
{
    private readonly int _iterations;
    private readonly byte[] _salt, _hash;

    public Pbkdf2Sha512(int iterations, byte[] salt, byte[] hash) => (_iterations, _salt, _hash) = (iterations, salt, hash);

    public Pbkdf2Sha512(int iterations, byte[] salt, ReadOnlySpan<byte> password) : this(iterations, salt, new byte[HashLength]) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, _hash, iterations, HashAlgorithmName.SHA512);

    public override bool Verify(ReadOnlySpan<byte> password)
    {
        Span<byte> computed = stackalloc byte[HashLength];
        Rfc2898DeriveBytes.Pbkdf2(password, _salt, computed, _iterations, HashAlgorithmName.SHA512);
        return CryptographicOperations.FixedTimeEquals(computed, _hash);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"$7${_iterations}${Convert.ToBase64String(_salt)}${Convert.ToBase64String(_hash)}");
}
