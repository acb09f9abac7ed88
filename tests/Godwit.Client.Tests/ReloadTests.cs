// A broker with real sockets whose listeners, files and rules are replaced while clients are connected: who stays notices nothing, who has to go
// goes, and what is wrong changes nothing.
using System.Net;
using System.Net.Sockets;
using Godwit.Broker;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Client.Tests;

public sealed class ReloadTests : IDisposable
{
    private readonly TestCertificates _certificates = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("godwit-reload-");

    private static ListenerOptions Loopback => new(new IPEndPoint(IPAddress.Loopback, 0));

    public void Dispose()
    {
        _certificates.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Reload_ListenerTakenAway_ClosesItsSocketAndKeepsItsConnections()
    {
        string path = Path.Combine(_directory.FullName, "s");
        BrokerOptions options = new() { Listeners = [Loopback, new ListenerOptions(new UnixDomainSocketEndPoint(path))], SysInterval = TimeSpan.Zero };
        await using MqttBroker broker = await MqttBroker.StartAsync(options);
        await using var local = new MqttClient(new MqttClientOptions { UnixSocket = path });
        await local.ConnectAsync().Soon();

        ReloadReport report = await broker.ReloadAsync(options with { Listeners = [Loopback] }).Soon();

        Assert.Empty(report.Opened);
        Assert.Equal([$"unix://{path}"], report.Closed);
        Assert.False(File.Exists(path));
        await local.SubscribeAsync(new MqttSubscription("a")).Soon();
        await local.PublishAsync("a", "still there"u8.ToArray()).AsTask().Soon();
        Assert.Equal("still there"u8.ToArray(), (await local.NextAsync()).Payload.ToArray());
    }

    [Fact]
    public async Task Reload_ListenerAdded_Accepts()
    {
        BrokerOptions options = new() { Listeners = [Loopback], SysInterval = TimeSpan.Zero };
        await using MqttBroker broker = await MqttBroker.StartAsync(options);
        int port = broker.EndPoints[0].Port;

        await broker.ReloadAsync(options with { Listeners = [Loopback, Loopback] }).Soon();

        Assert.Equal(port, broker.EndPoints[0].Port);
        await using var client = new MqttClient(new MqttClientOptions { Host = "127.0.0.1", Port = broker.EndPoints[1].Port });
        await client.ConnectAsync().Soon();
    }

    [Fact]
    public async Task Reload_PortInUse_LeavesEverythingAsItWas()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        BrokerOptions options = new() { Listeners = [Loopback], SysInterval = TimeSpan.Zero };
        await using MqttBroker broker = await MqttBroker.StartAsync(options);
        IReadOnlyList<IPEndPoint> before = broker.EndPoints;
        bool isApplied = false;

        ListenException error = await Assert.ThrowsAsync<ListenException>(() => broker.ReloadAsync(
            options with { MaximumQoS = QoS.AtMostOnce, Listeners = [new ListenerOptions(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0)), new ListenerOptions(taken.LocalEndpoint)] },
            () => isApplied = true));

