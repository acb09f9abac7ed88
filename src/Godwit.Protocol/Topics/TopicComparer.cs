// Topics and filters are byte strings on the hot path: this is how tables of them hash and compare.
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Godwit.Protocol.Topics;

/// <summary>Hashes and compares topics and topic levels as bytes, so that tables keyed by <c>byte[]</c> can be asked with a span.</summary>
public sealed class TopicComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    /// <summary>The one instance; it has no state.</summary>
    public static readonly TopicComparer Instance = new();

    private TopicComparer()
    {
    }

    private static readonly ulong Seed = (ulong)Random.Shared.NextInt64(); // so that nobody can prepare colliding topics

    /// <summary>Eight bytes a step, with a finaliser: without one, names like dev00001 collide by the thousand.</summary>
    public static int Hash(ReadOnlySpan<byte> bytes)
    {
        const ulong multiplier = 0x9E3779B97F4A7C15;
        ulong hash = Seed ^ ((ulong)bytes.Length * multiplier);
        ref byte at = ref MemoryMarshal.GetReference(bytes);
        int left = bytes.Length;
        for (; left >= 8; left -= 8, at = ref Unsafe.Add(ref at, 8))
            hash = Mix(hash ^ Unsafe.ReadUnaligned<ulong>(ref at));
        ulong tail = 0;
        for (int i = 0; i < left; i++) tail = tail << 8 | Unsafe.Add(ref at, i);
        hash = Mix(hash ^ tail);
        return (int)(hash ^ hash >> 32);

        static ulong Mix(ulong value)
        {
            value *= 0xFF51AFD7ED558CCD;
            value ^= BitOperations.RotateRight(value, 32);
            value *= multiplier;
            return value ^ value >> 29;
        }
    }

    /// <inheritdoc/>
    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    /// <inheritdoc/>
    public int GetHashCode([DisallowNull] byte[] bytes) => Hash(bytes);

    /// <inheritdoc/>
    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    /// <inheritdoc/>
    public int GetHashCode(ReadOnlySpan<byte> alternate) => Hash(alternate);

    /// <inheritdoc/>
    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
}
