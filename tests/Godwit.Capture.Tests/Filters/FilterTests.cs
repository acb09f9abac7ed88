using Godwit.Capture.Filters;
using Godwit.Testing;

namespace Godwit.Capture.Tests.Filters;

public class FilterTests
{
    // Five packets: CONNECT, CONNACK, PUBLISH with QoS 1, PUBACK, DISCONNECT.
    private static readonly string Capture = Repository.PathOf("tests/captures/mqtt311-pub-qos1.pcap");

    [Theory]
    [InlineData("", 5)]
    [InlineData("mqtt", 5)]
    [InlineData("type == publish", 1)]
    [InlineData("type == PUBLISH", 1)]
    [InlineData("mqtt.msgtype == 3", 1)]
    [InlineData("mqtt.msgtype == 0x3", 1)]
    [InlineData("mqtt.msgtype eq publish", 1)]
    [InlineData("type in {connect, connack disconnect}", 3)]
    [InlineData("type != publish", 4)]
    [InlineData("not type == publish", 4)]
    [InlineData("!(type == publish or type == puback)", 3)]
    [InlineData("type == connect || type == connack && from == server", 2)]
    [InlineData("qos > 0", 1)]
    [InlineData("qos", 1)]
    [InlineData("qos == 0", 0)]
    [InlineData("mqtt.qos ge 1 and mqtt.msgid", 1)]
    [InlineData("retain == false", 1)]
    [InlineData("retain", 0)]
    [InlineData("id == 1", 2)]
    [InlineData("from == client", 3)]
    [InlineData("version == 3.1.1", 5)]
    [InlineData("version == 5", 0)]
    [InlineData("mqtt.ver == 4", 1)]
    [InlineData("topic =~ \"#\"", 1)]
    [InlineData("topic matches \"^.+$\"", 1)]
    [InlineData("len > 2 and len < 1000", 4)]
    [InlineData("ip.addr == ::/0", 5)]
    [InlineData("ip.addr == 10.0.0.0/8", 0)]
    [InlineData("tcp.port == 1883", 5)]
    [InlineData("tcp.dstport == 1883", 3)]
    [InlineData("tcp.stream == 0 and connection == 1", 5)]
    [InlineData("number <= 2", 2)]
    [InlineData("time < 100", 5)]
    [InlineData("response >= 0", 2)]
    [InlineData("keepalive == 60 and clean", 1)]
    [InlineData("mqtt.conack.val == 0", 1)]
    [InlineData("mqtt.protoname == MQTT", 1)]
    [InlineData("mqtt.conflags == 0xc2", 1)]
    [InlineData("mqtt.topic_len > 0", 1)]
    [InlineData("mqtt.puback.reason_code", 0)]
    [InlineData("mqtt.conack.flags.reserved == 0", 1)]
    [InlineData("mqtt.passwd_len == 4", 1)]
    [InlineData("mqtt.passwd", 1)]
    [InlineData("mqtt.passwd == \"pass\"", 0)]
    [InlineData("valid == 1", 5)]
    [InlineData("payload.json.temp > 20", 0)]
    public void Filter_OfARealCapture_ChoosesPackets(string filter, int expected)
    {
        using CaptureReader capture = CaptureReader.Open(Capture);
        Assert.Equal(expected, capture.ReadPackets(CaptureFilter.Compile(filter)).Count());
    }

