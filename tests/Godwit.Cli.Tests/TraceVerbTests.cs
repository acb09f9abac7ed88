using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Godwit.Broker;
using Godwit.Capture;
using Godwit.Capture.Files;
using Godwit.Cli.CommandLine;
using Godwit.Cli.Verbs;
using Godwit.Transport;

namespace Godwit.Cli.Tests;

/// <summary>godwit trace, against brokers in this process.</summary>
public class TraceVerbTests
{
    [Fact]
    public async Task Trace_ClientByTls_IsShownInClearFromConnectToItsEnd()
    {
        using var certificates = new TestCertificates();
        var tls = new TlsServerOptions { Certificates = [new CertificateFiles(certificates.Make("server").File)] };
        await using MqttBroker broker = await StartAsync(tls);
        string file = Path.Combine(Path.GetTempPath(), $"trace-{Guid.NewGuid():N}.pcapng");
        await using Run run = await Run.BeginAsync(broker, "--client", "press-7", "-v", "-w", file);

        CommandLineResult published = await CommandLineResult.RunAsync(
            "pub", "-p", $"{broker.EndPoints[1].Port}", "--cafile", certificates.CaFile, "-h", "localhost", "-i", "press-7", "-u", "ann", "-P", "secret", "-q", "1", "-t", "a/b", "-m", "in clear");
        await run.Output.WhenAsync("#1 over: client-disconnected");
        (int code, string output, string error) = await run.EndAsync();

        Assert.Equal((0, ""), (published.ExitCode, published.Error));
        Assert.Equal(0, code);
        foreach (string expected in new[] { "#1 connected from 127.0.0.1:", "press-7 ", " -> CONNECT ", " <- CONNACK ", " -> PUBLISH   a/b q1 ", "in clear", " <- PUBACK ", " -> DISCONNECT" })
            Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", output, StringComparison.Ordinal);
        Assert.EndsWith("5 packets of 1 connection; none was left out.\n", error, StringComparison.Ordinal);

        var analysis = new CaptureAnalysis();
        using (FrameSource source = CaptureFile.Open(file)) analysis.Run(source);
        Assert.Equal(5, analysis.Streams.Packets);
        Assert.DoesNotContain("secret", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)), StringComparison.Ordinal);
        File.Delete(file);
    }

    [Fact]
    public async Task Trace_Json_ChoosesByTopicAndByFilter()
    {
        await using MqttBroker broker = await StartAsync();
        await using Run run = await Run.BeginAsync(broker, "--topic", "a/+", "--where", "payload.len > 3", "--json", "-c", "1");

        foreach ((string topic, string message) in new[] { ("x", "long enough"), ("a/b", "no"), ("a/b", "long") })
            await CommandLineResult.RunAsync("pub", "-p", $"{broker.EndPoints[0].Port}", "-h", "127.0.0.1", "-t", topic, "-m", message);
        (int code, string output, _) = await run.ResultAsync();

        Assert.Equal(0, code);
        JsonNode packet = JsonNode.Parse(output)!;
        Assert.Equal(("a/b", "long", "client"), ((string?)packet["topic"], (string?)packet["payload"], (string?)packet["from"]));
    }

    [Fact]
    public async Task Trace_BrokerThatGoesAway_IsToldAndExits1()
    {
        await using MqttBroker broker = await StartAsync();
        await using Run run = await Run.BeginAsync(broker);

        await broker.DisposeAsync();
        (int code, _, string error) = await run.ResultAsync();

        Assert.Equal(1, code);
        Assert.Contains("godwit trace: The broker has gone away: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trace_PasswordsThatTheBrokerDoesNotShow_IsToldAndExits1()
    {
        await using MqttBroker broker = await StartAsync();

        CommandLineResult result = await CommandLineResult.RunAsync("trace", "-h", "127.0.0.1", "-p", $"{broker.EndPoints[0].Port}", "--show-passwords");

        Assert.Equal((1, "godwit trace: The broker says: This broker shows no passwords: its setting control.trace_passwords would allow it.\n"), (result.ExitCode, result.Error));
    }

    [Theory]
    [InlineData("--ring-size and --ring-files say how --write writes", "--ring-files", "2")]
    [InlineData("--ring-size: a file has 1M or more.", "--ring-size", "1000", "-w", "x.pcapng")]
    [InlineData("--where: ", "--where", "qos >")]
    public async Task Trace_OptionsThatDoNotGoTogether_AreRefused(string expected, params string[] options)
    {
        CommandLineResult result = await CommandLineResult.RunAsync(["trace", .. options]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Ring_FilesThatAreFull_MakeWayAndEachHasTheHead()
    {
        string directory = Directory.CreateTempSubdirectory("godwit-ring-").FullName;
        using (var ring = new RingFile(Path.Combine(directory, "trace.pcapng"), size: 30, files: 2))
        {
            ring.Write("head "u8);
            ring.EndHead();
            for (int i = 0; i < 7; i++) ring.Write(Encoding.UTF8.GetBytes($"record{i} {i}"));
        }

        string[] files = [.. Directory.GetFiles(directory).Order()];
        Assert.Equal(["head record4 4record5 5", "head record6 6"], files.Select(File.ReadAllText));
        Assert.Matches("trace_00003_[0-9]{14}.pcapng$", files[0]);
        Directory.Delete(directory, recursive: true);
    }

    private static async Task<MqttBroker> StartAsync(TlsServerOptions? tls = null)
    {
        var plain = new ListenerOptions(new IPEndPoint(IPAddress.Loopback, 0));
        return await MqttBroker.StartAsync(new BrokerOptions { Listeners = tls is null ? [plain] : [plain, plain with { Tls = tls }], Loops = 1 });
    }

    // A trace that goes on until it is told to end.
    private sealed class Run : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly StringWriter _error = new();
        private Task<int> _code = null!;

        public WatchedOutput Output { get; } = new();

        public static async Task<Run> BeginAsync(MqttBroker broker, params string[] options)
        {
            var run = new Run();
            var begun = new WatchedOutput();
            run._code = Runner.RunAsync(["trace", "-h", "127.0.0.1", "-p", $"{broker.EndPoints[0].Port}", .. options],
                new Terminal(new MemoryStream(), run.Output, new Told(run._error, begun)), run._stop.Token);
            await begun.WhenAsync("has begun");
            return run;
        }

        public async Task<(int Code, string Output, string Error)> ResultAsync() =>
            (await _code.WaitAsync(TimeSpan.FromSeconds(30)), Encoding.UTF8.GetString(Output.ToArray()), _error.ToString());

        public async Task<(int Code, string Output, string Error)> EndAsync()
        {
            await _stop.CancelAsync();
            return await ResultAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _code;
            _stop.Dispose();
            await Output.DisposeAsync();
            await _error.DisposeAsync();
        }
    }

    // Error lines, for somebody who waits for one too.
    private sealed class Told(StringWriter error, WatchedOutput also) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            error.Write($"{value}\n");
            also.Write(Encoding.UTF8.GetBytes(value ?? ""));
        }

        public override void Write(string? value) => error.Write(value);
    }
}
