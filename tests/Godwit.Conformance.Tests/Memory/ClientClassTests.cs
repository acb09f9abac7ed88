// Limits for some clients: who belongs to a class, each limit, and what happens when a queue is full.
using Godwit.Broker;
using Godwit.Broker.Sessions;

namespace Godwit.Conformance.Tests.Memory;

public class ClientClassTests
{
    [Theory]
    [InlineData("sensor-1", 2)]
    [InlineData("other", 5)]
    public void Queue_OfClass_BoundedByItsLimit(string clientId, int kept)
    {
        using TestBroker broker = Make(new ClientClass { ClientId = "sensor-*", MaximumQueuedMessages = 2 });
        TestClient client = broker.Connect(clientId, cleanSession: false);
        client.Subscribe("a", QoS.AtLeastOnce);
        client.Disconnect();
        TestClient publisher = broker.Connect("p");

        for (ushort i = 1; i <= 5; i++) publisher.Publish("a", $"{i}", QoS.AtLeastOnce, i);

        Assert.Equal(kept, broker.Session(clientId)!.QueuedMessages);
    }

    [Fact]
    public void Overflow_Disconnect_ClientToldAndSessionKept()
    {
        using TestBroker broker = Make(new ClientClass { ClientId = "c", MaximumQueuedMessages = 1, MaximumInflight = 1, OverflowPolicy = OverflowPolicy.Disconnect });
        TestClient client = broker.Connect("c", version: ProtocolVersion.V5, properties: "11 00 00 00 64");
        client.Subscribe("a", QoS.AtLeastOnce);
        TestClient publisher = broker.Connect("p");

        for (ushort i = 1; i <= 4; i++) publisher.Publish("a", $"{i}", QoS.AtLeastOnce, i);

        Assert.StartsWith("DISCONNECT 97", client.Take()[^1]);
        Assert.True(client.IsClosed);
        Assert.Equal(1, broker.Session("c")!.QueuedMessages);
        Assert.Equal(2, broker.Statistics.DroppedByReason[DropReason.QueueFull]);
    }

    [Fact]
    public void Limits_OfClass_RefuseWhatOthersMay()
    {
        using TestBroker broker = Make(new ClientClass { ClientId = "c", MaximumSubscriptions = 1, MaximumTopicLevels = 2, MaximumPacketSize = 100 });
        TestClient client = broker.Connect("c"), other = broker.Connect("other");
        client.Subscribe("a/b");
        other.Subscribe("a/b/c");
        other.Subscribe("second");

        client.Send(Packets.Subscribe(ProtocolVersion.V311, 2, [("b", 0)]));
        client.ExpectPackets("SUBACK m2 80");
        client.Publish("x", new string('x', 200));

        Assert.True(client.IsClosed);
        other.Publish("x", new string('x', 200));
        other.ExpectOpen();
    }

    private static TestBroker Make(ClientClass own) => new(configure: options => options with { ClientClasses = [own] });
}
