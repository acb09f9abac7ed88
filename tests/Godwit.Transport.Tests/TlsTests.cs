// TLS on both sides over TCP: what goes through, who is refused, and in what words.
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Godwit.Testing;

namespace Godwit.Transport.Tests;

public sealed class TlsTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [InlineData(TransportBackend.Automatic, SslProtocols.Tls12)]
    [InlineData(TransportBackend.Automatic, SslProtocols.Tls13)]
    [InlineData(TransportBackend.Sockets, SslProtocols.Tls13)]
    public async Task MebibytesBothWays_OverTls_ComeBackInOrder(TransportBackend backend, SslProtocols version)
    {
        await using var pair = new TlsPair(Server() with { MinimumVersion = version }, backend: backend, createServer: TestHandler.Echo);
        var sent = new byte[3_000_000];
        new Random(1).NextBytes(sent);
        var client = new TestHandler { Expected = sent.Length };
        TransportConnection connection = await pair.ConnectAsync(client, Client());
        await connection.DoAsync(c =>
        {
            for (int i = 0; i < 1000; i++) c.Write(sent.AsSpan(i * 1000, 1000));
            c.WriteReference(sent.AsMemory(1_000_000));
        });
        await client.Reached;

        Assert.True(sent.AsSpan().SequenceEqual(client.Bytes));
        TlsInfo tls = pair.ServerConnection!.Peer.Tls!;
        Assert.True(tls.Protocol >= version);
        Assert.Equal(("localhost", "mqtt"), (tls.ServerName, tls.ApplicationProtocol));
    }

    [Fact]
    public async Task WebSocketOverTls_MebibytesBothWays_ComeBackInOrder()
    {
        await using var pair = new TlsPair(Server(), new WebSocketServerOptions(), createServer: TestHandler.Echo);
        var sent = new byte[2_000_000];
        new Random(2).NextBytes(sent);
        var client = new TestHandler { Expected = sent.Length };
        TransportConnection connection = await pair.ConnectAsync(client, Client(), new WebSocketClientOptions("localhost"));
        await connection.DoAsync(c =>
        {
            for (int i = 0; i < 1000; i++) c.Write(sent.AsSpan(i * 1000, 1000));
            c.WriteReference(sent.AsMemory(1_000_000));
        });
        await client.Reached;

        Assert.True(sent.AsSpan().SequenceEqual(client.Bytes));
        Assert.Equal("mqtt", pair.ServerConnection!.Peer.WebSocket!.SubProtocol);
    }

    // Loops turned by hand: every record, frame and header is split in all places.
    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [InlineData(1000, true)]
    public async Task TlsAndWebSocket_SplitAnywhere_AreOneStream(int chunk, bool isWebSocket)
    {
        var layers = new LayerOptions { Tls = new TlsServer(Server()), WebSocket = isWebSocket ? new WebSocketServerOptions() : null };
        var how = new ConnectOptions { Tls = new TlsClient(Client()), WebSocket = isWebSocket ? new WebSocketClientOptions("localhost") : null };
        var pair = new LayeredPair(layers, chunk, TestHandler.Echo(), how);
        byte[] sent = [.. Enumerable.Range(0, 20_000).Select(i => (byte)(i * 7))];
        foreach (int size in new[] { 1, 2, 130, 3_000, 16_867 })
        {
            pair.Connection.Write(sent.AsSpan(pair.Client.Bytes.Length, size));
            pair.Run();
        }
        Assert.Equal(sent, pair.Client.Bytes);
        pair.Connection.Close();
        pair.Run();

        Assert.Equal(CloseReason.Remote, (await pair.Server.ClosedTask).Reason);
    }

    [Fact]
    public async Task MoveTo_WithTlsAndWebSocket_GoesOnThere()
    {
        var server = new TestHandler { Expected = 8 };
        await using var pair = new TlsPair(Server(), new WebSocketServerOptions(), createServer: () => server, loops: 2);
        var client = new TestHandler { Expected = 5 };
        TransportConnection connection = await pair.ConnectAsync(client, Client(), new WebSocketClientOptions("localhost"));
        TransportConnection accepted = await server.OpenedTask;
        EventLoop target = pair.Group.Loops.First(loop => loop != accepted.Loop);
        server.Moved = moved => moved.Write("moved"u8);
        await connection.DoAsync(c => c.Write("before, "u8));
        await server.Reached;
        await accepted.DoAsync(c => c.MoveTo(target));
        await client.Reached;

        Assert.Equal("moved", client.Text);
        Assert.Same(target, accepted.Loop);
    }

    [Fact]
    public async Task Close_InOrderAndCut_AreToldApart()
    {
        foreach (bool inOrder in new[] { true, false })
        {
            var server = new TestHandler();
            await using var pair = new TlsPair(Server(), createServer: () => server);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(pair.Address);
            await using var stream = new SslStream(new NetworkStream(socket), false, (_, certificate, _, _) => certificate is not null);
            await stream.AuthenticateAsClientAsync("localhost");
            await server.OpenedTask;
            if (inOrder) await stream.ShutdownAsync();
            else socket.Shutdown(SocketShutdown.Send);

            Assert.Equal(inOrder ? CloseReason.Remote : CloseReason.Reset, (await server.ClosedTask).Reason);
            Assert.Equal(0, inOrder ? await stream.ReadAsync(new byte[1]) : 0); // close_notify is answered
        }
    }

    [Fact]
    public async Task ClientCertificate_OfOurAuthority_IsAFactAboutThePeer()
    {
        await using var pair = new TlsPair(Server() with { ClientCertificates = ClientCertificates.Required, CaFiles = [_certificates.CaFile] });
        TransportConnection connection = await pair.ConnectAsync(new TestHandler(), Client() with { Certificate = new CertificateFiles(_certificates.Make("sensor-7").File) });
        await pair.ServerOpened();

        Assert.Equal("CN=sensor-7, O=Tests", pair.ServerConnection!.Peer.Tls!.ClientCertificate!.Subject);
        Assert.False(connection.IsClosing);
    }

    [Theory]
    [InlineData("none", ClientCertificates.Required, "has shown no certificate")]
    [InlineData("expired", ClientCertificates.Required, "has expired on")]
    [InlineData("future", ClientCertificates.Required, "is valid from")]
    [InlineData("stranger", ClientCertificates.Required, "unknown authority")]
    [InlineData("stranger", ClientCertificates.Optional, "unknown authority")]
    [InlineData("revoked", ClientCertificates.Optional, "has been revoked")]
    [InlineData("none", ClientCertificates.Optional, null)]
    [InlineData("good", ClientCertificates.Optional, null)]
    public async Task ClientCertificate_JudgedByTheServer_IsSaidInWords(string which, ClientCertificates mode, string? words)
    {
        using var strangers = new TestCertificates("Strangers");
        (string file, System.Security.Cryptography.X509Certificates.X509Certificate2 certificate) = which switch
        {
            "expired" => _certificates.Make("device", from: -10, to: -1),
            "future" => _certificates.Make("device", from: 5),
            "stranger" => strangers.Make("device"),
            _ => _certificates.Make("device"),
        };
        string list = which == "revoked" ? _certificates.Revoke(certificate) : _certificates.Revoke();
        await using var pair = new TlsPair(Server() with { ClientCertificates = mode, CaFiles = [_certificates.CaFile], CrlFiles = [list] });
        var client = new TestHandler();
        pair.Begin(client, Client() with { Certificate = which == "none" ? null : new CertificateFiles(file) });
        if (words is null)
        {
            await pair.ServerOpened();
            return;
        }
        await client.ClosedTask; // in TLS 1.3 the client may have been through already when it is refused

        await pair.LoggedAsync(words);
    }

    [Theory]
    [InlineData("name", "is not for 'localhost', but for elsewhere.example")]
    [InlineData("expired", "has expired on")]
    [InlineData("future", "is valid from")]
    [InlineData("stranger", "unknown authority")]
    [InlineData("revoked", "has been revoked")]
    public async Task ServerCertificate_JudgedByTheClient_IsSaidInWords(string which, string words)
    {
        using var strangers = new TestCertificates("Strangers");
        (string file, System.Security.Cryptography.X509Certificates.X509Certificate2 certificate) = which switch
        {
            "name" => _certificates.Make("server", ["elsewhere.example"]),
            "expired" => _certificates.Make("server", from: -10, to: -1),
            "future" => _certificates.Make("server", from: 5),
            "stranger" => strangers.Make("server"),
            _ => _certificates.Make("server"),
        };
        await using var pair = new TlsPair(new TlsServerOptions { Certificates = [new CertificateFiles(file)] });
        var client = new TestHandler();
        pair.Begin(client, Client() with { CrlFiles = which == "revoked" ? [_certificates.Revoke(certificate)] : [] });
        (CloseReason reason, Exception? error) = await client.ClosedTask;

        Assert.Equal(CloseReason.ConnectFailed, reason);
        Assert.Contains(words, Assert.IsType<TransportException>(error).Message);
    }

    [Fact]
    public async Task PlainClients_OnATlsListener_AreTold()
    {
        await using var pair = new TlsPair(Server());
        using var http = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await http.ConnectAsync(pair.Address);
        await http.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
        var answer = new byte[1000];
        int length = await http.ReceiveAsync(answer);
        using var mqtt = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await mqtt.ConnectAsync(pair.Address);
        await mqtt.SendAsync(Hex.Bytes("10 0C 00 04 4D 51 54 54 04 02 00 00 00 00"));

        Assert.Contains("This port speaks TLS.", Encoding.ASCII.GetString(answer, 0, length));
        await pair.LoggedAsync("plain MQTT on a TLS listener");
        await pair.LoggedAsync("plain HTTP or WebSocket on a TLS listener");
    }

    [Fact]
    public async Task SeveralCertificates_AreChosenByName_AndReplacedAtRunTime()
    {
        string first = _certificates.Make("first", ["first.example"]).File, second = _certificates.Make("second", ["second.example"]).File;
        await using var pair = new TlsPair(new TlsServerOptions { Certificates = [new CertificateFiles(first), new CertificateFiles(second)] });
        await pair.ConnectAsync(new TestHandler(), Client() with { ServerName = "second.example" });
        await pair.ConnectAsync(new TestHandler(), Client() with { ServerName = "first.example" });
        pair.Tls.Replace(new TlsServerOptions { Certificates = [new CertificateFiles(_certificates.Make("third", ["third.example"]).File)] });

        await pair.ConnectAsync(new TestHandler(), Client() with { ServerName = "third.example" });
    }

    [Fact]
    public void Files_ThatCannotBeUsed_AreNamed()
    {
        string good = _certificates.Make("server").File, text = _certificates.Write("text", "hello");
        Assert.Contains("there is no such file", Problem(new CertificateFiles("missing.pem")));
        Assert.Contains("no certificate in PEM form", Problem(new CertificateFiles(text)));
        Assert.Contains("does not have the private key", Problem(new CertificateFiles(good, _certificates.Make("other").File)));
        Assert.Contains("is encrypted", Problem(new CertificateFiles(good, _certificates.Write("key", "-----BEGIN ENCRYPTED PRIVATE KEY-----"))));

        static string Problem(CertificateFiles files) =>
            Assert.Throws<TransportException>(() => new TlsServer(new TlsServerOptions { Certificates = [files] })).Message;
    }

    private TlsServerOptions Server() => new() { Certificates = [new CertificateFiles(_certificates.Make("server").File)] };

    private TlsClientOptions Client() => new("localhost") { CaFiles = [_certificates.CaFile], ApplicationProtocols = ["mqtt"] };
}
