// Whole runs against a real broker over loopback sockets, with few messages. What is asserted is that everything is counted; not how fast it was.
using Godwit.Broker;
using Godwit.Protocol;

namespace Godwit.Bench.Tests;

public class ScenarioTests
{
    public static TheoryData<ScenarioKind, QoS, ProtocolVersion, int, bool> MessageRuns
    {
        get
        {
            var runs = new TheoryData<ScenarioKind, QoS, ProtocolVersion, int, bool>();
            foreach (ScenarioKind scenario in new[] { ScenarioKind.PointToPoint, ScenarioKind.FanIn, ScenarioKind.FanOut, ScenarioKind.Shared })
                foreach (QoS qos in Enum.GetValues<QoS>())
                {
                    runs.Add(scenario, qos, ProtocolVersion.V311, 1, false);
                    runs.Add(scenario, qos, ProtocolVersion.V5, 2, false);
                    runs.Add(scenario, qos, ProtocolVersion.V5, 2, true);
                }
            return runs;
        }
    }

    [Theory, MemberData(nameof(MessageRuns))]
    public async Task Messages_AllScenarios_AreAllSentDeliveredAndChecked(ScenarioKind scenario, QoS qos, ProtocolVersion version, int threads, bool isOpenLoop)
    {
        await using MqttBroker broker = await Brokers.StartAsync();
        BenchOptions options = Brokers.Run(scenario, broker.EndPoints[0].Port) with
        {
            Version = version,
            QoS = qos,
            Threads = threads,
            Publishers = 6,
            Subscribers = scenario == ScenarioKind.PointToPoint ? null : 3,
            Messages = 1000,
            Rate = isOpenLoop ? 20_000 : null,
            WarmUp = TimeSpan.FromMilliseconds(10),
        };

        BenchReport report = await BenchRunner.RunAsync(options);

        int receivers = scenario is ScenarioKind.FanIn or ScenarioKind.FanOut ? 3 : 1;
        Assert.True(report.IsGood, TextReport.Write(report));
        Assert.Equal((1000, 1000 * receivers), (report.Figure("messages", "sent"), report.Figure("messages", "delivered")));
        Assert.Equal(1000 * receivers, report.Latencies[0].Summary.Count);
        Assert.Equal(1000 * receivers, report.Samples.Sum(sample => sample.Received));
        Assert.Equal(isOpenLoop, report.Latencies.Any(table => table.Key == "lateness"));
        if (scenario == ScenarioKind.Shared) Assert.InRange(report.Figure("members", "fewest"), 1, 334);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public async Task Messages_TooSmallForAllChecks_AreStillCounted(int payload)
    {
        await using MqttBroker broker = await Brokers.StartAsync();
        BenchOptions options = Brokers.Run(ScenarioKind.FanIn, broker.EndPoints[0].Port) with { PayloadSize = payload, Publishers = 4, Messages = 500, Window = 2 };

        BenchReport report = await BenchRunner.RunAsync(options);

        Assert.True(report.IsGood, TextReport.Write(report));
        Assert.Equal(500, report.Figure("messages", "delivered"));
        Assert.Contains(report.Notes, note => note.StartsWith("Payloads of less than 20 bytes", StringComparison.Ordinal));
        Assert.Equal(payload >= 8, report.Latencies[0].Key == "delivery");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connect_ManyAFewAtATime_AreAllAccepted(bool isOpenLoop)
    {
        await using MqttBroker broker = await Brokers.StartAsync();
        BenchOptions options = Brokers.Run(ScenarioKind.Connect, broker.EndPoints[0].Port) with
        {
            Messages = 300,
            Concurrency = 8,
            Threads = 2,
            Rate = isOpenLoop ? 5000 : null,
        };

        BenchReport report = await BenchRunner.RunAsync(options);

        Assert.True(report.IsGood, TextReport.Write(report));
        Assert.Equal((300, 300), (report.Figure("connects", "begun"), report.Figure("connects", "accepted")));
        Assert.Equal(300, report.Latencies[0].Summary.Count);
    }

    [Theory]
    [InlineData(QoS.AtMostOnce)]
    [InlineData(QoS.ExactlyOnce)]
    public async Task Retained_EverySubscriber_GetsEveryMessageOnceAndNothingIsLeft(QoS qos)
    {
        await using MqttBroker broker = await Brokers.StartAsync(new BrokerOptions { MaximumRetainedMessages = 300, SysInterval = TimeSpan.Zero });
        BenchOptions options = Brokers.Run(ScenarioKind.Retained, broker.EndPoints[0].Port) with
        {
            QoS = qos,
            Messages = 300,
            Publishers = 2,
            Subscribers = 4,
            Threads = 2,
            WarmUp = TimeSpan.FromMilliseconds(1),
        };

        // Had the first run left anything, the broker, which keeps no more, would have no room for the second one's.
        for (int run = 0; run < 2; run++)
        {
            BenchReport report = await BenchRunner.RunAsync(options);
            Assert.True(report.IsGood, TextReport.Write(report));
            Assert.Equal((1200, 4), (report.Figure("messages", "delivered"), report.Figure("messages", "complete")));
        }
    }

    [Theory]
    [InlineData(ProtocolVersion.V311, true)]
    [InlineData(ProtocolVersion.V5, false)]
    public async Task Reconnect_AllClients_ComeBackEachTime(ProtocolVersion version, bool cleanStart)
    {
        await using MqttBroker broker = await Brokers.StartAsync();
        BenchOptions options = Brokers.Run(ScenarioKind.Reconnect, broker.EndPoints[0].Port) with
        {
            Version = version,
            CleanStart = cleanStart,
            SessionExpiryInterval = cleanStart ? 0 : 60u,
            ClientIdPrefix = "storm",
            Publishers = 40,
            Storms = 3,
            Threads = 2,
            ConnectRate = 10_000,
        };

        BenchReport report = await BenchRunner.RunAsync(options);

        Assert.True(report.IsGood, TextReport.Write(report));
        Assert.Equal((3, 120), (report.Figure("storms", "storms"), report.Latencies[0].Summary.Count));
    }

    [Fact]
    public async Task Stop_InMidRun_ReportsWhatWasMeasured()
    {
        await using MqttBroker broker = await Brokers.StartAsync();
        using var stop = new CancellationTokenSource();
        BenchOptions options = Brokers.Run(ScenarioKind.PointToPoint, broker.EndPoints[0].Port) with { Publishers = 2, Duration = TimeSpan.FromHours(1) };

        BenchReport report = await BenchRunner.RunAsync(options, new AfterOne(stop.Cancel), stop.Token);

        Assert.True(report.WasInterrupted);
        Assert.True(report.IsGood, TextReport.Write(report));
        Assert.True(report.Figure("messages", "delivered") > 0);
    }

    // Told once a second that something has been measured.
    private sealed class AfterOne(Action action) : IProgress<BenchProgress>
    {
        public void Report(BenchProgress value) => action();
    }
}
