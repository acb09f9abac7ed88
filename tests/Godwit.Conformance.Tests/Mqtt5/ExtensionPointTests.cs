// What an application plugs in: authenticators, authoriser, hooks; and the quotas. The protocol has to stay right around them.
using System.Text;
using Godwit.Broker;
using Godwit.Broker.Auth;
using Godwit.Broker.Connections;
using Godwit.Broker.Hooks;
using Godwit.Broker.Sessions;

namespace Godwit.Conformance.Tests.Mqtt5;

public class ExtensionPointTests
{
    [Theory]
    [Statement("MQTT-3.1.4-2", "5.0")]
    [Statement("MQTT-3.1.4-6", "5.0")]
    [Loops]
    public void Authenticator_TakesItsTime_OthersAreServedAndTheClientIsHeld(int loops)
    {
        var authenticator = new Slow("slow");
        using var broker = new TestBroker(loops, o => o with { Authenticator = authenticator });
        TestClient slow = broker.Open5();
        slow.Send(V5.Connect("slow"), V5.Subscribe(1, ("a", 0)));
        slow.ExpectOpen();
        broker.ExpectAlive();
        authenticator.Answer.Give(broker, AuthenticationResult.Success);
        slow.ExpectPackets($"CONNACK 00 00 {V5.Shown(V5.Announced)}", "SUBACK m1 00 00");
    }

    [Theory]
    [Statement("MQTT-3.1.4-2", "5.0")]
    [Statement("MQTT-3.2.2-7", "5.0")]
    [InlineData(true)]
    [InlineData(false)]
    public void Authenticator_Throws_RefusesWith80(bool later)
    {
        var authenticator = new Slow(later ? "slow" : "", throws: !later);
        using var broker = new TestBroker(configure: o => o with { Authenticator = authenticator });
        broker.Log.ErrorsAreExpected = true;
        TestClient client = broker.Open5();
        client.Send(V5.Connect("slow"));
        if (later) authenticator.Answer.Fail(broker, new InvalidOperationException("no database"));
        client.ExpectRefused(ReasonCode.UnspecifiedError);
    }

    [Fact]
    [Statement("MQTT-3.1.4-2", "5.0")]
    public void Authenticator_NeverAnswers_ClosesInTime()
    {
        var authenticator = new Slow("slow");
        using var broker = new TestBroker(configure: o => o with { Authenticator = authenticator });
        TestClient client = broker.Open5();
        client.Send(V5.Connect("slow"));
        broker.Advance(TimeSpan.FromSeconds(10));
        client.ExpectClosed();
        authenticator.Answer.Give(broker, AuthenticationResult.Success);
        Assert.Null(broker.Session("slow"));
    }

    [Fact]
    [Statement("MQTT-3.4.2-1", "5.0")]
    [Statement("MQTT-3.5.2-1", "5.0")]
    [Statement("MQTT-4.3.3-9", "5.0")]
    [Statement("MQTT-3.9.3-2", "5.0")]
    public void Authorizer_Refuses_Answers87AndGoesOn()
    {
        using var broker = new TestBroker(configure: o => o with { Authorizer = new OnlyBelow("ok") });
        TestClient watcher = broker.Connect5("w"), client = broker.Connect5("c");
        watcher.Subscribe("ok/#");
        client.Publish("no", "x", QoS.AtLeastOnce, 1);
        client.ExpectPacket("PUBACK m1 87");
        client.Publish("no", "x", QoS.ExactlyOnce, 2);
        client.ExpectPacket("PUBREC m2 87");
        client.Publish("ok/1", "x", QoS.ExactlyOnce, 2); // after an error the identifier is a new message
        client.ExpectPackets("PUBREC m2");
        client.Publish("no", "x", retain: true);
        client.ExpectOpen();
        client.Send(V5.Subscribe(3, ("#", 0), ("ok/a", 1), ("$share/g/no", 0), ("$share/g/ok/b", 2)));
        client.ExpectPackets("SUBACK m3 00 87 01 87 02");
        watcher.ExpectPackets("PUBLISH ok/1=x q0");
        Assert.Equal(0, broker.Statistics.RetainedMessages);
    }

