using System.Text;
using System.Text.RegularExpressions;
using Godwit.Cli.CommandLine;
using Xunit;

namespace Godwit.Cli.Tests;

public sealed partial class ProxyVerbTests(BrokerFixture broker) : IClassFixture<BrokerFixture>
{
    [Fact]
    public async Task Proxy_ClientsOfABroker_AreServedAndRecorded()
    {
        string file = Path.GetTempFileName();
        using var stop = new CancellationTokenSource();
        using var output = new WatchedOutput();
        using var error = new StringWriter();
        Task<int> proxy = Runner.RunAsync(
            ["proxy", "--listen", "127.0.0.1:0", "--to", $"127.0.0.1:{broker.Port}", "-w", file], new Terminal(new MemoryStream(), output, error), stop.Token);
        await output.WhenAsync("passing on to");
        string port = Port().Match(Encoding.UTF8.GetString(output.ToArray())).Groups[1].Value;

        CommandLineResult published = await CommandLineResult.RunAsync("pub", "-p", port, "-t", "proxied/topic", "-m", "through the proxy", "-q", "1");
        await output.WhenAsync("#1 closed by");
        await stop.CancelAsync();

        Assert.Equal((0, 0, ""), (published.ExitCode, await proxy, error.ToString()));
        Assert.Matches(@"#1 closed by the (client|broker) after \d+\.\d{3} s: \d+ bytes from the client, \d+ from the broker", Encoding.UTF8.GetString(output.ToArray()));
        Assert.Contains("through the proxy", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)));
        File.Delete(file);
    }

    [Fact]
    public async Task Proxy_PortInUse_SaysSo()
    {
        CommandLineResult result = await CommandLineResult.RunAsync("proxy", "--listen", $"127.0.0.1:{broker.Port}", "--to", "127.0.0.1:1");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("is in use by another program", result.Error);
    }

    [GeneratedRegex(@"Listening on 127\.0\.0\.1:(\d+)")]
    private static partial Regex Port();
}
