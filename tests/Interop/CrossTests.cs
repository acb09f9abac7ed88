// Peers among themselves, with different versions on the two sides; and every peer on both ways to drive sockets.
using Godwit.Broker;
using Godwit.Interop.Tests.Peers;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Interop.Tests;

public class CrossTests
{
    public static TheoryData<PeerKind, PeerKind> Pairs
    {
        get
        {
            var pairs = new TheoryData<PeerKind, PeerKind>();
            foreach (PeerKind publisher in Enum.GetValues<PeerKind>())
                foreach (PeerKind subscriber in Enum.GetValues<PeerKind>())
                    if (publisher != subscriber) pairs.Add(publisher, subscriber);
            return pairs;
        }
    }

    [Theory, MemberData(nameof(Pairs))]
    public async Task PUBLISH_FromMqtt5To311AndBack_Arrives(PeerKind publisher, PeerKind subscriber)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using PeerProcess old = await broker.SubscribeAsync(subscriber, ProtocolVersion.V311, "id=old", "filter=new/+", "qos=2", "until=10");
        await using PeerProcess young = await broker.SubscribeAsync(subscriber, ProtocolVersion.V5, "id=young", "filter=old/+", "qos=1", "until=10");

        await broker.PublishAsync(publisher, ProtocolVersion.V5,
            "id=publisher", "topic=new/5", "payload={i}", "count=10", "qos=2", "property=only:5", "content-type=text/plain");
        await broker.PublishAsync(publisher, ProtocolVersion.V31, "id=publisher", "topic=old/3", "payload={i}", "count=10", "qos=2");
        IReadOnlyList<ReceivedMessage> atOld = await old.AllMessagesAsync(), atYoung = await young.AllMessagesAsync();

        Assert.Equal(Enumerable.Range(0, 10).Select(i => ("new/5", 2, $"{i}")), atOld.Select(m => (m.Topic, m.QoS, m.Text)));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => ("old/3", 1, $"{i}")), atYoung.Select(m => (m.Topic, m.QoS, m.Text)));
    }

    [Theory]
    [InlineData(PeerKind.Mosquitto, TransportBackend.Epoll)]
    [InlineData(PeerKind.Mosquitto, TransportBackend.Sockets)]
    [InlineData(PeerKind.PahoPython, TransportBackend.Epoll)]
    [InlineData(PeerKind.PahoPython, TransportBackend.Sockets)]
    [InlineData(PeerKind.PahoC, TransportBackend.Epoll)]
    [InlineData(PeerKind.PahoC, TransportBackend.Sockets)]
    [InlineData(PeerKind.MqttJs, TransportBackend.Epoll)]
    [InlineData(PeerKind.MqttJs, TransportBackend.Sockets)]
    public async Task PUBLISH_OnEachBackend_Arrives(PeerKind peer, TransportBackend backend)
    {
        await using TestBroker broker = await TestBroker.StartAsync(new BrokerOptions { Loops = 2, Backend = backend });
        await using PeerProcess subscriber = await broker.SubscribeAsync(peer, ProtocolVersion.V5, "id=subscriber", "filter=a/#", "qos=2", "until=100");

        await broker.PublishAsync(peer, ProtocolVersion.V311, "id=publisher", "topic=a/b", "payload={i}", "count=100", "qos=2");
        IReadOnlyList<ReceivedMessage> messages = await subscriber.AllMessagesAsync();

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), messages.Select(m => m.Text));
    }
}
