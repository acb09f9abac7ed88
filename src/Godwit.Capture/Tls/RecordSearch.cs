// Finds records again behind a gap: a place that looks like a header, and opens as one of the next few numbers. A cipher that checks what it
// opens makes a mistake impossible; what it costs is bounded. From the number follows how many records are missing, and from that how many
// bytes of content, since each record has the same overhead.
namespace Godwit.Capture.Tls;

/// <param name="sequence">The number of the first record that is missing.</param>
/// <param name="missing">Bytes that are missing, with those of the record that had begun.</param>
internal sealed class RecordSearch(ulong sequence, long missing)
{
    private const int MostHeld = 2 * (RecordHeader.Length + RecordHeader.LongestFragment), MostTries = 2000, MostLost = 500;

    private readonly List<byte> _held = [];
    private int _tried, _tries;
    private long _missing = missing;

    /// <summary>The bytes from the record on that was found.</summary>
    public byte[] Found { get; private set; } = [];

    /// <summary>The number of the record that was found.</summary>
    public ulong Sequence { get; private set; }

    /// <summary>How many bytes of content are missing, once a record was found.</summary>
    public long MissingContent { get; private set; }

    /// <summary>Whether it is given up.</summary>
    public bool IsHopeless => _tries > MostTries;

    /// <summary>There is another gap.</summary>
    public void OnGap(long count)
    {
        _missing += count + _held.Count;
        _held.Clear();
        _tried = 0;
    }

    /// <summary>Takes bytes, and looks for a record in all that there are.</summary>
    public bool TryFind(ReadOnlySpan<byte> bytes, RecordProtection protection)
    {
        _held.AddRange(bytes);
        ReadOnlySpan<byte> held = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_held);
        int untried = -1;
        for (int start = _tried; start + RecordHeader.Length <= held.Length && !IsHopeless; start++)
        {
            if (RecordHeader.Read(held[start..]) is not { } header || held[start + 2] != 3 || header.RecordLength < protection.Overhead) continue;
            if (start + header.RecordLength > held.Length)
            {
                // Perhaps it is one, and the rest of it is still to come.
                if (untried < 0) untried = start;
                continue;
            }
            if (!TryOpen(held.Slice(start, header.RecordLength), _missing + start, protection)) continue;
            Found = held[start..].ToArray();
            return true;
        }
        _tried = untried >= 0 ? untried : Math.Max(0, held.Length - RecordHeader.Length + 1);
        if (held.Length > MostHeld) Drop(held.Length / 2);
        return false;
    }

    private bool TryOpen(ReadOnlySpan<byte> record, long missing, RecordProtection protection)
    {
        var target = new byte[record.Length];
        long most = Math.Min(MostLost, missing / protection.Overhead);
        for (long lost = 1; lost <= most && ++_tries <= MostTries; lost++)
        {
            if (protection.Open(record, sequence + (ulong)lost, target, out _) < 0) continue;
            Sequence = sequence + (ulong)lost;
            MissingContent = missing - lost * protection.Overhead;
            return true;
        }
        return false;
    }

    private void Drop(int count)
    {
        _held.RemoveRange(0, count);
        _missing += count;
        _tried = Math.Max(0, _tried - count);
    }
}
