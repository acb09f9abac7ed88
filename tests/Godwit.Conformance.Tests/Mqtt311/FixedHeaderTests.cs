// The fixed header's flags and the packet identifiers: sections 2.2 and 2.3.1.
namespace Godwit.Conformance.Tests.Mqtt311;

public class FixedHeaderTests
{
    [Theory]
    [InlineData("31 00")] // PUBLISH without a topic
    [InlineData("41 02 00 01")]
    [InlineData("51 02 00 01")]
    [InlineData("71 02 00 01")]
    [InlineData("C1 00")]
    [InlineData("C8 00")]
    [Statement("MQTT-2.2.2-2", "3.1.1")]
    public void Packet_WithWrongFlags_ClosesConnection(string packet) => ClosesConnection(packet);

    [Fact]
    [Statement("MQTT-2.2.2-2", "3.1.1")]
    public void CONNECT_WithWrongFlags_ClosesWithoutConnack()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open();

        client.Send("11 0D 00 04 'MQTT' 04 02 00 00 00 01 'a'");

        client.ExpectClosed();
    }

    [Theory]
    [InlineData("60 02 00 01")]
    [InlineData("63 02 00 01")]
    [InlineData("6A 02 00 01")]
    [Statement("MQTT-3.6.1-1", "3.1.1")]
    public void PUBREL_FlagsNot0010_ClosesConnection(string packet) => ClosesConnection(packet);

    [Theory]
    [InlineData("80 06 00 01 00 01 'a' 00")]
    [InlineData("83 06 00 01 00 01 'a' 00")]
    [InlineData("8A 06 00 01 00 01 'a' 00")]
    [Statement("MQTT-3.8.1-1", "3.1.1")]
    public void SUBSCRIBE_FlagsNot0010_ClosesConnection(string packet) => ClosesConnection(packet);

    [Theory]
    [InlineData("A0 05 00 01 00 01 'a'")]
    [InlineData("A6 05 00 01 00 01 'a'")]
    [Statement("MQTT-3.10.1-1", "3.1.1")]
    public void UNSUBSCRIBE_FlagsNot0010_ClosesConnection(string packet) => ClosesConnection(packet);

    [Theory]
    [InlineData("00 00")]
    [InlineData("F0 00")]
    [Statement("MQTT-4.8.0-1", "3.1.1")]
    public void Packet_OfReservedType_ClosesConnection(string packet) => ClosesConnection(packet);

    [Theory]
    [InlineData("20 02 00 00")]
    [InlineData("90 03 00 01 00")]
    [InlineData("B0 02 00 01")]
    [InlineData("D0 00")]
    [Statement("MQTT-4.8.0-1", "3.1.1")]
    public void Packet_OnlyServersSend_ClosesConnection(string packet) => ClosesConnection(packet);

    [Fact]
    [Statement("MQTT-4.8.0-1", "3.1.1")]
    public void RemainingLength_OfFiveBytes_ClosesConnection() => ClosesConnection("30 FF FF FF FF 01");

    [Fact]
    [Statement("MQTT-2.2.2-1", "3.1.1")]
    [Statement("MQTT-2.3.1-6", "3.1.1")]
    [Statement("MQTT-2.3.1-7", "3.1.1")]
    public void Packets_FromBroker_HaveTheListedFlagsAndTheRequestsIdentifiers()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open();
        Exchange("10 0D 00 04 'MQTT' 04 02 00 00 00 01 'a'", "20 02 00 00");
        Exchange("82 06 12 34 00 01 't' 02", "90 03 12 34 02");
        Exchange("30 04 00 01 't' 'x'", "30 04 00 01 't' 'x'");
        Exchange("32 06 00 01 'u' 56 78 'x'", "40 02 56 78");
        Exchange("34 06 00 01 'u' FF FF 'x'", "50 02 FF FF");
        Exchange("62 02 FF FF", "70 02 FF FF");
        Exchange("34 06 00 01 't' 00 09 'x'", "34 06 00 01 't' 00 01 'x' 50 02 00 09");
        Exchange("50 02 00 01", "62 02 00 01");
        Exchange("70 02 00 01", "");
        Exchange("A2 05 43 21 00 01 't'", "B0 02 43 21");
        Exchange("C0 00", "D0 00");

        void Exchange(string request, string answer)
        {
            client.Send(request);
            client.Expect(answer);
        }
    }

    [Theory]
    [InlineData("32 06 00 01 'a' 00 00 'x'")]
    [InlineData("34 06 00 01 'a' 00 00 'x'")]
    [InlineData("82 06 00 00 00 01 'a' 00")]
    [InlineData("A2 05 00 00 00 01 'a'")]
    [Statement("MQTT-2.3.1-1", "3.1.1")]
    public void Packet_WithIdentifierZero_ClosesConnection(string packet) => ClosesConnection(packet);

    [Fact]
    [Statement("MQTT-2.3.1-5", "3.1.1")]
    public void PUBLISH_QoS0_HasNoIdentifierInEitherDirection()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("c");
        client.Subscribe("a", QoS.ExactlyOnce);

        client.Send("30 05 00 01 'a' 00 01"); // what would be an identifier is payload

        client.Expect("30 05 00 01 'a' 00 01");
    }

    [Theory]
    [Loops]
    [Statement("MQTT-2.3.1-4", "3.1.1")]
    public void PUBLISH_FromBroker_TakesOnlyUnusedIdentifiers(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient subscriber = broker.Connect(broker.ClientId("subscriber", 0)), publisher = broker.Connect(broker.ClientId("publisher", 1));
        subscriber.Subscribe("a", QoS.AtLeastOnce);
        publisher.Publish("a", "first", QoS.AtLeastOnce, 1); // is never acknowledged
        subscriber.ExpectPackets("PUBLISH a=first q1 m1");
        byte[][] batch = [.. Enumerable.Range(1, 1024).Select(id => Packets.Publish(ProtocolVersion.V311, "a", [], QoS.AtLeastOnce, (ushort)id))];

        for (int i = 0; i < 65; i++) // more messages than there are identifiers
        {
            publisher.Send(batch);
            byte[] received = subscriber.Received;
            var ids = new HashSet<int>();
            for (int at = 0; at < received.Length; at += 7) ids.Add(received[at + 5] << 8 | received[at + 6]);
            Assert.Equal(batch.Length, ids.Count);
            Assert.DoesNotContain(0, ids);
            Assert.DoesNotContain(1, ids);
            subscriber.Take();
            subscriber.Send([.. ids.Select(id => Packets.Ack(PacketType.Puback, (ushort)id))]);
        }
        subscriber.ExpectOpen();
    }

    private static void ClosesConnection(string packet)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("c"), other = broker.Connect("other");

        client.Send(packet);

        client.ExpectClosed();
        other.ExpectOpen();
    }
}
