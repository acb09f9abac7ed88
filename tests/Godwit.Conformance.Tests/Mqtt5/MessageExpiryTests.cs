// Section 3.3.2.3.3: Message Expiry Interval.
using Godwit.Broker.Sessions;

namespace Godwit.Conformance.Tests.Mqtt5;

public class MessageExpiryTests
{
    [Theory]
    [Statement("MQTT-3.3.2-5", "5.0")]
    [Statement("MQTT-3.3.2-6", "5.0")]
    [InlineData(1)]
    [InlineData(3)]
    public void PUBLISH_WaitedInTheQueue_IsSentWithTheRestOfItsTimeOrNotAtAll(int loops)
    {
        using var broker = new TestBroker(loops);
        TestClient client = broker.Connect5("c", V5.Hour), publisher = broker.Connect5(broker.ClientId("p", 1));
        client.Subscribe("a", QoS.AtLeastOnce);
        client.Reset();
        publisher.Publish("a", "short", QoS.AtLeastOnce, 1, properties: "02 00 00 00 05");
        publisher.Publish("a", "long", QoS.AtLeastOnce, 2, properties: "02 00 00 00 0F");
        publisher.Publish("a", "ever", QoS.AtLeastOnce, 3);
        broker.Advance(TimeSpan.FromSeconds(5));
        broker.Resume5("c").ExpectPackets(
            $"PUBLISH a=long q1 m{(TestBroker.HasStore ? 2 : 1)} {V5.Shown("02 00 00 00 0A")}", $"PUBLISH a=ever q1 m{(TestBroker.HasStore ? 3 : 2)}");
        Assert.Equal(1, broker.Statistics.DroppedByReason[DropReason.Expired]);
    }

    [Fact]
    [Statement("MQTT-3.3.2-6", "5.0")]
    public void PUBLISH_SentAtOnce_KeepsItsTime()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        client.Subscribe("a");
        client.Publish("a", "x", properties: "02 FF FF FF FF");
        client.ExpectPackets($"PUBLISH a=x q0 {V5.Shown("02 FF FF FF FF")}");
    }

    [Fact]
    [Statement("MQTT-4.3.3-7", "5.0")]
    [Statement("MQTT-4.3.3-13", "5.0")]
    public void PUBLISH_ExpiredAfterItWasSent_IsCompleted()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", V5.Hour), publisher = broker.Connect5("p");
        client.Subscribe("a", QoS.ExactlyOnce);
        publisher.Publish("a", "x", QoS.ExactlyOnce, 1, properties: "02 00 00 00 05");
        client.ExpectPackets($"PUBLISH a=x q2 m1 {V5.Shown("02 00 00 00 05")}");
        client.Reset();
        broker.Advance(TimeSpan.FromSeconds(10));
        client = broker.Resume5("c");
        client.ExpectPackets($"PUBLISH a=x q2 m1 dup {V5.Shown("02 00 00 00 00")}");
        client.Pubrec(1);
        client.ExpectPackets("PUBREL m1");
        publisher.ExpectPackets("PUBREC m1");
        publisher.Pubrel(1);
        publisher.ExpectPackets("PUBCOMP m1");
    }

    [Fact]
    [Statement("MQTT-3.3.2-5", "5.0")]
    public void PUBLISH_ExpiredBehindTheReceiveWindow_IsDeleted()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c", "21 00 01"), publisher = broker.Connect5("p");
        client.Subscribe("a", QoS.AtLeastOnce);
        publisher.Publish("a", "1", QoS.AtLeastOnce, 1);
        publisher.Publish("a", "2", QoS.AtLeastOnce, 2, properties: "02 00 00 00 05");
        client.ExpectPackets("PUBLISH a=1 q1 m1");
        broker.Advance(TimeSpan.FromSeconds(5));
        client.Puback(1);
        client.ExpectNothing();
    }
}