    [Fact]
    [Statement("MQTT-3.4.2-1", "5.0")]
    public void PUBLISH_ToTheServersOwnTopics_Answers87()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Publish("$SYS/x", "x", QoS.AtLeastOnce, 1);
        client.ExpectPacket("PUBACK m1 87");
    }

    [Theory]
    [Statement("MQTT-3.4.2-1", "5.0")]
    [Statement("MQTT-3.5.2-1", "5.0")]
    [InlineData(ReasonCode.PayloadFormatInvalid, "99")]
    [InlineData(ReasonCode.ServerBusy, "80")] // PUBACK has no such code
    public void MessageHook_RefusesIncoming_AnswersItsCode(ReasonCode code, string answer)
    {
        using var broker = new TestBroker(configure: o => o with { MessageHooks = [new Hook { In = code }] });
        TestClient client = broker.Connect5("c");
        client.Subscribe("#");
        client.Publish("a", "x", QoS.AtLeastOnce, 1);
        client.ExpectPacket("PUBACK m1 " + answer);
        client.Publish("a", "x", QoS.ExactlyOnce, 2);
        client.ExpectPacket("PUBREC m2 " + answer);
    }

    [Fact]
    public void MessageHook_RefusesOutgoing_TheNextFlows()
    {
        var hook = new Hook { RefuseOut = "bad" };
        using var broker = new TestBroker(configure: o => o with { MessageHooks = [hook] });
        TestClient client = broker.Connect5("c", "21 00 01"), publisher = broker.Connect5("p");
        client.Subscribe("#", QoS.AtLeastOnce);
        publisher.Publish("bad", "x", QoS.AtLeastOnce, 1);
        publisher.Publish("good", "x", QoS.AtLeastOnce, 2);
        client.ExpectPacket("PUBLISH good=x q1");
        Assert.Equal(1, broker.Statistics.DroppedByReason[DropReason.HookRefused]);
        Assert.Equal(["in bad p", "out bad c", "in good p", "out good c"], hook.Seen);
    }

    [Fact]
    [Statement("MQTT-4.1.0-2", "5.0")]
    public void SessionHook_Events_ComeInOrder()
    {
        var hook = new Hook();
        using var broker = new TestBroker(configure: o => o with { SessionHooks = [hook] });
        TestClient client = broker.Connect5("c", "11 00 00 00 05");
        client.Subscribe("a", QoS.AtLeastOnce);
        client.Unsubscribe("a");
        client.Reset();
        client = broker.Resume5("c", "11 00 00 00 05");
        client.Disconnect();
        broker.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(
            ["connected c False", "subscribed a", "unsubscribed a", "disconnected ConnectionLost", "connected c True", "disconnected ClientDisconnected", "ended c"],
            hook.Seen);
    }

    [Theory]
    [InlineData(OverflowPolicy.DropOldest, "3", "4")]
    [InlineData(OverflowPolicy.DropNewest, "1", "2")]
    public void Quota_QueueFull_DropsByPolicyAndCounts(OverflowPolicy policy, string first, string second)
    {
        using var broker = new TestBroker(configure: o => o with { MaximumQueuedMessages = 2, MaximumStoredMessages = 2, OverflowPolicy = policy });
        TestClient client = broker.Connect5("c", V5.Hour), publisher = broker.Connect5("p");
        client.Subscribe("a", QoS.AtLeastOnce);
        client.Reset();
        for (ushort i = 1; i <= 4; i++) publisher.Publish("a", $"{i}", QoS.AtLeastOnce, i);
        broker.Resume5("c").ExpectPackets($"PUBLISH a={first} q1 m{(TestBroker.HasStore ? first : "1")}", $"PUBLISH a={second} q1 m{(TestBroker.HasStore ? second : "2")}");
        Assert.Equal(2, broker.Statistics.DroppedByReason[DropReason.QueueFull]);
    }

    [Fact]
    public void Quota_ClientDoesNotRead_QoS0IsDroppedAndQoS1Waits()
    {
        using var broker = new TestBroker(configure: o => o with { OutputLimit = 1024 });
        TestClient client = broker.Connect5("c"), publisher = broker.Connect5("p");
        client.Subscribe("a", QoS.AtLeastOnce);
        client.PauseReading();
        string payload = new('x', 1000);
        for (ushort i = 1; i <= 200; i++)
        {
            publisher.Publish("a", payload);
            publisher.Publish("a", payload, QoS.AtLeastOnce, i);
        }
        client.ResumeReading();
        List<string> packets = client.Take();
        Assert.Equal(200, packets.Count(p => p.Contains(" q1 ", StringComparison.Ordinal)));
        long dropped = broker.Statistics.DroppedByReason[DropReason.SlowConsumer];
        Assert.InRange(dropped, 1, 200);
        Assert.Equal(400 - dropped, packets.Count);
    }

    private sealed class Slow(string clientId, bool throws = false) : IAuthenticator
    {
        public Later<AuthenticationResult> Answer { get; } = new();

        public ValueTask<AuthenticationResult> AuthenticateAsync(ConnectingClient client, CancellationToken cancellationToken)
        {
            if (throws) throw new InvalidOperationException("no database");
            return client.ClientId == clientId ? Answer.Ask() : ValueTask.FromResult(AuthenticationResult.Success);
        }
    }

    private sealed class OnlyBelow(string level) : IAuthorizer
    {
        public bool MayPublish(ClientIdentity client, ReadOnlySpan<byte> topic, QoS qos, bool retain) => IsBelow(topic);

        public bool MaySubscribe(ClientIdentity client, ReadOnlySpan<byte> filter, SubscriptionOptions options) => IsBelow(filter);

        private bool IsBelow(ReadOnlySpan<byte> name) => name.StartsWith(Encoding.UTF8.GetBytes(level + "/"));
    }

    private sealed class Hook : IMessageHook, ISessionHook
    {
        public List<string> Seen { get; } = [];

        public ReasonCode In { get; init; }

        public string? RefuseOut { get; init; }

        public ReasonCode OnMessageIn(in HookedMessage message)
        {
            Seen.Add($"in {Encoding.UTF8.GetString(message.Topic)} {message.Client?.ClientId}");
            return In;
        }

        public bool OnMessageOut(in HookedMessage message)
        {
            string topic = Encoding.UTF8.GetString(message.Topic);
            Seen.Add($"out {topic} {message.Client?.ClientId}");
            return topic != RefuseOut;
        }

        public void OnConnected(ClientIdentity client, bool sessionPresent) => Seen.Add($"connected {client.ClientId} {sessionPresent}");

        public void OnDisconnected(ClientIdentity client, EndReason reason) => Seen.Add($"disconnected {reason}");

        public void OnSubscribed(ClientIdentity client, string filter, SubscriptionOptions options) => Seen.Add($"subscribed {filter}");

        public void OnUnsubscribed(ClientIdentity client, string filter) => Seen.Add($"unsubscribed {filter}");

        public void OnSessionEnded(ClientIdentity client) => Seen.Add($"ended {client.ClientId}");
    }
}
