namespace Godwit.Broker.Routing;

/// <summary>
/// Copies of topic levels. In trees of millions of topics the same names come again and again (state, temperature): those used lately
/// are given out again instead of being copied once more. For one thread at a time.
/// </summary>
internal sealed class LevelNames
{
    private const int Places = 4096;

    private readonly byte[]?[] _recent = new byte[]?[Places];

    /// <summary>A copy of the level that never changes.</summary>
    public byte[] Keep(ReadOnlySpan<byte> level, int hash)
    {
        ref byte[]? place = ref _recent[hash & (Places - 1)];
        return place is not null && level.SequenceEqual(place) ? place : place = level.ToArray();
    }
}
