// Sections 3.1.2.4, 3.1.2.11.2, 3.2.2.1.1 and 4.1: clean start, session present, session expiry.
namespace Godwit.Conformance.Tests.Mqtt5;

public class SessionTests
{
    [Theory]
    [Statement("MQTT-3.1.2-4", "5.0")]
    [Statement("MQTT-3.2.2-2", "5.0")]
    [InlineData(1)]
    [InlineData(3)]
    public void CONNECT_CleanStart1_DropsTheSession(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient client = broker.Connect5("c", V5.Hour);
        client.Subscribe("a", QoS.AtLeastOnce);
        client.Reset();
        TestClient publisher = broker.Connect5("p");
        publisher.Publish("a", "1", QoS.AtLeastOnce, 1);
        publisher.ExpectPackets("PUBACK m1");
        client = broker.Connect5("c", V5.Hour, cleanStart: true, sessionPresent: false);
        client.ExpectNothing();
        publisher.Publish("a", "2", QoS.AtLeastOnce, 1);
        publisher.ExpectPackets("PUBACK m1 10");
    }

    [Theory]
    [Statement("MQTT-3.1.2-5", "5.0")]
    [Statement("MQTT-3.2.2-3", "5.0")]
    [Statement("MQTT-3.1.2-23", "5.0")]
    [Statement("MQTT-4.5.0-1", "5.0")]
    [InlineData(1)]
    [InlineData(3)]
    public void CONNECT_CleanStart0WithSession_ResumesIt(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient client = broker.Connect5("c", V5.Hour);
        client.Subscribe("a", QoS.ExactlyOnce);
        client.Reset();
        TestClient publisher = broker.Connect5("p");
        publisher.Publish("a", "0");
        publisher.Publish("a", "1", QoS.AtLeastOnce, 1);
        publisher.Publish("a", "2", QoS.ExactlyOnce, 2);
        client = broker.Resume5("c");
        client.ExpectPackets("PUBLISH a=1 q1 m1", "PUBLISH a=2 q2 m2");
        publisher.Publish("a", "3");
        client.ExpectPackets("PUBLISH a=3 q0");
    }

    [Fact]
    [Statement("MQTT-3.1.2-6", "5.0")]
    [Statement("MQTT-3.2.2-3", "5.0")]
    public void CONNECT_CleanStart0WithoutSession_MakesOne()
    {
        using var broker = new TestBroker();
        broker.Connect5("c", cleanStart: false, sessionPresent: false);
        Assert.NotNull(broker.Session("c"));
    }

    [Fact]
    [Statement("MQTT-3.2.2-6", "5.0")]
    public void CONNECT_RefusedWithSession_SessionPresentIs0()
    {
        using var broker = new TestBroker(configure: o => o with { MaximumQoS = QoS.AtLeastOnce });
        broker.Connect5("c", V5.Hour).Reset();
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", V5.Hour, cleanStart: false, will: new TestWill("w", "", QoS.ExactlyOnce)));
        client.ExpectRefused(ReasonCode.QoSNotSupported);
        broker.Connect5("c", V5.Hour, cleanStart: false, sessionPresent: true);
    }

