using Godwit.Interop.Tests.Peers;
using Godwit.Protocol;

namespace Godwit.Interop.Tests;

public class SessionTests
{
    [Theory, MemberData(nameof(Matrix.All), MemberType = typeof(Matrix))]
    public async Task Session_PeerLeavesAndReturns_GetsWhatCameMeanwhileInOrder(PeerKind peer, ProtocolVersion version)
    {
        PeerKind other = Matrix.Other(peer);
        // MQTT 5 has to ask for a session that lasts. mosquitto_sub asks with its -c, and wants a filter each time.
        string[] session = version == ProtocolVersion.V5 ? ["id=returning", "clean=0", "session-expiry=300"] : ["id=returning", "clean=0"];
        string[] again = peer == PeerKind.Mosquitto ? ["filter=news", "qos=2"] : [];
        await using TestBroker broker = await TestBroker.StartAsync();

        await using PeerProcess first = await broker.SubscribeAsync(peer, version, [.. session, "filter=news", "qos=2", "until=0"]);
        await first.SuccessAsync();
        await broker.PublishAsync(other, ProtocolVersion.V311, "id=publisher", "topic=news", "payload=first {i}", "count=20", "qos=1");
        await broker.PublishAsync(other, ProtocolVersion.V311, "id=publisher", "topic=news", "payload=second {i}", "count=20", "qos=2");
        await using PeerProcess second = broker.Start(peer, "subscribe", version, [.. session, .. again, "until=40"]);
        OutputLine connected = await second.EventAsync("CONNECTED");
        IReadOnlyList<ReceivedMessage> messages = await second.AllMessagesAsync();

        Assert.Equal([.. Numbered("first", 1), .. Numbered("second", 2)], messages.Select(m => (m.Text, m.QoS)));
        // MQTT 3.1 has no session present; mosquitto_sub does not show it, and Paho C not in MQTT 5.
        bool isShown = peer != PeerKind.Mosquitto && (peer, version) != (PeerKind.PahoC, ProtocolVersion.V5);
        if (isShown) Assert.Equal(version == ProtocolVersion.V31 ? "0" : "1", connected.Columns[1]);

        static IEnumerable<(string, int)> Numbered(string name, int qos) => Enumerable.Range(0, 20).Select(i => ($"{name} {i}", qos));
    }

    [Theory, MemberData(nameof(Matrix.All), MemberType = typeof(Matrix))]
    public async Task Session_CleanStart_ForgetsSubscriptionAndMessages(PeerKind peer, ProtocolVersion version)
    {
        string[] lasting = version == ProtocolVersion.V5 ? ["id=forgetful", "clean=0", "session-expiry=300"] : ["id=forgetful", "clean=0"];
        await using TestBroker broker = await TestBroker.StartAsync();

        await using PeerProcess first = await broker.SubscribeAsync(peer, version, [.. lasting, "filter=news", "qos=1", "until=0"]);
        await first.SuccessAsync();
        await broker.Broker.PublishAsync("news", "offline"u8.ToArray(), QoS.AtLeastOnce);
        await using PeerProcess second = await broker.SubscribeAsync(peer, version, "id=forgetful", "clean=1", "filter=other", "qos=1", "until=1");
        await broker.Broker.PublishAsync("news", "not subscribed"u8.ToArray(), QoS.AtLeastOnce);
        await broker.Broker.PublishAsync("other", "live"u8.ToArray(), QoS.AtLeastOnce);
        IReadOnlyList<ReceivedMessage> messages = await second.AllMessagesAsync();

        Assert.Equal(["live"], messages.Select(m => m.Text));
    }

    [Theory, MemberData(nameof(Matrix.All), MemberType = typeof(Matrix))]
    public async Task Will_PeerIsKilled_IsPublished_PeerDisconnects_IsNot(PeerKind peer, ProtocolVersion version)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using PeerProcess watcher =
            await broker.SubscribeAsync(Matrix.Other(peer), ProtocolVersion.V311, "id=watcher", "filter=state/#", "qos=2", "until=1");

        await using PeerProcess polite = await broker.SubscribeAsync(peer, version,
            "id=polite", "filter=x", "until=0", "will-topic=state/polite", "will-payload=lost", "will-qos=1");
        await polite.SuccessAsync();
        await using PeerProcess killed = await broker.SubscribeAsync(peer, version,
            "id=killed", "filter=x", "will-topic=state/killed", "will-payload=lost", "will-qos=2", "will-retain=1");
        killed.Kill();
        IReadOnlyList<ReceivedMessage> messages = await watcher.AllMessagesAsync();
        await using PeerProcess late = await broker.SubscribeAsync(Matrix.Other(peer), ProtocolVersion.V311, "id=late", "filter=state/#", "until=1");
        ReceivedMessage retained = await late.MessageAsync();

        Assert.Equal([("state/killed", "lost", 2)], messages.Select(m => (m.Topic, m.Text, m.QoS)));
        Assert.Equal(("state/killed", "lost", true), (retained.Topic, retained.Text, retained.Retain));
    }
}
