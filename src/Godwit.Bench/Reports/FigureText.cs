using System.Globalization;

namespace Godwit.Bench;

/// <summary>Figures as people read them, the same in all reports.</summary>
internal static class FigureText
{
    public static string Of(Figure figure) => figure.Unit switch
    {
        FigureUnit.Count => Number(figure.Value, 0),
        FigureUnit.Ratio => Number(figure.Value, 1),
        FigureUnit.PerSecond => $"{Number(figure.Value, figure.Value < 100 ? 1 : 0)} /s",
        FigureUnit.BytesPerSecond => Bytes(figure.Value) + "/s",
        FigureUnit.Percent => $"{Number(figure.Value, 1)} %",
        FigureUnit.Seconds => $"{Number(figure.Value, 3)} s",
        _ => $"{Number(figure.Value, figure.Value switch { < 10 => 3, < 100 => 2, _ => 1 })} us",
    };

    /// <summary>A duration with three digits in the unit that suits it.</summary>
    public static string Duration(double nanoseconds)
    {
        (double value, string unit) = nanoseconds switch
        {
            < 999.5 => (nanoseconds, "ns"),
            < 999_500 => (nanoseconds / 1e3, "us"),
            < 999_500_000 => (nanoseconds / 1e6, "ms"),
            _ => (nanoseconds / 1e9, "s"),
        };
        return $"{Number(value, unit == "ns" || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2)} {unit}";
    }

    public static string Number(double value, int decimals) => value.ToString($"N{decimals}", CultureInfo.InvariantCulture);

    private static string Bytes(double value) => value switch
    {
        < 1e3 => $"{Number(value, 0)} B",
        < 1e6 => $"{Number(value / 1e3, 1)} kB",
        < 1e9 => $"{Number(value / 1e6, 1)} MB",
        _ => $"{Number(value / 1e9, 2)} GB",
    };
}
