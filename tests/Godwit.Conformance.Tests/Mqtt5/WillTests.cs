// Sections 3.1.2.5 to 3.1.2.7 and 3.1.3.2: when a will is published, and as what.
using Godwit.Broker.Auth;

namespace Godwit.Conformance.Tests.Mqtt5;

public class WillTests
{
    private const string After5 = "18 00 00 00 05";
    private static readonly TestWill Plain = new("will", "gone"), Delayed = new("will", "gone", Properties: After5);

    [Theory]
    [Statement("MQTT-3.1.2-7", "5.0")]
    [Statement("MQTT-3.1.2-8", "5.0")]
    [InlineData(1)]
    [InlineData(3)]
    public void Will_ConnectionLost_IsPublishedAtOnce(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient watcher = Watch(broker);
        broker.Connect5("c", will: Plain).Reset();
        watcher.ExpectPackets("PUBLISH will=gone q0");
    }

    [Fact]
    [Statement("MQTT-3.1.2-8", "5.0")]
    public void Will_ClosedWithoutDisconnect_IsPublished()
    {
        using var broker = new TestBroker();
        TestClient watcher = Watch(broker);
        broker.Connect5("c", will: Plain).Close();
        watcher.ExpectPackets("PUBLISH will=gone q0");
    }

    [Theory]
    [Statement("MQTT-3.1.2-10", "5.0")]
    [Statement("MQTT-3.14.4-3", "5.0")]
    [InlineData("E0 00")]
    [InlineData("E0 01 00")]
    [InlineData("E0 02 00 00")]
    public void Will_Disconnect00_IsDiscarded(string disconnect)
    {
        using var broker = new TestBroker();
        TestClient watcher = Watch(broker);
        broker.Connect5("c", V5.Minute, will: Delayed).Send(disconnect);
        broker.Advance(TimeSpan.FromSeconds(61));
        watcher.ExpectNothing();
    }

    [Theory]
    [Statement("MQTT-3.1.2-8", "5.0")]
    [Statement("MQTT-3.1.2-10", "5.0")]
    [InlineData(ReasonCode.DisconnectWithWillMessage)]
    [InlineData(ReasonCode.UnspecifiedError)]
    public void Will_DisconnectWithAnotherCode_IsPublished(ReasonCode code)
    {
        using var broker = new TestBroker();
        TestClient watcher = Watch(broker), client = broker.Connect5("c", will: Plain);
        client.Send(V5.Disconnect(code));
        client.ExpectClosed();
        watcher.ExpectPackets("PUBLISH will=gone q0");
    }

    [Fact]
    [Statement("MQTT-3.1.2-8", "5.0")]
    [Statement("MQTT-3.1.2-22", "5.0")]
    public void Will_KeepAliveTimeout_IsPublished()
    {
        using var broker = new TestBroker();
        TestClient watcher = Watch(broker), client = broker.Connect5("c", keepAlive: 10, will: Plain);
        broker.Advance(TimeSpan.FromSeconds(15));
        client.ExpectDisconnect(ReasonCode.KeepAliveTimeout);
        watcher.ExpectPackets("PUBLISH will=gone q0");
    }

    [Fact]
    [Statement("MQTT-3.1.2-8", "5.0")]
    public void Will_ProtocolError_IsPublished()
    {
        using var broker = new TestBroker();
        TestClient watcher = Watch(broker), client = broker.Connect5("c", will: Plain);
        client.Send("00 00");
        client.ExpectDisconnect(ReasonCode.MalformedPacket);
        watcher.ExpectPackets("PUBLISH will=gone q0");
    }

    [Theory]
    [Statement("MQTT-3.1.2-14", "5.0")]
    [Statement("MQTT-3.1.2-15", "5.0")]
    [InlineData(false)]
    [InlineData(true)]
    public void Will_RetainFlag_DecidesWhetherItIsRetained(bool retain)
    {
        using var broker = new TestBroker();
        broker.Connect5("c", will: Plain with { Retain = retain, QoS = QoS.AtLeastOnce }).Reset();
        TestClient late = broker.Connect5("late");
        late.Subscribe("will", QoS.AtLeastOnce);
        if (retain) late.ExpectPackets("PUBLISH will=gone q1 m1 retain");
        else late.ExpectNothing();
    }

