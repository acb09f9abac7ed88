// Numbers, sizes and times as people read them.
using System.Globalization;

namespace Godwit.Cli.Control;

internal static class Readable
{
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A number of things, with their name in the plural unless there is one.</summary>
    public static string Count(long count, string name) => $"{Count(count)} {name}{(count == 1 ? "" : "s")}";

    /// <summary>Bytes: 812, 1.2K, 64M.</summary>
    public static string Bytes(long bytes)
    {
        if (bytes < 1024) return bytes.ToString(CultureInfo.InvariantCulture);
        double value = bytes;
        int unit = -1;
        for (; value >= 1024 && unit < 3; unit++) value /= 1024;
        return value.ToString(value < 10 ? "0.#" : "0", CultureInfo.InvariantCulture) + "KMGT"[unit];
    }

    /// <summary>A time span in its two largest units: 3d 4h, 12s.</summary>
    public static string Span(TimeSpan span)
    {
        if (span < TimeSpan.Zero) span = TimeSpan.Zero; // two clocks
        (int Value, string Unit)[] units = [((int)span.TotalDays, "d"), (span.Hours, "h"), (span.Minutes, "m"), (span.Seconds, "s")];
        int first = Math.Max(0, Array.FindIndex(units, unit => unit.Value > 0));
        if (span < TimeSpan.FromSeconds(1)) first = units.Length - 1;
        return string.Join(' ', units.Skip(first).Take(2).Where((unit, i) => i == 0 || unit.Value > 0).Select(unit => $"{unit.Value}{unit.Unit}"));
    }

    /// <summary>How long ago a moment was.</summary>
    public static string Ago(DateTimeOffset moment) => $"{Span(TimeProvider.System.GetUtcNow() - moment)} ago";
}
