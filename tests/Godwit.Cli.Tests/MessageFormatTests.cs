// -F and -v, byte for byte what mosquitto_sub 2.0 prints for the same message.
using System.Buffers;
using System.Text;
using Godwit.Cli.CommandLine;
using Godwit.Cli.OutputFormat;
using Godwit.Client;
using Godwit.Protocol;

namespace Godwit.Cli.Tests;

public class MessageFormatTests
{
    private static readonly MqttMessage Hello = new() { Topic = "o/topic", Payload = "hello"u8.ToArray(), QoS = QoS.AtLeastOnce, PacketId = 1 };

    private static readonly MqttMessage Rich = Hello with
    {
        ContentType = "text/plain",
        CorrelationData = "a\"b"u8.ToArray(),
        MessageExpiryInterval = 60,
        PayloadFormatIndicator = 1,
        ResponseTopic = "re/sp",
        UserProperties = [new UserProperty("k1", "v1"), new UserProperty("k1", "v2")],
    };

    [Theory]
    [InlineData("%p|", "hello|")]
    [InlineData("%10p|", "     hello|")]
    [InlineData("%010p|", "00000hello|")]
    [InlineData("%-10p|", "hello     |")]
    [InlineData("%-010p|", "hello     |")]
    [InlineData("%3p|", "hel|")]
    [InlineData("%.3p|", "hello|")]
    [InlineData("%10.3p|", "     hello|")]
    [InlineData("%x|", "68656c6c6f|")]
    [InlineData("%10x|", "      6865|")]
    [InlineData("%012x|", "000000006865|")]
    [InlineData("%-12X|", "6865        |")]
    [InlineData("%3x|", " 68|")]
    [InlineData("%1x|", " |")]
    [InlineData("%l|%05l|%5l|%-5l|%.3l", "5|00005|    5|5    |5")]
    [InlineData("%m|%05m|%q|%5q|%r|%5r", "1|00001|1|1|0|0")]
    [InlineData("%t|%10t|%010t|%-10t|", "o/topic|   o/topic|   o/topic|o/topic   |")]
    [InlineData("%.2t|%10.2t|%-10.2t|%.t|", "o/|        o/|o/        ||")]
    [InlineData("%A|%C|%D|%E|%F|%P|%R|%S|", "||||||||")]
    [InlineData("%5A|%5C|%5D|%5E|%5F|%5P|%5R|%5S|", "     |     ||     |     |||     |")]
    [InlineData("%05A|%05C|%05E|%-05E|", "00000|     |00000|00000|")]
    [InlineData("100%% @@ é→", "100% @ é→")]
    [InlineData("%5%|", "%|")]
    [InlineData(@"\\\0\a\e\n\r\t\v", "\\\0\a\u001b\n\r\t\v")]
    [InlineData("", "")]
    public void Template_PlainMessage(string template, string expected) => Assert.Equal(expected, Format(template, Hello));

    [Theory]
    [InlineData("%A|%C|%D|%E|%F|%P|%R|%S|", "|text/plain|a\"b|60|1|k1:v1 k1:v2|re/sp||")]
    [InlineData("%5A|%15C|%5D|%5E|%5F|%20P|%10R|%5S|", "     |     text/plain|a\"b|   60|    1|k1:v1 k1:v2|     re/sp|     |")]
    [InlineData("%05A|%-15.4C|%05E|%-05E|%.2R|", "00000|text           |00060|60   |re|")]
    public void Template_Properties(string template, string expected) => Assert.Equal(expected, Format(template, Rich));

    [Theory]
    [InlineData("%a", "%5a")]
    [InlineData("%z")]
    [InlineData("%", "%5", "%.", "%-")]
    [InlineData("%0-5l")]
    [InlineData("%99999999p")]
    [InlineData("@")]
    [InlineData("\\", "\\q")]
    public void Template_Wrong_IsRefused(params string[] templates) => Assert.All(templates, template =>
        Assert.Throws<UsageException>(() => TemplateFormat.Parse(template, pretty: false, TimeProvider.System)));

    [Fact]
    public void Template_Times_AreStrftimes() => Assert.Equal(
        "Sun Sunday Nov November Sun Nov  1 15:04:05 2026|20 01 11/01/26  1 2026-11-01 26 2026 Nov 15 03 305 15  3 11 04 PM pm 03:04:05 PM 15:04 05 15:04:05 7 44 44 0 43 26 2026 %E %q",
        Format("@a @A @b @B @c|@C @d @D @e @F @g @G @h @H @I @j @k @l @m @M @p @P @r @R @S @T @u @U @V @w @W @y @Y @E @q", Hello));

    [Fact]
    public void Template_Clock_IsUnixAndIso() => Assert.Equal(
        "1793545445.123456700|1793545445|123456700|+0000|2026-11-01T15:04:05+0000|2026-11-01T15:04:05+0000  |2026|",
        Format("%U|@s|@N|@z|%I|%-26I|%.4I|", Hello));

    [Fact]
    public void Json_PlainMessage_HasMosquittosFieldOrder() => Assert.Equal(
        """{"tst":"2026-11-01T15:04:05.123456Z+0000","topic":"o/topic","qos":1,"retain":0,"payloadlen":5,"mid":1,"payload":"hello"}""",
        Format("%j", Hello));

