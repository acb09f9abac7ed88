// The open loop's arithmetic: what is due when depends on the rate alone.
namespace Godwit.Bench.Tests;

public class ScheduleTests
{
    private const long Start = 1_000_000_000_000;

    [Fact]
    public void DueOf_PublishersTakeTurns_EvenlySpaced()
    {
        var schedule = new Schedule(Start, rate: 1000, publishers: 4);

        long[] due = [.. from sequence in Enumerable.Range(0, 3) from publisher in Enumerable.Range(0, 4) select schedule.DueOf(publisher, sequence) - Start];

        Assert.Equal(Enumerable.Range(0, 12).Select(i => i * 1_000_000L), due);
    }

    [Theory]
    [InlineData(3, 7)]
    [InlineData(1_000_000, 100)]
    [InlineData(999_999_937, 3)]
    public void DueOf_AfterAWeek_IsStillExact(double rate, int publishers)
    {
        var schedule = new Schedule(Start, rate, publishers);
        long sequence = (long)(rate * 7 * 24 * 3600 / publishers);

        decimal exact = Start + sequence * publishers * 1e9m / (decimal)rate;

        Assert.InRange(schedule.DueOf(0, sequence) - exact, -1000, 1000);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(20_000, 100)]
    public void Quotas_OfAllPublishers_AddUpAndEndTogether(int total, int publishers)
    {
        var schedule = new Schedule(Start, 1000, publishers);
        long[] shares = [.. Enumerable.Range(0, publishers).Select(i => Schedule.ShareOf(total, i, publishers))];

        Assert.Equal(total, shares.Sum());
        // The last messages are the last of the common schedule, so nobody sends after its end.
        long lastDue = Enumerable.Range(0, publishers).Where(i => shares[i] > 0).Max(i => schedule.DueOf(i, shares[i] - 1));
        Assert.Equal(Start + (total - 1) * 1_000_000L, lastDue);
    }

    [Fact]
    public void CountIn_DurationAndRate_IsTheirProductButNeverNothing()
    {
        Assert.Equal(50_000, Schedule.CountIn(TimeSpan.FromSeconds(2.5), 20_000));
        Assert.Equal(1, Schedule.CountIn(TimeSpan.FromMilliseconds(1), 1));
    }
}
