// After MqttBroker.ReloadAsync everybody is asked about again: who may not be there any more goes, and nobody else notices.
using System.Text;
using Godwit.Broker;
using Godwit.Broker.Auth;
using Godwit.Broker.Sessions;

namespace Godwit.Conformance.Tests.Mqtt5;

public class ReviewTests
{
    private readonly Rules _rules = new();

    private BrokerOptions With(BrokerOptions options) => options with { Authenticator = _rules, Authorizer = _rules };

    [Theory]
    [Loops]
    public void Reload_ClientThatMayNoLongerConnect_IsToldAndDisconnected(int loops)
    {
        using var broker = new TestBroker(loops, With);
        TestClient going = broker.Connect5(broker.ClientId("going", 0)), older = broker.Connect(broker.ClientId("going-too", 1), version: ProtocolVersion.V311);
        TestClient staying = broker.Connect5(broker.ClientId("staying", 1));
        _rules.Objection = "Its user has been removed";

        ReloadReport report = Reload(broker);

        Assert.Equal((2, 0), (report.Disconnected, report.Unsubscribed));
        going.ExpectDisconnect(ReasonCode.NotAuthorized);
        older.ExpectClosed();
        staying.ExpectOpen();
    }

    [Fact]
    public void Reload_RulesThatDenyConnecting_Disconnect()
    {
        using var broker = new TestBroker(configure: With);
        TestClient client = broker.Connect5("c");
        _rules.MayConnect = false;

        Assert.Equal(1, Reload(broker).Disconnected);

        client.ExpectDisconnect(ReasonCode.NotAuthorized);
    }

    [Theory]
    [Loops]
    public void Reload_SubscriptionThatIsNoLongerAllowed_IsRemovedAlone(int loops)
    {
        using var broker = new TestBroker(loops, With);
        TestClient reader = broker.Connect5(broker.ClientId("r", 0)), away = broker.Connect(broker.ClientId("a", 1), cleanSession: false), publisher = broker.Connect5("p");
        foreach (TestClient each in new[] { reader, away })
        {
            each.Subscribe("secret/#", QoS.AtLeastOnce);
            each.Subscribe("open/#", QoS.AtLeastOnce, 2);
        }
        reader.Subscribe("$share/g/secret/1", QoS.AtLeastOnce, 3);
        away.Disconnect();
        _rules.Denied = "secret/";

        ReloadReport report = Reload(broker);
        publisher.Publish("secret/1", "x", QoS.AtLeastOnce, 1);
        publisher.Publish("open/1", "x", QoS.AtLeastOnce, 2);

        Assert.Equal((0, 3), (report.Disconnected, report.Unsubscribed));
        reader.ExpectPackets("PUBLISH open/1=x q1 m1");
        Assert.Equal(["open/#"], broker.Session(broker.ClientId("a", 1))!.Subscriptions.Select(s => s.FilterText));
        Assert.Equal(1, broker.Session(broker.ClientId("a", 1))!.QueuedMessages);
    }

    [Fact]
    public void Reload_WillThatIsNoLongerAllowed_IsRemovedAndCounted()
    {
        using var broker = new TestBroker(configure: With);
        TestClient client = broker.Connect("c", will: new TestWill("secret/will", "gone", QoS.AtLeastOnce)), watcher = broker.Connect5("w");
        watcher.Subscribe("#");
        _rules.Denied = "secret/";

        Reload(broker);
        client.Close();

        watcher.ExpectNothing();
        Assert.Equal(1, broker.Statistics.DroppedByReason[DropReason.NotAuthorized]);
    }

    [Fact]
    public void Reload_OtherAuthorizer_OpensAccessAnew()
    {
        using var broker = new TestBroker(configure: With);
        TestClient client = broker.Connect5("c");
        client.Subscribe("secret/#");

        ReloadReport report = Reload(broker, new Rules { Denied = "secret/" });
        client.Publish("secret/1", "x", QoS.AtLeastOnce, 1);

        Assert.Equal(1, report.Unsubscribed);
        client.ExpectPacket("PUBACK m1 87");
    }

