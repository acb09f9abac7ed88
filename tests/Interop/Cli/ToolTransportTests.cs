// godwit pub, sub and bench by TLS and WebSocket: against our own listeners, against mosquitto's, and with certificates that are not good, where
// both sides have to say why.
using System.Security.Cryptography.X509Certificates;
using Godwit.Broker;
using Godwit.Interop.Tests.Peers;
using Godwit.Testing;
using Godwit.Transport;

namespace Godwit.Interop.Tests.Cli;

public sealed class ToolTransportTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    private string Directory => Path.GetDirectoryName(_certificates.CaFile)!;

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [InlineData("tcp", "mqtt")]
    [InlineData("tls", "mqtts")]
    [InlineData("ws", "ws")]
    [InlineData("wss", "wss")]
    [InlineData("any", "mqtt")]
    [InlineData("any", "mqtts")]
    [InlineData("any", "ws")]
    [InlineData("any", "wss")]
    public async Task PubAndSub_ByEachTransport_MeetAtOurBroker(string listener, string scheme)
    {
        await using TestBroker broker = await StartAsync(listener, Server());
        string[] how = ["-L", $"{scheme}://127.0.0.1:{broker.Port}/room", .. scheme is "mqtts" or "wss" ? new[] { "--cafile", _certificates.CaFile } : []];

        await ExchangeAsync(how);
        ToolResult bench = await RunAsync(["bench", "p2p", "--pairs", "2", "-q", "1", "-n", "100", "--warmup", "0", .. how]);

        Assert.Equal((0, ""), (bench.ExitCode, bench.Errors));
    }

    [Theory]
    [InlineData("tls", "--cafile")]
    [InlineData("tls", "--capath")]
    [InlineData("ws", "--ws")]
    [InlineData("wss", "--cafile", "--ws")]
    public async Task PubAndSub_MeetAtMosquitto(string listener, params string[] options)
    {
        string own = _certificates.Make("server").File;
        string[] settings = [.. listener is "tls" or "wss" ? new[] { $"certfile {own}", $"keyfile {own}" } : [], .. listener is "ws" or "wss" ? new[] { "protocol websockets" } : []];
        await using MosquittoBroker broker = await MosquittoBroker.StartAsync(Directory, settings);
        string[] how = ["-h", "127.0.0.1", "-p", $"{broker.Port}", "-t", "room", .. options.SelectMany(option => option switch
        {
            "--cafile" => new[] { option, _certificates.CaFile },
            "--capath" => [option, Directory],
            _ => [option],
        })];

        await ExchangeAsync(how);
    }

    [Fact]
    public async Task PubAndSub_WithClientCertificate_MeetAtMosquittoAndAtOurBroker()
    {
        string own = _certificates.Make("server").File, me = _certificates.Make("me").File;
        await using MosquittoBroker mosquitto = await MosquittoBroker.StartAsync(Directory,
            [$"certfile {own}", $"keyfile {own}", $"cafile {_certificates.CaFile}", "require_certificate true"]);
        await using TestBroker broker = await StartAsync("tls", Server() with { ClientCertificates = ClientCertificates.Required, CaFiles = [_certificates.CaFile] });
        foreach (int port in new[] { mosquitto.Port, broker.Port })
        {
            string[] how = ["-h", "127.0.0.1", "-p", $"{port}", "-t", "room", "--cafile", _certificates.CaFile];
            await ExchangeAsync([.. how, "--cert", me, "--key", me]);
            ToolResult without = await RunAsync(["pub", .. how, "-m", "x"]);

            Assert.Equal(1, without.ExitCode);
            Assert.Contains("certificate", without.Errors);
        }
        await broker.LoggedAsync("the client has shown no certificate, but one is required.");
    }

    [Theory]
    [InlineData("expired", "has expired on")]
    [InlineData("future", "is valid from")]
    [InlineData("name", "is not for '127.0.0.1', but for elsewhere.example. Connect by one of these names.")]
    [InlineData("stranger", "comes from an unknown authority (CN=Strangers 2). Its CA certificate must be in the CA file.")]
    [InlineData("revoked", "has been revoked.")]
    public async Task ServerCertificate_NotGood_IsSaidByToolAndBroker(string which, string toolSays)
    {
        using var strangers = new TestCertificates("Strangers");
        (string file, X509Certificate2 certificate) = Make(which, strangers, ["elsewhere.example"]);
        await using TestBroker broker = await StartAsync("tls", new TlsServerOptions { Certificates = [new CertificateFiles(file)] });
        string[] list = which == "revoked" ? ["--crl", _certificates.Revoke(certificate)] : [];
        foreach (string[] verb in new string[][] { ["pub", "-m", "x", "-t", "a"], ["sub", "-t", "a"], ["bench", "p2p", "--pairs", "1"] })
        {
            ToolResult result = await RunAsync([.. verb, "-h", "127.0.0.1", "-p", $"{broker.Port}", "--cafile", _certificates.CaFile, .. list]);

            Assert.Equal((1, ""), (result.ExitCode, result.Output));
            Assert.Contains("the TLS handshake failed: the certificate of the server (CN=server, O=Tests) ", result.Errors);
            Assert.Contains(toolSays, result.Errors);
        }
        await broker.LoggedAsync("it did not send CONNECT after the TLS handshake; it may not trust the listener's certificate");
    }

    [Theory]
    [InlineData("expired", "has expired on")]
    [InlineData("stranger", "comes from an unknown authority (CN=Strangers 2)")]
    [InlineData("revoked", "has been revoked.")]
    public async Task ClientCertificate_NotGood_IsSaidByToolAndBroker(string which, string brokerSays)
    {
        using var strangers = new TestCertificates("Strangers");
        (string file, X509Certificate2 certificate) = Make(which, strangers, null);
        string list = which == "revoked" ? _certificates.Revoke(certificate) : _certificates.Revoke();
        await using TestBroker broker = await StartAsync("tls", Server() with
        {
            ClientCertificates = ClientCertificates.Required, CaFiles = [_certificates.CaFile], CrlFiles = [list],
        });
        ToolResult result = await RunAsync(["pub", "-h", "127.0.0.1", "-p", $"{broker.Port}", "--cafile", _certificates.CaFile, "--cert", file, "-t", "a", "-m", "x"]);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("certificate", result.Errors);
        await broker.LoggedAsync($"the TLS handshake failed: the certificate of the client (CN=server, O=Tests) {brokerSays}");
    }

    [Fact]
    public async Task PlainAndTls_Mixed_AreExplained()
    {
        string own = _certificates.Make("server").File;
        await using MosquittoBroker tls = await MosquittoBroker.StartAsync(Directory, [$"certfile {own}", $"keyfile {own}"]);
        await using MosquittoBroker plain = await MosquittoBroker.StartAsync(Directory, []);
        ToolResult plainClient = await RunAsync(["pub", "-h", "127.0.0.1", "-p", $"{tls.Port}", "-t", "a", "-m", "x"]);
        ToolResult tlsClient = await RunAsync(["pub", "-h", "127.0.0.1", "-p", $"{plain.Port}", "-t", "a", "-m", "x", "--cafile", _certificates.CaFile]);

        Assert.Equal((1, 1), (plainClient.ExitCode, tlsClient.ExitCode));
        Assert.Contains("TLS", plainClient.Errors);
        Assert.Contains("Either this is a port without TLS, or the server requires a client certificate; its log says which.", tlsClient.Errors);
    }

    private static async Task ExchangeAsync(string[] how)
    {
        ToolResult published = await RunAsync(["pub", .. how, "-m", "hello", "-r", "-q", "1"]);
        ToolResult received = await RunAsync(["sub", .. how, "-C", "1", "-W", "10", "-q", "1"]);

        Assert.Equal((0, "", ""), (published.ExitCode, published.Output, published.Errors));
        Assert.Equal((0, "hello\n", ""), (received.ExitCode, received.Output, received.Errors));
    }

    private static async Task<ToolResult> RunAsync(string[] arguments)
    {
        await using var run = new ToolRun(GodwitProgram.Path, arguments, null);
        return await run.ResultAsync();
    }

    private (string File, X509Certificate2 Certificate) Make(string which, TestCertificates strangers, string[]? otherName) => which switch
    {
        "name" => _certificates.Make("server", otherName),
        "expired" => _certificates.Make("server", from: -10, to: -1),
        "future" => _certificates.Make("server", from: 5),
        "stranger" => strangers.Make("server"),
        _ => _certificates.Make("server"),
    };

    private static Task<TestBroker> StartAsync(string scheme, TlsServerOptions tls) => TestBroker.StartAsync(listener: ListenerUri.Parse($"{scheme}://127.0.0.1:0", tls));

    private TlsServerOptions Server() => new() { Certificates = [new CertificateFiles(_certificates.Make("server").File)] };
}
