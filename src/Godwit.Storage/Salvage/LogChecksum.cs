using System.Buffers.Binary;

namespace Godwit.Storage.Salvage;

/// <summary>The running checksum of SQLite's log: https://www.sqlite.org/fileformat2.html#checksum_algorithm.</summary>
internal struct LogChecksum(bool isBigEndian)
{
    private uint _first;
    private uint _second;

    /// <summary>Adds a multiple of eight bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            _first += Word(bytes) + _second;
            _second += Word(bytes[4..]) + _first;
        }
    }

    /// <summary>Whether these eight bytes are the sum so far.</summary>
    public readonly bool Equals(ReadOnlySpan<byte> stored) =>
        BinaryPrimitives.ReadUInt32BigEndian(stored) == _first && BinaryPrimitives.ReadUInt32BigEndian(stored[4..]) == _second;

    private readonly uint Word(ReadOnlySpan<byte> bytes) =>
        isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
