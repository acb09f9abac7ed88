using System.Text.Json;

namespace Godwit.Cli.Tests;

public sealed class ConfigVerbTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("godwit-config-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Init_File_HasNoMistakesAndIsNotOverwritten()
    {
        string file = Path.Combine(_directory.FullName, "godwit.yaml");

        Assert.Equal(0, (await CommandLineResult.RunAsync("config", "init", file)).ExitCode);
        CommandLineResult check = await CommandLineResult.RunAsync("config", "check", file), again = await CommandLineResult.RunAsync("config", "init", file);

        Assert.Equal((0, $"{file}: no mistakes.\n"), (check.ExitCode, check.Output));
        Assert.Equal(2, again.ExitCode);
        Assert.Contains("cannot be written", again.Error);
    }

    [Fact]
    public async Task Check_Mistakes_AreListedAndExitWith2()
    {
        string file = Write("g.yaml", "limts: {}\nlog: {level: x}\n");

        CommandLineResult text = await CommandLineResult.RunAsync("config", "check", file), json = await CommandLineResult.RunAsync("config", "check", "--json", file);

        Assert.Equal((2, 2), (text.ExitCode, text.Output.Count(c => c == '\n')));
        Assert.Equal([1, 2], JsonDocument.Parse(json.Output).RootElement.GetProperty("problems").EnumerateArray().Select(p => p.GetProperty("line").GetInt32()));
    }

    [Fact]
    public async Task Show_EverySetting_SaysWhereItComesFrom()
    {
        string file = Write("g.yaml", "limits: {max_queued: 5, max_inflight: 6}\n");

        CommandLineResult result = await CommandLineResult.RunAsync("config", "show", "--json", "-c", file, "--max-queued", "7", "-p", "0");

        Assert.Equal(0, result.ExitCode);
        Dictionary<string, (string? Value, string Source, int Line)> settings = JsonDocument.Parse(result.Output).RootElement.EnumerateArray().ToDictionary(
            s => s.GetProperty("name").GetString()!, s => (s.GetProperty("value").GetString(), s.GetProperty("source").GetString()!, s.GetProperty("line").GetInt32()));
        Assert.Equal(("7", "--max-queued", 0), settings["limits.max_queued"]);
        Assert.Equal(("6", file, 1), settings["limits.max_inflight"]);
        Assert.Equal(("2", "default", 0), settings["messages.max_qos"]);
        Assert.Equal("--port", settings["listeners[0].listen"].Source);
    }

    [Fact]
    public async Task Import_OfMosquitto_IsYamlAndNotesBesideIt()
    {
        string file = Write("m.conf", "listener 1883\npid_file /x\n");

        CommandLineResult result = await CommandLineResult.RunAsync("config", "import", file);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("  - listen: 'tcp://*:1883'", result.Output);
        Assert.Contains($"{file}:2:1: note: No file with the process number is written", result.Error);
    }

    [Fact]
    public async Task Broker_Mistakes_AreAllNamed()
    {
        string file = Write("g.yaml", "limts: {}\nlog: {level: x}\n");

        CommandLineResult result = await CommandLineResult.RunAsync("broker", "-c", file);

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("godwit broker: There are 2 mistakes in the configuration.\n", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("What is to be done?", "config")]
    [InlineData("cannot be read", "config", "check", "/nonexistent.yaml")]
    [InlineData("only files of mosquitto are imported", "config", "import", "a.yaml")]
    public async Task Config_Wrong_SaysWhatIsWrongAndExits2(string expected, params string[] arguments)
    {
        CommandLineResult result = await CommandLineResult.RunAsync(arguments);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(expected, result.Error);
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