    [Theory]
    [InlineData("topic == \"a/b\"", true)]
    [InlineData("topic == a/b", true)]
    [InlineData("topic =~ \"a/+\"", true)]
    [InlineData("topic =~ \"a/+/c\"", false)]
    [InlineData("topic in {\"x\", \"a/b\"}", true)]
    [InlineData("topic contains \"/\"", true)]
    [InlineData("topic contains 2f:62", true)]
    [InlineData("payload contains \"temp\"", true)]
    [InlineData("payload contains \"TEMP\"", false)]
    [InlineData("payload matches \"TEMP\"", true)]
    [InlineData("payload.json.temp > 20", true)]
    [InlineData("payload.json.temp > 21.5", false)]
    [InlineData("payload.json.temp == \"21.5\"", false)]
    [InlineData("payload.json.at.room == \"kitchen\"", true)]
    [InlineData("payload.json.at.room == kitchen", true)]
    [InlineData("payload.json.on", true)]
    [InlineData("payload.json.missing", false)]
    [InlineData("payload.len > 10 and not retain", true)]
    public void Filter_OfAMessage_LooksIntoTopicAndPayload(string filter, bool expected)
    {
        byte[] capture = PacketCapture.Of("connect", PacketCapture.Publish("a/b", """{"temp":21.5,"at":{"room":"kitchen"},"on":true}"""));
        using CaptureReader reader = CaptureReader.Open(new MemoryStream(capture));
        Assert.Equal(expected, reader.ReadPackets(CaptureFilter.Compile(filter)).Any(packet => packet.Type == Protocol.PacketType.Publish));
    }

    // Wireshark's names have all values, and only where Wireshark has them.
    [Theory]
    [InlineData("mqtt.conack.val", 0)]
    [InlineData("mqtt.connack.reason_code == 0", 1)]
    [InlineData("mqtt.property_id == 0x26", 3)]
    [InlineData("mqtt.prop_key == userprop2", 1)]
    [InlineData("mqtt.property.content_type contains \"will\"", 1)]
    [InlineData("mqtt.will_properties and mqtt.prop_number == 133", 1)]
    public void Filter_OfMqtt5_LooksIntoProperties(string filter, int expected)
    {
        using CaptureReader capture = CaptureReader.Open(Repository.PathOf("tests/captures/mqtt5-pub-props.pcap"));
        Assert.Equal(expected, capture.ReadPackets(CaptureFilter.Compile(filter)).Count());
    }

    [Theory]
    [InlineData("topci == \"a\"", 1, "There is no field topci. Did you mean topic?")]
    [InlineData("zzzzzzzzzzzzzz", 1, "There is no field zzzzzzzzzzzzzz. docs/filters.md lists the fields.")]
    [InlineData("qos >", 6, "A value for qos is missing.")]
    [InlineData("qos == high", 8, "qos is a number, and high is none.")]
    [InlineData("type == publsh", 9, "publsh is not one of the values of type: connect,")]
    [InlineData("(qos > 0", 9, "A ) is missing.")]
    [InlineData("qos > 0)", 8, ") is not expected here.")]
    [InlineData("topic == \"a", 10, "The text that begins here does not end: \" is missing.")]
    [InlineData("qos =~ \"a\"", 8, "=~ compares a topic with a topic filter, and qos is no topic.")]
    [InlineData("topic =~ \"a/#/b\"", 10, "\"a/#/b\" is no topic filter:")]
    [InlineData("ip.addr == here", 12, "ip.addr is an address, and here is none:")]
    [InlineData("topic matches \"(\"", 15, "This is no regular expression that can be used here:")]
    [InlineData("qos > 0 and", 12, "A condition is missing, such as qos > 0.")]
    [InlineData("qos in 1", 8, "A set stands in braces: qos in {1, 2}.")]
    [InlineData("topic == ?", 10, "'?' has no meaning here.")]
    public void Filter_ThatCannotBeUnderstood_SaysWhereAndWhatWouldBeRight(string filter, int column, string message)
    {
        FilterException wrong = Assert.Throws<FilterException>(() => CaptureFilter.Compile(filter));
        Assert.Equal(column, wrong.Column);
        Assert.StartsWith($"At character {column}: {message}", wrong.Message);
    }

    [Fact]
    public void Fields_AllOfThem_AreInTheReference()
    {
        string reference = File.ReadAllText(Repository.PathOf("docs/filters.md"));
        Assert.All(CaptureFields.All.SelectMany(field => field.Aliases.Append(field.Name)), name => Assert.Contains($"`{name}`", reference));
    }
}
