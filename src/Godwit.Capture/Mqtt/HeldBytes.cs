// Bytes that cannot be read yet: a packet's beginning, or what comes before it is clear where packets begin. They remember where they were
// seen. All that is held is counted together, so that a capture of many half packets stays within bounds.
using System.Buffers;

namespace Godwit.Capture.Mqtt;

/// <summary>What all connections hold together.</summary>
internal sealed class HeldBudget(long limit)
{
    public long Held { get; set; }

    public bool IsSpent => Held > limit;
}

internal sealed class HeldBytes(HeldBudget budget)
{
    private readonly List<(int Offset, Arrival At)> _marks = [];
    private byte[] _buffer = [];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Span => _buffer.AsSpan(0, Length);

    /// <summary>Where the first byte was seen.</summary>
    public Arrival First => _marks[0].At;

    public void Append(ReadOnlySpan<byte> bytes, Arrival at)
    {
        if (bytes.IsEmpty) return;
        if (_marks.Count == 0 || _marks[^1].At != at) _marks.Add((Length, at));
        int needed = Length + bytes.Length;
        if (needed > _buffer.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, 2 * _buffer.Length));
            Span.CopyTo(larger);
            Return();
            _buffer = larger;
            budget.Held += larger.Length;
        }
        bytes.CopyTo(_buffer.AsSpan(Length));
        Length = needed;
    }

    /// <summary>Empties it; the memory stays for what comes next unless it is large.</summary>
    public void Clear()
    {
        Length = 0;
        _marks.Clear();
        if (_buffer.Length <= 4096) return;
        Release();
    }

    /// <summary>Gives the memory back.</summary>
    public void Release()
    {
        Length = 0;
        _marks.Clear();
        Return();
        _buffer = [];
    }

    /// <summary>Takes everything from an offset on out of it, in the pieces in which it came.</summary>
    public List<(byte[] Bytes, Arrival At)> TakeFrom(int offset)
    {
        var pieces = new List<(byte[], Arrival)>();
        for (int i = 0; i < _marks.Count; i++)
        {
            int start = Math.Max(offset, _marks[i].Offset), end = i + 1 < _marks.Count ? _marks[i + 1].Offset : Length;
            if (start < end) pieces.Add((_buffer[start..end], _marks[i].At));
        }
        Clear();
        return pieces;
    }

    /// <summary>Forgets the first bytes.</summary>
    public void Drop(int count)
    {
        List<(byte[] Bytes, Arrival At)> rest = TakeFrom(count);
        foreach ((byte[] bytes, Arrival at) in rest) Append(bytes, at);
    }

    private void Return()
    {
        if (_buffer.Length == 0) return;
        budget.Held -= _buffer.Length;
        ArrayPool<byte>.Shared.Return(_buffer);
    }
}
