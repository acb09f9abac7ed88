using System.Text;
using Godwit.Broker;
using Godwit.Broker.Auth;
using Godwit.Interop.Tests.Peers;
using Godwit.Protocol;

namespace Godwit.Interop.Tests;

public class Mqtt5Tests
{
    private static readonly string[] AllProperties =
        ["property=site:north", "property=line:7", "content-type=text/plain", "response=answers/me", "correlation=c-42", "expiry=100"];

    [Theory, MemberData(nameof(Matrix.Mqtt5), MemberType = typeof(Matrix))]
    public async Task PUBLISH_Properties_ArriveFromPeer(PeerKind peer) => AssertProperties(await SendProperties(peer, Matrix.Other(peer)));

    [Theory, MemberData(nameof(Matrix.Mqtt5), MemberType = typeof(Matrix))]
    public async Task PUBLISH_Properties_ArriveAtPeer(PeerKind peer) => AssertProperties(await SendProperties(Matrix.Other(peer), peer));

    [Theory, MemberData(nameof(Matrix.Mqtt5), MemberType = typeof(Matrix))]
    public async Task PUBLISH_TopicAlias_StandsForTheTopic(PeerKind peer)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using PeerProcess subscriber =
            await broker.SubscribeAsync(Matrix.Other(peer), ProtocolVersion.V5, "id=subscriber", "filter=long/#", "qos=1", "until=3");

        await broker.PublishAsync(peer, ProtocolVersion.V5, "id=publisher", "topic=long/topic", "payload={i}", "count=3", "alias=5", "qos=1");
        IReadOnlyList<ReceivedMessage> messages = await subscriber.AllMessagesAsync();