    [Theory]
    [Statement("MQTT-3.1.2-8", "5.0")]
    [InlineData(1)]
    [InlineData(3)]
    public void Will_Delay5_IsPublishedOnceAfterFiveSeconds(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient watcher = Watch(broker);
        broker.Connect5("c", V5.Minute, will: Delayed).Reset();
        broker.Advance(TimeSpan.FromSeconds(4));
        watcher.ExpectNothing();
        broker.Advance(TimeSpan.FromSeconds(1));
        watcher.ExpectPackets("PUBLISH will=gone q0");
        broker.Advance(TimeSpan.FromSeconds(60));
        watcher.ExpectNothing();
    }

    [Theory]
    [Statement("MQTT-3.1.2-8", "5.0")]
    [InlineData("", 0)] // the session ends with its connection
    [InlineData("11 00 00 00 02", 2)]
    public void Will_DelayBeyondTheSession_IsPublishedWhenTheSessionEnds(string properties, int seconds)
    {
        using var broker = new TestBroker();
        TestClient watcher = Watch(broker);
        broker.Connect5("c", properties, will: Delayed).Reset();
        broker.Advance(TimeSpan.FromSeconds(Math.Max(0, seconds - 1)));
        if (seconds > 0) watcher.ExpectNothing();
        broker.Advance(TimeSpan.FromSeconds(1));
        watcher.ExpectPackets("PUBLISH will=gone q0");
    }

    [Fact]
    [Statement("MQTT-3.1.3-9", "5.0")]
    public void Will_ReconnectBeforeTheDelay_IsCancelled()
    {
        using var broker = new TestBroker();
        TestClient watcher = Watch(broker);
        broker.Connect5("c", V5.Minute, will: Delayed).Reset();
        broker.Advance(TimeSpan.FromSeconds(4));
        TestClient client = broker.Resume5("c", V5.Minute);
        broker.Advance(TimeSpan.FromSeconds(60));
        client.Reset();
        broker.Advance(TimeSpan.FromSeconds(60));
        watcher.ExpectNothing();
    }

    [Fact]
    [Statement("MQTT-3.1.3-9", "5.0")]
    [Statement("MQTT-3.1.2-8", "5.0")]
    public void Will_CleanStartBeforeTheDelay_IsPublishedBecauseTheSessionEnds()
    {
        using var broker = new TestBroker();
        TestClient watcher = Watch(broker);
        broker.Connect5("c", V5.Minute, will: Delayed).Reset();
        broker.Connect5("c", V5.Minute, cleanStart: true);
        watcher.ExpectPackets("PUBLISH will=gone q0");
    }

    [Theory]
    [Statement("MQTT-3.1.3-9", "5.0")]
    [Statement("MQTT-3.1.4-3", "5.0")]
    [InlineData("", true)] // no delay: the connection's end publishes it
    [InlineData(After5, false)] // the new connection continues the session in time
    public void Will_TakenOverByTheSameSession_IsPublishedUnlessDelayed(string willProperties, bool isPublished)
    {
        using var broker = new TestBroker(3);
        TestClient watcher = Watch(broker);
        broker.Connect5("c", V5.Minute, will: Plain with { Properties = willProperties });
        broker.Resume5("c", V5.Minute);
        broker.Advance(TimeSpan.FromSeconds(10));
        if (isPublished) watcher.ExpectPackets("PUBLISH will=gone q0");
        else watcher.ExpectNothing();
    }