    [Fact]
    public void Reload_SessionOfBeforeAnotherAuthorizer_IsAskedAboutWhenItsClientIsBack()
    {
        using var broker = new TestBroker(configure: With);
        TestClient client = broker.Connect("c", cleanSession: false);
        client.Subscribe("secret/#");
        client.Disconnect();

        Assert.Equal(0, Reload(broker, new Rules { Denied = "secret/" }).Unsubscribed);
        broker.Connect("c", cleanSession: false, sessionPresent: true);

        Assert.Equal(0, broker.Session("c")!.Subscriptions.Count);
    }

    [Fact]
    public void Reload_ManySubscriptions_AreAskedAboutInManyTurns()
    {
        const int Count = 1000;
        using var broker = new TestBroker(configure: With);
        TestClient client = broker.Connect5("c");
        for (int i = 0; i < Count; i++) client.Send(V5.Subscribe(1, ($"secret/{i}", 0)));
        client.Take();
        _rules.Denied = "secret/";

        Assert.Equal(Count, Reload(broker).Unsubscribed);

        client.ExpectOpen();
        Assert.Equal(0, broker.Session("c")!.Subscriptions.Count);
    }

    [Fact]
    public void CONNECT_DecidedAnewMeanwhile_IsAskedAboutAgain()
    {
        using var broker = new TestBroker(configure: With);
        _rules.Answer = new TaskCompletionSource<AuthenticationResult>();
        TestClient client = broker.Open(ProtocolVersion.V5);
        client.Send(V5.Connect("going"));
        _rules.Objection = "Its user has been removed";
        Reload(broker);

        _rules.Answer.SetResult(AuthenticationResult.Success);
        while (!client.IsClosed) broker.Run(); // the answer comes on a thread of its own

        client.ExpectPacket("CONNACK 00 87");
    }

    private ReloadReport Reload(TestBroker broker, Rules? rules = null)
    {
        Task<ReloadReport> reload = broker.Broker.ReloadAsync(new BrokerOptions { Listeners = [], Authenticator = rules ?? _rules, Authorizer = rules ?? _rules });
        broker.Run();
        return reload.WaitAsync(TimeSpan.FromSeconds(20)).GetAwaiter().GetResult();
    }

    private sealed class Rules : IAuthenticator, IAuthorizer
    {
        public string? Objection { get; set; }

        public string Denied { get; set; } = "\0";

        public bool MayConnect { get; set; } = true;

        public TaskCompletionSource<AuthenticationResult>? Answer { get; set; }

        public ValueTask<AuthenticationResult> AuthenticateAsync(ConnectingClient client, CancellationToken cancellationToken) =>
            Answer is { } answer ? new(answer.Task) : new(AuthenticationResult.Success);

        public string? Review(ConnectingClient client, AuthenticationResult? grant) =>
            client.ClientId.StartsWith("going", StringComparison.Ordinal) && grant is not null ? Objection : null;

        public IClientAccess Open(ClientFacts client) => new Access(this);

        public bool MayPublish(ClientIdentity client, ReadOnlySpan<byte> topic, QoS qos, bool retain) => !topic.StartsWith(Encoding.UTF8.GetBytes(Denied));

        public bool MaySubscribe(ClientIdentity client, ReadOnlySpan<byte> filter, SubscriptionOptions options) => !filter.StartsWith(Encoding.UTF8.GetBytes(Denied));

        private sealed class Access(Rules rules) : IClientAccess
        {
            public bool MayConnect => rules.MayConnect;

            public bool MayPublish(ReadOnlySpan<byte> topic, QoS qos, bool retain) => rules.MayPublish(null!, topic, qos, retain);

            public bool MaySubscribe(ReadOnlySpan<byte> filter, SubscriptionOptions options) => rules.MaySubscribe(null!, filter, options);
        }
    }
}
