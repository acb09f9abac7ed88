// Who was let in a moment ago, so that clients that come back after a break in the network do not all ask the service. Kept is a keyed hash of
// all that the service was told, whose key exists in this process alone.
using System.Buffers.Binary;
using System.Security.Cryptography;
using Godwit.Broker.Auth;

namespace Godwit.Security.Http;

internal sealed class AnswerCache(TimeProvider time)
{
    private const int MostAnswers = 16_384;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly Lock _lock = new();
    private readonly Dictionary<(UInt128, UInt128), (AuthenticationResult Result, DateTimeOffset Until)> _answers = [];

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>The answer that still holds; null if there is none.</summary>
    public AuthenticationResult? Find(byte[] question)
    {
        lock (_lock)
        {
            if (_answers.Count == 0) return null;
        }
        (UInt128, UInt128) key = KeyOf(question);
        lock (_lock) return _answers.TryGetValue(key, out var answer) && answer.Until > Now ? answer.Result : null;
    }

    public void Add(byte[] question, AuthenticationResult result, TimeSpan lifetime)
    {
        if (lifetime <= TimeSpan.Zero) return;
        DateTimeOffset until = Now + lifetime;
        if (result.ExpiresAt < until) until = result.ExpiresAt.Value;
        (UInt128, UInt128) key = KeyOf(question);
        lock (_lock)
        {
            if (_answers.Count >= MostAnswers) Shrink();
            _answers[key] = (result, until);
        }
    }

    private void Shrink()
    {
        foreach ((UInt128, UInt128) key in _answers.Where(answer => answer.Value.Until <= Now).Select(answer => answer.Key).ToArray()) _answers.Remove(key);
        if (_answers.Count >= MostAnswers) _answers.Clear();
    }

    private (UInt128, UInt128) KeyOf(byte[] question)
    {
        Span<byte> bytes = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, question, bytes);
        return (BinaryPrimitives.ReadUInt128LittleEndian(bytes), BinaryPrimitives.ReadUInt128LittleEndian(bytes[16..]));
    }
}
