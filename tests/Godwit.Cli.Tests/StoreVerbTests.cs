using System.Text.Json;
using Godwit.Broker.Storage;
using Godwit.Storage;

namespace Godwit.Cli.Tests;

public sealed class StoreVerbTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("godwit-cli-").FullName;

    private string Data => Path.Combine(_directory, "data");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Check_SoundStore_SaysSo()
    {
        using SqliteStore store = Open();

        CommandLineResult result = await CommandLineResult.RunAsync("store", "check", Data);

        Assert.Equal((0, $"{Data}/godwit.db: version 2, no problems.\n", ""), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public async Task Check_Garbage_Exits1AndSaysWhatToDo()
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "godwit.db"), new string('x', 10_000));

        CommandLineResult result = await CommandLineResult.RunAsync("store", "check", Data);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("is damaged", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stats_Json_HasTheNumbers()
    {
        using SqliteStore store = Open();

        JsonElement stats = JsonDocument.Parse((await CommandLineResult.RunAsync("store", "stats", Data, "--json")).OutputBytes).RootElement;

        Assert.Equal((1, 1), (stats.GetProperty("sessions").GetInt32(), stats.GetProperty("retained").GetInt32()));
        Assert.Equal(0, stats.GetProperty("longest_queues").GetArrayLength());
    }

    [Fact]
    public async Task Stats_Text_FitsAPerson()
    {
        using SqliteStore store = Open();

        CommandLineResult result = await CommandLineResult.RunAsync("store", "stats", Data);

        Assert.Contains("sessions                     1, of which 0 connected\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BackupAndRestore_BringTheStoreToAnotherPlace()
    {
        string copy = Path.Combine(_directory, "copy");
        using (SqliteStore store = Open())
        {
            Assert.Equal(0, (await CommandLineResult.RunAsync("store", "backup", Data, copy)).ExitCode);
            CommandLineResult refused = await CommandLineResult.RunAsync("store", "restore", copy, Data, "--force");
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains($"is in use by process {Environment.ProcessId}", refused.Error, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await CommandLineResult.RunAsync("store", "restore", copy, Path.Combine(_directory, "other"))).ExitCode);
        Assert.Equal(0, (await CommandLineResult.RunAsync("store", "check", Path.Combine(_directory, "other"))).ExitCode);
        Assert.Contains("say --force", (await CommandLineResult.RunAsync("store", "restore", copy, Data)).Error, StringComparison.Ordinal);
        Assert.Equal(0, (await CommandLineResult.RunAsync("store", "restore", copy, Data, "--force")).ExitCode);
    }

    [Fact]
    public async Task ExportAndImport_GoThroughPipes()
    {
        Open().Dispose();

        CommandLineResult export = await CommandLineResult.RunAsync("store", "export", Data, "-");
        CommandLineResult import = await CommandLineResult.RunAsync(export.OutputBytes, default, "store", "import", "-", Path.Combine(_directory, "other"));

        Assert.Equal((0, 0), (export.ExitCode, import.ExitCode));
        Assert.Equal($"2 rows imported into {_directory}/other.\n", import.Output);
    }

    [Fact]
    public async Task Compact_StoppedStore_SaysWhatItGained()
    {
        Open().Dispose();

        Assert.Matches("^[0-9,]+ bytes before, [0-9,]+ after.\n$", (await CommandLineResult.RunAsync("store", "compact", Data)).Output);
    }

    private SqliteStore Open()
    {
        SqliteStore store = SqliteStore.Open(new SqliteStoreOptions { Directory = Data }, out _);
        store.Begin(isSynced: false);
        store.PutSession(new StoredSession(1, "client", null, 60, 0, 0, false, 0));
        store.PutRetained(new StoredMessage { Topic = "t"u8 });
        store.Commit();
        return store;
    }
}
