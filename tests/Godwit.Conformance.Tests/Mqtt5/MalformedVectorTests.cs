// Every malformed packet that the golden vectors know, sent to the broker: refused with the right code, closed, and nobody else notices.
using Godwit.Vectors;

namespace Godwit.Conformance.Tests.Mqtt5;

public class MalformedVectorTests
{
    public static TheoryData<string> Mqtt5 => [.. Malformed(ProtocolVersion.V5).Select(v => v.Name)];

    public static TheoryData<string> Connects => [.. Malformed(ProtocolVersion.V5).Where(v => v.Type == PacketType.Connect).Select(v => v.Name)];

    [Theory]
    [Statement("MQTT-4.13.1-1", "5.0")]
    [Statement("MQTT-3.14.2-1", "5.0")]
    [Statement("MQTT-4.13.2-1", "5.0")]
    [MemberData(nameof(Mqtt5))]
    public void AnyPacket_MalformedFromAConnectedClient_DisconnectsWithItsCode(string name)
    {
        GoldenVector vector = GoldenVectors.Named(name);
        using var broker = new TestBroker(configure: o => o with { MaximumPacketSize = Math.Min(o.MaximumPacketSize, vector.MaximumPacketSize) });
        TestClient bystander = broker.Connect5("bystander"), client = broker.Open5();
        bystander.Subscribe("#");
        client.Send(V5.Connect("c"));
        client.ExpectPacket("CONNACK 00 00");
        client.Send(vector.Bytes);
        client.ExpectDisconnect(Expected(vector));
        bystander.ExpectOpen();
        broker.ExpectAlive();
    }

    [Theory]
    [Statement("MQTT-3.1.4-1", "5.0")]
    [Statement("MQTT-4.13.1-1", "5.0")]
    [MemberData(nameof(Mqtt5))]
    public void AnyPacket_MalformedFromAnUnconnectedClient_Closes(string name)
    {
        GoldenVector vector = GoldenVectors.Named(name);
        using var broker = new TestBroker(configure: o => o with { MaximumPacketSize = Math.Min(o.MaximumPacketSize, vector.MaximumPacketSize) });
        TestClient client = broker.Open5();
        client.Send(vector.Bytes);
        Assert.All(client.Take(), packet => Assert.StartsWith("CONNACK 00", packet));
        if (!client.IsClosed) client.Close(); // the packet announces more than has come
        Assert.Equal(0, broker.Statistics.Sessions);
        broker.ExpectAlive();
    }

    [Theory]
    [Statement("MQTT-3.1.4-1", "5.0")]
    [Statement("MQTT-3.2.2-7", "5.0")]
    [MemberData(nameof(Connects))]
    public void CONNECT_Malformed_IsRefusedWithItsCode(string name)
    {
        GoldenVector vector = GoldenVectors.Named(name);
        using var broker = new TestBroker();
        TestClient client = broker.Open5();
        client.Send(vector.Bytes);
        client.ExpectRefused(vector.Violation!.ReasonCode);
        broker.ExpectAlive();
    }

    [Fact]
    [Statement("MQTT-4.13.1-1", "5.0")]
    public void AnyPacket_EveryPrefixOfAValidOne_LeavesTheBrokerAlive()
    {
        using var broker = new TestBroker();
        foreach (GoldenVector vector in GoldenVectors.Valid.Where(v => v.Version == ProtocolVersion.V5))
        {
            byte[] bytes = vector.Bytes;
            for (int length = 1; length < Math.Min(bytes.Length, 64); length++)
            {
                TestClient client = broker.Open5();
                client.Send(V5.Connect("c"), bytes[..length]);
                Assert.StartsWith("CONNACK 00 00", client.Take()[0]);
                client.Reset();
            }
        }
        broker.ExpectAlive();
    }

    // A server's packet is refused as such; only what is wrong with its fixed header is seen before.
    private static ReasonCode Expected(GoldenVector vector)
    {
        bool isServersPacket = vector.Type is PacketType.Connack or PacketType.Suback or PacketType.Unsuback or PacketType.Pingresp or PacketType.Connect;
        return isServersPacket && !IsOfTheFixedHeader(vector.Violation!) ? ReasonCode.ProtocolError : vector.Violation!.ReasonCode;
    }

    private static bool IsOfTheFixedHeader(Violation violation) =>
        violation == Violations.FixedHeaderFlags || violation == Violations.LengthNotMinimal || violation == Violations.PacketTooLarge;

    private static IEnumerable<GoldenVector> Malformed(ProtocolVersion version) => GoldenVectors.Malformed.Where(v => v.Version == version);
}
