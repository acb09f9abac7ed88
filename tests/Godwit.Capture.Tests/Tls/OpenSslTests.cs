// What SslStream cannot do: other suites, changes of keys, clients that refuse. The two ends are `openssl`, the proxy stands between them.
using System.Diagnostics;
using System.Net;
using System.Text;
using Godwit.Capture.Layers;
using Godwit.Capture.Proxy;
using Godwit.Capture.Streams;
using Godwit.Capture.Tests.Tcp;
using Godwit.Capture.Tls;

namespace Godwit.Capture.Tests.Tls;

public sealed class OpenSslTests : IAsyncLifetime, IDisposable, IProxyObserver
{
    private const string Psk = "-psk 0123456789abcdef";

    private readonly string _directory = Directory.CreateTempSubdirectory("godwit-tls-").FullName;
    private readonly RecordedStreams _content = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Process> _processes = [];
    private readonly List<StreamConnection> _connections = [];
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StreamProxy? _proxy;
    private Task _running = Task.CompletedTask;

    private string KeyLog => Path.Combine(_directory, "keys.log");

    [Theory]
    [InlineData("-tls1_2 -cipher DHE-RSA-AES256-GCM-SHA384", "")]
    [InlineData("-tls1_2 -cipher DHE-RSA-CHACHA20-POLY1305", "")]
    [InlineData("-tls1_2 -cipher DHE-RSA-AES256-SHA256 -no_etm", "")]
    [InlineData("-tls1_2 -cipher ECDHE-RSA-AES128-SHA -no_etm", "")]
    [InlineData("-tls1_2 -cipher ECDHE-RSA-AES256-SHA384 -no_etm", "")]
    [InlineData("-tls1_2 -cipher PSK-AES128-GCM-SHA256 " + Psk, "-nocert " + Psk)]
    [InlineData("-tls1_2 -cipher PSK-AES256-CBC-SHA384 " + Psk, "-nocert " + Psk)]
    [InlineData("-tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256 -groups P-521:X25519", "-groups X25519")] // the server asks for another hello
    public async Task OpenSsl_OtherSuites_BothSidesAreDecrypted(string client, string server)
    {
        await StartAsync(server);
        Process s_client = Client($"{client} -quiet");

        await s_client.StandardInput.WriteLineAsync("hello broker");
        Assert.Equal("rekorb olleh", await s_client.StandardOutput.ReadLineAsync());
        s_client.StandardInput.Close();
        await EndAsync(s_client);

        Assert.Equal("hello broker\n", _content.Single.TextOf(Side.Initiator));
        Assert.Equal("rekorb olleh\n", _content.Single.TextOf(Side.Responder));
    }

    [Fact]
    public async Task OpenSsl_KeysAreChanged_IsDecryptedFurther()
    {
        await StartAsync("");
        Process s_client = Client("-tls1_3");

        foreach (string line in new[] { "one", "two", "three" })
        {
            await s_client.StandardInput.WriteLineAsync(line);
            await AnswerAsync(s_client, string.Concat(line.Reverse()));
            await s_client.StandardInput.WriteLineAsync(line == "one" ? "k" : "K"); // alone, or asking the server to do the same
            await AnswerAsync(s_client, "KEYUPDATE");
        }
        await s_client.StandardInput.WriteLineAsync("four");
        await AnswerAsync(s_client, "ruof");
        s_client.StandardInput.Close();
        await EndAsync(s_client);

        Assert.Equal("one\ntwo\nthree\nfour\n", _content.Single.TextOf(Side.Initiator));
        Assert.Equal("eno\nowt\neerht\nruof\n", _content.Single.TextOf(Side.Responder));
        Assert.DoesNotContain(_connections[0].Layers!.Remarks, remark => remark.Kind == LayerRemarkKind.Lost);
    }

    [Theory]
    [InlineData("-tls1_2", true, "TLS alert")]
    [InlineData("-tls1_2", false, "TLS alert")]
    [InlineData("-tls1_3", true, "unknown_ca")]
    [InlineData("-tls1_3", false, "unknown_ca")] // OpenSSL sends it before it encrypts
    public async Task OpenSsl_ClientRefusesTheCertificate_IsSaid(string version, bool logsKeys, string words)
    {
        await StartAsync("");
        Process s_client = Client($"{version} -verify_return_error -CAfile other.pem -quiet", logsKeys);

        s_client.StandardInput.Close();
        await EndAsync(s_client);

        LayerRemark remark = Assert.Single(_connections[0].Layers!.Remarks, remark => remark.Kind == LayerRemarkKind.Ending);
        Assert.Equal(Side.Initiator, remark.From);
        Assert.Contains(words, remark.Sentence);
        Assert.False(_connections[0].Layers!.Tls!.IsEstablished);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        foreach (Process process in _processes)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
        Directory.Delete(_directory, recursive: true);
    }

    public void Dispose()
    {
        _proxy?.Dispose();
        _stop.Dispose();
    }

    void IProxyObserver.OnOpened(StreamConnection connection) => _connections.Add(connection);

    void IProxyObserver.OnClosed(StreamConnection connection, long fromClient, long fromHost, Side by, StreamEnd end, Arrival at) => _closed.TrySetResult();

    void IProxyObserver.OnFailed(IPEndPoint client, string sentence) => _closed.TrySetException(new InvalidOperationException(sentence));

    private async Task StartAsync(string arguments)
    {
        File.WriteAllText(Path.Combine(_directory, "server.pem"), TlsSession.RsaPem(withKey: true));
        File.WriteAllText(Path.Combine(_directory, "other.pem"), TlsSession.EcdsaCertificate.ExportCertificatePem());
        Process server = Run($"s_server -accept 127.0.0.1:0 -rev -cert server.pem {arguments}");
        string? line;
        do line = await server.StandardOutput.ReadLineAsync(); while (line?.StartsWith("ACCEPT", StringComparison.Ordinal) == false);
        var options = new ProxyOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), Host = "127.0.0.1", Port = IPEndPoint.Parse(line!["ACCEPT ".Length..]).Port };
        _proxy = new StreamProxy(options, new LayerStreams(_content, new TlsKeyLog(KeyLog)), this);
        _running = _proxy.RunAsync(_stop.Token);
    }

    private Process Client(string arguments, bool logsKeys = true) =>
        Run($"s_client -connect 127.0.0.1:{_proxy!.LocalEndPoint.Port} -servername broker.example {arguments} {(logsKeys ? $"-keylogfile {KeyLog}" : "")}");

    private Process Run(string arguments)
    {
        var process = Process.Start(new ProcessStartInfo("openssl", arguments)
        {
            WorkingDirectory = _directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
        })!;
        process.StandardInput.AutoFlush = true;
        _processes.Add(process);
        if (arguments.StartsWith("s_server", StringComparison.Ordinal) || arguments.Contains("-quiet", StringComparison.Ordinal)) process.BeginErrorReadLine();
        return process;
    }

    // Standard error has what happens to the connection, standard output what comes.
    private static async Task AnswerAsync(Process client, string expected)
    {
        StreamReader reader = expected == "KEYUPDATE" ? client.StandardError : client.StandardOutput;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await reader.ReadLineAsync(limit.Token) is { } line)
            if (line == expected) return;
        Assert.Fail($"{expected} did not come");
    }

    private async Task EndAsync(Process client)
    {
        if (!client.StartInfo.Arguments.Contains("-verify_return_error", StringComparison.Ordinal)) client.Kill();
        await client.WaitForExitAsync();
        await _closed.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
