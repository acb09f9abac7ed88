// What was asked and answered a moment ago, so that clients that come back after a break in the network do not all cost a hash or a question
// to a service. Kept is a keyed hash of the question, passwords included, whose key exists in this process alone.
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Godwit.Security;

/// <summary>The latest answers, 16,384 at most: a new one takes the place of an old one.</summary>
internal sealed class RecentAnswers<T>(TimeProvider time)
{
    private const int Places = 16_384;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly Lock _lock = new();
    private Entry[]? _entries;

    [StructLayout(LayoutKind.Auto)]
    private struct Entry
    {
        public UInt128 High, Low;
        public long ExpiresAt;
        public T Answer;
    }

    /// <summary>Finds the answer if it still holds.</summary>
    public bool TryFind(ReadOnlySpan<byte> question, out T? answer)
    {
        answer = default;
        if (_entries is not { } entries) return false;
        (UInt128 high, UInt128 low) = KeyOf(question);
        lock (_lock)
        {
            ref readonly Entry entry = ref entries[(int)(low % Places)];
            // The key is secret, so how far a comparison gets tells nobody anything.
            if (entry.High != high || entry.Low != low || entry.ExpiresAt <= time.GetTimestamp()) return false;
            answer = entry.Answer;
            return true;
        }
    }

    /// <summary>Remembers an answer.</summary>
    public void Add(ReadOnlySpan<byte> question, T answer, TimeSpan lifetime)
    {
        if (lifetime <= TimeSpan.Zero) return;
        (UInt128 high, UInt128 low) = KeyOf(question);
        long expiresAt = time.GetTimestamp() + (long)(lifetime.TotalSeconds * time.TimestampFrequency);
        lock (_lock) (_entries ??= new Entry[Places])[(int)(low % Places)] = new Entry { High = high, Low = low, ExpiresAt = expiresAt, Answer = answer };
    }

    private (UInt128 High, UInt128 Low) KeyOf(ReadOnlySpan<byte> question)
    {
        Span<byte> bytes = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, question, bytes);
        return (BinaryPrimitives.ReadUInt128LittleEndian(bytes), BinaryPrimitives.ReadUInt128LittleEndian(bytes[16..]));
    }
}
