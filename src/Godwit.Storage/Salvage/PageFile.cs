// The pages of a database file as they are at the end of its log, read without SQLite and without changing anything: for files that SQLite
// refuses. https://www.sqlite.org/fileformat2.html has the format.
using System.Buffers.Binary;
using Godwit.Storage.Schema;

namespace Godwit.Storage.Salvage;

internal sealed class PageFile : IDisposable
{
    private const int LogHeaderSize = 32;
    private const int FrameHeaderSize = 24;

    private readonly FileStream _file;
    private readonly FileStream? _log;
    private readonly Dictionary<int, long> _pagesInLog = [];

    /// <summary>Opens a database file and, if there is one, the log beside it.</summary>
    public PageFile(string path)
    {
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        PageSize = ReadPageSize();
        Count = (int)((_file.Length + PageSize - 1) / PageSize);
        if (!File.Exists(path + "-wal")) return;
        _log = new FileStream(path + "-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        ReadLog();
    }

    public int PageSize { get; }

    /// <summary>How many pages there are; they count from 1.</summary>
    public int Count { get; private set; }

    /// <summary>Reads a page.</summary>
    /// <returns>False if it is cut off or cannot be read.</returns>
    public bool TryRead(int number, Span<byte> page)
    {
        if (number < 1 || number > Count) return false;
        (FileStream file, long offset) = _log is not null && _pagesInLog.TryGetValue(number, out long inLog)
            ? (_log, inLog)
            : (_file, (long)(number - 1) * PageSize);
        try
        {
            return RandomAccess.Read(file.SafeFileHandle, page[..PageSize], offset) == PageSize;
        }
        catch (IOException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        _log?.Dispose();
    }

    // What the header says if it can be true, and otherwise what a store is made with.
    private int ReadPageSize()
    {
        Span<byte> size = stackalloc byte[2];
        if (RandomAccess.Read(_file.SafeFileHandle, size, 16) != 2) return StoreSchema.PageSize;
        int value = BinaryPrimitives.ReadUInt16BigEndian(size);
        if (value == 1) value = 65_536;
        return value >= 512 && int.IsPow2(value) ? value : StoreSchema.PageSize;
    }

    // The log counts up to the last frame that ends a transaction and whose checksum is right.
    private void ReadLog()
    {
        Span<byte> header = stackalloc byte[LogHeaderSize];
        if (RandomAccess.Read(_log!.SafeFileHandle, header, 0) != LogHeaderSize) return;
        uint magic = BinaryPrimitives.ReadUInt32BigEndian(header);
        if ((magic & ~1u) != 0x377F0682 || BinaryPrimitives.ReadUInt32BigEndian(header[8..]) != PageSize) return;
        var sum = new LogChecksum(isBigEndian: (magic & 1) != 0);
        sum.Add(header[..24]);
        if (!sum.Equals(header[24..])) return;

        byte[] frame = new byte[FrameHeaderSize + PageSize];
        var transaction = new List<(int Page, long Offset)>();
        for (long offset = LogHeaderSize; RandomAccess.Read(_log.SafeFileHandle, frame, offset) == frame.Length; offset += frame.Length)
        {
            sum.Add(frame.AsSpan(0, 8));
            sum.Add(frame.AsSpan(FrameHeaderSize));
            if (!frame.AsSpan(8, 8).SequenceEqual(header[16..24]) || !sum.Equals(frame.AsSpan(16))) return;
            transaction.Add(((int)BinaryPrimitives.ReadUInt32BigEndian(frame), offset + FrameHeaderSize));
            int pagesAfter = (int)BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(4));
            if (pagesAfter == 0) continue;
            foreach ((int page, long place) in transaction) _pagesInLog[page] = place;
            transaction.Clear();
            Count = Math.Max(pagesAfter, Count);
        }
    }
}
