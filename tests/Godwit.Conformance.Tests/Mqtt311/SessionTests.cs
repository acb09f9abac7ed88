// Sessions and Clean Session: sections 3.1.2.4, 3.1.4, 3.2.2.2 and 4.1.
namespace Godwit.Conformance.Tests.Mqtt311;

public class SessionTests
{
    [Theory]
    [Loops]
    [Statement("MQTT-3.2.2-1", "3.1.1")]
    [Statement("MQTT-3.1.2-6", "3.1.1")]
    [Statement("MQTT-3.1.4-3", "3.1.1")]
    public void CONNECT_CleanSession1_DropsTheEarlierSession(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("client", 1);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), first = broker.Connect(id, cleanSession: false);
        first.Subscribe("a", QoS.AtLeastOnce);
        first.Disconnect();
        publisher.Publish("a", "while away", QoS.AtLeastOnce, 1);

        TestClient second = broker.Connect(id, cleanSession: true, sessionPresent: false);
        publisher.Publish("a", "now", QoS.AtLeastOnce, 2);

        second.ExpectOpen();
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.1.2-6", "3.1.1")]
    [Statement("MQTT-3.2.2-3", "3.1.1")]
    [Statement("MQTT-4.1.0-2", "3.1.1")]
    public void CONNECT_AfterCleanSession1_DoesNotReuseThatSession(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("client", 1);
        TestClient first = broker.Connect(id, cleanSession: true);
        first.Subscribe("a");
        Assert.NotNull(broker.Session(id));
        first.Disconnect();
        Assert.Null(broker.Session(id));

        TestClient second = broker.Connect(id, cleanSession: false, sessionPresent: false);
        broker.Connect(broker.ClientId("publisher", 0)).Publish("a", "x");

        second.ExpectOpen();
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.1.2-4", "3.1.1")]
    [Statement("MQTT-3.1.2-5", "3.1.1")]
    [Statement("MQTT-3.1.3-2", "3.1.1")]
    [Statement("MQTT-3.2.2-2", "3.1.1")]
    [Statement("MQTT-4.1.0-1", "3.1.1")]
    [Statement("MQTT-4.5.0-1", "3.1.1")]
    public void CONNECT_CleanSession0_ResumesTheSession(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("client", 1);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0)), first = broker.Connect(id, cleanSession: false);
        first.Subscribe("a/+", QoS.ExactlyOnce);
        first.Disconnect();
        broker.Advance(TimeSpan.FromHours(1));
        publisher.Publish("a/0", "QoS 0 is not kept");
        publisher.Publish("a/1", "one", QoS.AtLeastOnce, 1);
        publisher.Publish("a/2", "two", QoS.ExactlyOnce, 2);

        TestClient second = broker.Open();
        second.Send(Packets.Connect(ProtocolVersion.V311, id, cleanSession: false));
        second.ExpectPackets("CONNACK 01 00", "PUBLISH a/1=one q1 m1", "PUBLISH a/2=two q2 m2");

