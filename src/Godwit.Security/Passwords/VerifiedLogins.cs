// Logins that were right a moment ago: clients that come back after a break in the network do not pay for a hash again. Kept is a keyed hash
// of user and password, whose key exists in this process alone.
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Godwit.Security.Passwords;

internal sealed class VerifiedLogins(TimeProvider time)
{
    /// <summary>How long a login is remembered.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>How many, at most: 40 bytes each. A new one takes the place of an old one.</summary>
    private const int Places = 16_384;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly Lock _lock = new();
    private Entry[]? _entries;

    [StructLayout(LayoutKind.Auto)]
    private struct Entry
    {
        public UInt128 High, Low;
        public long ExpiresAt;
    }

    /// <summary>Whether this login was right less than <see cref="Lifetime"/> ago.</summary>
    public bool Contains(string user, ReadOnlySpan<byte> password)
    {
        if (_entries is not { } entries) return false;
        Entry wanted = Of(user, password);
        lock (_lock)
        {
            ref readonly Entry entry = ref entries[(int)(wanted.Low % Places)];
            // The key is secret, so how far a comparison gets tells nobody anything.
            return entry.High == wanted.High && entry.Low == wanted.Low && entry.ExpiresAt > time.GetTimestamp();
        }
    }

    public void Add(string user, ReadOnlySpan<byte> password)
    {
        Entry added = Of(user, password);
        added.ExpiresAt = time.GetTimestamp() + (long)(Lifetime.TotalSeconds * time.TimestampFrequency);
        lock (_lock) (_entries ??= new Entry[Places])[(int)(added.Low % Places)] = added;
    }

    private Entry Of(string user, ReadOnlySpan<byte> password)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        Span<byte> bytes = stackalloc byte[HMACSHA256.HashSizeInBytes];
        byte[] name = Encoding.UTF8.GetBytes(user);
        BinaryPrimitives.WriteInt32LittleEndian(bytes, name.Length); // so that user and password cannot be divided otherwise
        hash.AppendData(bytes[..sizeof(int)]);
        hash.AppendData(name);
        hash.AppendData(password);
        hash.GetHashAndReset(bytes);
        return new Entry { High = BinaryPrimitives.ReadUInt128LittleEndian(bytes), Low = BinaryPrimitives.ReadUInt128LittleEndian(bytes[16..]) };
    }
}
