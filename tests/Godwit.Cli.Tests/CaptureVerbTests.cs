using System.Text;
using System.Text.Json;
using Godwit.Testing;

namespace Godwit.Cli.Tests;

public class CaptureVerbTests
{
    // CONNECT with user name and password, CONNACK, PUBLISH at QoS 2 with its acknowledgements, DISCONNECT.
    private static readonly string Qos2 = Repository.PathOf("tests/captures/mqtt31-pub-qos2.pcap");
    private static readonly string Zeek = Repository.PathOf("tests/captures/zeek-mqtt.pcap");

    [Fact]
    public async Task Capture_File_IsALineForEachPacket()
    {
        CommandLineResult result = await CommandLineResult.RunAsync("capture", Qos2);
        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(7, lines.Length);
        Assert.Equal("     1   0.000129 myvoiceismypassport    -> CONNECT   v3.1 clean keep alive 60 s user user 47 B", lines[0]);
        Assert.Equal("     3   0.000485 myvoiceismypassport    -> PUBLISH   topicX q2 #1 28 B baabaablacksheep", lines[2]);
        Assert.Equal("     4   0.000560 myvoiceismypassport    <- PUBREC    #1 4 B 0.07 ms", lines[3]);
        Assert.Equal("7 MQTT packets on 1 connection; 15 frames, 1.4K bytes in 0.001 s\n", result.Error);
    }

