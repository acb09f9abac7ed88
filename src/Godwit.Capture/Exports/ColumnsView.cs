// Chosen fields as comma-separated values (RFC 4180). The fastest way out of a capture: nothing is allocated for a packet.
using System.Buffers.Text;
using Godwit.Capture.Explain;
using Godwit.Capture.Filters;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Views;

namespace Godwit.Capture.Exports;

/// <summary>Writes a row for each packet, below a row with the names. Several values of a field stand in one cell, with semicolons between.</summary>
public sealed class ColumnsView : IPacketView
{
    private const int MostCellBytes = 1 << 20;

    private readonly RecordOutput _output;
    private readonly CaptureField[] _columns;
    private readonly bool _redact;
    private byte[] _row = new byte[4096];
    private int _used;

    /// <summary>Writes the names.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="columns">The fields.</param>
    /// <param name="redact">Whether payloads and user names are left out.</param>
    public ColumnsView(RecordOutput output, IReadOnlyList<CaptureField> columns, bool redact = false)
    {
        ArgumentNullException.ThrowIfNull(output);
        (_output, _columns, _redact) = (output, [.. columns], redact);
        output.WriteHeading(System.Text.Encoding.UTF8.GetBytes(string.Join(',', columns.Select(column => column.Name)) + "\n"));
    }

    /// <summary>The usual columns.</summary>
    public static IReadOnlyList<CaptureField> UsualColumns { get; } =
        [.. new[] { "number", "frame", "time.epoch", "ip.src", "tcp.srcport", "ip.dst", "tcp.dstport", "client", "type", "topic", "qos", "retain", "dup", "id", "len", "payload", "code", "response", "finding" }
            .Select(name => CaptureFields.Find(name)!)];

    /// <inheritdoc/>
    public void OnPacket(in ObservedPacket packet, PacketContext context)
    {
        _used = 0;
        for (int i = 0; i < _columns.Length; i++)
        {
            if (i > 0) Put((byte)',');
            CaptureField column = _columns[i];
            if (_redact && column.IsPrivate) continue;
            for (int j = 0; column.Get(packet, context, j, out FieldValue value); j++)
            {
                if (j > 0) Put((byte)';');
                Write(column, value);
            }
        }
        Put((byte)'\n');
        _output.Write(_row.AsSpan(0, _used));
    }

    private void Write(CaptureField column, in FieldValue value)
    {
        if (value.Address is { } address)
        {
            Span<byte> text = Reserve(48);
            address.TryFormat(text, out int count);
            _used += count;
        }
        else if (!value.HasNumber) WriteText(value.Bytes);
        else if (column.Names.Count > 0 && column.Kind == FieldKind.Name && column.Name == "type") WriteText(CaptureFields.TypeName((Protocol.PacketType)value.Number));
        else WriteNumber(value.Number);
    }

    private void WriteNumber(double number)
    {
        Span<byte> text = Reserve(40);
        int count;
        if (number == (long)number) Utf8Formatter.TryFormat((long)number, text, out count);
        else Utf8Formatter.TryFormat(number, text, out count, new System.Buffers.StandardFormat('F', 6));
        _used += count;
    }

    private void WriteText(ReadOnlySpan<byte> text)
    {
        if (!Readable.IsText(text))
        {
            int shown = Math.Min(text.Length, MostCellBytes);
            Convert.TryToHexString(text[..shown], Reserve(2 * shown), out int hex);
            _used += hex;
            return;
        }
        if (!text.ContainsAny(",\"\n\r;"u8))
        {
            text.CopyTo(Reserve(text.Length));
            _used += text.Length;
            return;
        }
        Put((byte)'"');
        foreach (byte b in text)
        {
            if (b == '"') Put(b);
            Put(b);
        }
        Put((byte)'"');
    }

    private void Put(byte value)
    {
        Reserve(1)[0] = value;
        _used++;
    }

    private Span<byte> Reserve(int count)
    {
        if (_row.Length - _used < count) Array.Resize(ref _row, Math.Max(2 * _row.Length, _used + count));
        return _row.AsSpan(_used);
    }
}