        publisher.Publish("a/3", "live");
        second.ExpectPackets("PUBLISH a/3=live q0"); // the subscription is there without a new SUBSCRIBE
    }

    [Fact]
    [Statement("MQTT-3.1.2-5", "3.1.1")]
    public void PUBLISH_QoS0ForOfflineSession_IsKeptIfTheOptionSaysSo()
    {
        using var broker = new TestBroker(configure: o => o with { QueueQoS0Messages = true });
        TestClient publisher = broker.Connect("publisher"), first = broker.Connect("client", cleanSession: false);
        first.Subscribe("a");
        first.Disconnect();
        publisher.Publish("a", "x");

        broker.Connect("client", cleanSession: false, sessionPresent: true, afterConnack: ["PUBLISH a=x q0"]);
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.2.2-3", "3.1.1")]
    [Statement("MQTT-3.1.3-2", "3.1.1")]
    public void CONNECT_OtherClientIdentifier_HasASessionOfItsOwn(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient first = broker.Connect("client", cleanSession: false);
        first.Subscribe("a");

        TestClient second = broker.Connect("Client", cleanSession: false, sessionPresent: false);
        broker.Connect("publisher").Publish("a", "x");

        first.ExpectPackets("PUBLISH a=x q0");
        second.ExpectOpen();
    }

    [Fact]
    [Statement("MQTT-3.2.2-2", "3.1.1")]
    public void CONNECT_CleanSession0WithoutSubscriptions_IsStoredStateToo()
    {
        using var broker = new TestBroker();
        broker.Connect("client", cleanSession: false).Reset();

        broker.Connect("client", cleanSession: false, sessionPresent: true);
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.1.2-7", "3.1.1")]
    public void Retained_OutlivesTheSessionOfItsPublisher(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 0), cleanSession: true);
        publisher.Publish("a", "kept", retain: true);
        publisher.Disconnect();
        broker.Connect(broker.ClientId("publisher", 0), cleanSession: true).Disconnect();

        TestClient subscriber = broker.Connect(broker.ClientId("subscriber", 1));
        subscriber.Subscribe("a");

        subscriber.ExpectPackets("PUBLISH a=kept q0 retain");
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.1.4-2", "3.1.1")]
    public void CONNECT_ClientIdentifierInUse_DisconnectsTheExistingClient(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("client", 1);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 2));
        TestClient[] clients = [.. Enumerable.Range(0, 4).Select(i => broker.Connect(id, cleanSession: false, sessionPresent: i > 0))];
        clients[3].Subscribe("a");

        publisher.Publish("a", "x");

        Assert.All(clients[..3], client => client.ExpectClosed());
        clients[3].ExpectPackets("PUBLISH a=x q0");
        Assert.Equal((2, 2), (broker.Statistics.ClientsConnected, broker.Statistics.Sessions));
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.1.4-2", "3.1.1")]
    public void CONNECT_ClientIdentifierInUseWithCleanSession_StartsAnew(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("client", 1);
        TestClient first = broker.Connect(id, cleanSession: true);
        first.Subscribe("a");

        TestClient second = broker.Connect(id, cleanSession: true);
        broker.Connect(broker.ClientId("publisher", 2)).Publish("a", "x");

        first.ExpectClosed();
        second.ExpectOpen();
    }

    [Theory]
    [Loops]
    [Statement("MQTT-4.4.0-1", "3.1.1")]
    public void CONNECT_TakeOver_ContinuesWhatIsInFlight(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("client", 1);
        TestClient publisher = broker.Connect(broker.ClientId("publisher", 2)), first = broker.Connect(id, cleanSession: false);
        first.Subscribe("a", QoS.AtLeastOnce);
        publisher.Publish("a", "x", QoS.AtLeastOnce, 1);
        first.ExpectPackets("PUBLISH a=x q1 m1");

        broker.Connect(id, cleanSession: false, sessionPresent: true, afterConnack: ["PUBLISH a=x q1 m1 dup"]);
        first.ExpectClosed();
    }

    [Theory]
    [Loops]
    public void Session_OlderThanTheLimit_Ends(int loops)
    {
        using var broker = new TestBroker(loops, o => o with { MaximumSessionExpiry = 60 });
        string early = broker.ClientId("early", 1), late = broker.ClientId("late", 2);
        broker.Connect(early, cleanSession: false).Close();
        broker.Connect(late, cleanSession: false).Subscribe("a");
        TestClient connected = broker.Connect("connected", cleanSession: false);

        broker.Advance(TimeSpan.FromSeconds(59));
        broker.Connect(early, cleanSession: false, sessionPresent: true).Close();
        broker.Connect(late, cleanSession: false, sessionPresent: true).Close(); // a take-over
        broker.Advance(TimeSpan.FromSeconds(61));

        connected.ExpectOpen();
        Assert.Equal((1, 2, 0), (broker.Statistics.Sessions, broker.Statistics.SessionsExpired, broker.Statistics.Subscriptions));
        broker.Connect(early, cleanSession: false, sessionPresent: false);
    }

    [Theory]
    [Loops]
    [Statement("MQTT-3.1.4-2", "3.1.1")]
    public void CONNECT_SameClientIdentifierAtTheSameTime_LeavesOneClient(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient[] clients = [.. Enumerable.Range(0, 9).Select(_ => broker.Open())];

        foreach (TestClient client in clients) client.Write(Packets.Connect(ProtocolVersion.V311, "client", cleanSession: false));
        broker.Run();

        TestClient left = Assert.Single(clients, client => !client.IsClosed);
        // With a store those whose session has gone to the next before it was stored are not promised anything.
        if (TestBroker.HasStore) Assert.All(clients, client => Assert.Equal(client == left ? 1 : 0, client.Take().Count));
        else Assert.All(clients, client => Assert.StartsWith("CONNACK", Assert.Single(client.Take())));
        Assert.Equal((1, 1), (broker.Statistics.ClientsConnected, broker.Statistics.Sessions));
        left.Send("C0 00");
        left.Expect("D0 00");
    }

    [Fact]
    [Statement("MQTT-4.1.0-2", "3.1.1")]
    public void CONNECT_ClientGoneOnTheWayToItsLoop_LeavesNothing()
    {
        using var broker = new TestBroker(2);
        broker.Open(); // takes its turn on loop 0
        TestClient first = broker.Open(), second = broker.Open();
        TestClient watcher = broker.Connect(broker.ClientId("watcher", 1));
        watcher.Subscribe("w");
        broker.StalledLoops.Add(0);
        broker.StalledLoops.Add(1);
        first.Write(Packets.Connect(ProtocolVersion.V311, broker.ClientId("first", 0), will: new TestWill("w", "first")));
        second.Write(Packets.Connect(ProtocolVersion.V311, broker.ClientId("second", 1), will: new TestWill("w", "second")));
        broker.Run();
        broker.StalledLoops.Remove(1);
        broker.Run(); // the first has left loop 1
        first.Reset();
        broker.StalledLoops.Add(1);
        broker.StalledLoops.Remove(0);
        broker.Run(); // the second has left loop 0
        second.Close();
        broker.StalledLoops.Clear();
        broker.Run();

        Assert.Equal((1, 1), (broker.Statistics.ClientsConnected, broker.Statistics.Sessions));
        Assert.Single(broker.Broker.State.Shards[0].Connections); // the one that sent nothing
        Assert.All(watcher.Take(), text => Assert.StartsWith("PUBLISH w=", text));
    }

    [Theory]
    [Loops]
    [Statement("MQTT-4.3.2-2", "3.1.1")]
    public void PUBLISH_AndGoneAtOnce_IsDelivered(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient subscriber = broker.Connect(broker.ClientId("subscriber", 0)), publisher = broker.Open();
        subscriber.Subscribe("a", QoS.AtLeastOnce);

        publisher.Write(Packets.Connect(ProtocolVersion.V311, broker.ClientId("publisher", 1)), Packets.Publish(ProtocolVersion.V311, "a", [], QoS.AtLeastOnce, 1));
        publisher.Close();

        subscriber.ExpectPackets("PUBLISH a= q1 m1");
    }
}