    [Fact]
    public async Task Capture_StandardInput_IsReadAsAFile()
    {
        CommandLineResult result = await CommandLineResult.RunAsync(await File.ReadAllBytesAsync(Qos2), default, "capture", "-");
        Assert.Equal(7, result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory]
    [InlineData(3, "--first", "3")]
    [InlineData(2, "--last", "2")]
    [InlineData(2, "--from", "7.3", "--to", "15")]
    [InlineData(3, "--where", "type == publish")]
    [InlineData(2, "--where", "type == publish", "--first", "2")]
    [InlineData(4, "--client", "paho/DDE4DDAF4108D3E363")]
    [InlineData(0, "--client", "nobody")]
    [InlineData(20, "--from", "2016-04-20T16:43:10")]
    [InlineData(0, "--to", "2016-04-20T16:43:10")]
    public async Task Capture_Choice_ShowsThosePacketsOnly(int expected, params string[] options)
    {
        CommandLineResult result = await CommandLineResult.RunAsync(["capture", Zeek, .. options]);
        Assert.Equal(expected, result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory]
    [InlineData]
    [InlineData("-v")]
    [InlineData("-x")]
    [InlineData("--json", "-v")]
    [InlineData("--csv")]
    [InlineData("-e", "username,payload,will.payload")]
    public async Task Capture_Redacted_ShowsNoPayloadNoUserNoPassword(params string[] options)
    {
        CommandLineResult result = await CommandLineResult.RunAsync(["capture", Qos2, "--redact", .. options]);
        Assert.Equal(0, result.ExitCode);
        foreach (string secret in new[] { "baabaa", "62 61 61 62", "62616162", "\"user\"", "75 73 65 72", "75736572", "pass\"", "user user" }) Assert.DoesNotContain(secret, result.Output);
    }

    [Theory]
    [InlineData("-v")]
    [InlineData("-x")]
    [InlineData("--json", "-v")]
    [InlineData("--csv")]
    public async Task Capture_Passwords_AreShownWhenAskedForOnly(params string[] options)
    {
        // client c, user u, password "Pa55"
        byte[] capture = await WithPassword();
        CommandLineResult hidden = await CommandLineResult.RunAsync(capture, default, ["capture", "-", .. options]);
        Assert.DoesNotContain("Pa55", hidden.Output);
        Assert.DoesNotContain("50 61 35 35", hidden.Output);
        Assert.DoesNotContain("50613535", hidden.Output);
        if (options is ["-v"]) Assert.Contains("Pa55", (await CommandLineResult.RunAsync(capture, default, "capture", "-", "-v", "--show-passwords")).Output);
    }

    [Fact]
    public async Task Capture_Json_IsALineForEachPacket()
    {
        CommandLineResult result = await CommandLineResult.RunAsync("capture", Qos2, "--json", "--where", "type in {publish, pubrec}");
        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        using JsonDocument publish = JsonDocument.Parse(lines[0]), pubrec = JsonDocument.Parse(lines[1]);
        Assert.Equal("topicX", publish.RootElement.GetProperty("topic").GetString());
        Assert.Equal("baabaablacksheep", publish.RootElement.GetProperty("payload").GetString());
        Assert.Equal(3, pubrec.RootElement.GetProperty("answers").GetInt32());
        Assert.Equal(0.075, pubrec.RootElement.GetProperty("responseMs").GetDouble());
    }

    [Fact]
    public async Task Capture_Csv_HasTheColumnsAskedFor()
    {
        CommandLineResult result = await CommandLineResult.RunAsync("capture", Qos2, "-e", "frame.number,mqtt.msgtype,mqtt.topic,mqtt.qos,mqtt.msgid,mqtt.len", "--where", "qos");
        Assert.Equal("frame,mqtt.msgtype,mqtt.topic,mqtt.qos,mqtt.msgid,mqtt.len\n8,3,topicX,2,1,26\n", result.Output);
    }

    [Fact]
    public async Task Capture_FilterThatCannotBeUnderstood_IsRefusedWithItsPlace()
    {
        CommandLineResult result = await CommandLineResult.RunAsync("capture", Qos2, "--where", "type == publsh");
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("godwit capture: --where: At character 9: publsh is not one of the values of type:", result.Error);
        Assert.EndsWith("\n  type == publsh\n          ^\n", result.Error);
    }

    [Theory]
    [InlineData("--redact", "-w", "x.pcapng")]
    [InlineData("--decrypted")]
    [InlineData("--json", "--csv")]
    [InlineData("-i", "eth0")]
    [InlineData("--from", "yesterday")]
    [InlineData("-e", "topci")]
    public async Task Capture_OptionsThatDoNotFit_AreRefused(params string[] options)
    {
        CommandLineResult result = await CommandLineResult.RunAsync(["capture", Qos2, .. options]);
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("godwit capture: ", result.Error);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task Capture_WithoutMqtt_SaysWhatThereIs()
    {
        using var file = new MemoryStream();
        using (var writer = new Capture.Files.PcapngWriter(file, leaveOpen: true))
        {
            writer.AddInterface(Capture.LinkType.Ethernet);
            writer.WriteFrame(0, 1, new byte[60]);
        }
        CommandLineResult result = await CommandLineResult.RunAsync(file.ToArray(), default, "capture", "-");
        Assert.Contains("0 MQTT packets on 0 connections; 1 frame", result.Error);
        Assert.Contains("Why there is nothing:\n  1 frame of something else than IP\n", result.Error);
    }

    [Fact]
    public async Task Stats_File_CountsWhatIsThere()
    {
        CommandLineResult text = await CommandLineResult.RunAsync("stats", Zeek), json = await CommandLineResult.RunAsync("stats", Zeek, "--json"), csv = await CommandLineResult.RunAsync("stats", Zeek, "--csv");
        Assert.StartsWith("20 packets on 2 connections in 27.641 s\n", text.Output);
        Assert.Contains("of 100 on the wire 15.6 are MQTT and 3.7 payload", text.Output);
        using JsonDocument document = JsonDocument.Parse(json.Output);
        Assert.Equal("SampleTopic", document.RootElement.GetProperty("topics")[0].GetProperty("topic").GetString());
        Assert.Contains("\ntopics,SampleTopic,messages,3\n", csv.Output);
    }

    // The first CONNECT of a capture with another one in its place.
    private static async Task<byte[]> WithPassword()
    {
        byte[] connect = [0x10, 0x16, 0, 4, .. "MQTT"u8, 4, 0xC2, 0, 60, 0, 1, (byte)'c', 0, 1, (byte)'u', 0, 4, .. "Pa55"u8];
        byte[] frame = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0x45, 0, 0, (byte)(40 + connect.Length), 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
            0x9C, 0x40, 0x07, 0x5B, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x18, 1, 0, 0, 0, 0, 0, .. connect];
        using var file = new MemoryStream();
        await using (file)
        {
            using (var writer = new Capture.Files.PcapngWriter(file, leaveOpen: true))
            {
                writer.AddInterface(Capture.LinkType.Ethernet);
                writer.WriteFrame(0, 1_000, frame);
            }
            return file.ToArray();
        }
    }
}
