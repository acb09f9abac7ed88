// $argon2id$: the PHC winner (RFC 9106), which costs a guesser memory as well. .NET has none, so it is the system's libargon2; without that
// library such entries are refused with a word on how to get it.
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Godwit.Security.Passwords;

/// <summary><c>$argon2id$v=19$m=KIBIBYTES,t=PASSES,p=LANES$salt$hash</c>.</summary>
internal sealed partial class Argon2id : PasswordHash
{
    public const string Missing =
        "Argon2id needs the system's libargon2 (Debian: apt-get install libargon2-1). `godwit passwd -H sha512-pbkdf2` makes an entry that needs nothing.";

    // mosquitto 2.1's, and OWASP's advice (2023): 46 MiB, one pass.
    private const int Memory = 47_104, Passes = 1, Lanes = 1;

    // More would be a mistake in the file: 1 GiB for each login.
    private const int MostMemory = 1024 * 1024, MostPasses = 100, MostLanes = 64;

    private const string Library = "libargon2.so.1";

    private readonly string _entry;

    private Argon2id(string entry) => _entry = entry;

    /// <summary>Whether the system has the library.</summary>
    public static bool IsAvailable { get; } = NativeLibrary.TryLoad(Library, Assembly.GetExecutingAssembly(), null, out _);

    /// <summary>Makes an entry.</summary>
    /// <exception cref="NotSupportedException">The system does not have the library.</exception>
    public static Argon2id Create(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt)
    {
        if (!IsAvailable) throw new NotSupportedException(Missing);
        Span<byte> encoded = stackalloc byte[256];
        int result = Hash(Passes, Memory, Lanes, password, (nuint)password.Length, salt, (nuint)salt.Length, HashLength, encoded, (nuint)encoded.Length);
        if (result != 0) throw new CryptographicException($"libargon2 fails with {result}.");
        return new Argon2id(Encoding.ASCII.GetString(encoded[..encoded.IndexOf((byte)0)]));
    }

    /// <summary>Reads an entry.</summary>
    /// <param name="entry">All of it.</param>
    /// <param name="problem">Why it cannot be used.</param>
    public static Argon2id? Read(string entry, out string problem)
    {
        problem = "An $argon2id$ entry is $argon2id$v=19$m=KIBIBYTES,t=PASSES,p=LANES$SALT$HASH, with salt and hash in base64 without padding.";
        Match match = EntryPattern().Match(entry);
        if (!match.Success) return null;
        problem = $"The cost of an $argon2id$ entry is at most m={MostMemory},t={MostPasses},p={MostLanes}.";
        if (!IsAtMost(match.Groups[1], MostMemory) || !IsAtMost(match.Groups[2], MostPasses) || !IsAtMost(match.Groups[3], MostLanes)) return null;
        problem = IsAvailable ? "" : Missing;
        return IsAvailable ? new Argon2id(entry) : null;
    }

    public override bool Verify(ReadOnlySpan<byte> password) => Verify(_entry, password, (nuint)password.Length) == 0;

    public override string ToString() => _entry;

    private static bool IsAtMost(Group number, int most) => int.TryParse(number.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value <= most;

    [GeneratedRegex("""^\$argon2id\$v=19\$m=([0-9]+),t=([0-9]+),p=([0-9]+)\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{16,}$""")]
    private static partial Regex EntryPattern();

    [LibraryImport(Library, EntryPoint = "argon2id_hash_encoded")]
    private static partial int Hash(
        uint passes, uint memory, uint lanes, ReadOnlySpan<byte> password, nuint passwordLength, ReadOnlySpan<byte> salt, nuint saltLength,
        nuint hashLength, Span<byte> encoded, nuint encodedLength);

    [LibraryImport(Library, EntryPoint = "argon2id_verify", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Verify(string encoded, ReadOnlySpan<byte> password, nuint passwordLength);
}
