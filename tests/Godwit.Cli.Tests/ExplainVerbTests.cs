using System.Text;
using System.Text.Json;

namespace Godwit.Cli.Tests;

public class ExplainVerbTests
{
    private const string Connect = "10 0d 00 04 4d 51 54 54 04 02 00 3c 00 01 63";

    [Fact]
    public async Task Explain_Arguments_AreExplained()
    {
        CommandLineResult result = await CommandLineResult.RunAsync(["explain", .. Connect.Split(' ')]);
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("CONNECT of client \"c\", keep alive 60 s; MQTT 3.1.1, as the packet says\n", result.Output);
    }

    [Theory]
    [InlineData("00000000: 100d 0004 4d51 5454 0402 003c 0001 63    ....MQTT...<..c\n")]
    [InlineData(@"\x10\x0d\x00\x04MQTT\x04\x02\x00<\x00\x01c")]
    public async Task Explain_StandardInput_MayBeADump(string input) =>
        Assert.StartsWith("CONNECT of client \"c\"", (await CommandLineResult.RunAsync(Encoding.UTF8.GetBytes(input), default, "explain")).Output);

    [Fact]
    public async Task Explain_StandardInput_MayBeThePacketsThemselves()
    {
        byte[] packets = Convert.FromHexString(Connect.Replace(" ", "") + "C000");
        CommandLineResult result = await CommandLineResult.RunAsync(packets, default, "explain", "-f", "-");
        Assert.Contains("\n\n2. PINGREQ; MQTT 3.1.1, as CONNECT says\n", result.Output);
    }

    [Fact]
    public async Task Explain_Json_IsALineForEachPacket()
    {
        CommandLineResult result = await CommandLineResult.RunAsync("explain", "--json", "--mqtt", "5", "c000 3003 0001 61");
        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        using JsonDocument publish = JsonDocument.Parse(lines[1]);
        Assert.Equal("5.0", publish.RootElement.GetProperty("version").GetString());
        Assert.Equal("truncated", publish.RootElement.GetProperty("violations")[0].GetProperty("name").GetString());
        Assert.Equal(1, result.ExitCode);
    }

    [Fact]
    public async Task Explain_Password_IsShownWhenAskedFor()
    {
        const string connect = "10 13 00 04 'MQTT' 04 C2 00 3C 00 01 'c' 00 01 'u' 00 01 'p'";
        Assert.Contains("1 byte, hidden", (await CommandLineResult.RunAsync("explain", connect)).Output);
        Assert.Contains("Password: \"p\"", (await CommandLineResult.RunAsync("explain", "--show-passwords", connect)).Output);
    }

    [Theory]
    [InlineData("godwit explain: At character 4: 'xx' is not hexadecimal; two digits for each byte are expected, such as 10 17 00 04.", "10 xx")]
    [InlineData("godwit explain: There are no bytes. Give them in hexadecimal: godwit explain 10 17 00 04 ...")]
    [InlineData("godwit explain: --mqtt takes 3.1, 3.1.1 or 5, not '4'.", "--mqtt", "4", "c0 00")]
    public async Task Explain_WhatCannotBeRead_IsRefusedWithAReason(string expected, params string[] arguments)
    {
        CommandLineResult result = await CommandLineResult.RunAsync(["explain", .. arguments]);
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(expected, result.Error.TrimEnd());
    }

    [Fact]
    public async Task Why_OfACaptureWithoutTrouble_SaysSo()
    {
        CommandLineResult result = await CommandLineResult.RunAsync("why", Testing.Repository.PathOf("tests/captures/mqtt311-pub-qos1.pcap"));
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("Nobody was refused or dropped: 5 MQTT packets on 1 TCP connection.\n", result.Output);
    }

    [Fact]
    public async Task Why_OfNoCapture_SaysWhatItIs()
    {
        CommandLineResult result = await CommandLineResult.RunAsync("why", Testing.Repository.PathOf("README.md"));
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("godwit why: ", result.Error);
    }
}
