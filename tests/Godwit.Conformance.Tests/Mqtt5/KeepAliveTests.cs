// Sections 3.1.2.10, 3.2.2.3.14 and 3.12: keep alive, server keep alive, PINGREQ.
namespace Godwit.Conformance.Tests.Mqtt5;

public class KeepAliveTests
{
    [Theory]
    [Statement("MQTT-3.1.2-22", "5.0")]
    [Statement("MQTT-3.2.2-22", "5.0")]
    [InlineData(1)]
    [InlineData(3)]
    public void KeepAlive_NothingReceived_DisconnectsAfterOneAndAHalfTimes(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient client = broker.Connect5("c", keepAlive: 10);
        broker.Advance(TimeSpan.FromMilliseconds(14_999));
        client.ExpectOpen();
        broker.Advance(TimeSpan.FromMilliseconds(1));
        client.ExpectDisconnect(ReasonCode.KeepAliveTimeout);
    }

    [Fact]
    [Statement("MQTT-3.1.2-20", "5.0")]
    [Statement("MQTT-3.1.2-22", "5.0")]
    [Statement("MQTT-3.12.4-1", "5.0")]
    public void KeepAlive_AnyPacket_StartsItAnew()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", keepAlive: 10);
        broker.Advance(TimeSpan.FromSeconds(14));
        client.Send("C0 00");
        client.Expect("D0 00");
        broker.Advance(TimeSpan.FromSeconds(14));
        client.Publish("a", "x");
        broker.Advance(TimeSpan.FromSeconds(14));
        client.ExpectOpen();
        broker.Advance(TimeSpan.FromSeconds(1));
        client.ExpectDisconnect(ReasonCode.KeepAliveTimeout);
    }

    [Fact]
    [Statement("MQTT-3.1.2-22", "5.0")]
    public void KeepAlive_IncompletePacket_DoesNotCount()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", keepAlive: 10);
        broker.Advance(TimeSpan.FromSeconds(14));
        client.Send("30 20 00");
        broker.Advance(TimeSpan.FromSeconds(1));
        client.ExpectDisconnect(ReasonCode.KeepAliveTimeout);
    }

    [Fact]
    [Statement("MQTT-3.1.2-22", "5.0")]
    public void KeepAlive_0_NeverEnds()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        broker.Advance(TimeSpan.FromHours(1));
        client.ExpectOpen();
    }

    [Theory]
    [Statement("MQTT-3.1.2-21", "5.0")]
    [Statement("MQTT-3.2.2-21", "5.0")]
    [Statement("MQTT-3.1.2-22", "5.0")]
    [InlineData(0)]
    [InlineData(60)]
    public void KeepAlive_AboveTheServers_IsReplaced(ushort keepAlive)
    {
        using var broker = new TestBroker(configure: o => o with { MaximumKeepAlive = 20 });
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", keepAlive: keepAlive));
        client.ExpectPackets($"CONNACK 00 00 {V5.Shown(V5.Announced + " 13 00 14")}");
        broker.Advance(TimeSpan.FromSeconds(29));
        client.ExpectOpen();
        broker.Advance(TimeSpan.FromSeconds(1));
        client.ExpectDisconnect(ReasonCode.KeepAliveTimeout);
    }

    [Fact]
    [Statement("MQTT-3.2.2-22", "5.0")]
    public void KeepAlive_WithinTheServers_IsNotAnswered()
    {
        using var broker = new TestBroker(configure: o => o with { MaximumKeepAlive = 20 });
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", keepAlive: 20));
        client.ExpectPackets($"CONNACK 00 00 {V5.Shown(V5.Announced)}");
    }
}
