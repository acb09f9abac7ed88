// Runs against brokers that do wrong, are not there, or go away: each fault is counted as what it is, and no run hangs.
using System.Net;
using System.Net.Sockets;
using Godwit.Broker;
using Godwit.Broker.Auth;
using Godwit.Protocol;

namespace Godwit.Bench.Tests;

public class FaultTests
{
    private static readonly TimeSpan Impatient = TimeSpan.FromMilliseconds(500);

    [Fact]
    public async Task Checks_AFaultOfEachKind_IsCountedAsThat()
    {
        byte[]? held = null;
        await using var broker = new FaultyBroker
        {
            Relay = (number, packet) =>
            {
                switch (number)
                {
                    case 10: return []; // lost
                    case 20: return [packet, packet]; // repeated
                    case 30:
                        held = packet;
                        return [];
                    case 31: return [packet, held!]; // out of order
                    case 40:
                        packet[^1] ^= 1;
                        return [packet]; // damaged
                    default: return [packet];
                }
            },
        };
        BenchOptions options = Brokers.Run(ScenarioKind.PointToPoint, broker.Port) with { Publishers = 1, Messages = 100, Timeout = Impatient };

        BenchReport report = await BenchRunner.RunAsync(options);

        double[] counts = [.. new[] { "lost", "duplicates", "out_of_order", "corrupt" }.Select(key => report.Figure("checks", key))];
        Assert.Equal([2, 1, 1, 1], counts); // the damaged one is missing, too
        Assert.False(report.IsGood);
        Assert.Contains("Not everything was right", TextReport.Write(report), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(5000.0)]
    public async Task Loss_OfEverything_EndsTheRun(double? rate)
    {
        await using var broker = new FaultyBroker { Relay = (_, _) => [] };
        BenchOptions options = Brokers.Run(ScenarioKind.FanIn, broker.Port) with { Publishers = 3, Messages = 1000, Rate = rate, Window = 4, Timeout = Impatient };

        BenchReport report = await BenchRunner.RunAsync(options);

        Assert.Equal(0, report.Figure("messages", "delivered"));
        Assert.Equal(report.Figure("messages", "sent"), report.Figure("checks", "lost"));
        Assert.Contains(report.Notes, note => note.StartsWith("Given up after 0.5 s", StringComparison.Ordinal));
        if (rate is not null) Assert.Equal(1000, report.Figure("messages", "sent")); // an open loop keeps to its schedule
    }

    [Fact]
    public async Task Loss_OfHalf_DoesNotStopAClosedLoop()
    {
        await using var broker = new FaultyBroker { Relay = (number, packet) => number % 2 == 0 ? [packet] : [] };
        BenchOptions options = Brokers.Run(ScenarioKind.PointToPoint, broker.Port) with { Publishers = 1, Messages = 1001, Window = 4, Timeout = Impatient };

        BenchReport report = await BenchRunner.RunAsync(options);

        Assert.Equal((1001, 501, 500), (report.Figure("messages", "sent"), report.Figure("messages", "delivered"), report.Figure("checks", "lost")));
    }

    [Fact]
    public async Task Connection_LostInMidRun_IsCountedAndTheOthersGoOn()
    {
        await using var broker = new FaultyBroker { Relay = (_, _) => [], Cuts = number => number == 50 };
        BenchOptions options = Brokers.Run(ScenarioKind.FanIn, broker.Port) with { Publishers = 3, Messages = 600, Rate = 10_000, Timeout = Impatient };

        BenchReport report = await BenchRunner.RunAsync(options);

        Assert.Equal(1, report.Figure("connections", "lost"));
        Assert.InRange(report.Figure("messages", "sent"), 400, 600);
        Assert.Equal(600, report.Figure("messages", "sent") + report.Figure("checks", "unsent"));
        Assert.Contains(report.Notes, note => note.StartsWith("The first error:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task CONNACK_RefusedInPreparation_EndsTheRunWithItsCode()
    {
        await using var broker = new FaultyBroker { Connack = number => number == 3 ? (byte)5 : (byte)0 };

        var failure = await Assert.ThrowsAsync<BenchException>(() => BenchRunner.RunAsync(Brokers.Run(ScenarioKind.FanIn, broker.Port)));

        Assert.Equal(new ConnackCode(5, ProtocolVersion.V311), failure.Refusal);
        Assert.Contains("Not authorized (return code 5)", failure.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task CONNACK_NeverComes_EndsTheRun()
    {
        await using var broker = new FaultyBroker { Connack = _ => null };
        BenchOptions options = Brokers.Run(ScenarioKind.FanIn, broker.Port) with { Timeout = Impatient };

        var failure = await Assert.ThrowsAsync<BenchException>(() => BenchRunner.RunAsync(options));

        Assert.Contains("no CONNACK came in time", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_SomeRefused_AreCounted()
    {
        await using var broker = new FaultyBroker { Connack = number => (byte)(number % 4 == 1 ? 3 : 0) };
        BenchOptions options = Brokers.Run(ScenarioKind.Connect, broker.Port) with { Messages = 40, Concurrency = 1 };

        BenchReport report = await BenchRunner.RunAsync(options);

        Assert.Equal((30, 10), (report.Figure("connects", "accepted"), report.Figure("connects", "refused")));
        Assert.False(report.IsGood);
    }

    [Fact]
    public async Task Reconnect_SomeRefused_TryAgainUntilAllAreBack()
    {
        // The first ten are the preparation's.
        await using var broker = new FaultyBroker { Connack = number => (byte)(number is >= 10 and < 14 ? 3 : 0) };
        BenchOptions options = Brokers.Run(ScenarioKind.Reconnect, broker.Port) with { Publishers = 10 };

        BenchReport report = await BenchRunner.RunAsync(options);

        Assert.True(report.IsGood, TextReport.Write(report));
        Assert.Equal((4, 0), (report.Figure("storms", "refused"), report.Figure("storms", "missing")));
    }

    [Fact]
    public async Task Broker_IsNotThere_SaysSo()
    {
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // bound, but not listening
        int port = ((IPEndPoint)reserved.LocalEndPoint!).Port;

        var failure = await Assert.ThrowsAsync<BenchException>(() => BenchRunner.RunAsync(Brokers.Run(ScenarioKind.PointToPoint, port)));

        Assert.Equal($"127.0.0.1 port {port}: connection refused. Is a broker running there? `godwit broker` starts one.", failure.Message);
    }

    [Theory]
    [InlineData(ProtocolVersion.V311)]
    [InlineData(ProtocolVersion.V5)]
    public async Task SUBACK_Refused_EndsTheRun(ProtocolVersion version)
    {
        await using MqttBroker broker = await Brokers.StartAsync(new BrokerOptions { Authorizer = new NoSubscriptions() });
        BenchOptions options = Brokers.Run(ScenarioKind.FanOut, broker.EndPoints[0].Port) with { Version = version };

        var failure = await Assert.ThrowsAsync<BenchException>(() => BenchRunner.RunAsync(options));

        Assert.Contains("the broker refused the subscription", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CONNACK_MaximumQoSTooLow_EndsTheRun()
    {
        await using MqttBroker broker = await Brokers.StartAsync(new BrokerOptions { MaximumQoS = QoS.AtMostOnce });
        BenchOptions options = Brokers.Run(ScenarioKind.FanIn, broker.EndPoints[0].Port) with { Version = ProtocolVersion.V5, QoS = QoS.AtLeastOnce };

        var failure = await Assert.ThrowsAsync<BenchException>(() => BenchRunner.RunAsync(options));

        Assert.Contains("QoS 0 only", failure.Message, StringComparison.Ordinal);
    }

    private sealed class NoSubscriptions : IAuthorizer
    {
        public bool MayPublish(ClientIdentity client, ReadOnlySpan<byte> topic, QoS qos, bool retain) => true;

        public bool MaySubscribe(ClientIdentity client, ReadOnlySpan<byte> filter, SubscriptionOptions options) => false;
    }
}
