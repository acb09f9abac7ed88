// The fields of strftime(3) in the C locale, and @N. What strftime does not know it prints as it is.
using System.Globalization;

namespace Godwit.Cli.OutputFormat;

internal static class StrfTime
{
    /// <summary>One field.</summary>
    public static string Format(char letter, DateTimeOffset time) => letter switch
    {
        'a' => Text(time, "ddd"),
        'A' => Text(time, "dddd"),
        'b' or 'h' => Text(time, "MMM"),
        'B' => Text(time, "MMMM"),
        'c' => $"{Text(time, "ddd MMM")} {time.Day,2} {Text(time, "HH:mm:ss yyyy")}",
        'C' => $"{time.Year / 100:00}",
        'd' => Text(time, "dd"),
        'D' or 'x' => Text(time, "MM'/'dd'/'yy"),
        'e' => $"{time.Day,2}",
        'F' => Text(time, "yyyy-MM-dd"),
        'g' => $"{IsoYear(time) % 100:00}",
        'G' => $"{IsoYear(time)}",
        'H' => Text(time, "HH"),
        'I' => Text(time, "hh"),
        'j' => $"{time.DayOfYear:000}",
        'k' => $"{time.Hour,2}",
        'l' => $"{(time.Hour + 11) % 12 + 1,2}",
        'm' => Text(time, "MM"),
        'M' => Text(time, "mm"),
        'n' => "\n",
        'N' => Nanoseconds(time),
        'p' => time.Hour < 12 ? "AM" : "PM",
        'P' => time.Hour < 12 ? "am" : "pm",
        'r' => $"{Text(time, "hh:mm:ss")} {Format('p', time)}",
        'R' => Text(time, "HH:mm"),
        's' => $"{time.ToUnixTimeSeconds()}",
        'S' => Text(time, "ss"),
        't' => "\t",
        'T' or 'X' => Text(time, "HH:mm:ss"),
        'u' => $"{(time.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)time.DayOfWeek)}",
        'U' => $"{(time.DayOfYear + 6 - (int)time.DayOfWeek) / 7:00}",
        'V' => $"{ISOWeek.GetWeekOfYear(time.DateTime):00}",
        'w' => $"{(int)time.DayOfWeek}",
        'W' => $"{(time.DayOfYear + 6 - ((int)time.DayOfWeek + 6) % 7) / 7:00}",
        'y' => Text(time, "yy"),
        'Y' => $"{time.Year}",
        'z' => Offset(time),
        'Z' => ZoneName(time),
        '%' => "%",
        _ => $"%{letter}",
    };

    /// <summary>The nanoseconds of the second, nine digits; the clock's resolution is 100 of them.</summary>
    public static string Nanoseconds(DateTimeOffset time) => $"{time.Ticks % TimeSpan.TicksPerSecond * 100:000000000}";

    /// <summary>ISO 8601 as %I has it: 2016-08-10T09:47:38+0100.</summary>
    public static string Iso(DateTimeOffset time) => Text(time, "yyyy-MM-dd'T'HH:mm:ss") + Offset(time);

    /// <summary>The time stamp of %j: 2020-05-06T21:48:00.000000Z+0100.</summary>
    public static string JsonTimestamp(DateTimeOffset time) => Text(time, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'") + Offset(time);

    private static string Offset(DateTimeOffset time) => Text(time, "zzz").Replace(":", "", StringComparison.Ordinal);

    private static string ZoneName(DateTimeOffset time)
    {
        TimeZoneInfo zone = TimeZoneInfo.Local;
        if (zone.BaseUtcOffset == TimeSpan.Zero && !zone.SupportsDaylightSavingTime) return "UTC";
        return zone.IsDaylightSavingTime(time) ? zone.DaylightName : zone.StandardName;
    }

    private static int IsoYear(DateTimeOffset time) => ISOWeek.GetYear(time.DateTime);

    private static string Text(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);
}
