// Against the broker of this product, in this process, over TCP and in memory.
using System.Net;
using System.Text;
using Godwit.Broker;
using Godwit.Broker.Auth;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Client.Tests;

public class BrokerTests : IAsyncLifetime
{
    private MqttBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await MqttBroker.StartAsync(new BrokerOptions
    {
        Listeners = [new ListenerOptions(new IPEndPoint(IPAddress.Loopback, 0))],
        Loops = 1,
        SysInterval = TimeSpan.Zero,
    });

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    public static TheoryData<ProtocolVersion, QoS> VersionsAndQoS()
    {
        var data = new TheoryData<ProtocolVersion, QoS>();
        foreach (ProtocolVersion version in (ProtocolVersion[])[ProtocolVersion.V31, ProtocolVersion.V311, ProtocolVersion.V5])
            foreach (QoS qos in Enum.GetValues<QoS>()) data.Add(version, qos);
        return data;
    }

    [Theory]
    [MemberData(nameof(VersionsAndQoS))]
    public async Task PUBLISH_AnyVersionAndQoS_ComesBackToTheSubscriber(ProtocolVersion version, QoS qos)
    {
        await using MqttClient client = await ConnectAsync(new MqttClientOptions { Version = version });
        SubscribeResult subscribed = await client.SubscribeAsync(new MqttSubscription("a/+", QoS.ExactlyOnce)).Soon();

        PublishResult published = await client.PublishAsync("a/b", "hello"u8.ToArray(), qos).Soon();

        MqttMessage message = await client.NextAsync();
        Assert.Equal([ReasonCode.GrantedQoS2], subscribed.ReasonCodes);
        Assert.True(published.IsSuccess);
        Assert.Equal("a/b", message.Topic);
        Assert.Equal("hello", message.PayloadText);
        Assert.Equal(qos, message.QoS);
    }

    [Fact]
    public async Task PUBLISH_ThousandAtOnce_AllArriveInOrder()
    {
        await using MqttClient publisher = await ConnectAsync(new MqttClientOptions { MaximumPendingPublishes = 100 });
        await using MqttClient subscriber = await ConnectAsync();
        await subscriber.SubscribeAsync(new MqttSubscription("n/#", QoS.ExactlyOnce)).Soon();

        Task<PublishResult>[] publishing = [.. Enumerable.Range(0, 1000).Select(
            i => publisher.PublishAsync($"n/{i % 10}", Encoding.UTF8.GetBytes($"{i}"), (QoS)(i % 3)).AsTask())];
        List<MqttMessage> messages = await subscriber.NextAsync(1000);

        Assert.All(await Task.WhenAll(publishing).Soon(), result => Assert.True(result.IsSuccess));
        Assert.Equal(Enumerable.Range(0, 1000), messages.Select(message => int.Parse(message.PayloadText)).Order());
    }

    [Theory]
    [InlineData(QoS.AtMostOnce)]
    [InlineData(QoS.ExactlyOnce)]
    public async Task PUBLISH_LargePayload_ArrivesWhole(QoS qos)
    {
        await using MqttClient client = await ConnectAsync();
        await client.SubscribeAsync(new MqttSubscription("large", qos)).Soon();
        var payload = new byte[5_000_000];
        new Random(1).NextBytes(payload);

        await client.PublishAsync("large", payload, qos).Soon();

        Assert.True((await client.NextAsync()).Payload.Span.SequenceEqual(payload));
    }

    [Fact]
    public async Task PUBLISH_TooLargeForTheBroker_FailsAndTheConnectionGoesOn()
    {
        await using MqttClient client = await ConnectAsync();

        var exception = await Assert.ThrowsAsync<MqttException>(() => client.PublishAsync("large", new byte[17 * 1024 * 1024]).Soon());

        Assert.Equal(ReasonCode.PacketTooLarge, exception.ReasonCode);
        Assert.True((await client.PublishAsync("a", default, QoS.AtLeastOnce).Soon()).IsSuccess);
    }

