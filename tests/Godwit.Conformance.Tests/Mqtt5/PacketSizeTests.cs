// Section 3.1.2.11.4 and everything that follows from the client's Maximum Packet Size.
using Godwit.Broker.Auth;
using Godwit.Broker.Sessions;

namespace Godwit.Conformance.Tests.Mqtt5;

public class PacketSizeTests
{
    [Theory]
    [Statement("MQTT-3.1.2-24", "5.0")]
    [Statement("MQTT-3.1.2-25", "5.0")]
    [InlineData(1, "")]
    [InlineData(3, "")]
    [InlineData(1, "22 00 05")] // with topic aliases
    [InlineData(3, "22 00 05")]
    public void PUBLISH_TooLargeForTheClient_IsDroppedAndTheNextFlows(int loops, string aliases)
    {
        using var broker = new TestBroker(loops);
        TestClient client = broker.Connect5("c", "27 00 00 00 20  21 00 01" + aliases), publisher = broker.Connect5(broker.ClientId("p", 1));
        client.Subscribe("a", QoS.AtLeastOnce);
        foreach (QoS qos in (QoS[])[QoS.AtMostOnce, QoS.AtLeastOnce, QoS.ExactlyOnce]) publisher.Publish("a", new string('x', 40), qos, 1);
        publisher.Publish("a", "1", QoS.AtLeastOnce, 2);
        string shown = aliases.Length > 0 ? " " + V5.Shown("23 00 01") : "";
        client.ExpectPackets($"PUBLISH a=1 q1 m3{shown}");
        Assert.Equal(3, broker.Statistics.DroppedByReason[DropReason.PacketTooLarge]);
    }

