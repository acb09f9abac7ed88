// The histogram against the exact quantiles of the same values.
using FsCheck;
using FsCheck.Fluent;

namespace Godwit.Bench.Tests;

public class LatencyHistogramTests
{
    private static readonly double[] Fractions = [0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 0.9999, 1];

    [Fact]
    public void ValueAt_RandomDurations_IsTheExactQuantileOrAThousandthMore() => Check((values, _) =>
    {
        LatencyHistogram histogram = Of(values);
        long[] sorted = [.. values.Order()];
        return Fractions.All(fraction =>
        {
            long exact = sorted[Math.Max(1, (int)Math.Ceiling(fraction * sorted.Length)) - 1];
            long found = histogram.ValueAt(fraction);
            return found >= exact && found <= exact + exact / 1000;
        });
    });

    [Fact]
    public void Add_TwoHistograms_IsTheHistogramOfAllDurations() => Check((first, second) =>
    {
        LatencyHistogram sum = Of(first);
        sum.Add(Of(second));
        LatencyHistogram all = Of([.. first, .. second]);
        return Same(sum, all);
    });

    [Fact]
    public void Clear_ThenRecord_IsAsNew() => Check((first, second) =>
    {
        LatencyHistogram used = Of(first);
        used.Clear();
        foreach (long value in second) used.Record(value);
        return Same(used, Of(second));
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2047)]
    [InlineData(2048)]
    [InlineData(1_000_000_000)]
    [InlineData(LatencyHistogram.Longest)]
    public void Record_OneDuration_IsEveryPercentile(long nanoseconds)
    {
        LatencyHistogram histogram = Of([nanoseconds]);

        Assert.All(Fractions, fraction => Assert.Equal(nanoseconds, histogram.ValueAt(fraction)));
        Assert.Equal((1, nanoseconds, nanoseconds), (histogram.Count, histogram.Minimum, histogram.Maximum));
        Assert.InRange(histogram.Mean, nanoseconds * 0.999, nanoseconds * 1.001);
    }

    [Fact]
    public void Record_OutOfRange_CountsAsTheNearestInRange()
    {
        LatencyHistogram histogram = Of([-5, long.MaxValue]);

        Assert.Equal((2, 0, LatencyHistogram.Longest), (histogram.Count, histogram.Minimum, histogram.Maximum));
    }

    [Fact]
    public void Empty_EverythingIsZero()
    {
        var histogram = new LatencyHistogram();
        LatencySummary summary = LatencySummary.Of(histogram);

        Assert.Equal((0, 0, 0, 0.0), (histogram.Count, histogram.Minimum, histogram.ValueAt(0.5), histogram.Mean));
        Assert.Empty(summary.Curve);
    }

    [Fact]
    public void Curve_GrowsToTheLastFractionThatTheCountSupports()
    {
        LatencySummary summary = LatencySummary.Of(Of([.. Enumerable.Range(1, 100_000).Select(i => (long)i * 1000)]));

        Assert.Equal(0, summary.Curve[0].Fraction);
        Assert.Equal(0.99999, summary.Curve[^1].Fraction, 9);
        Assert.Equal(summary.Curve.OrderBy(point => point.Fraction).ThenBy(point => point.Nanoseconds), summary.Curve);
        long[] percentiles = [summary.P50, summary.P90, summary.P99, summary.P999, summary.P9999, summary.Maximum];
        long[] exact = [50_000_000, 90_000_000, 99_000_000, 99_900_000, 99_990_000, 100_000_000];
        Assert.All(percentiles.Zip(exact), pair => Assert.InRange(pair.First, pair.Second, pair.Second * 1001 / 1000));
    }

    private static LatencyHistogram Of(IEnumerable<long> values)
    {
        var histogram = new LatencyHistogram();
        foreach (long value in values) histogram.Record(value);
        return histogram;
    }

    private static bool Same(LatencyHistogram a, LatencyHistogram b) =>
        (a.Count, a.Minimum, a.Maximum) == (b.Count, b.Minimum, b.Maximum) && Fractions.All(fraction => a.ValueAt(fraction) == b.ValueAt(fraction));

    // Durations of all magnitudes: as many below a microsecond as around an hour.
    private static void Check(Func<long[], long[], bool> holds)
    {
        Gen<long> duration = from bits in Gen.Choose(0, 43)
                             from value in Gen.Choose(0, int.MaxValue)
                             select value % (1L << Math.Min(bits, 30)) << Math.Max(0, bits - 30);
        Arbitrary<long[]> durations = duration.NonEmptyListOf().Select(list => list.ToArray()).ToArbitrary();
        Prop.ForAll(durations, durations, holds).Check(Config.QuickThrowOnFailure.WithReplay(20_240_229, 5).WithMaxTest(60).WithEndSize(300));
    }
}