    [Fact]
    public async Task PUBLISH_ReaderIsSlow_TcpHoldsTheRestAndNothingIsLost()
    {
        await using MqttClient publisher = await ConnectAsync();
        await using MqttClient subscriber = await ConnectAsync(new MqttClientOptions { ReceiveQueueCapacity = 4 });
        await subscriber.SubscribeAsync(new MqttSubscription("n", QoS.AtLeastOnce)).Soon();

        for (int i = 0; i < 500; i++) await publisher.PublishAsync("n", BitConverter.GetBytes(i), QoS.AtLeastOnce).Soon();

        Assert.Equal(Enumerable.Range(0, 500), (await subscriber.NextAsync(500)).Select(message => BitConverter.ToInt32(message.Payload.Span)));
        Assert.Equal(0, subscriber.DroppedMessages);
    }

    [Fact]
    public async Task PUBLISH_FromWithinHandlingWithAFullQueue_DoesNotDeadlock()
    {
        await using MqttClient publisher = await ConnectAsync();
        await using MqttClient client = await ConnectAsync(new MqttClientOptions { ReceiveQueueCapacity = 1 });
        await client.SubscribeAsync(new MqttSubscription("n", QoS.AtLeastOnce)).Soon();
        for (int i = 0; i < 100; i++) await publisher.PublishAsync("n", default, QoS.AtLeastOnce).Soon();

        for (int i = 0; i < 100; i++)
        {
            await client.NextAsync();
            Assert.True((await client.PublishAsync("answer", default, QoS.ExactlyOnce).Soon()).IsSuccess);
        }
    }

    [Fact]
    public async Task Reconnect_SessionPresent_NothingIsLost()
    {
        var network = new Network(_broker);
        await using var client = new MqttClient(new MqttClientOptions
        {
            ClientId = "c",
            SessionExpiryInterval = 600,
            Connector = network.Connect,
            Reconnect = new ReconnectOptions { InitialDelay = TimeSpan.FromMilliseconds(1) },
        });
        await client.ConnectAsync().Soon();
        await client.SubscribeAsync(new MqttSubscription("n", QoS.ExactlyOnce)).Soon();

        var publishing = new List<Task<PublishResult>>();
        for (int i = 0; i < 300; i++)
        {
            publishing.Add(client.PublishAsync("n", BitConverter.GetBytes(i), QoS.ExactlyOnce).AsTask());
            if (i % 50 == 25) network.Break();
        }

        Assert.All(await Task.WhenAll(publishing).Soon(), result => Assert.True(result.IsSuccess));
        Assert.Equal(Enumerable.Range(0, 300), (await client.NextAsync(300)).Select(message => BitConverter.ToInt32(message.Payload.Span)));
        Assert.True(network.Connections > 1);
    }

    [Fact]
    public async Task Reconnect_SessionLost_SubscriptionsAreBack()
    {
        var network = new Network(_broker);
        await using var client = new MqttClient(new MqttClientOptions { Connector = network.Connect });
        await client.ConnectAsync().Soon();
        await client.SubscribeAsync([new MqttSubscription("a"), new MqttSubscription("b", QoS.AtLeastOnce)], 3).Soon();
        Task<ConnectionStateChange> reconnected = client.PassAsync(ConnectionState.Reconnecting, ConnectionState.Connected);

        network.Break();
        await reconnected.Soon();
        await client.PublishAsync("b", default, QoS.AtLeastOnce).Soon();

        MqttMessage message = await client.NextAsync();
        Assert.Equal(("b", QoS.AtLeastOnce), (message.Topic, message.QoS));
        Assert.Equal([3u], message.SubscriptionIdentifiers);
    }

    [Fact]
    public async Task Will_ConnectionLostOrAsked_IsPublished()
    {
        await using MqttClient subscriber = await ConnectAsync();
        await subscriber.SubscribeAsync(new MqttSubscription("will/#")).Soon();
        var network = new Network(_broker);
        await using var lost = new MqttClient(WithWill("lost") with { Connector = network.Connect, Reconnect = new ReconnectOptions { Enabled = false } });
        await lost.ConnectAsync().Soon();
        await using MqttClient asking = await ConnectAsync(WithWill("asked"));
        await using MqttClient leaving = await ConnectAsync(WithWill("never"));

        await leaving.DisconnectAsync().Soon();
        network.Break();
        Assert.Equal("will/lost", (await subscriber.NextAsync()).Topic);
        await asking.DisconnectAsync(ReasonCode.DisconnectWithWillMessage).Soon();
        Assert.Equal("will/asked", (await subscriber.NextAsync()).Topic);

        static MqttClientOptions WithWill(string name) => new() { Will = new MqttWill(new MqttMessage { Topic = $"will/{name}" }) };
    }

