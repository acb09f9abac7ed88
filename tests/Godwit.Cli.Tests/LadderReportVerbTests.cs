namespace Godwit.Cli.Tests;

public sealed class LadderReportVerbTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("godwit-captures-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Ladder_OfACapture_IsDrawn()
    {
        CommandLineResult result = await CommandLineResult.RunAsync("ladder", Capture("mqtt311-pub-qos1.pcap"));
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("CONNECT", result.Output);
        Assert.DoesNotContain("\e", result.Output);
    }

    [Fact]
    public async Task Ladder_StandardInput_IsReadToo()
    {
        byte[] capture = await File.ReadAllBytesAsync(Capture("mqtt311-pub-qos1.pcap"));
        Assert.Contains("PUBACK", (await CommandLineResult.RunAsync(capture, default, "ladder", "-")).Output);
    }

    [Fact]
    public async Task Ladder_Svg_IsWrittenAndSaysWhatIsLeftOut()
    {
        string file = Path.Combine(_directory, "ladder.svg");
        CommandLineResult result = await CommandLineResult.RunAsync("ladder", "--svg", file, "--first", "2", Capture("mqtt311-pub-qos1.pcap"));
        Assert.StartsWith("<svg ", await File.ReadAllTextAsync(file));
        Assert.Equal("godwit ladder: 3 packets not shown (--first, --last, --from, --to).", result.Error.TrimEnd());
    }

    [Fact]
    public async Task Ladder_TimesByTheClock_AreThoseSinceTheBeginning()
    {
        CommandLineResult since = await CommandLineResult.RunAsync("ladder", "--from", "7.3", "--to", "15", Capture("zeek-mqtt.pcap"));
        CommandLineResult clock = await CommandLineResult.RunAsync("ladder", "--from", "2016-04-20T16:43:17.809491", "--to", "2016-04-20T16:43:25.509491", Capture("zeek-mqtt.pcap"));
        Assert.Contains("... 6 more", since.Output);
        Assert.Equal(since.Output, clock.Output);
    }

    [Theory]
    [InlineData("godwit ladder: --from takes a time since the beginning, such as 12.5 or 10m, or a moment such as 2026-03-01T10:12:44, not 'noon'.", "ladder", "--from", "noon", "x")]
    [InlineData("godwit ladder: Which capture? godwit ladder FILE, or - for standard input.", "ladder")]
    [InlineData("godwit ladder: --first and --last do not go together.", "ladder", "--first", "1", "--last", "1", "x")]
    [InlineData("godwit report: Which capture? godwit report FILE, or - for standard input.", "report")]
    public async Task Verb_WrongArguments_AreRefusedWithAReason(string expected, params string[] arguments)
    {
        CommandLineResult result = await CommandLineResult.RunAsync(arguments);
        Assert.Equal((1, expected), (result.ExitCode, result.Error.TrimEnd()));
    }

    [Fact]
    public async Task Ladder_OfNobody_SaysWhatThereIs()
    {
        CommandLineResult result = await CommandLineResult.RunAsync("ladder", "--client", "nobody", Capture("mqtt311-pub-qos1.pcap"));
        Assert.Equal((1, "godwit ladder: Nothing of this capture was chosen: 13 frames, 1 TCP connection, 5 MQTT packets."), (result.ExitCode, result.Error.TrimEnd()));
    }

    [Fact]
    public async Task Report_OfACapture_IsWritten()
    {
        string file = Path.Combine(_directory, "report.html");
        CommandLineResult result = await CommandLineResult.RunAsync("report", Capture("mqtt5-pub-props.pcap"), "-o", file);
        Assert.Equal((0, $"{file}: 5 packets, 3 findings."), (result.ExitCode, result.Error.TrimEnd()));
        Assert.Contains("<title>mqtt5-pub-props.pcap: MQTT report</title>", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task Report_WhereNothingCanBeWritten_SaysSo()
    {
        CommandLineResult result = await CommandLineResult.RunAsync("report", Capture("mqtt5-pub-props.pcap"), "-o", Path.Combine(_directory, "none", "report.html"));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("cannot be written", result.Error);
    }

    private static string Capture(string name) => Repository.PathOf($"tests/captures/{name}");
}