    [Theory]
    [Statement("MQTT-4.1.0-2", "5.0")]
    [InlineData("")]
    [InlineData("11 00 00 00 00")]
    public void Session_ExpiryInterval0_EndsWithItsConnection(string properties)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", properties);
        client.Subscribe("a", QoS.AtLeastOnce);
        client.Reset();
        Assert.Null(broker.Session("c"));
        broker.Connect5("c", properties, cleanStart: false, sessionPresent: false);
    }

    [Theory]
    [Statement("MQTT-3.1.2-23", "5.0")]
    [Statement("MQTT-4.1.0-2", "5.0")]
    [InlineData(1)]
    [InlineData(3)]
    public void Session_ExpiryInterval10_EndsTenSecondsAfterItsConnection(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient client = broker.Connect5("c", "11 00 00 00 0A");
        client.Subscribe("a", QoS.AtLeastOnce);
        client.Reset();
        broker.Advance(TimeSpan.FromSeconds(9));
        Assert.NotNull(broker.Session("c"));
        broker.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(broker.Session("c"));
        Assert.Equal(1, broker.Statistics.SessionsExpired);
        Assert.Equal(0, broker.Statistics.Subscriptions);
    }

    [Fact]
    [Statement("MQTT-4.1.0-1", "5.0")]
    public void Session_WhileConnected_DoesNotExpire()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", "11 00 00 00 0A");
        client.Subscribe("a");
        client.Reset();
        broker.Advance(TimeSpan.FromSeconds(9));
        client = broker.Resume5("c", "11 00 00 00 0A");
        broker.Advance(TimeSpan.FromSeconds(60));
        broker.Connect5("p").Publish("a", "x");
        client.ExpectPackets("PUBLISH a=x q0");
        client.Reset();
        broker.Advance(TimeSpan.FromSeconds(9));
        Assert.NotNull(broker.Session("c"));
    }

    [Fact]
    [Statement("MQTT-3.1.2-23", "5.0")]
    [Statement("MQTT-4.1.0-2", "5.0")]
    public void Session_ExpiryIntervalFFFFFFFF_DoesNotExpire()
    {
        using var broker = new TestBroker();
        broker.Connect5("c", V5.ForEver).Reset();
        broker.Advance(TimeSpan.FromHours(2));
        broker.Resume5("c");
    }

    [Theory]
    [Statement("MQTT-4.1.0-2", "5.0")]
    [InlineData("11 00 00 00 3C", "11 00 00 00 05", 5)] // shortened
    [InlineData("11 00 00 00 05", "11 00 00 00 0A", 10)] // lengthened
    [InlineData("11 00 00 00 05", "", 5)] // left
    public void DISCONNECT_SessionExpiryInterval_ReplacesThatOfConnect(string inConnect, string inDisconnect, int seconds)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", inConnect);
        client.Send(V5.Disconnect(ReasonCode.Success, inDisconnect));
        client.ExpectClosed();
        broker.Advance(TimeSpan.FromSeconds(seconds - 1));
        Assert.NotNull(broker.Session("c"));
        broker.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(broker.Session("c"));
    }

    [Fact]
    [Statement("MQTT-4.1.0-2", "5.0")]
    public void DISCONNECT_SessionExpiryInterval0_EndsTheSession()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", V5.Hour);
        client.Send(V5.Disconnect(ReasonCode.Success, "11 00 00 00 00"));
        Assert.Null(broker.Session("c"));
    }

    [Fact]
    [Statement("MQTT-4.13.1-1", "5.0")]
    [Statement("MQTT-3.14.2-2", "5.0")]
    public void DISCONNECT_SessionExpiryIntervalRaisedFrom0_Disconnects82()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Send(V5.Disconnect(ReasonCode.Success, "11 00 00 00 05"));
        string packet = Assert.Single(client.Take());
        Assert.StartsWith("DISCONNECT 82", packet);
        Assert.DoesNotContain("11 00 00 00", packet);
        Assert.True(client.IsClosed);
        Assert.Null(broker.Session("c"));
    }

    [Theory]
    [Statement("MQTT-4.1.0-2", "5.0")]
    [InlineData(V5.Hour)]
    [InlineData(V5.ForEver)]
    public void CONNACK_SessionExpiryAboveTheServersMaximum_IsReplaced(string properties)
    {
        using var broker = new TestBroker(configure: o => o with { MaximumSessionExpiry = 5 });
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", properties));
        client.ExpectPackets($"CONNACK 00 00 {V5.Shown("11 00 00 00 05 " + V5.Announced)}");
        client.Send(V5.Disconnect(ReasonCode.Success, V5.ForEver));
        broker.Advance(TimeSpan.FromSeconds(4));
        Assert.NotNull(broker.Session("c"));
        broker.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(broker.Session("c"));
    }

    [Fact]
    [Statement("MQTT-4.1.0-1", "5.0")]
    [Statement("MQTT-4.3.3-10", "5.0")]
    public void Session_QoS2IdentifiersReceived_OutliveTheConnection()
    {
        using var broker = new TestBroker();
        TestClient subscriber = broker.Connect5("s"), client = broker.Connect5("c", V5.Hour);
        subscriber.Subscribe("a");
        client.Publish("a", "x", QoS.ExactlyOnce, 9);
        client.Reset();
        client = broker.Resume5("c");
        client.Publish("a", "x", QoS.ExactlyOnce, 9, dup: true);
        client.ExpectPackets("PUBREC m9");
        client.Pubrel(9);
        client.ExpectPackets("PUBCOMP m9");
        subscriber.ExpectPackets("PUBLISH a=x q0");
    }
}
