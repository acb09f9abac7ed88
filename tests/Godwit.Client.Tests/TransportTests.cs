// TLS and WebSocket against the broker of this product: what goes through, and what is said when it does not.
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Godwit.Broker;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Client.Tests;

public sealed class TransportTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

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
    public async Task PUBLISH_ByUri_ComesBack(string listener, string scheme)
    {
        await using MqttBroker broker = await StartAsync(listener);
        await using var client = new MqttClient(Options(broker, scheme));
        await client.ConnectAsync().Soon();
        await client.SubscribeAsync(new MqttSubscription("a", QoS.AtLeastOnce)).Soon();
        byte[] payload = [.. Enumerable.Range(0, 100_000).Select(i => (byte)i)];

        await client.PublishAsync("a", payload, QoS.AtLeastOnce).Soon();

        Assert.Equal(payload, (await client.NextAsync()).Payload.ToArray());
    }

    [Fact]
    public async Task Connection_Lost_ComesBackWithTheFilesAsTheyAreThen()
    {
        await using MqttBroker broker = await StartAsync("tls");
        string ca = _certificates.Write("own-ca.pem", File.ReadAllText(_certificates.CaFile));
        MqttClientOptions options = Options(broker, "mqtts") with { ClientId = "c", Version = ProtocolVersion.V311 };
        await using var client = new MqttClient(options with
        {
            Tls = new TlsClientOptions { CaFiles = [ca] },
            Reconnect = new ReconnectOptions { InitialDelay = TimeSpan.FromMilliseconds(10), MaximumDelay = TimeSpan.FromMilliseconds(20) },
        });
        await client.ConnectAsync().Soon();
        File.WriteAllText(ca, "no certificate");
        await using (var other = new MqttClient(options)) await other.ConnectAsync().Soon(); // takes the session over

        Disconnection failure = await FailedReconnectAsync(client);
        File.Copy(_certificates.CaFile, ca, overwrite: true);
        await client.PassAsync(ConnectionState.Connected);

        Assert.Contains("has no certificate in PEM form", failure.Detail);
    }

    [Theory]
    [InlineData("name", "is not for '127.0.0.1', but for elsewhere.example. Connect by one of these names.")]
    [InlineData("expired", "has expired on")]
    [InlineData("future", "is valid from")]
    [InlineData("stranger", "comes from an unknown authority (CN=Strangers 2). Its CA certificate must be in the CA file.")]
    [InlineData("revoked", "has been revoked.")]
    public async Task Certificate_NotGood_IsSaidWithTheServersName(string which, string words)
    {
        using var strangers = new TestCertificates("Strangers");
        (string file, X509Certificate2 certificate) = which switch
        {
            "name" => _certificates.Make("server", ["elsewhere.example"]),
            "expired" => _certificates.Make("server", from: -10, to: -1),
            "future" => _certificates.Make("server", from: 5),
            "stranger" => strangers.Make("server"),
            _ => _certificates.Make("server"),
        };
        await using MqttBroker broker = await StartAsync("tls", new TlsServerOptions { Certificates = [new CertificateFiles(file)] });
        string[] lists = which == "revoked" ? [_certificates.Revoke(certificate)] : [];
        MqttConnectException failure = await FailureAsync(Options(broker, "mqtts") with { Tls = new TlsClientOptions { CaFiles = [_certificates.CaFile], CrlFiles = lists } });

        Assert.Equal(ConnectFailure.TlsFailed, failure.Failure);
        Assert.StartsWith($"127.0.0.1 port {broker.EndPoints[0].Port}: the TLS handshake failed: the certificate of the server (CN=server, O=Tests) ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Certificate_OfAnotherName_IsTakenIfNobodyLooks(bool checksName, bool isInsecure)
    {
        await using MqttBroker broker = await StartAsync("tls", new TlsServerOptions { Certificates = [new CertificateFiles(_certificates.Make("server", ["elsewhere.example"]).File)] });
        TlsClientOptions tls = isInsecure ? new TlsClientOptions { IsInsecure = true } : new TlsClientOptions { CaFiles = [_certificates.CaFile], ChecksName = !checksName };
        await using var client = new MqttClient(Options(broker, "mqtts") with { Tls = tls });

        await client.ConnectAsync().Soon();
    }

    [Fact]
    public async Task Certificate_OfAnotherNameAndAuthority_IsNotTakenWithoutTheName()
    {
        using var strangers = new TestCertificates("Strangers");
        await using MqttBroker broker = await StartAsync("tls", new TlsServerOptions { Certificates = [new CertificateFiles(strangers.Make("server", ["elsewhere.example"]).File)] });

        MqttConnectException failure = await FailureAsync(Options(broker, "mqtts") with { Tls = new TlsClientOptions { CaFiles = [_certificates.CaFile], ChecksName = false } });

        Assert.Contains("comes from an unknown authority", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none", "client certificate")]
    [InlineData("expired", "certificate")]
    [InlineData("stranger", "certificate")]
    public async Task ClientCertificate_MissingOrRefused_IsTheCauseNamed(string which, string words)
    {
        using var strangers = new TestCertificates("Strangers");
        var server = new TlsServerOptions
        {
            Certificates = [new CertificateFiles(_certificates.Make("server").File)], ClientCertificates = ClientCertificates.Required, CaFiles = [_certificates.CaFile],
        };
        await using MqttBroker broker = await StartAsync("tls", server);
        CertificateFiles? own = which switch
        {
            "none" => null,
            "expired" => new CertificateFiles(_certificates.Make("me", from: -10, to: -1).File),
            _ => new CertificateFiles(strangers.Make("me").File),
        };

        MqttConnectException failure = await FailureAsync(Options(broker, "mqtts") with { Tls = new TlsClientOptions { CaFiles = [_certificates.CaFile], Certificate = own } });

        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tls", "mqtt", ConnectFailure.ClosedByServer, "the port expects TLS or WebSocket")]
    [InlineData("ws", "mqtt", ConnectFailure.ClosedByServer, "the port expects TLS or WebSocket")]
    [InlineData("tcp", "mqtts", ConnectFailure.TlsFailed, "Either this is a port without TLS, or the server requires a client certificate; its log says which.")]
    [InlineData("tcp", "ws", ConnectFailure.WebSocketFailed, "WebSocket")]
    [InlineData("tls", "wss", ConnectFailure.WebSocketFailed, "WebSocket")]
    [InlineData("wss", "mqtts", ConnectFailure.ClosedByServer, "closed the connection without answering CONNECT")]
    [InlineData("tls", "ws", ConnectFailure.WebSocketFailed, "This port speaks TLS. Use https:// or wss:// instead.")]
    public async Task Server_SpeaksAnotherProtocolThere_IsSuspected(string listener, string scheme, ConnectFailure kind, string words)
    {
        await using MqttBroker broker = await StartAsync(listener);

        MqttConnectException failure = await FailureAsync(Options(broker, scheme));

        Assert.Equal(kind, failure.Failure);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("15 03 03 00 02 02 0A", "it answers by TLS, so connect by TLS (mqtts://, wss://)")]
    [InlineData("'HTTP/1.1 400 Bad Request' 0D 0A 0D 0A", "it answers by HTTP (HTTP/1.1 400 Bad Request), so try WebSocket (ws://, wss://)")]
    public async Task CONNECT_AnsweredInAnotherProtocol_IsRecognised(string answer, string words)
    {
        var script = new Script();
        Task<ConnectResult> connecting = script.Client.ConnectAsync();
        script.Run();
        script.Send(answer);

        MqttConnectException failure = await Assert.ThrowsAsync<MqttConnectException>(() => connecting);

        Assert.Equal(ConnectFailure.ProtocolError, failure.Failure);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WebSocket_RefusedByTheServer_HasItsSentence()
    {
        await using MqttBroker broker = await StartAsync("ws");

        MqttConnectException failure = await FailureAsync(Options(broker, "ws") with { WebSocket = new WebSocketClientOptions(Path: "/elsewhere") });

        Assert.Equal(ConnectFailure.WebSocketFailed, failure.Failure);
        Assert.Contains("HTTP 404 Not Found: There is no MQTT at this path.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WebSocket_Request_HasHostAndHeaders()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using var client = new MqttClient(MqttClientOptions.FromUri($"ws://127.0.0.1:{port}/path?a=b") with
        {
            WebSocket = new WebSocketClientOptions(Path: "/path?a=b") { Headers = new Dictionary<string, string> { ["Authorization"] = "Bearer x" } },
        });
        Task connecting = client.ConnectAsync();
        using Socket server = await listener.AcceptSocketAsync().Soon();
        var buffer = new byte[2000];
        int count = await server.ReceiveAsync(buffer).Soon();
        string request = System.Text.Encoding.ASCII.GetString(buffer, 0, count);
        server.Close();
        MqttConnectException failure = await Assert.ThrowsAsync<MqttConnectException>(() => connecting.Soon());

        Assert.StartsWith($"GET /path?a=b HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nAuthorization: Bearer x\r\n", request, StringComparison.Ordinal);
        Assert.Contains("closed the connection instead of answering the WebSocket request", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing.pem", null, "The CA certificate missing.pem cannot be read: there is no such file.")]
    [InlineData(null, "missing.pem", "The certificate missing.pem cannot be read: there is no such file.")]
    public async Task Files_ThatCannotBeUsed_AreNamed(string? ca, string? certificate, string words)
    {
        MqttConnectException failure = await FailureAsync(new MqttClientOptions
        {
            Tls = new TlsClientOptions { CaFiles = [ca ?? _certificates.CaFile], Certificate = certificate is null ? null : new CertificateFiles(certificate) },
        });

        Assert.Equal((ConnectFailure.TlsFailed, words), (failure.Failure, failure.Message));
    }

    [Fact]
    public void Options_ThatCannotBe_AreRefused()
    {
        var options = new MqttClientOptions();
        Assert.Contains("Connector", Refusal(options with { Connector = (_, _) => { }, Tls = new TlsClientOptions() }));
        Assert.Contains("a path", Refusal(options with { WebSocket = new WebSocketClientOptions(Path: "mqtt") }));
        Assert.Contains("headers", Refusal(options with { WebSocket = new WebSocketClientOptions { Headers = new Dictionary<string, string> { ["A"] = "b\r\nC: d" } } }));

        static string Refusal(MqttClientOptions options) => Assert.Throws<ArgumentException>(options.Validate).Message;
    }

    private Task<MqttBroker> StartAsync(string scheme, TlsServerOptions? tls = null) => MqttBroker.StartAsync(new BrokerOptions
    {
        Listeners = [ListenerUri.Parse($"{scheme}://127.0.0.1:0", tls ?? new TlsServerOptions { Certificates = [new CertificateFiles(_certificates.Make("server").File)] })],
        Loops = 1,
        SysInterval = TimeSpan.Zero,
    });

    private MqttClientOptions Options(MqttBroker broker, string scheme)
    {
        MqttClientOptions options = MqttClientOptions.FromUri($"{scheme}://127.0.0.1:{broker.EndPoints[0].Port}");
        return options.Tls is null ? options : options with { Tls = options.Tls with { CaFiles = [_certificates.CaFile] } };
    }

    private static async Task<Disconnection> FailedReconnectAsync(MqttClient client)
    {
        using var patience = new CancellationTokenSource(Clients.Patience);
        await foreach (ConnectionStateChange change in client.StateChanges(patience.Token))
        {
            if (change.Cause is { Reason: DisconnectReason.ConnectFailed } cause) return cause;
        }
        throw new InvalidOperationException("The client was closed.");
    }

    private static async Task<MqttConnectException> FailureAsync(MqttClientOptions options)
    {
        await using var client = new MqttClient(options);
        return await Assert.ThrowsAsync<MqttConnectException>(() => client.ConnectAsync().Soon());
    }
}
