// What a client may receive: subscriptions can be wider than that.
using Godwit.Broker.Auth;
using Godwit.Broker.Sessions;

namespace Godwit.Conformance.Tests.Mqtt5;

public class AccessTests
{
    private readonly Door _door = new();

    [Theory]
    [Loops]
    public void Delivery_OfWhatAClientMayNotReceive_IsLeftOutAndCounted(int loops)
    {
        using var broker = new TestBroker(loops, o => o with { Authorizer = _door });
        TestClient publisher = broker.Connect5(broker.ClientId("p", 0)), reader = broker.Connect5(broker.ClientId("r", 1));
        publisher.Publish("secret/kept", "x", QoS.AtLeastOnce, 1, retain: true);
        publisher.Publish("open/kept", "x", QoS.AtLeastOnce, 2, retain: true);
        reader.Subscribe("#", QoS.AtLeastOnce);
        reader.ExpectPackets("PUBLISH open/kept=x q1 m1 retain");
        reader.Puback(1);

        publisher.Publish("secret/1", "x");
        publisher.Publish("secret/2", "x", QoS.AtLeastOnce, 3);
        publisher.Publish("open/1", "x");

        reader.ExpectPackets("PUBLISH open/1=x q0");
        Assert.Equal(3, broker.Statistics.DroppedByReason[DropReason.NotAuthorizedToReceive]);
    }

    [Fact]
    public void Delivery_ToASharedSubscription_IsLeftOutAndFinished()
    {
        using var broker = new TestBroker(configure: o => o with { Authorizer = _door });
        TestClient publisher = broker.Connect5("p"), member = broker.Connect5("m");
        member.Subscribe("$share/g/#", QoS.AtLeastOnce);

        publisher.Publish("secret/1", "x", QoS.AtLeastOnce, 1);
        publisher.Publish("open/1", "x", QoS.AtLeastOnce, 2);

        member.ExpectPackets("PUBLISH open/1=x q1 m1");
        Assert.Equal(1, broker.Statistics.DroppedByReason[DropReason.NotAuthorizedToReceive]);
    }

    [Fact]
    public void Delivery_OfWhatHasWaited_IsDecidedWhenItGoesOut()
    {
        using var broker = new TestBroker(configure: o => o with { Authorizer = _door });
        TestClient publisher = broker.Connect5("p"), reader = broker.Connect("r", cleanSession: false);
        reader.Subscribe("#", QoS.AtLeastOnce);
        reader.Disconnect();
        publisher.Publish("open/1", "x", QoS.AtLeastOnce, 1);
        publisher.Publish("later/1", "x", QoS.AtLeastOnce, 2);
        _door.Secret = "open/";

        broker.Connect("r", cleanSession: false, sessionPresent: true, afterConnack: [$"PUBLISH later/1=x q1 m{(TestBroker.HasStore ? 2 : 1)}"]);

        Assert.Equal(1, broker.Statistics.DroppedByReason[DropReason.NotAuthorizedToReceive]);
    }

    [Fact]
    [Statement("MQTT-3.1.4-2", "5.0")]
    public void CONNECT_OfAClientThatMayNot_IsRefused()
    {
        using var broker = new TestBroker(configure: o => o with { Authorizer = _door });
        TestClient client = broker.Open(ProtocolVersion.V5);
        client.Send(V5.Connect("banned"));

        client.ExpectPacket("CONNACK 00 87");
        Assert.True(client.IsClosed);
    }

    private sealed class Door : IAuthorizer
    {
        public string Secret { get; set; } = "secret/";

        public bool RestrictsDelivery => true;

        public IClientAccess Open(ClientFacts client) => new Access(this, client);

        public bool MayPublish(ClientIdentity client, ReadOnlySpan<byte> topic, QoS qos, bool retain) => throw new NotSupportedException();

        public bool MaySubscribe(ClientIdentity client, ReadOnlySpan<byte> filter, SubscriptionOptions options) => throw new NotSupportedException();

        private sealed class Access(Door door, ClientFacts client) : IClientAccess
        {
            public bool MayConnect => client.ClientId != "banned";

            public bool MayPublish(ReadOnlySpan<byte> topic, QoS qos, bool retain) => true;

            public bool MaySubscribe(ReadOnlySpan<byte> filter, SubscriptionOptions options) => true;

            public bool MayReceive(ReadOnlySpan<byte> topic) => !topic.StartsWith(System.Text.Encoding.UTF8.GetBytes(door.Secret));
        }
    }
}
