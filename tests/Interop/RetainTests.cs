using Godwit.Interop.Tests.Peers;
using Godwit.Protocol;

namespace Godwit.Interop.Tests;

public class RetainTests
{
    [Theory, MemberData(nameof(Matrix.All), MemberType = typeof(Matrix))]
    public async Task PUBLISH_Retained_IsSetReplacedAndClearedByPeer(PeerKind peer, ProtocolVersion version)
    {
        PeerKind other = Matrix.Other(peer);
        await using TestBroker broker = await TestBroker.StartAsync();

        await broker.PublishAsync(peer, version, "id=publisher", "topic=lamp", "payload=on", "retain=1", "qos=1");
        await broker.PublishAsync(peer, version, "id=publisher", "topic=lamp", "payload=off", "retain=1", "qos=1");
        await using PeerProcess early = await broker.SubscribeAsync(other, ProtocolVersion.V311, "id=early", "filter=lamp", "qos=1", "until=2");
        ReceivedMessage kept = await early.MessageAsync();
        await broker.PublishAsync(peer, version, "id=publisher", "topic=lamp", "payload=", "retain=1", "qos=1");
        ReceivedMessage clearing = await early.MessageAsync();
        await using PeerProcess late = await broker.SubscribeAsync(other, ProtocolVersion.V311, "id=late", "filter=lamp", "qos=1", "until=1");
        await broker.PublishAsync(peer, version, "id=publisher", "topic=lamp", "payload=live", "qos=1");
        ReceivedMessage afterwards = await late.MessageAsync();

        Assert.Equal(("off", true), (kept.Text, kept.Retain));
        Assert.Equal(("", false), (clearing.Text, clearing.Retain));
        Assert.Equal(("live", false), (afterwards.Text, afterwards.Retain));
    }

    [Theory, MemberData(nameof(Matrix.All), MemberType = typeof(Matrix))]
    public async Task SUBSCRIBE_RetainedMessages_ArriveAtPeerWithRetainOnlyIfTheyWereKept(PeerKind peer, ProtocolVersion version)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await broker.Broker.PublishAsync("lamp/1", "kept"u8.ToArray(), QoS.AtLeastOnce, retain: true);

        await using PeerProcess subscriber = await broker.SubscribeAsync(peer, version, "id=subscriber", "filter=lamp/#", "qos=1", "until=2");
        ReceivedMessage kept = await subscriber.MessageAsync();
        await broker.Broker.PublishAsync("lamp/2", "live"u8.ToArray(), QoS.AtLeastOnce, retain: true);
        ReceivedMessage live = await subscriber.MessageAsync();

        Assert.Equal(("lamp/1", "kept", true), (kept.Topic, kept.Text, kept.Retain));
        Assert.Equal(("lamp/2", "live", false), (live.Topic, live.Text, live.Retain));
    }
}
