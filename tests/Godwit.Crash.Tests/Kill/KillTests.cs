// kill -9 of the real program under load. GODWIT_CRASH_KILLS says how often; each round has a store of its own.
using System.Globalization;
using Xunit.Abstractions;

namespace Godwit.Crash.Tests.Kill;

public sealed class KillTests(ITestOutputHelper output, KillTests.Total total) : IClassFixture<KillTests.Total>
{
    private const int UsualKills = 15, KillsOfARound = 25;

    private static readonly int Kills =
        int.TryParse(Environment.GetEnvironmentVariable("GODWIT_CRASH_KILLS"), CultureInfo.InvariantCulture, out int kills) && kills > 0 ? kills : UsualKills;

    private static int Rounds => (Kills + KillsOfARound - 1) / KillsOfARound;

    public static TheoryData<int> RoundNumbers => [.. Enumerable.Range(1, Rounds)];

    [Theory]
    [MemberData(nameof(RoundNumbers))]
    [Statement("MQTT-4.1.0-1", "3.1.1")]
    [Statement("MQTT-4.3.2-2", "3.1.1")]
    [Statement("MQTT-4.3.3-2", "3.1.1")]
    [Statement("MQTT-4.4.0-1", "3.1.1")]
    [Statement("MQTT-4.6.0-5", "3.1.1")]
    public async Task Kill_AgainAndAgainUnderLoad_NothingAcknowledgedIsLostOrDoubled(int round)
    {
        int seed = Environment.TickCount + round;
        await using var run = new KillRun(seed);
        await run.RunAsync(Math.Min(KillsOfARound, Kills - (round - 1) * KillsOfARound));
        IReadOnlyList<string> errors = await run.FinishAsync();

        total.Figures += run.Figures;
        if (++total.Rounds == Rounds) output.WriteLine($"report: kill -9: {total.Figures}");
        Assert.True(errors.Count == 0, $"{run.Figures}; seed {seed}\n{string.Join('\n', errors)}");
        Assert.True(run.Figures.Published > run.Figures.Kills, "Nothing was tried.");
    }

    /// <summary>The figures of all rounds.</summary>
    public sealed class Total
    {
        internal KillFigures Figures { get; set; } = new();

        internal int Rounds { get; set; }
    }
}
