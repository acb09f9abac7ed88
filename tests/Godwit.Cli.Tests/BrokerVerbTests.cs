using System.Net;
using System.Net.Sockets;
using Godwit.Cli.Logging;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Godwit.Cli.Tests;

public class BrokerVerbTests
{
    [Fact]
    public async Task Broker_UserStops_Exits0()
    {
        using var stop = new CancellationTokenSource();
        Task<CommandLineResult> broker = CommandLineResult.RunAsync([], stop.Token, "broker", "-p", "0", "-q", "--loops", "1");
        await stop.CancelAsync();

        Assert.Equal((0, ""), ((await broker).ExitCode, (await broker).Error));
    }

    [Fact]
    public async Task Broker_PortInUse_SaysSoInOneLineAndExits1()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;

        CommandLineResult broker = await CommandLineResult.RunAsync("broker", "-p", $"{port}", "-q", "--loops", "1");

        Assert.Equal(1, broker.ExitCode);
        Assert.StartsWith($"godwit broker: Cannot listen on 127.0.0.1 port {port}: the port is in use.", broker.Error, StringComparison.Ordinal);
        Assert.Single(broker.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData(LogLevel.Information, false, "1700000000: New connection.\n")]
    [InlineData(LogLevel.Debug, true, "2023-11-14T22:13:20.000+00:00: New connection.\n")]
    [InlineData(LogLevel.Warning, false, "1700000000: Warning: New connection.\n")]
    [InlineData(LogLevel.Error, false, "1700000000: Error: New connection.\n")]
    public void Log_Line_IsLikeMosquittos(LogLevel level, bool iso, string expected)
    {
        var formatter = new LogFormatter(Options.Create(new LogFormatterOptions { IsIso = iso }), new ClockOf2023());
        using var output = new StringWriter();

        formatter.Write(new LogEntry<string>(level, "category", 0, "New connection.", null, (text, _) => text), null, output);

        Assert.Equal(expected, output.ToString());
    }

    private sealed class ClockOf2023 : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;
    }
}