    [Theory]
    [Statement("MQTT-3.1.2-24", "5.0")]
    [InlineData(32, true)]
    [InlineData(33, false)]
    public void PUBLISH_ExactlyTheClientsMaximum_Fits(int length, bool isSent)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", "27 00 00 00 20");
        client.Subscribe("a");
        broker.Connect5("p").Publish("a", new string('x', length - 6));
        Assert.Equal(isSent ? length : 0, client.Received.Length);
    }

    [Fact]
    [Statement("MQTT-3.1.2-25", "5.0")]
    public void PUBLISH_TooLargeForTheResumingClient_IsDropped()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", V5.Hour), publisher = broker.Connect5("p");
        client.Subscribe("a", QoS.AtLeastOnce);
        publisher.Publish("a", new string('x', 40), QoS.AtLeastOnce, 1); // in flight
        client.Reset();
        publisher.Publish("a", new string('x', 40), QoS.AtLeastOnce, 2); // waiting
        publisher.Publish("a", "1", QoS.AtLeastOnce, 3);
        client = broker.Resume5("c", V5.Hour + "27 00 00 00 20  21 00 01");
        client.ExpectPacket("PUBLISH a=1 q1");
        Assert.Equal(2, broker.Statistics.DroppedByReason[DropReason.PacketTooLarge]);
    }

    [Theory]
    [Statement("MQTT-3.4.2-2", "5.0")]
    [Statement("MQTT-3.4.2-3", "5.0")]
    [Statement("MQTT-3.5.2-2", "5.0")]
    [Statement("MQTT-3.5.2-3", "5.0")]
    [InlineData(QoS.AtLeastOnce, "PUBACK")]
    [InlineData(QoS.ExactlyOnce, "PUBREC")]
    public void PUBACKandPUBREC_ReasonStringDoesNotFit_IsLeftOut(QoS qos, string packet)
    {
        using var broker = new TestBroker(configure: o => o with { Authorizer = new Nothing() });
        TestClient wide = broker.Connect5("w"), narrow = broker.Connect5("n", "27 00 00 00 0E");
        wide.Publish("a", "x", qos, 1);
        wide.ExpectPackets($"{packet} m1 87 11 1F 00 0E 4E 6F 74 20 61 75 74 68 6F 72 69 7A 65 64"); // Not authorized
        narrow.Publish("a", "x", qos, 1);
        narrow.ExpectPackets($"{packet} m1 87");
    }

    [Theory]
    [Statement("MQTT-3.6.2-2", "5.0")]
    [Statement("MQTT-3.6.2-3", "5.0")]
    [Statement("MQTT-3.7.2-2", "5.0")]
    [Statement("MQTT-3.7.2-3", "5.0")]
    [Statement("MQTT-3.9.2-1", "5.0")]
    [Statement("MQTT-3.9.2-2", "5.0")]
    [Statement("MQTT-3.11.2-1", "5.0")]
    [Statement("MQTT-3.11.2-2", "5.0")]
    [InlineData("")]
    [InlineData("27 00 00 00 0E")]
    public void PUBRELandPUBCOMPandSUBACKandUNSUBACK_NeverHaveProperties(string properties)
    {
        using var broker = new TestBroker(configure: o => o with { Authorizer = new Nothing() });
        TestClient client = broker.Connect5("c", properties);
        client.Send(V5.Subscribe(1, ("a", 0)));
        client.Expect("90 04  00 01  00  87");
        client.Send(Packets.Unsubscribe(ProtocolVersion.V5, 2, "a"));
        client.Expect("B0 04  00 02  00  11");
        client.Pubrel(3);
        client.Expect("70 03  00 03  92");
        client.Pubrec(4);
        client.Expect("62 03  00 04  92");
    }

    [Theory]
    [Statement("MQTT-3.14.2-3", "5.0")]
    [Statement("MQTT-3.14.2-4", "5.0")]
    [InlineData("", true)]
    [InlineData("27 00 00 00 0E", false)]
    public void DISCONNECT_ReasonStringDoesNotFit_IsLeftOut(string properties, bool hasReason)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", properties);
        client.Send("00 00");
        string packet = Assert.Single(client.Take());
        if (hasReason) Assert.Matches("^DISCONNECT 81 .. 1F ", packet);
        else Assert.Equal("DISCONNECT 81", packet);
    }

    [Theory]
    [Statement("MQTT-3.1.2-24", "5.0")]
    [InlineData(9, true)]
    [InlineData(10, false)]
    public void SUBACKandUNSUBACK_DoNotFit_Disconnects95(int filters, bool fits)
    {
        using var broker = new TestBroker();
        foreach (bool unsubscribe in (bool[])[false, true])
        {
            TestClient client = broker.Connect5("c", "27 00 00 00 0E");
            string[] names = [.. Enumerable.Range(0, filters).Select(i => $"f{i}")];
            client.Send(unsubscribe ? Packets.Unsubscribe(ProtocolVersion.V5, 1, names) : V5.Subscribe(1, [.. names.Select(n => (n, (byte)0))]));
            if (fits) client.ExpectPacket(unsubscribe ? "UNSUBACK m1" : "SUBACK m1");
            else client.ExpectDisconnect(ReasonCode.PacketTooLarge);
        }
    }

    [Theory]
    [Statement("MQTT-3.1.2-29", "5.0")]
    [InlineData("17 01", true)]
    [InlineData("17 00", false)]
    public void PUBACK_ProblemInformationNotRequested_HasNoReasonString(string properties, bool hasReason)
    {
        using var broker = new TestBroker(configure: o => o with { Authorizer = new Nothing() });
        TestClient client = broker.Connect5("c", properties);
        client.Publish("a", "x", QoS.AtLeastOnce, 1);
        client.Publish("a", "x", QoS.ExactlyOnce, 2);
        List<string> packets = client.Take();
        Assert.Equal(hasReason, packets[0] != "PUBACK m1 87");
        Assert.Equal(hasReason, packets[1] != "PUBREC m2 87");
        client.Send("00 00");
        client.ExpectPacket("DISCONNECT 81 "); // here it is always allowed
    }

    private sealed class Nothing : IAuthorizer
    {
        public bool MayPublish(ClientIdentity client, ReadOnlySpan<byte> topic, QoS qos, bool retain) => false;

        public bool MaySubscribe(ClientIdentity client, ReadOnlySpan<byte> filter, SubscriptionOptions options) => false;
    }
}