        Assert.Contains("the port is in use", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, broker.EndPoints);
        Assert.False(isApplied);
        await using MqttClient client = await Clients.ConnectAsync(broker);
        Assert.True((await client.PublishAsync("a", "x"u8.ToArray(), QoS.ExactlyOnce).Soon()).IsSuccess);
    }

    [Fact]
    public async Task Reload_BadCertificate_LeavesEverythingAsItWas()
    {
        BrokerOptions options = new() { Listeners = [Loopback], SysInterval = TimeSpan.Zero };
        await using MqttBroker broker = await MqttBroker.StartAsync(options);
        string empty = _certificates.Write("empty.pem", "");

        await Assert.ThrowsAsync<TransportException>(() => broker.ReloadAsync(options with { Listeners = [Tls(empty) with { EndPoint = new IPEndPoint(IPAddress.Loopback, 0) }] }));

        await using MqttClient client = await Clients.ConnectAsync(broker);
    }

    [Fact]
    public async Task Reload_OtherOptionsOfAListener_HoldForNewConnections()
    {
        BrokerOptions options = new() { Listeners = [Loopback], SysInterval = TimeSpan.Zero };
        await using MqttBroker broker = await MqttBroker.StartAsync(options);
        await using MqttClient plain = await Clients.ConnectAsync(broker);
        int port = broker.EndPoints[0].Port;

        ReloadReport report = await broker.ReloadAsync(options with { Listeners = [Tls(_certificates.Make("server").File)] }).Soon();

        Assert.Empty(report.Opened.Concat(report.Closed));
        Assert.Equal(port, broker.EndPoints[0].Port);
        await using MqttClient secure = await Clients.ConnectAsync(broker, Secure(null));
        await secure.SubscribeAsync(new MqttSubscription("a")).Soon();
        await plain.PublishAsync("a", "x"u8.ToArray()).AsTask().Soon();
        Assert.Equal("x"u8.ToArray(), (await secure.NextAsync()).Payload.ToArray());
    }

    [Fact]
    public async Task Reload_CertificateRevoked_DisconnectsItsClientAlone()
    {
        (string file, var certificate) = _certificates.Make("revoked");
        string crl = _certificates.Write("list.crl", File.ReadAllText(_certificates.Revoke()));
        ListenerOptions listener = Tls(_certificates.Make("server").File);
        listener = listener with { Tls = listener.Tls! with { ClientCertificates = ClientCertificates.Required, CaFiles = [_certificates.CaFile], CrlFiles = [crl] } };
        BrokerOptions options = new() { Listeners = [listener], SysInterval = TimeSpan.Zero };
        await using MqttBroker broker = await MqttBroker.StartAsync(options);
        await using MqttClient staying = await Clients.ConnectAsync(broker, Secure(_certificates.Make("good").File));
        await using MqttClient going = await Clients.ConnectAsync(broker, Secure(file) with { Reconnect = new ReconnectOptions { Enabled = false } });
        Assert.Equal(0, (await broker.ReloadAsync(options).Soon()).Disconnected);
        File.Copy(_certificates.Revoke(certificate), crl, overwrite: true);

        ReloadReport report = await broker.ReloadAsync(options).Soon();

        Assert.Equal(1, report.Disconnected);
        Disconnection end = (await going.PassAsync(ConnectionState.Disconnected)).Cause!;
        Assert.Equal(ReasonCode.NotAuthorized, end.ReasonCode);
        Assert.Contains("has been revoked", end.Detail, StringComparison.Ordinal);
        Assert.True((await staying.PublishAsync("a", "x"u8.ToArray(), QoS.AtLeastOnce).Soon()).IsSuccess);
        Assert.Equal(0, (await broker.ReloadAsync(options).Soon()).Disconnected);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reload_UnderTraffic_LosesNothing(bool isSecure)
    {
        const int Reloads = 20, Batch = 100;
        ListenerOptions listener = isSecure ? Tls(_certificates.Make("server").File) : Loopback;
        BrokerOptions options = new() { Listeners = [listener], Loops = 2, SysInterval = TimeSpan.Zero };
        await using MqttBroker broker = await MqttBroker.StartAsync(options);
        MqttClientOptions how = isSecure ? Secure(null) : new MqttClientOptions();
        await using MqttClient subscriber = await Clients.ConnectAsync(broker, how), publisher = await Clients.ConnectAsync(broker, how);
        await subscriber.SubscribeAsync(new MqttSubscription("traffic", QoS.AtLeastOnce)).Soon();
        Task<List<MqttMessage>> received = subscriber.NextAsync(Reloads * Batch);

        for (int i = 0; i < Reloads; i++)
        {
            Task<ReloadReport> reload = broker.ReloadAsync(options with { Listeners = i % 2 == 0 ? [listener, Loopback with { EndPoint = new IPEndPoint(IPAddress.Parse("127.0.0.3"), 0) }] : [listener] });
            for (int j = 0; j < Batch; j++) await publisher.PublishAsync("traffic", BitConverter.GetBytes(i * Batch + j), QoS.AtLeastOnce).Soon();
            Assert.Equal(0, (await reload.Soon()).Disconnected);
        }

        Assert.Equal(Enumerable.Range(0, Reloads * Batch), (await received.Soon()).Select(message => BitConverter.ToInt32(message.Payload.Span)));
        Assert.Equal((ConnectionState.Connected, ConnectionState.Connected), (subscriber.State, publisher.State));
        Assert.All(await broker.ListClientsAsync(), client => Assert.True(client.IsConnected));
    }

    [Fact]
    public async Task ControlListener_OwnUser_IsLetInWithoutBeingAsked()
    {
        string path = Path.Combine(_directory.FullName, "control");
        await using MqttBroker broker = await MqttBroker.StartAsync(new BrokerOptions
        {
            Listeners = [new ListenerOptions(new UnixDomainSocketEndPoint(path)) { IsControl = true }],
            Authenticator = new Nobody(),
            SysInterval = TimeSpan.Zero,
        });
        await using var client = new MqttClient(new MqttClientOptions { UnixSocket = path });
        await client.ConnectAsync().Soon();

        Assert.True((await client.PublishAsync("$CONTROL/godwit/v1/sessions", "{}"u8.ToArray(), QoS.AtLeastOnce).Soon()).IsSuccess);
        Assert.Contains(client.ClientId!, System.Text.Encoding.UTF8.GetString((await client.NextAsync()).Payload.Span), StringComparison.Ordinal);
    }

    private static ListenerOptions Tls(string certificate) => Loopback with { Tls = new TlsServerOptions { Certificates = [new CertificateFiles(certificate)] } };

    private MqttClientOptions Secure(string? certificate) => new()
    {
        Tls = new TlsClientOptions { CaFiles = [_certificates.CaFile], Certificate = certificate is null ? null : new CertificateFiles(certificate) },
    };

    private sealed class Nobody : Broker.Auth.IAuthenticator
    {
        public ValueTask<Broker.Auth.AuthenticationResult> AuthenticateAsync(Broker.Auth.ConnectingClient client, CancellationToken cancellationToken) =>
            new(Broker.Auth.AuthenticationResult.NotAuthorized);
    }
}
