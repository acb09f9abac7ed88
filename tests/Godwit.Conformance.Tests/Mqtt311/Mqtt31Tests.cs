// Clients of MQTT 3.1: the same broker, but for the protocol's name, client identifiers, the missing session present flag, and
// flag bits that 3.1 uses otherwise or leaves open.
namespace Godwit.Conformance.Tests.Mqtt311;

public class Mqtt31Tests
{
    [Theory]
    [Loops]
    public void CONNECT_MQIsdp_IsServed(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient client = broker.Open(ProtocolVersion.V31);

        client.Send("10 0F 00 06 'MQIsdp' 03 02 00 00 00 01 'a'");
        client.Expect("20 02 00 00");
        client.Send("82 06 00 01 00 01 't' 01  32 06 00 01 't' 00 02 'x'");

        client.Expect("90 03 00 01 01  32 06 00 01 't' 00 01 'x'  40 02 00 02");
    }

    [Theory]
    [InlineData("10 0F 00 06 'MQIsdp' 04 02 00 00 00 01 'a'")]
    [InlineData("10 0D 00 04 'MQTT' 03 02 00 00 00 01 'a'")]
    [Statement("MQTT-3.1.2-2", "3.1.1")]
    public void CONNECT_NameAndLevelDoNotBelongTogether_IsRefusedBy01(string packet)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open(ProtocolVersion.V31);

        client.Send(packet);

        client.ExpectClosed("20 02 00 01");
    }

    [Theory]
    [InlineData("00")]
    [InlineData("02")]
    public void CONNECT_EmptyClientIdentifier_IsRefusedBy02(string flags)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open(ProtocolVersion.V31);

        client.Send($"10 0E 00 06 'MQIsdp' 03 {flags} 00 00 00 00");

        client.ExpectClosed("20 02 00 02");
    }

    [Fact]
    public void CONNECT_ClientIdentifierLongerThan23_IsAccepted()
    {
        using var broker = new TestBroker();

        broker.Connect("a client identifier of more than 23 characters", version: ProtocolVersion.V31).ExpectOpen(); // as other brokers do
    }

    [Theory]
    [Loops]
    public void CONNECT_SessionIsResumed_WithoutSessionPresent(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("client", 1);
        TestClient first = broker.Connect(id, cleanSession: false, version: ProtocolVersion.V31), publisher = broker.Connect(broker.ClientId("publisher", 0));
        first.Subscribe("a", QoS.AtLeastOnce);
        first.Close();
        publisher.Publish("a", "x", QoS.AtLeastOnce, 1);
        TestClient second = broker.Open(ProtocolVersion.V31);

        second.Send(Packets.Connect(ProtocolVersion.V31, id, cleanSession: false));

        second.Expect("20 02 00 00  32 06 00 01 'a' 00 01 'x'");
    }

    [Theory]
    [Loops]
    public void CONNECT_SessionOf31_IsResumedBy311(int loops)
    {
        using var broker = new TestBroker(loops);
        string id = broker.ClientId("client", 1);
        broker.Connect(id, cleanSession: false, version: ProtocolVersion.V31).Subscribe("a");

        TestClient second = broker.Connect(id, cleanSession: false, sessionPresent: true);
        broker.Connect(broker.ClientId("publisher", 0)).Publish("a", "x");

        second.ExpectPackets("PUBLISH a=x q0");
    }

    [Fact]
    public void CONNECT_CredentialsAnnouncedButMissing_IsAccepted()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Open(ProtocolVersion.V31);

        client.Send("10 0F 00 06 'MQIsdp' 03 C2 00 00 00 01 'a'"); // the remaining length goes before the flags

        client.Expect("20 02 00 00");
    }

    [Fact]
    public void SUBSCRIBE_UNSUBSCRIBE_PUBREL_WithDup_AreAccepted()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("client", version: ProtocolVersion.V31);

        client.Send("8A 06 00 01 00 01 't' 00  34 06 00 01 'u' 00 02 'x'  6A 02 00 02  AA 05 00 03 00 01 't'");

        client.Expect("90 03 00 01 00  50 02 00 02  70 02 00 02  B0 02 00 03");
    }

    [Theory]
    [Loops]
    public void PUBLISH_BetweenVersions_KeepsTopicPayloadAndQoS(int loops)
    {
        using var broker = new TestBroker(loops);
        ProtocolVersion[] versions = [ProtocolVersion.V31, ProtocolVersion.V311, ProtocolVersion.V5];
        TestClient[] clients = [.. versions.Select((version, i) => broker.Connect(broker.ClientId($"{version}", i), version: version))];
        foreach (TestClient client in clients) client.Subscribe("a", QoS.AtLeastOnce);

        foreach (TestClient publisher in clients)
        {
            publisher.Publish("a", $"{publisher.Version}", properties: publisher.Version == ProtocolVersion.V5 ? "26 00 01 'k' 00 01 'v'" : "");
            string packet = $"PUBLISH a={publisher.Version} q0";
            clients[0].ExpectPackets(packet);
            clients[1].ExpectPackets(packet);
            clients[2].ExpectPackets(publisher.Version == ProtocolVersion.V5 ? packet + " {26 00 01 6B 00 01 76}" : packet);
        }
    }
}
