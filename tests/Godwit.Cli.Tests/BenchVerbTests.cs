// godwit bench: what it prints, where it writes, how it exits. What it measures is the business of Godwit.Bench.Tests.
using System.Text.Json;

namespace Godwit.Cli.Tests;

public class BenchVerbTests(BrokerFixture broker) : IClassFixture<BrokerFixture>
{
    private static readonly string[] Short = ["-n", "200", "--warmup", "0"];

    [Fact]
    public async Task Bench_Text_EndsWithTheVerdict()
    {
        CommandLineResult result = await broker.RunAsync(["bench", "p2p", "--pairs", "2", "-q", "1", .. Short]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.StartsWith("p2p: 2 pairs, QoS 1, 64-byte payloads, closed loop with 16 under way each, MQTT 3.1.1\n", result.Output, StringComparison.Ordinal);
        Assert.EndsWith("\nNothing was lost, and nothing came twice, out of order or damaged.\n", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("messages", "p2p", "--pairs", "2", "-V", "5", "-q", "2", "-n", "50", "--warmup", "0")]
    [InlineData("messages", "fan-in", "--publishers", "5", "-n", "50", "--warmup", "0", "--rate", "5000")]
    [InlineData("messages", "fan-out", "--subscribers", "5", "-n", "50", "--warmup", "0", "--payload", "1K")]
    [InlineData("members", "shared", "--subscribers", "3", "-V", "5", "-n", "50", "--warmup", "0")]
    [InlineData("checks", "retained", "--subscribers", "2", "-n", "50", "--warmup", "0")]
    [InlineData("connects", "connect", "-n", "20", "--warmup", "0")]
    [InlineData("storms", "reconnect", "--clients", "5", "--storms", "2")]
    public async Task Bench_Json_IsOneObjectWithTheScenariosFigures(string section, params string[] arguments)
    {
        CommandLineResult result = await broker.RunAsync(["bench", .. arguments, "--json"]);

        JsonElement root = JsonDocument.Parse(result.Output).RootElement;
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal((arguments[0], true), (root.GetProperty("scenario").GetString(), root.GetProperty("ok").GetBoolean()));
        Assert.NotEmpty(root.GetProperty(section).EnumerateObject());
        Assert.NotEmpty(root.GetProperty("latency_us").EnumerateObject());
    }

    [Fact]
    public async Task Bench_Html_IsWrittenBesidesTheText()
    {
        string file = Path.Combine(Path.GetTempPath(), $"godwit-bench-{Guid.NewGuid():N}.html");
        try
        {
            CommandLineResult result = await broker.RunAsync(["bench", "fan-out", "--subscribers", "3", "--html", file, .. Short]);

            Assert.Equal(0, result.ExitCode);
            Assert.StartsWith("fan-out: ", result.Output, StringComparison.Ordinal);
            Assert.StartsWith("<!DOCTYPE html>", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Bench_Progress_IsALineEachSecond()
    {
        CommandLineResult result = await broker.RunAsync(
            "bench", "p2p", "--pairs", "1", "--rate", "100", "--duration", "1.05", "--warmup", "0", "--progress", "--json");

        Assert.Matches(@"^measuring +1 s: +\d+ out/s +\d+ in/s, \d+ under way, p99 \d+\.\d{3} ms(, generator \d+ %)?\n$", result.Error);
    }

    [Fact]
    public async Task Bench_MessagesAreLost_Exits28()
    {
        CommandLineResult result = await broker.RunAsync(["bench", "p2p", "--pairs", "2", "-V", "5", "-q", "1", "-t", "unwritable", "--timeout", "0.2", .. Short]);

        Assert.Equal(28, result.ExitCode);
        Assert.Contains("Not everything was right", result.Output, StringComparison.Ordinal);
        Assert.Contains("The first error: the broker refused a message: Not authorized (reason code 0x87).", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("311", 4, "Bad user name or password (return code 4)")]
    [InlineData("5", 134, "Bad User Name or Password (reason code 0x86)")]
    public async Task Bench_CONNECT_IsRefused_ExitsWithTheCode(string version, int code, string message)
    {
        foreach (string scenario in new[] { "p2p", "connect", "reconnect" })
        {
            CommandLineResult result = await broker.RunAsync("bench", scenario, "-u", "nobody", "-P", "x", "-V", version);

            Assert.Equal((code, ""), (result.ExitCode, result.Output));
            Assert.Contains(message, result.Error, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Bench_NobodyListens_SaysSoAndExits1()
    {
        CommandLineResult result = await CommandLineResult.RunAsync("bench", "p2p", "-h", "127.0.0.1", "-p", "1");

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Equal("godwit bench: 127.0.0.1 port 1: connection refused. Is a broker running there? `godwit broker` starts one.\n", result.Error);
    }

    [Fact]
    public async Task Bench_Stopped_ReportsWhatWasMeasured()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));

        CommandLineResult result = await CommandLineResult.RunAsync(
            [], stop.Token, "bench", "p2p", "-h", "127.0.0.1", "-p", broker.Port, "--pairs", "2", "--warmup", "0", "--duration", "60", "--json");

        JsonElement root = JsonDocument.Parse(result.Output).RootElement;
        Assert.Equal(0, result.ExitCode);
        Assert.True(root.GetProperty("interrupted").GetBoolean());
        Assert.True(root.GetProperty("messages").GetProperty("delivered").GetInt64() > 0);
        Assert.InRange(root.GetProperty("elapsed_s").GetDouble(), 0, 30);
    }
}