    [Fact]
    public void Json_QoS0_HasNoPacketId() => Assert.Equal(
        """{"tst":"2026-11-01T15:04:05.123456Z+0000","topic":"t","qos":0,"retain":1,"payloadlen":0,"payload":null}""",
        Format("%j", new MqttMessage { Topic = "t", Retain = true }));

    [Fact]
    public void Json_Properties_AreNamed() => Assert.Equal(
        """{"tst":"2026-11-01T15:04:05.123456Z+0000","topic":"o/topic","qos":1,"retain":0,"payloadlen":5,"mid":1,"properties":{"payload-format-indicator":1,"content-type":"text/plain","response-topic":"re/sp","correlation-data":"a\"b","user-properties":{"k1":"v1","k1":"v2"},"message-expiry-interval":60,"topic-alias":4,"subscription-identifier":7},"payload":"hello"}""",
        Format("%j", Rich with { TopicAlias = 4, SubscriptionIdentifiers = [7] }));

    [Theory]
    [InlineData("é\"\\/", "é\\\"\\\\/")]
    [InlineData("a\tb\u0001c\b\f\r\n\u007f", "a\\tb\\u0001c\\b\\f\\r\\n\u007f")]
    public void Json_Text_IsEscaped(string payload, string expected) =>
        Assert.EndsWith($"\"payload\":\"{expected}\"}}", Format("%j", Hello with { Payload = Encoding.UTF8.GetBytes(payload) }), StringComparison.Ordinal);

    [Theory]
    [InlineData("5", "5")]
    [InlineData("\"x\"", "\"x\"")]
    [InlineData(" { \"a\" : [ 1 , [ ] , { } , [2,{\"b\":[true,false,null]}] ] , \"a\" : 2 } ", """{"a":[1,[],{},[2,{"b":[true,false,null]}]],"a":2}""")]
    [InlineData("\"x\\u00e9\\/\\u0001\\u20ac\\ud83d\\ude00\"", "\"xé/\\u0001€😀\"")]
    [InlineData("[27.0,1e3,0.1,12345678901234567890,-0,1.5e-7,4294967296]", "[27,1000,0.1,1.2345678901234567e+19,-0,1.5e-07,4294967296]")]
    [InlineData("[3.141592653589793238,1e308,123456789012345,1234567890123456,0.00001,-1.25E+2,0]", "[3.1415926535897931,1e+308,123456789012345,1234567890123456,1e-05,-125,0]")]
    public void Json_JsonPayload_IsAValue(string payload, string expected) =>
        Assert.EndsWith($"\"payload\":{expected}}}", Format("%J", Hello with { Payload = Encoding.UTF8.GetBytes(payload) }), StringComparison.Ordinal);

    [Theory]
    [InlineData("x")]
    [InlineData("{\"a\":1} x")]
    [InlineData("[1,]")]
    [InlineData("\"\\ud800\"")]
    public void Json_PayloadIsNone_PrintsTheRestOfTheTemplate(string payload)
    {
        var output = new ArrayBufferWriter<byte>();
        TemplateFormat format = TemplateFormat.Parse("<%J>", pretty: false, Clock());

        var wrong = Assert.Throws<FormatException>(() => format.TryAppend(output, Hello with { Payload = Encoding.UTF8.GetBytes(payload) }));

        Assert.Equal("Message payload is not valid JSON on topic o/topic.", wrong.Message);
        Assert.Equal("<>", Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Fact]
    public void Json_Pretty_IsIndentedByTabs() => Assert.Equal(
        "{\n\t\"tst\":\t\"2026-11-01T15:04:05.123456Z+0000\",\n\t\"topic\":\t\"t\",\n\t\"qos\":\t0,\n\t\"retain\":\t0,\n\t\"payloadlen\":\t53,\n\t\"payload\":\t{\n"
        + "\t\t\"a\":\t[1, 2, {\n\t\t\t\t\"b\":\tnull\n\t\t\t}, [[], {\n\t\t\t\t}], [1]],\n\t\t\"e\":\t{\n\t\t},\n\t\t\"f\":\t[]\n\t}\n}",
        Format("%J", new MqttMessage { Topic = "t", Payload = "{\"a\":[1,2,{\"b\":null},[[],{}],[1]],\"e\":{},     \"f\":[]}"u8.ToArray() }, pretty: true));

    [Theory]
    [InlineData("x", true, true, "t x")]
    [InlineData("", true, true, "t (null)")]
    [InlineData("x", false, true, "t x")]
    [InlineData("", false, false, "")]
    public void Verbose_Message_IsTopicAndPayload(string payload, bool hasLineEnds, bool prints, string expected)
    {
        var output = new ArrayBufferWriter<byte>();

        bool printed = new VerboseFormat(hasLineEnds).TryAppend(output, new MqttMessage { Topic = "t", Payload = Encoding.UTF8.GetBytes(payload) });

        Assert.Equal((prints, expected), (printed, Encoding.UTF8.GetString(output.WrittenSpan)));
    }

    [Fact]
    public void Payload_Empty_PrintsNotEvenALineEnd() =>
        Assert.False(new PayloadFormat().TryAppend(new ArrayBufferWriter<byte>(), new MqttMessage { Topic = "t" }));

    private static string Format(string template, MqttMessage message, bool pretty = false)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.True(TemplateFormat.Parse(template, pretty, Clock()).TryAppend(output, message));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static FixedClock Clock() => new();

    // 1 November 2026, a Sunday, in UTC.
    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 11, 1, 15, 4, 5, TimeSpan.Zero).AddTicks(1_234_567);

        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;
    }
}
