using System.Globalization;

namespace Godwit.Cli.CommandLine;

/// <summary>Numbers with units, as people write them.</summary>
internal static class Units
{
    /// <summary>Bytes: 65536, 64K, 16M, 1G; a following B or iB changes nothing. Null if it is not a size.</summary>
    public static long? Size(string text)
    {
        string number = text.EndsWith("iB", StringComparison.OrdinalIgnoreCase) ? text[..^2] : text.TrimEnd('B', 'b');
        long unit = number.Length == 0 ? 1 : char.ToUpperInvariant(number[^1]) switch
        {
            'K' => 1L << 10,
            'M' => 1L << 20,
            'G' => 1L << 30,
            _ => 1,
        };
        if (unit > 1) number = number[..^1];
        return decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value) && value * unit <= long.MaxValue
            ? (long)(value * unit)
            : null;
    }

    /// <summary>Seconds, at most those of a year. Null if it is not a number of seconds.</summary>
    public static TimeSpan? Seconds(string text)
    {
        const double Year = 365 * 24 * 3600;
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value <= Year
            ? TimeSpan.FromSeconds(value)
            : null;
    }
}
