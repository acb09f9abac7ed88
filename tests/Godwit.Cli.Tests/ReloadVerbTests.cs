using System.Net;
using Godwit.Broker;
using Godwit.Broker.Control;

namespace Godwit.Cli.Tests;

/// <summary>godwit reload, against a broker that does what the test says.</summary>
public class ReloadVerbTests
{
    private static readonly ReloadSummary Summary = new(["limits.max_queued"], ["loops.count"], ["127.0.0.1:1"], ["127.0.0.1:2"], 1, 2);

    [Fact]
    public async Task Reload_Done_SaysWhatHasChanged()
    {
        CommandLineResult result = await ReloadAsync(_ => Task.FromResult(Summary));

        Assert.Equal(
            "changed: limits.max_queued\nlistens on: 127.0.0.1:1\nno longer listens on: 127.0.0.1:2\n1 client may no longer be connected: disconnected\n"
            + "2 subscriptions no longer allowed: removed\nin force after a restart only: loops.count\n",
            result.Output);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task Reload_Json_HasTheSame()
    {
        CommandLineResult result = await ReloadAsync(_ => Task.FromResult(Summary), "--json");

        Assert.Equal(
            """{"changed":["limits.max_queued"],"needsRestart":["loops.count"],"opened":["127.0.0.1:1"],"closed":["127.0.0.1:2"],"disconnected":1,"unsubscribed":2}""" + "\n",
            result.Output);
    }

    [Fact]
    public async Task Reload_Failed_SaysWhyAndExits1()
    {
        CommandLineResult result = await ReloadAsync(_ => throw new InvalidOperationException("users:3:1: A line is USER:HASH."));

        Assert.Equal((1, "godwit reload: The broker says: users:3:1: A line is USER:HASH.\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task Reload_OfABrokerWithoutFiles_SaysSo()
    {
        CommandLineResult result = await ReloadAsync(null);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("no files to read again", result.Error, StringComparison.Ordinal);
    }

    private static async Task<CommandLineResult> ReloadAsync(Func<string, Task<ReloadSummary>>? reload, params string[] more)
    {
        await using MqttBroker broker = await MqttBroker.StartAsync(new BrokerOptions
        {
            Listeners = [new ListenerOptions(new IPEndPoint(IPAddress.Loopback, 0))],
            Loops = 1,
            OnReload = reload,
        });
        return await CommandLineResult.RunAsync(["reload", "-h", "127.0.0.1", "-p", $"{broker.EndPoints[0].Port}", .. more]);
    }
}
