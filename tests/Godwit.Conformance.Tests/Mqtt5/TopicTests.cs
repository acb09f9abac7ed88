// Section 4.7: topic names and filters.
namespace Godwit.Conformance.Tests.Mqtt5;

public class TopicTests
{
    [Theory]
    [Statement("MQTT-4.7.1-1", "5.0")]
    [Statement("MQTT-4.7.1-2", "5.0")]
    [Statement("MQTT-4.7.3-1", "5.0")]
    [Statement("MQTT-4.8.2-1", "5.0")]
    [Statement("MQTT-4.8.2-2", "5.0")]
    [InlineData("a#")]
    [InlineData("#/a")]
    [InlineData("a/#/b")]
    [InlineData("a+")]
    [InlineData("+a/b")]
    [InlineData("")]
    [InlineData("$share//a")]
    [InlineData("$share/g")]
    [InlineData("$share/g/")]
    [InlineData("$share/g+/a")]
    [InlineData("$share/#/a")]
    [InlineData("$share/g/a#")]
    public void SUBSCRIBEandUNSUBSCRIBE_FilterInvalid_Disconnects81(string filter)
    {
        using var broker = new TestBroker();
        TestClient first = broker.Connect5("1"), second = broker.Connect5("2");
        first.Send(V5.Subscribe(1, (filter, 0)));
        first.ExpectDisconnect(ReasonCode.MalformedPacket);
        second.Send(Packets.Unsubscribe(ProtocolVersion.V5, 1, filter));
        second.ExpectDisconnect(ReasonCode.MalformedPacket);
    }

    [Theory]
    [Statement("MQTT-4.7.1-1", "5.0")]
    [Statement("MQTT-4.7.1-2", "5.0")]
    [Statement("MQTT-4.7.2-1", "5.0")]
    [Statement("MQTT-4.7.3-4", "5.0")]
    [Statement("MQTT-3.3.2-3", "5.0")]
    [InlineData("#", "a", true)]
    [InlineData("#", "/", true)]
    [InlineData("#", "$a", false)]
    [InlineData("#", "$a/b", false)]
    [InlineData("+/b", "$a/b", false)]
    [InlineData("+", "$a", false)]
    [InlineData("$a/#", "$a/b", true)]
    [InlineData("$a/+", "$a/b", true)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/b/c", true)]
    [InlineData("a/#", "ab", false)]
    [InlineData("a/+", "a/b", true)]
    [InlineData("a/+", "a/", true)]
    [InlineData("a/+", "a", false)]
    [InlineData("a/+", "a/b/c", false)]
    [InlineData("+/+", "/b", true)]
    [InlineData("/+", "/b", true)]
    [InlineData("+", "/b", false)]
    [InlineData("+/b/#", "a/b", true)]
    [InlineData("a//b", "a//b", true)]
    [InlineData("a/b", "a//b", false)]
    [InlineData("a/b", "A/b", false)]
    [InlineData("a b", "a b", true)]
    [InlineData("é", "e\u0301", false)]
    public void PUBLISH_Topic_MatchesTheFilterOrNot(string filter, string topic, bool matches)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c"), publisher = broker.Connect5("p");
        publisher.Publish(topic, "r", retain: true);
        client.Subscribe(filter);
        Assert.Equal(matches ? [$"PUBLISH {topic}=r q0 retain"] : [], client.Take());
        publisher.Publish(topic, "x");
        Assert.Equal(matches ? [$"PUBLISH {topic}=x q0"] : [], client.Take());
    }

    [Fact]
    [Statement("MQTT-4.7.3-3", "5.0")]
    public void PUBLISH_TopicOf65535Bytes_Passes()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect5("c");
        string topic = new('t', 65_535);
        client.Subscribe(topic);
        client.Publish(topic, "x");
        client.ExpectPackets($"PUBLISH {topic}=x q0");
    }

    [Fact]
    public void PUBLISH_MoreLevelsThanAllowed_Disconnects90()
    {
        using var broker = new TestBroker(configure: o => o with { MaximumTopicLevels = 3 });
        TestClient client = broker.Connect5("c");
        client.Publish("a/b/c", "x");
        client.ExpectOpen();
        client.Publish("a/b/c/d", "x");
        client.ExpectDisconnect(ReasonCode.TopicNameInvalid);
    }
}
