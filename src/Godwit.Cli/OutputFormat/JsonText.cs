// Writes JSON exactly as mosquitto_sub does, whose library has its own ways: control characters as \u00xx, tabs behind names when indented,
// numbers with 15 digits or, where those do not suffice, 17. System.Text.Json's writer can do none of these.
using System.Buffers;
using System.Globalization;
using System.Text;

namespace Godwit.Cli.OutputFormat;

internal sealed class JsonText(ArrayBufferWriter<byte> output, bool pretty)
{
    private int _depth;
    private bool _needsComma;
    private bool _inArray;

    public void BeginObject()
    {
        BeginElement();
        output.Write("{"u8);
        if (pretty) output.Write("\n"u8);
        _depth++;
        _needsComma = false;
        _inArray = false;
    }

    public void EndObject(bool inArray = false)
    {
        _depth--;
        if (pretty)
        {
            if (_needsComma) output.Write("\n"u8);
            Indent();
        }
        output.Write("}"u8);
        _needsComma = true;
        _inArray = inArray;
    }

    public void BeginArray()
    {
        BeginElement();
        output.Write("["u8);
        _depth++;
        _needsComma = false;
        _inArray = true;
    }

    public void EndArray(bool inArray = false)
    {
        _depth--;
        output.Write("]"u8);
        _needsComma = true;
        _inArray = inArray;
    }

    public void Name(ReadOnlySpan<byte> name)
    {
        if (_needsComma) output.Write(pretty ? ",\n"u8 : ","u8);
        if (pretty) Indent();
        Quote(name);
        output.Write(pretty ? ":\t"u8 : ":"u8);
        _needsComma = false;
    }

    public void Text(ReadOnlySpan<byte> value)
    {
        BeginElement();
        Quote(value);
    }

    public void Text(string value) => Text(Encoding.UTF8.GetBytes(value));

    public void Number(double value)
    {
        BeginElement();
        Encoding.UTF8.GetBytes(FormatNumber(value), output);
    }

    /// <summary>true, false or null.</summary>
    public void Word(ReadOnlySpan<byte> word)
    {
        BeginElement();
        output.Write(word);
    }

    internal static string FormatNumber(double value)
    {
        string text = General(value, 15);
        double read = double.Parse(text, CultureInfo.InvariantCulture);
        double tolerance = Math.Max(Math.Abs(read), Math.Abs(value)) * double.BitIncrement(1) - Math.Max(Math.Abs(read), Math.Abs(value));
        return Math.Abs(read - value) <= tolerance ? text : General(value, 17);
    }

    // C's %.{digits}g.
    private static string General(double value, int digits)
    {
        string scientific = value.ToString($"E{digits - 1}", CultureInfo.InvariantCulture);
        int mark = scientific.IndexOf('E', StringComparison.Ordinal);
        int exponent = int.Parse(scientific.AsSpan(mark + 1), CultureInfo.InvariantCulture);
        if (exponent >= -4 && exponent < digits) return Trim(value.ToString($"F{digits - 1 - exponent}", CultureInfo.InvariantCulture));
        return $"{Trim(scientific[..mark])}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";

        static string Trim(string number) => number.Contains('.', StringComparison.Ordinal) ? number.TrimEnd('0').TrimEnd('.') : number;
    }

    private void BeginElement()
    {
        if (_inArray && _needsComma) output.Write(pretty ? ", "u8 : ","u8);
        _needsComma = true;
    }

    private void Quote(ReadOnlySpan<byte> value)
    {
        output.Write("\""u8);
        foreach (byte b in value)
        {
            switch (b)
            {
                case (byte)'"': output.Write("\\\""u8); break;
                case (byte)'\\': output.Write("\\\\"u8); break;
                case 8: output.Write("\\b"u8); break;
                case 9: output.Write("\\t"u8); break;
                case 10: output.Write("\\n"u8); break;
                case 12: output.Write("\\f"u8); break;
                case 13: output.Write("\\r"u8); break;
                case < 32: Encoding.UTF8.GetBytes($"\\u{(int)b:x4}", output); break;
                default: output.Write([b]); break;
            }
        }
        output.Write("\""u8);
    }

    private void Indent()
    {
        for (int i = 0; i < _depth; i++) output.Write("\t"u8);
    }
}
