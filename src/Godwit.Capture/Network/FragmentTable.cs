// Puts the fragments of IP datagrams together. Bytes that come twice are taken from who comes first. The table is bounded by bytes; the datagram
// that has waited longest goes. The result is in a buffer of the table's, valid until the next fragment.
namespace Godwit.Capture.Network;

/// <summary>What became of a fragment.</summary>
internal enum FragmentOutcome
{
    /// <summary>Others are missing.</summary>
    Waits,

    /// <summary>It makes no sense.</summary>
    Refused,

    /// <summary>It was the last one that was missing.</summary>
    Complete,
}

internal sealed class FragmentTable(int maxBytes)
{
    private const int LargestDatagram = 65_535, MaxRanges = 64;

    // What an entry costs beside its bytes, roughly.
    private const int Overhead = 512;

    private readonly Dictionary<Key, LinkedListNode<Assembly>> _table = [];
    private readonly LinkedList<Assembly> _byAge = new();
    private long _bytes;

    public int Count => _table.Count;

    /// <summary>Takes a fragment; if it completes its datagram, that takes its place.</summary>
    public FragmentOutcome Add(ref Datagram fragment, uint identification, int offset, bool more)
    {
        int end = offset + fragment.Length;
        if (end > LargestDatagram || fragment.Length == 0 || (more && fragment.Length % 8 != 0)) return FragmentOutcome.Refused;
        var key = new Key(fragment.Source, fragment.Destination, identification, fragment.Protocol);
        if (!_table.TryGetValue(key, out LinkedListNode<Assembly>? node))
        {
            _table[key] = node = _byAge.AddLast(new Assembly(key));
            _bytes += node.Value.Size;
        }

        Assembly assembly = node.Value;
        _bytes -= assembly.Size;
        bool taken = assembly.TryAdd(fragment.Bytes, offset, end, more);
        assembly.FrameLength += fragment.FrameLength;
        assembly.IpHeader += fragment.IpHeader;
        _bytes += assembly.Size;
        bool complete = taken && assembly.IsComplete;
        if (complete)
        {
            fragment.Bytes = assembly.Bytes;
            fragment.Length = assembly.Length;
            fragment.FrameLength = assembly.FrameLength;
            fragment.IpHeader = assembly.IpHeader;
        }
        if (complete || !taken) Remove(node);
        while (_bytes > maxBytes && _byAge.First is { } oldest) Remove(oldest);
        return complete ? FragmentOutcome.Complete : taken ? FragmentOutcome.Waits : FragmentOutcome.Refused;
    }

    private void Remove(LinkedListNode<Assembly> node)
    {
        _bytes -= node.Value.Size;
        _table.Remove(node.Value.Key);
        _byAge.Remove(node);
    }

    private readonly record struct Key(IpAddress Source, IpAddress Destination, uint Identification, byte Protocol);

    /// <summary>A datagram that is not complete.</summary>
    private sealed class Assembly(Key key)
    {
        private readonly List<(int Start, int End)> _ranges = new(2);
        private byte[] _buffer = [];
        private int _end = -1, _captured = LargestDatagram;

        public Key Key => key;

        public int Size => Overhead + _buffer.Length;

        public bool IsComplete => _ranges is [(0, var end)] && end == _end;

        public int Length => _end;

        /// <summary>Bytes that its frames had on the link, and of those in IP headers.</summary>
        public int FrameLength { get; set; }

        /// <inheritdoc cref="FrameLength"/>
        public int IpHeader { get; set; }

        /// <summary>What was captured of it: up to the first byte that a snap length has cut off.</summary>
        public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, Math.Min(_end, _captured));

        public bool TryAdd(ReadOnlySpan<byte> bytes, int start, int end, bool more)
        {
            if (!more && _end >= 0 && _end != end) return false;
            if (_end >= 0 && end > _end) return false;
            if (!more)
            {
                if (_ranges is [.., (_, var last)] && last > end) return false;
                _end = end;
            }
            if (bytes.Length < end - start) _captured = Math.Min(_captured, start + bytes.Length);
            if (_buffer.Length < end) Array.Resize(ref _buffer, Math.Min(LargestDatagram, Math.Max(end, 2 * _buffer.Length)));
            foreach ((int from, int to) in Missing(start, end))
                if (from - start < bytes.Length) bytes[(from - start)..Math.Min(to - start, bytes.Length)].CopyTo(_buffer.AsSpan(from));
            return Cover(start, end);
        }

        /// <summary>The parts of a range that are not there yet.</summary>
        private List<(int From, int To)> Missing(int start, int end)
        {
            var missing = new List<(int, int)>(1);
            foreach ((int from, int to) in _ranges)
            {
                if (from >= end) break;
                if (to <= start) continue;
                if (from > start) missing.Add((start, from));
                start = to;
            }
            if (start < end) missing.Add((start, end));
            return missing;
        }

        private bool Cover(int start, int end)
        {
            int first = _ranges.FindIndex(range => range.End >= start);
            if (first < 0) first = _ranges.Count;
            int count = 0;
            for (; first + count < _ranges.Count && _ranges[first + count].Start <= end; count++)
                (start, end) = (Math.Min(start, _ranges[first + count].Start), Math.Max(end, _ranges[first + count].End));
            _ranges.RemoveRange(first, count);
            _ranges.Insert(first, (start, end));
            return _ranges.Count <= MaxRanges;
        }
    }
}
