namespace Godwit.Bench;

/// <summary>What a report tells of a histogram. Durations are nanoseconds.</summary>
/// <param name="Count">How many durations there are.</param>
/// <param name="Minimum">The shortest.</param>
/// <param name="Mean">The mean.</param>
/// <param name="P50">The median.</param>
/// <param name="P90">The 90th percentile.</param>
/// <param name="P99">The 99th percentile.</param>
/// <param name="P999">The 99.9th percentile.</param>
/// <param name="P9999">The 99.99th percentile.</param>
/// <param name="Maximum">The longest.</param>
public sealed record LatencySummary(
    long Count, long Minimum, double Mean, long P50, long P90, long P99, long P999, long P9999, long Maximum)
{
    private const int PointsPerDecade = 20;

    /// <summary>
    /// The curve of a percentile plot: durations at fractions that come closer to 1 by equal steps of log(1 / (1 - fraction)), up to the
    /// last fraction that the count supports.
    /// </summary>
    public required IReadOnlyList<(double Fraction, long Nanoseconds)> Curve { get; init; }

    /// <summary>Reads a histogram.</summary>
    public static LatencySummary Of(LatencyHistogram histogram)
    {
        var curve = new List<(double, long)>();
        if (histogram.Count > 0)
        {
            int points = (int)(Math.Log10(histogram.Count) * PointsPerDecade);
            for (int i = 0; i <= points; i++)
            {
                double fraction = 1 - Math.Pow(10, -(double)i / PointsPerDecade);
                curve.Add((fraction, histogram.ValueAt(fraction)));
            }
        }
        return new LatencySummary(
            histogram.Count, histogram.Minimum, histogram.Mean, histogram.ValueAt(0.5), histogram.ValueAt(0.9), histogram.ValueAt(0.99),
            histogram.ValueAt(0.999), histogram.ValueAt(0.9999), histogram.Maximum)
        { Curve = curve };
    }
}
