namespace Godwit.Bench.Tests;

public class RateSeriesTests
{
    [Theory]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(1000)]
    public void Samples_HoweverMany_AreFewAndAddUp(int count)
    {
        var series = new RateSeries(capacity: 8);
        for (int i = 0; i < count; i++)
            series.Add(new RateSample(TimeSpan.FromSeconds(i), TimeSpan.FromSeconds(1), Sent: i, Received: 2 * i, P99: i % 100));

        IReadOnlyList<RateSample> samples = series.Samples();

        Assert.InRange(samples.Count, Math.Min(count, 4), 8);
        Assert.Equal((long)count * (count - 1) / 2, samples.Sum(sample => sample.Sent));
        Assert.Equal(count, samples.Sum(sample => sample.Length.TotalSeconds));
        Assert.Equal(Math.Min(count - 1, 99), samples.Max(sample => sample.P99));
        Assert.All(samples.Zip(samples.Skip(1)), pair => Assert.Equal(pair.First.Start + pair.First.Length, pair.Second.Start));
    }

    [Fact]
    public void Samples_ShorterThanWanted_AreJoinedWithWhatFollows()
    {
        var series = new RateSeries();
        TimeSpan start = default;
        foreach (int length in new[] { 1, 2, 4, 10, 3 })
        {
            series.Add(new RateSample(start, TimeSpan.FromSeconds(length), Sent: length, Received: 0, P99: 0));
            start += TimeSpan.FromSeconds(length);
        }

        Assert.Equal([7L, 10, 3], series.Samples(TimeSpan.FromSeconds(5)).Select(sample => sample.Sent));
    }

    [Fact]
    public void Sample_Rate_IsCountOverLength()
    {
        var sample = new RateSample(default, TimeSpan.FromSeconds(2), Sent: 100, Received: 200, P99: 0);

        Assert.Equal((50, 100), (sample.SentPerSecond, sample.ReceivedPerSecond));
    }
}
