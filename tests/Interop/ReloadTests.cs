// SIGHUP to `godwit broker --config FILE`: what of a changed file is in force at once, what is not, and that a wrong one changes nothing.
using Godwit.Interop.Tests.Cli;
using Godwit.Interop.Tests.Peers;
using Godwit.Testing;

namespace Godwit.Interop.Tests;

public sealed class ReloadTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("godwit-interop-");

    private string Settings => Path.Combine(_directory.FullName, "godwit.yaml");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Hangup_ChangedFile_HoldsForTheNextClient()
    {
        await File.WriteAllTextAsync(Settings, "messages: {max_qos: 2}\n");
        await using GodwitProcess godwit = await GodwitProcess.StartAsync("-c", Settings);
        Assert.True(await IsAcceptedAsync(godwit.Port));

        await File.WriteAllTextAsync(Settings, "messages: {max_qos: 0}\nloops: {count: 3}\nlog: {level: debug}\n");
        Signals.Hangup(godwit.ProcessId);
        await godwit.LoggedAsync("Settings, users, rules and certificates have been read again (SIGHUP): log.level, messages.max_qos");
        await godwit.LoggedAsync("Changed, but in force only after a restart: loops.count.");

        Assert.False(await IsAcceptedAsync(godwit.Port));
        await godwit.LoggedAsync("Sending CONNACK"); // the log level has changed too

        await File.WriteAllTextAsync(Settings, "messages: {max_qos: 2}\nlgo: {}\n");
        Signals.Hangup(godwit.ProcessId);
        await godwit.LoggedAsync($"Not reloaded (SIGHUP), what was in force stays so: {Settings}:2:1: There is no section 'lgo'. Is it 'log'?");
        Assert.False(await IsAcceptedAsync(godwit.Port));
    }

    // mosquitto_pub is told the highest QoS by CONNACK, and says so; it exits with 0 all the same.
    private static async Task<bool> IsAcceptedAsync(int port)
    {
        await using var run = new ToolRun(Programs.MosquittoTool("pub"), ["-h", "127.0.0.1", "-p", $"{port}", "-V", "5", "-q", "1", "-t", "a", "-m", "x"], null);
        return !(await run.ResultAsync()).Errors.Contains("QoS not supported", StringComparison.Ordinal);
    }
}
