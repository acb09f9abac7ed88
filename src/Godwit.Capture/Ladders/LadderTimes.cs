// Times as a ladder shows them: in the unit that leaves the fewest digits.
namespace Godwit.Capture.Ladders;

internal static class LadderTimes
{
    /// <summary>85 us, 1.2 ms, 60 s, 12 min, 3.5 h.</summary>
    public static string Text(TimeSpan time)
    {
        double seconds = time.TotalSeconds;
        return Math.Abs(seconds) switch
        {
            < 0.000_999_5 => $"{Digits(seconds * 1e6)} us",
            < 0.999_5 => $"{Digits(seconds * 1e3)} ms",
            < 119.5 => $"{Digits(seconds)} s",
            < 7170 => $"{Digits(seconds / 60)} min",
            _ => $"{Digits(seconds / 3600)} h",
        };
    }

    private static string Digits(double value) => value.ToString(Math.Abs(value) < 9.95 ? "0.#" : "0");
}
