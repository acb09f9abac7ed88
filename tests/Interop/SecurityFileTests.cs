// The same password file and ACL file, under mosquitto and under godwit: mosquitto's tools get the same answers from both.
using Godwit.Interop.Tests.Cli;
using Godwit.Interop.Tests.Peers;
using Godwit.Testing;

namespace Godwit.Interop.Tests;

public sealed class SecurityFileTests : IDisposable
{
    private const string Acl = """
        topic read anon/#
        topic readwrite open/all
        user writer
        topic write #
        user alice
        topic deny plant/secret/#
        topic read plant/#
        topic write cmd/alice
        pattern write dev/%c/up
        pattern readwrite home/%u/#
        pattern read mid/pre-%u
        pattern deny home/%u/private
        user bob
        topic home/alice/private
        """;

    private static readonly string[] Topics =
    [
        "anon/x", "open/all", "plant/x", "plant", "plant/secret/k", "cmd/alice", "dev/d1/up", "dev/d2/up", "home/alice/x", "home/alice/private", "home/bob/x",
        "mid/pre-alice", "mid/pre-bob", "other",
    ];

    // User, password and client identifier; - for none.
    private static readonly (string User, string Password, string ClientId)[] Clients =
    [
        ("-", "-", "d1"), ("alice", "a", "d1"), ("alice", "a", "d+"), ("alice", "wrong", "d1"), ("alice", "-", "d1"), ("bob", "b", "d2"), ("stranger", "x", "d1"), ("x+y", "p", "d1"),
    ];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("godwit-interop-");

    private string Users => Path.Combine(_directory.FullName, "users");

    private string Rules => Path.Combine(_directory.FullName, "acl");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task Files_UnderBothBrokers_GiveTheSameAnswers()
    {
        await File.WriteAllTextAsync(Users, "");
        foreach ((string user, string password) in new[] { ("writer", "w"), ("alice", "a"), ("x+y", "p") }) // by their tool, the other one by ours
            Assert.Equal(0, (await RunAsync(Programs.MosquittoPasswd, "-b", Users, user, password)).ExitCode);
        Assert.Equal(0, (await RunAsync(GodwitProgram.Path, "passwd", "-b", "-I", "1000", Users, "bob", "b")).ExitCode);
        await File.WriteAllTextAsync(Rules, Acl);

        await using GodwitProcess godwit = await GodwitProcess.StartAsync("--password-file", Users, "--acl-file", Rules, "--allow-anonymous");
        await using MosquittoBroker mosquitto = await MosquittoBroker.StartAsync(_directory.FullName, $"password_file {Users}", $"acl_file {Rules}");
        string[][] answers = await Task.WhenAll(AskAsync(godwit.Port), AskAsync(mosquitto.Port));

        Assert.Equal(answers[1], answers[0]);
        Assert.Contains("publish alice d1 cmd/alice: 0", answers[0]);
        Assert.Contains("receive alice d1: home/alice/x mid/pre-alice plant plant/x", answers[0]);
    }

    private static async Task<string[]> AskAsync(int port)
    {
        var answers = new List<string>();
        foreach (string topic in Topics)
            Assert.Equal(0, (await ToolAsync("pub", port, ("writer", "w", "w"), "-t", topic, "-m", "x", "-r")).ExitCode);
        foreach ((string User, string Password, string ClientId) client in Clients)
        {
            string who = $"{client.User} {client.ClientId}";
            foreach (string topic in Topics)
            {
                ToolResult published = await ToolAsync("pub", port, client, "-t", topic, "-m", "x");
                answers.Add($"publish {who} {topic}: {published.ExitCode}{(published.Errors.Contains("Not authorized", StringComparison.Ordinal) ? " not authorized" : "")}");
                if (published.ExitCode != 0) break; // it was not let in
            }
        }
        // At the same time: each of them waits for a second for what may still come.
        answers.AddRange(await Task.WhenAll(Clients.Select(async client =>
        {
            ToolResult received = await ToolAsync("sub", port, client with { ClientId = client.ClientId + client.User }, "-t", "#", "-W", "1", "-F", "%t");
            string topics = string.Join(' ', received.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
            return $"receive {client.User} {client.ClientId}: {(topics.Length > 0 ? topics : received.ExitCode.ToString(System.Globalization.CultureInfo.InvariantCulture))}";
        })));
        return [.. answers];
    }

    private static Task<ToolResult> ToolAsync(string verb, int port, (string User, string Password, string ClientId) client, params string[] arguments)
    {
        List<string> all = ["-h", "127.0.0.1", "-p", $"{port}", "-V", "5", "-q", "1", "-i", client.ClientId, .. arguments];
        if (client.User != "-") all.AddRange(["-u", client.User]);
        if (client.Password != "-") all.AddRange(["-P", client.Password]);
        return RunAsync(Programs.MosquittoTool(verb), [.. all]);
    }

    private static async Task<ToolResult> RunAsync(string program, params string[] arguments)
    {
        await using var run = new ToolRun(program, arguments, null);
        return await run.ResultAsync();
    }
}
