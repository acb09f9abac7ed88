// Topic names and filters: section 4.7.
namespace Godwit.Conformance.Tests.Mqtt311;

public class TopicTests
{
    [Theory]
    // The specification's own examples.
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/ranking", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true)]
    [InlineData("sport/#", "sport", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player2", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1/ranking", false)]
    [InlineData("sport/+", "sport", false)]
    [InlineData("sport/+", "sport/", true)]
    [InlineData("+/+", "/finance", true)]
    [InlineData("/+", "/finance", true)]
    [InlineData("+", "/finance", false)]
    // Further ones.
    [InlineData("#", "/", true)]
    [InlineData("+/tennis/#", "sport/tennis", true)]
    [InlineData("+/+/#", "a", false)]
    [InlineData("a//b", "a//b", true)]
    [InlineData("a/+/b", "a//b", true)]
    [InlineData("a/b", "a//b", false)]
    [InlineData("a/b", "a/b/", false)]
    [InlineData("a/b/#", "a/bc", false)]
    [InlineData("/a", "a", false)]
    [Statement("MQTT-3.3.2-3", "3.1.1")]
    [Statement("MQTT-4.7.1-2", "3.1.1")]
    [Statement("MQTT-4.7.1-3", "3.1.1")]
    public void Filter_MatchesTopic_LiveAndRetained(string filter, string topic, bool matches) => Match(filter, topic, matches);

    [Theory]
    [InlineData("ACCOUNTS", "Accounts", false)]
    [InlineData("\u00E9", "e\u0301", false)] // the same letter, composed and decomposed
    [InlineData("\u212B", "\u00C5", false)]
    [InlineData("Accounts payable", "Accounts payable", true)]
    [InlineData(" a", "a", false)]
    [InlineData("a\u0085", "a\u0085", true)]
    [Statement("MQTT-4.7.3-4", "3.1.1")]
    public void Filter_IsComparedWithoutNormalization(string filter, string topic, bool matches) => Match(filter, topic, matches);

    [Theory]
    [InlineData("#", "$a/b", false)]
    [InlineData("+/b", "$a/b", false)]
    [InlineData("+/#", "$a/b", false)]
    [InlineData("$a/#", "$a/b", true)]
    [InlineData("$a/+", "$a/b", true)]
    [InlineData("$a/b", "$a/b", true)]
    [InlineData("a/#", "a/$b", true)]
    [InlineData("a/+", "a/$b", true)]
    [Statement("MQTT-4.7.2-1", "3.1.1")]
    public void Filter_BeginningWithWildcard_DoesNotMatchDollarTopics(string filter, string topic, bool matches) => Match(filter, topic, matches);

    [Theory]
    [InlineData("sport/tennis#")]
    [InlineData("sport/tennis/#/ranking")]
    [InlineData("#/")]
    [InlineData("##")]
    [Statement("MQTT-4.7.1-2", "3.1.1")]
    public void SUBSCRIBE_MultiLevelWildcardNotLastOrAlone_ClosesConnection(string filter) => IsRefused(filter);

    [Theory]
    [InlineData("sport+")]
    [InlineData("sport/+tennis")]
    [InlineData("++")]
    [InlineData("+#")]
    [Statement("MQTT-4.7.1-3", "3.1.1")]
    public void SUBSCRIBE_SingleLevelWildcardNotAlone_ClosesConnection(string filter) => IsRefused(filter);

    [Fact]
    [Statement("MQTT-4.7.3-1", "3.1.1")]
    [Statement("MQTT-4.7.3-3", "3.1.1")]
    public void Topic_OfOneAndOf65535Bytes_IsServed()
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("client");
        foreach (string topic in (string[])["a", "/", " ", new string('x', 65_535)])
        {
            client.Subscribe(topic);
            client.Publish(topic, "1");
            client.ExpectPackets($"PUBLISH {topic}=1 q0");
        }
    }

    [Fact]
    public void Topic_OfTooManyLevels_IsRefused()
    {
        using var broker = new TestBroker(configure: o => o with { MaximumTopicLevels = 3 });
        TestClient client = broker.Connect("client");
        client.Subscribe("a/b/c");

        client.Send(Packets.Subscribe(ProtocolVersion.V311, 1, [("a/b/c/d", 0)]));
        client.ExpectPackets("SUBACK m1 80");
        client.Publish("a/b/c", "x");
        client.ExpectPackets("PUBLISH a/b/c=x q0");
        client.Publish("a/b/c/d", "x");
        client.ExpectClosed();
    }

    private static void Match(string filter, string topic, bool matches)
    {
        using var broker = new TestBroker(2);
        TestClient live = broker.Connect(broker.ClientId("live", 0)), publisher = broker.Connect(broker.ClientId("publisher", 1));
        live.Subscribe(filter);
        publisher.Publish(topic, "x", retain: true);
        TestClient late = broker.Connect(broker.ClientId("late", 0));
        late.Subscribe(filter);

        live.ExpectPackets(matches ? [$"PUBLISH {topic}=x q0"] : []);
        late.ExpectPackets(matches ? [$"PUBLISH {topic}=x q0 retain"] : []);

        live.Unsubscribe(filter);
        publisher.Publish(topic, "y");
        live.ExpectOpen();
    }

    private static void IsRefused(string filter)
    {
        using var broker = new TestBroker();
        TestClient client = broker.Connect("client");

        client.Send(Packets.Subscribe(ProtocolVersion.V311, 1, [(filter, 0)]));

        client.ExpectClosed();
    }
}
