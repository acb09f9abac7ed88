// DISCONNECT: section 3.14. What becomes of the will is in WillTests.
namespace Godwit.Conformance.Tests.Mqtt311;

public class DisconnectTests
{
    [Theory]
    [Loops]
    [Statement("MQTT-3.14.4-2", "3.1.1")]
    public void DISCONNECT_WhatComesBehindIt_IsIgnored(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient everything = broker.Connect(broker.ClientId("everything", 0)), client = broker.Connect(broker.ClientId("client", 1));
        everything.Subscribe("#");

        client.Send("30 04 00 01 'a' '1' E0 00 30 04 00 01 'a' '2' C0 00");

        client.ExpectClosed();
        everything.ExpectPackets("PUBLISH a=1 q0");
    }

    [Fact]
    public void DISCONNECT_ClientDoesNotClose_BrokerDoes()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("client");

        client.Send("E0 00");

        client.ExpectClosed();
        Assert.Equal((0, 0), (broker.Statistics.ClientsConnected, broker.Statistics.Sessions));
    }

    [Theory]
    [InlineData("E1 00")]
    [InlineData("E8 00")]
    [Statement("MQTT-3.14.1-1", "3.1.1")]
    public void DISCONNECT_ReservedBitsSet_IsNoOrderlyEnd(string packet)
    {
        using var broker = new TestBroker();
        TestClient watcher = broker.Connect("watcher"), client = broker.Connect("client", will: new TestWill("w", "gone"));
        watcher.Subscribe("w");

        client.Send(packet);

        client.ExpectClosed();
        watcher.ExpectPackets("PUBLISH w=gone q0");
    }

    [Theory]
    [InlineData("E0 01 00")]
    [InlineData("C0 01 00")]
    [Statement("MQTT-4.8.0-1", "3.1.1")]
    public void Packet_LongerThanItsType_ClosesConnection(string packet)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("client");

        client.Send(packet);

        client.ExpectClosed();
    }
}