    [Fact]
    [Statement("MQTT-3.1.2-10", "5.0")]
    public void Will_Published_IsGone()
    {
        using var broker = new TestBroker();
        TestClient watcher = Watch(broker);
        broker.Connect5("c", V5.Minute, will: Plain).Reset();
        watcher.ExpectPackets("PUBLISH will=gone q0");
        broker.Resume5("c", V5.Minute).Reset();
        broker.Advance(TimeSpan.FromSeconds(61));
        watcher.ExpectNothing();
    }

    [Fact]
    [Statement("MQTT-3.1.3-10", "5.0")]
    [Statement("MQTT-3.1.2-9", "5.0")]
    public void Will_Properties_AreForwardedInOrderWithoutTheDelay()
    {
        const string first = "26 00 01 'k' 00 01 '1'  01 01  03 00 01 't'", last = "08 00 01 'r'  09 00 01 AA  26 00 01 'k' 00 01 '0'";
        using var broker = new TestBroker();
        TestClient watcher = Watch(broker);
        broker.Connect5("c", will: Plain with { Properties = $"{first} {After5} {last}" }).Reset();
        watcher.ExpectPackets($"PUBLISH will=gone q0 {V5.Shown(first + last)}");
    }

    [Fact]
    [Statement("MQTT-3.3.2-6", "5.0")]
    public void Will_MessageExpiry_BeginsWhenItIsPublished()
    {
        using var broker = new TestBroker();
        TestClient watcher = Watch(broker);
        broker.Connect5("c", V5.Minute, will: Plain with { Properties = "18 00 00 00 05  02 00 00 00 03" }).Reset();
        broker.Advance(TimeSpan.FromSeconds(5));
        watcher.ExpectPackets($"PUBLISH will=gone q0 {V5.Shown("02 00 00 00 03")}");
    }

    [Fact]
    [Statement("MQTT-3.8.3-3", "5.0")]
    public void Will_OwnSubscriptionWithNoLocal_DoesNotGetIt()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", V5.Minute, will: Plain with { QoS = QoS.AtLeastOnce });
        client.Subscribe("will", QoS.AtLeastOnce, options: 4);
        client.Reset();
        broker.Resume5("c").ExpectNothing();
    }

    [Theory]
    [Statement("MQTT-3.2.2-12", "5.0")]
    [Statement("MQTT-3.2.2-13", "5.0")]
    [InlineData(QoS.ExactlyOnce, false, ReasonCode.QoSNotSupported)]
    [InlineData(QoS.AtMostOnce, true, ReasonCode.RetainNotSupported)]
    public void Will_BeyondTheServersAbility_RefusesTheConnect(QoS qos, bool retain, ReasonCode code)
    {
        using var broker = new TestBroker(configure: o => o with { MaximumQoS = QoS.AtLeastOnce, RetainAvailable = false });
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", will: Plain with { QoS = qos, Retain = retain }));
        client.ExpectRefused(code);
    }

    [Fact]
    [Statement("MQTT-3.1.4-2", "5.0")]
    public void Will_TopicNotAuthorised_RefusesTheConnect()
    {
        using var broker = new TestBroker(configure: o => o with { Authorizer = new NoPublishing() });
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", will: Plain));
        client.ExpectRefused(ReasonCode.NotAuthorized);
    }

    [Fact]
    [Statement("MQTT-3.3.2-2", "5.0")]
    [Statement("MQTT-4.7.0-1", "5.0")]
    public void Will_WildcardInTopic_IsRefused81()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", will: new TestWill("a/#", "")));
        client.ExpectRefused(ReasonCode.MalformedPacket);
    }

    private static TestClient Watch(TestBroker broker)
    {
        TestClient watcher = broker.Connect5(broker.ClientId("watcher", 1));
        watcher.Subscribe("#");
        return watcher;
    }

    private sealed class NoPublishing : IAuthorizer
    {
        public bool MayPublish(ClientIdentity client, ReadOnlySpan<byte> topic, QoS qos, bool retain) => false;

        public bool MaySubscribe(ClientIdentity client, ReadOnlySpan<byte> filter, SubscriptionOptions options) => true;
    }
}
