using Godwit.Interop.Tests.Peers;
using Godwit.Protocol;

namespace Godwit.Interop.Tests;

public class DeliveryTests
{
    [Theory, MemberData(nameof(Matrix.All), MemberType = typeof(Matrix))]
    public async Task PUBLISH_AtEachQoS_ArrivesFromPeer(PeerKind peer, ProtocolVersion version)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using PeerProcess subscriber =
            await broker.SubscribeAsync(Matrix.Other(peer), ProtocolVersion.V311, "id=subscriber", "filter=room/#", "qos=2", "until=3");

        for (int qos = 0; qos <= 2; qos++)
            await broker.PublishAsync(peer, version, "id=publisher", $"topic=room/{qos}", "payload=grüße", $"qos={qos}");
        IReadOnlyList<ReceivedMessage> messages = await subscriber.AllMessagesAsync();

        Assert.Equal([("room/0", 0, "grüße"), ("room/1", 1, "grüße"), ("room/2", 2, "grüße")], messages.Select(m => (m.Topic, m.QoS, m.Text)));
    }

    [Theory, MemberData(nameof(Matrix.All), MemberType = typeof(Matrix))]
    public async Task PUBLISH_AtEachQoS_ArrivesAtPeer(PeerKind peer, ProtocolVersion version)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using PeerProcess subscriber = await broker.SubscribeAsync(peer, version, "id=subscriber", "filter=room/#", "qos=2", "until=3");

        for (int qos = 0; qos <= 2; qos++)
            await broker.PublishAsync(Matrix.Other(peer), ProtocolVersion.V5, "id=publisher", $"topic=room/{qos}", "payload=grüße", $"qos={qos}");
        IReadOnlyList<ReceivedMessage> messages = await subscriber.AllMessagesAsync();

        Assert.Equal([("room/0", 0, "grüße"), ("room/1", 1, "grüße"), ("room/2", 2, "grüße")], messages.Select(m => (m.Topic, m.QoS, m.Text)));
    }

    [Theory, MemberData(nameof(Matrix.All), MemberType = typeof(Matrix))]
    public async Task SUBSCRIBE_Wildcards_SelectTopics(PeerKind peer, ProtocolVersion version)
    {
        string[] topics = ["home/kitchen/light", "home/kitchen", "home", "/leading", "garden/kitchen/light", "cellar/a/b", "cellar", "end"];
        await using TestBroker broker = await TestBroker.StartAsync();
        await using PeerProcess subscriber =
            await broker.SubscribeAsync(peer, version, "id=subscriber", "filter=home/+/light", "filter=cellar/#", "filter=/+", "filter=end", "qos=1", "until=5");

        foreach (string topic in topics) await broker.Broker.PublishAsync(topic, "x"u8.ToArray(), QoS.AtLeastOnce);
        IReadOnlyList<ReceivedMessage> messages = await subscriber.AllMessagesAsync();

        Assert.Equal(["home/kitchen/light", "/leading", "cellar/a/b", "cellar", "end"], messages.Select(m => m.Topic));
    }

    [Theory, MemberData(nameof(Matrix.All), MemberType = typeof(Matrix))]
    public async Task SUBSCRIBE_ThousandFilters_PeerGetsEachTopicOnce(PeerKind peer, ProtocolVersion version)
    {
        string[] topics = [.. Enumerable.Range(0, 1000).Select(i => $"many/{i}")];
        await using TestBroker broker = await TestBroker.StartAsync();
        await using PeerProcess subscriber =
            await broker.SubscribeAsync(peer, version, ["id=subscriber", "qos=1", "until=1000", .. topics.Select(topic => $"filter={topic}")]);

        foreach (string topic in topics) await broker.Broker.PublishAsync(topic, "x"u8.ToArray(), QoS.AtLeastOnce);
        IReadOnlyList<ReceivedMessage> messages = await subscriber.AllMessagesAsync();

        Assert.Equal(topics, messages.Select(m => m.Topic));
    }

    // mosquitto_pub has one topic only.
    [Theory]
    [InlineData(PeerKind.PahoPython, ProtocolVersion.V31)]
    [InlineData(PeerKind.PahoPython, ProtocolVersion.V5)]
    [InlineData(PeerKind.PahoC, ProtocolVersion.V311)]
    [InlineData(PeerKind.PahoC, ProtocolVersion.V5)]
    [InlineData(PeerKind.MqttJs, ProtocolVersion.V311)]
    [InlineData(PeerKind.MqttJs, ProtocolVersion.V5)]
    public async Task PUBLISH_ThousandTopics_ArriveInOrder(PeerKind peer, ProtocolVersion version)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using PeerProcess subscriber =
            await broker.SubscribeAsync(PeerKind.Mosquitto, ProtocolVersion.V5, "id=subscriber", "filter=many/#", "qos=2", "until=1000");

        await broker.PublishAsync(peer, version, "id=publisher", "topic=many/{i}", "payload=message {i}", "count=1000", "qos=1");
        IReadOnlyList<ReceivedMessage> messages = await subscriber.AllMessagesAsync();

        Assert.Equal(Enumerable.Range(0, 1000).Select(i => ($"many/{i}", $"message {i}")), messages.Select(m => (m.Topic, m.Text)));
    }
}
