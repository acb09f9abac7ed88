// Section 3.2: what CONNACK tells a client, and what the client must not do then.
namespace Godwit.Conformance.Tests.Mqtt5;

public class ConnackTests
{
    [Fact]
    [Statement("MQTT-3.2.2-1", "5.0")]
    [Statement("MQTT-3.1.4-5", "5.0")]
    [Statement("MQTT-4.12.0-6", "5.0")]
    public void CONNACK_Defaults_TellsTheLimitsAndNothingElse()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open5();
        client.Send("10 0E  00 04 'MQTT'  05 02  00 00  00  00 01 'c'");
        if (TestBroker.HasStore) client.ExpectPackets($"CONNACK 00 00 {V5.Shown(V5.Announced)}");
        else client.Expect($"20 0B  00 00  08  {V5.Announced}");
    }

    [Fact]
    [Statement("MQTT-3.2.2-9", "5.0")]
    public void CONNACK_LimitsSet_TellsThem()
    {
        using var broker = new TestBroker(configure: o => o with
        {
            ReceiveMaximum = 7, MaximumQoS = QoS.AtLeastOnce, RetainAvailable = false, MaximumPacketSize = 1000, TopicAliasMaximum = 0,
        });
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c"));
        client.ExpectPackets($"CONNACK 00 00 {V5.Shown("21 00 07  24 01  25 00  27 00 00 03 E8")}");
    }

    [Theory]
    [Statement("MQTT-3.2.2-9", "5.0")]
    [Statement("MQTT-3.2.2-10", "5.0")]
    [Statement("MQTT-3.2.2-11", "5.0")]
    [InlineData(QoS.AtMostOnce, QoS.AtLeastOnce)]
    [InlineData(QoS.AtLeastOnce, QoS.ExactlyOnce)]
    public void PUBLISH_AboveMaximumQoS_Disconnects9B(QoS maximum, QoS qos)
    {
        using var broker = new TestBroker(configure: o => o with { MaximumQoS = maximum });
        TestClient client = broker.Connect5("c");
        client.Subscribe("a", QoS.ExactlyOnce); // any QoS may be asked for
        client.Publish("a", "x", qos, 1);
        client.ExpectDisconnect(ReasonCode.QoSNotSupported);
    }

    [Fact]
    [Statement("MQTT-3.2.2-14", "5.0")]
    public void PUBLISH_RetainNotAvailable_Disconnects9A()
    {
        using var broker = new TestBroker(configure: o => o with { RetainAvailable = false });
        TestClient client = broker.Connect5("c");
        client.Publish("a", "x", retain: true);
        client.ExpectDisconnect(ReasonCode.RetainNotSupported);
    }

    [Theory]
    [Statement("MQTT-3.2.2-15", "5.0")]
    [Statement("MQTT-4.13.2-1", "5.0")]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void AnyPacket_AboveMaximumPacketSize_Disconnects95(int length, bool isAccepted)
    {
        using var broker = new TestBroker(configure: o => o with { MaximumPacketSize = 100 });
        TestClient client = broker.Connect5("c");
        client.Send(Packets.Publish(ProtocolVersion.V5, "a", new byte[length - 6]));
        if (isAccepted) client.ExpectOpen();
        else client.ExpectDisconnect(ReasonCode.PacketTooLarge);
        broker.ExpectAlive();
    }

    [Fact]
    [Statement("MQTT-3.2.2-15", "5.0")]
    public void AnyPacket_AnnouncedAboveMaximumPacketSize_DisconnectsBeforeItHasCome()
    {
        using var broker = new TestBroker(configure: o => o with { MaximumPacketSize = 100 });
        TestClient client = broker.Connect5("c");
        client.Send("30 FF FF FF 7F");
        client.ExpectDisconnect(ReasonCode.PacketTooLarge);
    }

    [Theory]
    [Statement("MQTT-3.1.2-28", "5.0")]
    [InlineData("", false)]
    [InlineData("19 00", false)]
    [InlineData("19 01", true)]
    public void CONNACK_ResponseInformation_OnlyIfRequested(string properties, bool isSent)
    {
        using var broker = new TestBroker(configure: o => o with { ResponseInformation = "re/%c" });
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", properties));
        client.ExpectPackets($"CONNACK 00 00 {V5.Shown(V5.Announced + (isSent ? V5.Text(0x1A, "re/c") : ""))}");
    }

    [Fact]
    [Statement("MQTT-3.2.2-19", "5.0")]
    [Statement("MQTT-3.2.2-20", "5.0")]
    public void CONNACK_ReasonStringDoesNotFit_IsLeftOut()
    {
        using var broker = new TestBroker(configure: o => o with { AllowEmptyClientId = false });
        TestClient wide = broker.Open5(), narrow = broker.Open5();
        wide.Send(V5.Connect("", "27 00 00 00 64"));
        wide.ExpectPacket("CONNACK 00 85 {1F ");
        narrow.Send(V5.Connect("", "27 00 00 00 0A"));
        narrow.ExpectClosed("20 03  00 85  00");
    }

    [Theory]
    [Statement("MQTT-3.1.2-24", "5.0")]
    [InlineData(100, "1A 00 04 're/c'")]
    [InlineData(15, "")] // response information is dispensable
    public void CONNACK_ResponseInformationDoesNotFit_IsLeftOut(byte maximum, string information)
    {
        using var broker = new TestBroker(configure: o => o with { ResponseInformation = "re/%c" });
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", $"19 01  27 00 00 00 {maximum:X2}"));
        client.ExpectPackets($"CONNACK 00 00 {V5.Shown(V5.Announced + information)}");
    }

    [Theory]
    [Statement("MQTT-3.1.2-24", "5.0")]
    [InlineData(12, "20 03  00 95  00")] // what must be told needs 13 bytes
    [InlineData(5, "20 03  00 95  00")]
    [InlineData(4, "")]
    public void CONNACK_DoesNotFit_RefusesTheClient(byte maximum, string answer)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open5();
        client.Send(V5.Connect("c", $"27 00 00 00 {maximum:X2}"));
        client.ExpectClosed(answer);
        Assert.Null(broker.Session("c"));
    }
}
