using Godwit.Protocol;

namespace Godwit.Bench.Tests;

public class OptionTests
{
    private static readonly BenchOptions Good = new() { Scenario = ScenarioKind.PointToPoint };

    public static TheoryData<string, BenchOptions> Wrong => new()
    {
        { "The version is", Good with { Version = ProtocolVersion.Unknown } },
        { "A password needs a user name", Good with { Password = "secret" } },
        { "The payload has", Good with { PayloadSize = -1 } },
        { "There are 1 to 1,000,000 clients", Good with { Publishers = 0 } },
        { "p2p has as many subscribers as publishers", Good with { Publishers = 2, Subscribers = 3 } },
        { "There is at least one message", Good with { Messages = 0 } },
        { "The duration is", Good with { Duration = TimeSpan.Zero } },
        { "The warm-up is", Good with { WarmUp = TimeSpan.FromSeconds(-1) } },
        { "The rate is", Good with { Rate = 0 } },
        { "The connect rate is", Good with { ConnectRate = -1 } },
        { "The window is", Good with { Window = 65_536 } },
        { "There are 1 to 64 threads", Good with { Threads = 65 } },
        { "At least one connection", Good with { Concurrency = 0 } },
        { "There are 1 to 1,000 storms", Good with { Storms = 0 } },
        { "The timeout is", Good with { Timeout = TimeSpan.Zero } },
        { "Each subscriber checks each publisher", Good with { Scenario = ScenarioKind.FanIn, Publishers = 100_000, Subscribers = 1000 } },
        { "There are at most 100,000,000 retained", Good with { Scenario = ScenarioKind.Retained, Messages = 100_000_001 } },
        { "Retained messages have payloads of at least 20 bytes", Good with { Scenario = ScenarioKind.Retained, PayloadSize = 19 } },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void Validate_AValueOutOfRange_SaysWhatIsAllowed(string message, BenchOptions options) =>
        Assert.StartsWith(message, Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);

    [Fact]
    public void Validate_DefaultsOfEachScenario_AreRight() =>
        Assert.All(Enum.GetValues<ScenarioKind>(), scenario => new BenchOptions { Scenario = scenario }.Validate());

    [Fact]
    public void ScenarioNames_EachOfThem_IsFoundAgain() =>
        Assert.Equal(Enum.GetValues<ScenarioKind>(), ScenarioNames.All.Select(name => ScenarioNames.Find(name)!.Value));
}
