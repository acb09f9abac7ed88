// Other people's clients by TLS and WebSocket, on listeners of their own and on one for everything.
using System.Diagnostics;
using Godwit.Broker;
using Godwit.Interop.Tests.Peers;
using Godwit.Protocol;
using Godwit.Testing;
using Godwit.Transport;

namespace Godwit.Interop.Tests;

public sealed class ListenerTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [InlineData(PeerKind.Mosquitto, "tls", "tls")]
    [InlineData(PeerKind.PahoPython, "tls", "tls")]
    [InlineData(PeerKind.PahoPython, "ws", "ws")]
    [InlineData(PeerKind.PahoPython, "wss", "wss")]
    [InlineData(PeerKind.MqttJs, "tls", "tls")]
    [InlineData(PeerKind.MqttJs, "ws", "ws")]
    [InlineData(PeerKind.MqttJs, "wss", "wss")]
    [InlineData(PeerKind.Mosquitto, "any", "tls")]
    [InlineData(PeerKind.Mosquitto, "any", "tcp")]
    [InlineData(PeerKind.PahoPython, "any", "ws")]
    [InlineData(PeerKind.MqttJs, "any", "wss")]
    public async Task PUBLISH_LargeAndSmall_ComeBackByEachTransport(PeerKind peer, string listener, string transport)
    {
        await using TestBroker broker = await StartAsync(listener, Server());
        string[] how = How(peer, transport);
        string file = _certificates.Write("payload", string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i:D6} ")));
        await using PeerProcess subscriber = await broker.SubscribeAsync(peer, ProtocolVersion.V5, ["filter=t", "qos=1", "until=2", .. how]);
        await broker.PublishAsync(peer, ProtocolVersion.V5, ["topic=t", "qos=1", $"file={file}", .. how]);
        await broker.PublishAsync(peer, ProtocolVersion.V311, ["topic=t", "qos=1", "payload=small", .. how]);

        IReadOnlyList<ReceivedMessage> messages = await subscriber.AllMessagesAsync();
        Assert.Equal([File.ReadAllText(file), "small"], messages.Select(message => System.Text.Encoding.ASCII.GetString(message.Payload)));
    }

    [Theory]
    [InlineData(PeerKind.Mosquitto)]
    [InlineData(PeerKind.PahoPython)]
    [InlineData(PeerKind.MqttJs)]
    public async Task CONNECT_WithClientCertificate_HasItsNameAsUserName(PeerKind peer)
    {
        TlsServerOptions tls = Server() with { ClientCertificates = ClientCertificates.Required, CaFiles = [_certificates.CaFile] };
        await using TestBroker broker = await StartAsync("tls", tls, CertificateUserName.CommonName);
        string own = _certificates.Make("sensor-7").File;
        await using PeerProcess client = broker.Start(peer, "connect", ProtocolVersion.V5, ["id=c", $"cert={own}", $"key={own}", .. How(peer, "tls")]);
        await client.SuccessAsync();

        Assert.Contains("u'sensor-7'", broker.Log);
    }

    [Fact]
    public async Task OpenSsl_Client_VerifiesTheChainAndTheProtocol()
    {
        await using TestBroker broker = await StartAsync("tls", Server());
        using Process client = OpenSsl(broker, "-servername", "localhost", "-CAfile", _certificates.CaFile, "-alpn", "mqtt", "-verify_return_error");
        client.StandardInput.Close();
        string output = await client.StandardOutput.ReadToEndAsync().WaitAsync(Limit);

        Assert.Contains("Verification: OK", output);
        Assert.Contains("ALPN protocol: mqtt", output);
    }

    [Fact]
    public async Task OpenSsl_ClientThatRenegotiates_IsClosed()
    {
        await using TestBroker broker = await StartAsync("tls", Server());
        using Process client = OpenSsl(broker, "-tls1_2", "-CAfile", _certificates.CaFile);
        while (await client.StandardOutput.ReadLineAsync().WaitAsync(Limit) is { } line && !line.Contains("Verify return code", StringComparison.Ordinal))
        {
        }
        await client.StandardInput.WriteAsync("R\n"); // s_client's command
        await client.StandardInput.FlushAsync();

        Assert.Contains("RENEGOTIATING", await client.StandardError.ReadToEndAsync().WaitAsync(Limit)); // it ends, although its input is open
        await client.WaitForExitAsync().WaitAsync(Limit);
        Assert.NotEqual(0, client.ExitCode);
        await broker.LoggedAsync("renegotiation");
    }

    private static Process OpenSsl(TestBroker broker, params string[] options) =>
        Process.Start(new ProcessStartInfo("openssl", ["s_client", "-connect", $"127.0.0.1:{broker.Port}", .. options])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;

    private static Task<TestBroker> StartAsync(string scheme, TlsServerOptions tls, CertificateUserName userName = CertificateUserName.None) =>
        TestBroker.StartAsync(listener: ListenerUri.Parse($"{scheme}://127.0.0.1:0", tls) with { UserName = userName });

    private TlsServerOptions Server() => new() { Certificates = [new CertificateFiles(_certificates.Make("server").File)] };

    private string[] How(PeerKind peer, string transport)
    {
        string[] ca = transport is "tls" or "wss" ? [$"ca={_certificates.CaFile}"] : [];
        return peer == PeerKind.Mosquitto ? ca : [$"transport={transport}", .. ca];
    }
}