    [Fact]
    public async Task CONNECT_SameClientId_TakesTheSessionOverOnce()
    {
        await using MqttClient first = await ConnectAsync(new MqttClientOptions { ClientId = "same" });
        await using MqttClient second = await ConnectAsync(new MqttClientOptions { ClientId = "same" });

        Assert.Equal(ReasonCode.SessionTakenOver, (await first.PassAsync(ConnectionState.Disconnected)).Cause?.ReasonCode);
        Assert.Equal(ConnectionState.Connected, second.State);
    }

    [Theory]
    [InlineData(ProtocolVersion.V5)]
    [InlineData(ProtocolVersion.V311)]
    [InlineData(ProtocolVersion.V31)]
    public async Task CONNECT_WrongPassword_IsRefusedWithItsCause(ProtocolVersion version)
    {
        await using MqttBroker broker = await MqttBroker.StartAsync(new BrokerOptions
        {
            Listeners = [new ListenerOptions(new IPEndPoint(IPAddress.Loopback, 0))],
            Loops = 1,
            Authenticator = new Doorman(),
        });
        var options = new MqttClientOptions { Version = version, UserName = "u", Password = "wrong"u8.ToArray() };

        var exception = await Assert.ThrowsAsync<MqttConnectException>(() => Clients.ConnectAsync(broker, options));

        Assert.Equal((ConnectFailure.RefusedByServer, ReasonCode.BadUserNameOrPassword), (exception.Failure, exception.ReasonCode));
        await using MqttClient client = await Clients.ConnectAsync(broker, options with { Password = "right"u8.ToArray() });
        Assert.Equal(ConnectionState.Connected, client.State);
    }

    [Fact]
    public async Task CONNECT_NameWithSeveralAddresses_FindsTheOneThatListens()
    {
        await using var client = new MqttClient(new MqttClientOptions { Host = "localhost", Port = _broker.EndPoints[0].Port });

        ConnectResult result = await client.ConnectAsync().Soon();

        Assert.NotNull(result.AssignedClientIdentifier);
        Assert.Equal(result.AssignedClientIdentifier, client.ClientId);
    }

    private Task<MqttClient> ConnectAsync(MqttClientOptions? options = null) => Clients.ConnectAsync(_broker, options);

    private sealed class Doorman : IAuthenticator
    {
        public ValueTask<AuthenticationResult> AuthenticateAsync(ConnectingClient client, CancellationToken cancellationToken) =>
            new(client.Password?.Span.SequenceEqual("right"u8) == true ? AuthenticationResult.Success : AuthenticationResult.BadUserNameOrPassword);
    }

    // A way to the broker that a test can break.
    private sealed class Network(MqttBroker broker)
    {
        private volatile Tap? _latest;

        public int Connections { get; private set; }

        public void Connect(EventLoop loop, IConnectionHandler handler)
        {
            Connections++;
            broker.ConnectInProcess(loop, _latest = new Tap(handler));
        }

        public void Break() => _latest?.Break();
    }

    private sealed class Tap(IConnectionHandler inner) : IConnectionHandler
    {
        private volatile TransportConnection? _connection;

        public void Break()
        {
            if (_connection is { } connection) connection.Loop.Post(() => MemoryConnection.Reset(connection));
        }

        public void OnOpened(TransportConnection connection)
        {
            _connection = connection;
            inner.OnOpened(connection);
        }

        public int OnReceived(TransportConnection connection, ReadOnlySpan<byte> input) => inner.OnReceived(connection, input);

        public void OnOutputDrained(TransportConnection connection) => inner.OnOutputDrained(connection);

        public void OnMoved(TransportConnection connection) => inner.OnMoved(connection);

        public void OnClosed(TransportConnection connection, CloseReason reason, Exception? error) => inner.OnClosed(connection, reason, error);
    }
}
