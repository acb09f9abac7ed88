// One mosquitto.conf with TLS, passwords and rules, unchanged under mosquitto and under godwit: the same clients get the same answers.
using System.Net;
using System.Net.Sockets;
using Godwit.Interop.Tests.Cli;
using Godwit.Interop.Tests.Peers;
using Godwit.Testing;

namespace Godwit.Interop.Tests;

public sealed class MosquittoConfTests : IDisposable
{
    private const string Acl = """
        topic read open/#
        user alice
        topic readwrite plant/#
        topic deny plant/secret
        pattern write dev/%c/up
        """;

    private static readonly string[] Topics = ["open/x", "plant/x", "plant/secret", "dev/c1/up", "dev/c2/up", "other"];

    // User, password and whether by TLS; - for none.
    private static readonly (string User, string Password, bool IsTls)[] Clients =
        [("alice", "a", false), ("alice", "a", true), ("alice", "wrong", true), ("stranger", "x", false), ("-", "-", false), ("-", "-", true)];

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("godwit-interop-");
    private readonly TestCertificates _certificates = new();

    public void Dispose()
    {
        _certificates.Dispose();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("allow_anonymous true")]
    [InlineData("")]
    public async Task Conf_UnderBothBrokers_GivesTheSameAnswers(string anonymous)
    {
        string users = Write("users", ""), rules = Write("acl", Acl);
        Assert.Equal(0, (await RunAsync(Programs.MosquittoPasswd, "-b", users, "alice", "a")).ExitCode);
        string certificate = _certificates.Make("localhost").File;
        int[] ports = FreePorts(2);
        string configuration = Write("mosquitto.conf", $"""
            user root
            {anonymous}
            password_file {users}
            acl_file {rules}
            max_inflight_messages 5
            listener {ports[0]} 127.0.0.1
            listener {ports[1]} 127.0.0.1
            certfile {certificate}
            keyfile {certificate}
            cafile {_certificates.CaFile}

            """);

        string[] expected, actual;
        await using (var mosquitto = new PeerProcess(Programs.Mosquitto, ["-c", configuration], null, line => new OutputLine("LOG", [line]), () => ""))
        {
            await mosquitto.EventAsync("LOG", line => line.EndsWith(" running", StringComparison.Ordinal));
            expected = await AskAsync(ports);
        }
        await using (var godwit = new PeerProcess(GodwitProgram.Path, ["broker", "-c", configuration], null, line => new OutputLine("LOG", [line]), () => ""))
        {
            await godwit.EventAsync("LOG", line => line.Contains($"Listening on tls://127.0.0.1:{ports[1]}", StringComparison.Ordinal));
            actual = await AskAsync(ports);
        }

        Assert.Equal(expected, actual);
        Assert.Contains("alice True plant/x: 0", actual);
    }

    private async Task<string[]> AskAsync(int[] ports) => await Task.WhenAll(
        from client in Clients
        from topic in Topics
        select AskAsync(client, topic, client.IsTls ? ports[1] : ports[0]));

    private async Task<string> AskAsync((string User, string Password, bool IsTls) client, string topic, int port)
    {
        List<string> arguments = ["-h", "127.0.0.1", "-p", $"{port}", "-V", "5", "-q", "1", "-i", $"c1{client.User}{client.IsTls}{topic.Replace('/', '-')}", "-t", topic, "-m", "x"];
        if (client.User != "-") arguments.AddRange(["-u", client.User, "-P", client.Password]);
        if (client.IsTls) arguments.AddRange(["--cafile", _certificates.CaFile]);
        ToolResult result = await RunAsync(Programs.MosquittoTool("pub"), [.. arguments]);
        return $"{client.User} {client.IsTls} {topic}: {result.ExitCode}{(result.Errors.Contains("Not authorized", StringComparison.Ordinal) ? " not authorized" : "")}";
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static int[] FreePorts(int count)
    {
        TcpListener[] free = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (TcpListener listener in free) listener.Start();
        int[] ports = [.. free.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        foreach (TcpListener listener in free) listener.Dispose();
        return ports;
    }

    private static async Task<ToolResult> RunAsync(string program, params string[] arguments)
    {
        await using var run = new ToolRun(program, arguments, null);
        return await run.ResultAsync();
    }
}
