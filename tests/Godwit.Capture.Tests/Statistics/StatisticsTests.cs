using Godwit.Capture.Conversations;
using Godwit.Capture.Statistics;
using Godwit.Protocol;

namespace Godwit.Capture.Tests.Statistics;

public class StatisticsTests
{
    [Fact]
    public void Latencies_OfExchanges_AreCountedByKindAndClient()
    {
        CaptureStatistics figures = Read("connect", "connack", "publish1", "puback", "ping");
        Assert.Equal(100_000, figures.Latencies[(ExchangeKind.Puback, true)].Maximum);
        Assert.Equal(1, figures.Latencies[(ExchangeKind.Connect, true)].Count);
        Assert.Equal(1, figures.Clients.Entries["c"].Latencies[(ExchangeKind.Ping, true)].Count);
        Assert.Equal((1, 1), (figures.OfQoS(QoS.AtLeastOnce), figures.OfType(PacketType.Puback, isFromClient: false).Packets));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    [InlineData(0.99)]
    public void Distribution_Percentiles_AreWithinSixPercent(double fraction)
    {
        var distribution = new Distribution();
        for (long value = 1; value <= 100_000; value++) distribution.Add(value * 37);
        double exact = Math.Ceiling(fraction * 100_000) * 37;
        Assert.InRange(distribution.ValueAt(fraction), exact, exact * 1.0625);
        Assert.Equal((37, 3_700_000), (distribution.Minimum, distribution.Maximum));
        Assert.Equal(100_000, distribution.Between(0, 1 << 30));
    }

    [Fact]
    public void Table_WithTooManyKeys_KeepsTheLargestAndCountsTheOthers()
    {
        var table = new TopTable<TableEntry>(100);
        for (int round = 0; round < 1000; round++)
        {
            table["often"].Packets++;
            table[$"once {round}"].Packets++;
        }
        Assert.InRange(table.Entries.Count, 1, 100);
        Assert.Equal("often", table.Largest.First().Key);
        Assert.Equal(1000, table.Entries["often"].Packets);
        Assert.Equal(2000, table.Entries.Values.Sum(entry => entry.Packets) + table.Others.Packets);
        Assert.True(table.Dropped > 0);
    }

    [Fact]
    public void Rates_OfALongTime_StayBounded()
    {
        var rates = new RateSeries();
        for (int second = 0; second < 10_000; second++) rates.Add(second * 1_000_000_000L, isFromClient: second % 5 == 0, isMessage: second % 2 == 0, bytes: 3);
        Assert.InRange(rates.Intervals.Length, 100, 1000);
        Interval all = default;
        foreach (Interval interval in rates.Intervals) all += interval;
        Assert.Equal(new Interval(2_000, 8_000, 5_000, 30_000), all);
    }

    [Theory]
    [InlineData(10, 10, 1)]
    [InlineData(21, 20, 2)]
    [InlineData(100, 20, 5)]
    [InlineData(999, 20, 50)]
    [InlineData(999, 100, 10)]
    public void Rates_InFewerIntervals_AreInRoundOnes(int milliseconds, int most, int width)
    {
        var rates = new RateSeries();
        for (int i = 0; i < milliseconds; i++) rates.Add(i * 1_000_000L, isFromClient: true, isMessage: false, bytes: 2);
        (TimeSpan interval, Interval[] intervals) = rates.In(most);
        Assert.Equal(TimeSpan.FromMilliseconds(width), interval);
        Assert.Equal((milliseconds + width - 1) / width, intervals.Length);
        Assert.Equal(new Interval(milliseconds, 0, 0, 2 * milliseconds), intervals.Aggregate((one, other) => one + other));
    }

    [Fact]
    public void Report_Topics_CanBePutTogetherByTheirFirstLevels()
    {
        CaptureStatistics figures = Read("connect", PacketCapture.Publish("plant/1/temp", "1"), PacketCapture.Publish("plant/2/temp", "1"), PacketCapture.Publish("other", "1"));
        StatisticsTable topics = StatisticsReport.Of(figures, top: 1, levels: 1).Tables.Single(table => table.Name == "topics");
        Assert.Equal([["plant/#", 2L], ["(others)", 1L]], topics.Rows.Select(row => row[..2]));
    }

    private static CaptureStatistics Read(params string[] steps)
    {
        using CaptureReader reader = CaptureReader.Open(new MemoryStream(PacketCapture.Of(steps)));
        reader.Run();
        return reader.Statistics!;
    }
}
