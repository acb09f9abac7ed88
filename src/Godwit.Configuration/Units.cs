using System.Globalization;
using System.Numerics;

namespace Godwit.Configuration;

/// <summary>Numbers with units, as people write them.</summary>
public static class Units
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

    /// <summary>Seconds, or minutes, hours or days with m, h or d behind the number; at most a hundred years. Null if it is none of these.</summary>
    public static TimeSpan? Duration(string text)
    {
        const double Most = 100 * 365 * 86_400.0;
        int unit = text.Length == 0 ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 };
        string number = unit == 0 ? text : text[..^1];
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value * Math.Max(unit, 1) <= Most
            ? TimeSpan.FromSeconds(value * Math.Max(unit, 1))
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

    /// <summary>Bytes as <see cref="Size"/> reads them, in the largest unit that leaves a whole number.</summary>
    public static string WriteSize(long bytes)
    {
        if (bytes == 0) return "0";
        int unit = Math.Min(BitOperations.TrailingZeroCount(bytes) / 10, 3);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes >> (10 * unit)}{"\0KMG"[unit]}").TrimEnd('\0');
    }
}
