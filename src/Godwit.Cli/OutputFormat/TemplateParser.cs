// Reads a -F template into pieces, once, and refuses what mosquitto_sub refuses.
using Godwit.Cli.CommandLine;

namespace Godwit.Cli.OutputFormat;

internal enum PieceKind
{
    Text,
    Conversion,
    Time,
}

/// <summary>A part of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Letter">The letter of a conversion or time field.</param>
/// <param name="Text">The text to print.</param>
/// <param name="IsLeft">Flag -: pad on the right.</param>
/// <param name="Pad">What to pad with: a blank, or a zero with flag 0.</param>
/// <param name="Width">The least width in bytes; 0 for none.</param>
/// <param name="Precision">The largest width in bytes.</param>
internal sealed record Piece(
    PieceKind Kind, byte Letter, byte[] Text, bool IsLeft = false, byte Pad = (byte)' ', int Width = 0, int Precision = int.MaxValue);

internal ref struct TemplateParser
{
    // A wider field would only be a mistake (and a way to fill the memory).
    private const int LargestWidth = 1_000_000;

    private readonly ReadOnlySpan<byte> _template;
    private readonly List<Piece> _pieces = [];
    private readonly List<byte> _text = [];
    private int _next;

    private TemplateParser(ReadOnlySpan<byte> template) => _template = template;

    public static List<Piece> Parse(ReadOnlySpan<byte> template)
    {
        var parser = new TemplateParser(template);
        while (parser._next < template.Length) parser.ParsePiece();
        parser.EndText();
        return parser._pieces;
    }

    private void ParsePiece()
    {
        byte first = _template[_next++];
        switch (first)
        {
            case (byte)'%':
                ParseConversion();
                break;
            case (byte)'@':
                byte letter = Take("@ is followed by one of strftime's letters (@H), or by @");
                if (letter == '@') _text.Add(letter);
                else Add(new Piece(PieceKind.Time, letter, []));
                break;
            case (byte)'\\':
                _text.Add(Escape(Take(@"\ is followed by one of \ 0 a e n r t v")));
                break;
            default:
                _text.Add(first);
                break;
        }
    }

    private void ParseConversion()
    {
        const string Expected = "% is followed by [-][0][width][.precision] and a letter";
        byte next = Take(Expected);
        bool isLeft = next == '-';
        if (isLeft) next = Take(Expected);
        bool isZero = next == '0';
        if (isZero) next = Take(Expected);
        int width = TakeNumber(ref next, Expected);
        int precision = int.MaxValue;
        if (next == '.')
        {
            next = Take(Expected);
            precision = TakeNumber(ref next, Expected);
        }

        if (next == '%') _text.Add(next);
        else if ("ACDEFIJPRSUXjlmpqrtx"u8.Contains(next))
            Add(new Piece(PieceKind.Conversion, next, [], isLeft, isZero ? (byte)'0' : (byte)' ', width, precision));
        else throw new UsageException($"The format has no conversion '%{(char)next}': {Expected} of %ACDEFIJPRSUXjlmpqrtx.");
    }

    private int TakeNumber(ref byte next, string expected)
    {
        int number = 0;
        while (next is >= (byte)'0' and <= (byte)'9')
        {
            number = number * 10 + (next - '0');
            if (number > LargestWidth) throw new UsageException($"A width in the format is at most {LargestWidth}.");
            next = Take(expected);
        }
        return number;
    }

    private byte Take(string expected) =>
        _next < _template.Length ? _template[_next++] : throw new UsageException($"The format ends too early: {expected}.");

    private static byte Escape(byte letter) => (char)letter switch
    {
        '\\' => (byte)'\\',
        '0' => 0,
        'a' => 7,
        'e' => 27,
        'n' => 10,
        'r' => 13,
        't' => 9,
        'v' => 11,
        _ => throw new UsageException($@"The format has no escape '\{(char)letter}': there are \\ \0 \a \e \n \r \t \v."),
    };

    private readonly void Add(Piece piece)
    {
        EndText();
        _pieces.Add(piece);
    }

    private readonly void EndText()
    {
        if (_text.Count > 0) _pieces.Add(new Piece(PieceKind.Text, 0, [.. _text]));
        _text.Clear();
    }
}
