// Lines of UTF-8 in the making, for a terminal that has so many columns. Whatever clients have sent is shown without control characters, which
// could do anything to a terminal.
using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Godwit.Capture.Views;

/// <summary>A buffer that knows at which column of the line it is. Nothing is allocated once it is large enough.</summary>
internal sealed class LineBuffer
{
    private byte[] _bytes = new byte[4096];
    private int _used;

    /// <summary>What has been written since <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _used);

    /// <summary>Columns of the line so far.</summary>
    public int Column { get; private set; }

    public void Clear() => (_used, Column) = (0, 0);

    /// <summary>Printable ASCII.</summary>
    public void Add(ReadOnlySpan<byte> ascii)
    {
        ascii.CopyTo(Take(ascii.Length));
        Column += ascii.Length;
    }

    /// <summary>What takes no place on the screen: an escape sequence.</summary>
    public void AddInvisible(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    public void Add(string text)
    {
        int count = Encoding.UTF8.GetBytes(text, Take(3 * text.Length));
        _used -= 3 * text.Length - count;
        Column += text.Length;
    }

    public void Add(long number, int width = 0)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(number, digits, out int count);
        for (int i = count; i < width; i++) Add(" "u8);
        Add(digits[..count]);
    }

    /// <summary>A number with so many decimals.</summary>
    public void Add(double number, int decimals, int width = 0)
    {
        Span<byte> digits = stackalloc byte[40];
        if (!Utf8Formatter.TryFormat(number, digits, out int count, new StandardFormat('F', (byte)decimals))) return;
        for (int i = count; i < width; i++) Add(" "u8);
        Add(digits[..count]);
    }

    /// <summary>Text of a client, cut where it would need more columns than there are.</summary>
    public void AddForeign(ReadOnlySpan<byte> text, int columns = int.MaxValue)
    {
        if (columns <= 0) return;
        bool isPlain = !text.ContainsAnyExceptInRange((byte)0x20, (byte)0x7E);
        if (isPlain && text.Length <= columns)
        {
            Add(text);
            return;
        }
        int end = Column + columns - 1; // the last one is for the sign that something is cut off
        while (!text.IsEmpty)
        {
            OperationStatus status = Rune.DecodeFromUtf8(text, out Rune rune, out int used);
            bool isShown = status == OperationStatus.Done && !Rune.IsControl(rune) && !Explain.Readable.IsInvisible(rune);
            int needed = isShown ? 1 : rune.Value is '\n' or '\r' or '\t' ? 2 : 4 * used;
            bool isLast = text.Length == used;
            if (Column + needed > end + (isLast ? 1 : 0))
            {
                "…"u8.CopyTo(Take(3));
                Column++;
                return;
            }
            if (isShown)
            {
                text[..used].CopyTo(Take(used));
                Column++;
            }
            else if (needed == 2) Add(rune.Value == '\n' ? "\\n"u8 : rune.Value == '\r' ? "\\r"u8 : "\\t"u8);
            else
                foreach (byte b in text[..used])
                {
                    Add("\\x"u8);
                    AddHex(b);
                }
            text = text[used..];
        }
    }

    /// <summary>Bytes in hexadecimal, cut where they would need more columns than there are.</summary>
    public void AddHex(ReadOnlySpan<byte> bytes, int columns)
    {
        int fitting = Math.Min(bytes.Length, (columns - (2 * bytes.Length > columns ? 1 : 0)) / 2);
        for (int i = 0; i < fitting; i++) AddHex(bytes[i]);
        if (fitting >= bytes.Length || columns < 1) return;
        "…"u8.CopyTo(Take(3));
        Column++;
    }

    public void PadTo(int column)
    {
        while (Column < column) Add(" "u8);
    }

    /// <summary>Ends the line, without spaces at its end.</summary>
    public void EndLine()
    {
        while (_used > 0 && _bytes[_used - 1] == ' ') _used--;
        Take(1)[0] = (byte)'\n';
        Column = 0;
    }

    private void AddHex(byte value)
    {
        ReadOnlySpan<byte> digits = "0123456789ABCDEF"u8;
        Span<byte> target = Take(2);
        target[0] = digits[value >> 4];
        target[1] = digits[value & 15];
        Column += 2;
    }

    private Span<byte> Take(int count)
    {
        if (_bytes.Length - _used < count) Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _used + count));
        Span<byte> taken = _bytes.AsSpan(_used, count);
        _used += count;
        return taken;
    }
}
