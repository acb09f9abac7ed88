// Finds the rows of a page by themselves: what is on a leaf says how long it is and of what types, so no tree and no table of contents are
// needed. https://www.sqlite.org/fileformat2.html#b_tree_pages and #record_format.
using System.Buffers.Binary;

namespace Godwit.Storage.Salvage;

/// <summary>A value of a row.</summary>
/// <param name="Type">0 for NULL, 1 for an integer, 2 for text, 3 for a blob.</param>
/// <param name="Integer">The integer.</param>
/// <param name="Start">Where text or blob begin in the row's bytes.</param>
/// <param name="Length">How long they are.</param>
internal readonly record struct RowValue(int Type, long Integer, int Start, int Length)
{
    public const int Null = 0;
    public const int Number = 1;
    public const int Text = 2;
    public const int Blob = 3;
}

internal sealed class RowReader(PageFile file)
{
    private const int IndexInterior = 0x02;
    private const int IndexLeaf = 0x0A;
    private const int TableLeaf = 0x0D;
    private const int LargestRow = 300_000_000;

    private readonly byte[] _page = new byte[file.PageSize];
    private readonly byte[] _overflow = new byte[file.PageSize];
    private byte[] _row = [];
    private int _rowLength;

    /// <summary>The values of the current row.</summary>
    public List<RowValue> Values { get; } = [];

    /// <summary>The current row's bytes, in which text and blobs stand.</summary>
    public ReadOnlySpan<byte> Bytes => _row.AsSpan(0, _rowLength);

    /// <summary>The current row's number; null if it is of a table that has none.</summary>
    public long? RowId { get; private set; }

    /// <summary>Gives each row of a page.</summary>
    /// <param name="number">The page.</param>
    /// <param name="onRow">Is called for each; the properties have the row then.</param>
    /// <returns>False if something of the page could not be read.</returns>
    public bool ReadPage(int number, Action onRow)
    {
        if (!file.TryRead(number, _page)) return false;
        int start = number == 1 ? 100 : 0;
        int type = _page[start];
        // Other pages hold no rows: inner pages of tables, later parts of long rows, free ones.
        if (type is not (IndexInterior or IndexLeaf or TableLeaf)) return true;
        int cells = BinaryPrimitives.ReadUInt16BigEndian(_page.AsSpan(start + 3));
        int list = start + (type == IndexInterior ? 12 : 8);
        if (list + (2 * cells) > _page.Length) return false;
        bool isWhole = true;
        for (int i = 0; i < cells; i++)
        {
            int cell = BinaryPrimitives.ReadUInt16BigEndian(_page.AsSpan(list + (2 * i)));
            if (cell >= list && TryReadCell(cell, type)) onRow();
            else isWhole = false;
        }
        return isWhole;
    }

    private bool TryReadCell(int cell, int type)
    {
        int position = type == IndexInterior ? cell + 4 : cell;
        if (!TryReadVarint(_page, ref position, out long length) || length is < 1 or > LargestRow) return false;
        RowId = null;
        if (type == TableLeaf)
        {
            if (!TryReadVarint(_page, ref position, out long rowId)) return false;
            RowId = rowId;
        }
        return TryReadBytes(position, (int)length, type == TableLeaf) && TryReadValues();
    }

    // A long row has its first part in the page and the rest in a chain of pages of its own.
    private bool TryReadBytes(int position, int length, bool isTable)
    {
        int usable = file.PageSize;
        int maximum = isTable ? usable - 35 : ((usable - 12) * 64 / 255) - 23;
        int local = length;
        if (length > maximum)
        {
            int minimum = ((usable - 12) * 32 / 255) - 23;
            int fitting = minimum + ((length - minimum) % (usable - 4));
            local = fitting <= maximum ? fitting : minimum;
        }
        if (position + local + (local < length ? 4 : 0) > _page.Length) return false;
        // A damaged length must not make a gigabyte of memory: no row is longer than its file.
        if (length > (long)file.Count * usable) return false;
        if (_row.Length < length) _row = new byte[length];
        _rowLength = length;
        _page.AsSpan(position, local).CopyTo(_row);
        int done = local;
        uint next = done < length ? BinaryPrimitives.ReadUInt32BigEndian(_page.AsSpan(position + local)) : 0;
        while (done < length)
        {
            if (next == 0 || next > (uint)file.Count || !file.TryRead((int)next, _overflow)) return false;
            int part = Math.Min(length - done, usable - 4);
            _overflow.AsSpan(4, part).CopyTo(_row.AsSpan(done));
            done += part;
            next = BinaryPrimitives.ReadUInt32BigEndian(_overflow);
        }
        return true;
    }

    private bool TryReadValues()
    {
        Values.Clear();
        int position = 0;
        if (!TryReadVarint(Bytes, ref position, out long header) || header > _rowLength) return false;
        int value = (int)header;
        while (position < header)
        {
            if (!TryReadVarint(Bytes, ref position, out long type) || !TryReadValue(type, ref value)) return false;
        }
        return position == header && value == _rowLength;
    }

    private bool TryReadValue(long type, ref int position)
    {
        long length = type switch { 0 or 8 or 9 => 0, >= 1 and <= 4 => type, 5 => 6, 6 => 8, >= 12 => (type - 12) / 2, _ => -1 };
        if (length < 0 || position + length > _rowLength) return false;
        ReadOnlySpan<byte> bytes = Bytes.Slice(position, (int)length);
        Values.Add(type switch
        {
            0 => default,
            8 or 9 => new RowValue(RowValue.Number, type - 8, 0, 0),
            >= 12 => new RowValue(type % 2 == 0 ? RowValue.Blob : RowValue.Text, 0, position, (int)length),
            _ => new RowValue(RowValue.Number, SignedInteger(bytes), 0, 0),
        });
        position += (int)length;
        return true;
    }

    private static long SignedInteger(ReadOnlySpan<byte> bytes)
    {
        long value = (sbyte)bytes[0];
        foreach (byte b in bytes[1..]) value = (value << 8) | b;
        return value;
    }

    private static bool TryReadVarint(ReadOnlySpan<byte> bytes, ref int position, out long value)
    {
        value = 0;
        for (int i = 0; i < 9; i++)
        {
            if (position >= bytes.Length) return false;
            byte b = bytes[position++];
            if (i == 8)
            {
                value = (value << 8) | b;
                return true;
            }
            value = (value << 7) | (long)(b & 0x7F);
            if (b < 0x80) return true;
        }
        return true;
    }
}
