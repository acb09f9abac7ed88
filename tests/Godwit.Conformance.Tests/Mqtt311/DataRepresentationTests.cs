// Strings in packets: section 1.5.3, and 4.7.3 where it repeats it for topics.
namespace Godwit.Conformance.Tests.Mqtt311;

public class DataRepresentationTests
{
    // Three bytes each, in place of a string's content.
    public static TheoryData<string> IllFormed => ["61 C0 80", "ED A0 80", "ED BF BF", "61 62 FF", "61 62 C3"];

    [Theory]
    [MemberData(nameof(IllFormed))]
    [Statement("MQTT-1.5.3-1", "3.1.1")]
    [Statement("MQTT-3.1.3-4", "3.1.1")]
    [Statement("MQTT-3.1.3-10", "3.1.1")]
    [Statement("MQTT-3.1.3-11", "3.1.1")]
    public void CONNECT_StringNotUtf8_ClosesWithoutConnack(string text) => EachStringOfConnect(text);

    [Fact]
    [Statement("MQTT-1.5.3-2", "3.1.1")]
    public void CONNECT_StringWithNull_ClosesWithoutConnack() => EachStringOfConnect("61 00 62");

    [Theory]
    [MemberData(nameof(IllFormed))]
    [Statement("MQTT-1.5.3-1", "3.1.1")]
    [Statement("MQTT-3.3.2-1", "3.1.1")]
    [Statement("MQTT-3.8.3-1", "3.1.1")]
    [Statement("MQTT-3.10.3-1", "3.1.1")]
    [Statement("MQTT-4.7.3-3", "3.1.1")]
    public void PUBLISH_SUBSCRIBE_UNSUBSCRIBE_TopicNotUtf8_ClosesConnection(string text) => EachTopic(text);

    [Fact]
    [Statement("MQTT-1.5.3-2", "3.1.1")]
    [Statement("MQTT-4.7.3-2", "3.1.1")]
    public void PUBLISH_SUBSCRIBE_UNSUBSCRIBE_TopicWithNull_ClosesConnection() => EachTopic("61 00 62");

    [Fact]
    [Statement("MQTT-1.5.3-3", "3.1.1")]
    public void PUBLISH_TopicBeginsWithByteOrderMark_IsKept()
    {
        using var broker = new TestBroker();
        TestClient marked = broker.Connect("marked"), plain = broker.Connect("plain"), publisher = broker.Connect("publisher");
        marked.Send("82 09 00 01 00 04 EF BB BF 'a' 00");
        marked.Expect("90 03 00 01 00");
        plain.Subscribe("a");

        publisher.Send("30 07 00 04 EF BB BF 'a' 'x'");

        marked.Expect("30 07 00 04 EF BB BF 'a' 'x'");
        plain.ExpectNothing();
    }

    private static void EachStringOfConnect(string text)
    {
        string[] packets =
        [
            $"10 0F 00 04 'MQTT' 04 02 00 00 00 03 {text}", // client identifier
            $"10 15 00 04 'MQTT' 04 06 00 00 00 01 'a' 00 03 {text} 00 01 'x'", // will topic
            $"10 12 00 04 'MQTT' 04 82 00 00 00 01 'a' 00 03 {text}", // user name
        ];
        foreach (string packet in packets)
        {
            using var broker = new TestBroker();
            TestClient client = broker.Open();

            client.Send(packet);

            client.ExpectClosed();
        }
    }

    private static void EachTopic(string text)
    {
        string[] packets = [$"30 06 00 03 {text} 'x'", $"82 08 00 01 00 03 {text} 00", $"A2 07 00 01 00 03 {text}"];
        foreach (string packet in packets)
        {
            using var broker = new TestBroker();
            TestClient client = broker.Connect("c"), everything = broker.Connect("everything");
            everything.Subscribe("#");

            client.Send(packet);

            client.ExpectClosed();
            everything.ExpectOpen();
        }
    }
}