        Assert.Equal([("long/topic", "0"), ("long/topic", "1"), ("long/topic", "2")], messages.Select(m => (m.Topic, m.Text)));
    }

    // Of the four only mqtt.js understands an alias from the broker.
    [Fact]
    public async Task PUBLISH_TopicAliasOfBroker_IsUnderstoodByPeer()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using PeerProcess subscriber = await broker.SubscribeAsync(
            PeerKind.MqttJs, ProtocolVersion.V5, "id=subscriber", "filter=long/#", "qos=1", "topic-alias-maximum=2", "until=9");

        for (int i = 0; i < 9; i++) await broker.Broker.PublishAsync($"long/{i % 3}", Encoding.UTF8.GetBytes($"{i}"), QoS.AtLeastOnce);
        IReadOnlyList<ReceivedMessage> messages = await subscriber.AllMessagesAsync();

        Assert.Equal(Enumerable.Range(0, 9).Select(i => ($"long/{i % 3}", $"{i}")), messages.Select(m => (m.Topic, m.Text)));
    }

    [Theory, MemberData(nameof(Matrix.Mqtt5), MemberType = typeof(Matrix))]
    public async Task SUBSCRIBE_Identifier_ComesWithTheMessage(PeerKind peer)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using PeerProcess subscriber =
            await broker.SubscribeAsync(peer, ProtocolVersion.V5, "id=subscriber", "filter=a/#", "subscription-id=321", "until=1");

        await broker.Broker.PublishAsync("a/b", "x"u8.ToArray());
        ReceivedMessage message = Assert.Single(await subscriber.AllMessagesAsync());

        Assert.Equal("321", message.Properties["subscription-id"]);
    }

    // mosquitto_sub 2.0 has no such options.
    [Theory]
    [InlineData(PeerKind.PahoPython)]
    [InlineData(PeerKind.PahoC)]
    [InlineData(PeerKind.MqttJs)]
    public async Task SUBSCRIBE_Options_RetainHandlingAndRetainAsPublished(PeerKind peer)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await broker.Broker.PublishAsync("a", "kept"u8.ToArray(), QoS.AtLeastOnce, retain: true);

        await using PeerProcess subscriber = await broker.SubscribeAsync(
            peer, ProtocolVersion.V5, "id=subscriber", "filter=a", "qos=1", "retain-handling=2", "retain-as-published=1", "until=1");
        await broker.Broker.PublishAsync("a", "live"u8.ToArray(), QoS.AtLeastOnce, retain: true);
        ReceivedMessage message = Assert.Single(await subscriber.AllMessagesAsync());

        Assert.Equal(("live", true), (message.Text, message.Retain));
    }

    [Theory, MemberData(nameof(Matrix.Mqtt5), MemberType = typeof(Matrix))]
    public async Task SUBSCRIBE_Shared_MembersGetEachMessageOnceTogether(PeerKind peer)
    {
        string[] filters = ["filter=$share/team/work", "filter=end", "qos=1"];
        await using TestBroker broker = await TestBroker.StartAsync();
        await using PeerProcess one = await broker.SubscribeAsync(peer, ProtocolVersion.V5, ["id=one", .. filters]);
        await using PeerProcess two = await broker.SubscribeAsync(Matrix.Other(peer), ProtocolVersion.V5, ["id=two", .. filters]);

        await broker.PublishAsync(PeerKind.Mosquitto, ProtocolVersion.V5, "id=publisher", "topic=work", "payload={i}", "count=20", "qos=1");
        await broker.PublishAsync(PeerKind.Mosquitto, ProtocolVersion.V5, "id=publisher", "topic=end", "payload=end", "qos=1");
        List<int> first = await UntilEnd(one), second = await UntilEnd(two);

        Assert.Equal(Enumerable.Range(0, 20), first.Concat(second).Order());
        Assert.NotEmpty(first);
        Assert.NotEmpty(second);
        Assert.Equal(first.Order(), first);

        static async Task<List<int>> UntilEnd(PeerProcess member)
        {
            var numbers = new List<int>();
            while (await member.MessageAsync() is { Text: not "end" } message) numbers.Add(int.Parse(message.Text));
            return numbers;
        }
    }

    [Theory, MemberData(nameof(Matrix.Mqtt5), MemberType = typeof(Matrix))]
    public async Task Session_ExpiryZero_EndsWithTheConnection(PeerKind peer)
    {
        await using TestBroker broker = await TestBroker.StartAsync();

        await using PeerProcess first = await broker.SubscribeAsync(
            peer, ProtocolVersion.V5, "id=returning", "clean=0", "session-expiry=0", "filter=a", "qos=1", "until=0");
        await first.SuccessAsync();
        await broker.Broker.PublishAsync("a", "offline"u8.ToArray(), QoS.AtLeastOnce);
        await using PeerProcess second = await broker.SubscribeAsync(
            peer, ProtocolVersion.V5, "id=returning", "clean=0", "session-expiry=0", "filter=b", "qos=1", "until=1");
        await broker.Broker.PublishAsync("b", "live"u8.ToArray(), QoS.AtLeastOnce);
        IReadOnlyList<ReceivedMessage> messages = await second.AllMessagesAsync();

        Assert.Equal(["live"], messages.Select(m => m.Text));
    }

    [Theory, MemberData(nameof(Matrix.All), MemberType = typeof(Matrix))]
    public async Task SUBSCRIBE_NotAuthorized_PeerSeesTheCode(PeerKind peer, ProtocolVersion version)
    {
        await using TestBroker broker = await TestBroker.StartAsync(new BrokerOptions { Loops = 2, Authorizer = new NothingSecret() });
        await using PeerProcess subscriber = broker.Start(peer, "subscribe", version, "id=curious", "filter=open", "filter=secret", "qos=1");

        OutputLine subscribed = await subscriber.EventAsync("SUBSCRIBED");

        // MQTT 3.1 has no way to say it: the answer is what was asked for.
        string refusal = version switch { ProtocolVersion.V31 => "1", ProtocolVersion.V311 => "128", _ => "135" };
        Assert.Equal($"1,{refusal}", subscribed.Codes);
    }

    // Paho for Python 1.6 does not show the codes of acknowledgements.
    [Theory]
    [InlineData(PeerKind.Mosquitto)]
    [InlineData(PeerKind.PahoC)]
    [InlineData(PeerKind.MqttJs)]
    public async Task PUBLISH_NotAuthorized_PeerSeesTheCode(PeerKind peer)
    {
        await using TestBroker broker = await TestBroker.StartAsync(new BrokerOptions { Loops = 2, Authorizer = new NothingSecret() });
        await using PeerProcess publisher = broker.Start(peer, "publish", ProtocolVersion.V5, "id=curious", "topic=secret", "payload=x", "qos=1");

        OutputLine published = await publisher.EventAsync("PUBLISHED");

        Assert.Equal("135", published.Codes);
    }

    private static async Task<ReceivedMessage> SendProperties(PeerKind publisher, PeerKind subscriber)
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        await using PeerProcess receiving = await broker.SubscribeAsync(subscriber, ProtocolVersion.V5, "id=subscriber", "filter=a", "qos=1", "until=1");
        await broker.PublishAsync(publisher, ProtocolVersion.V5, ["id=publisher", "topic=a", "payload=x", "qos=1", .. AllProperties]);
        return Assert.Single(await receiving.AllMessagesAsync());
    }

    private static void AssertProperties(ReceivedMessage message)
    {
        Assert.Equal("site:north line:7", message.Properties["property"]);
        Assert.Equal("text/plain", message.Properties["content-type"]);
        Assert.Equal("answers/me", message.Properties["response"]);
        Assert.Equal("c-42", message.Properties["correlation"]);
        Assert.InRange(int.Parse(message.Properties["expiry"]), 70, 100);
    }

    private sealed class NothingSecret : IAuthorizer
    {
        public bool MayPublish(ClientIdentity client, ReadOnlySpan<byte> topic, QoS qos, bool retain) => !topic.SequenceEqual("secret"u8);

        public bool MaySubscribe(ClientIdentity client, ReadOnlySpan<byte> filter, SubscriptionOptions options) => !filter.SequenceEqual("secret"u8);
    }
}
