using System.Xml.Linq;
using Godwit.Capture.Files;
using Godwit.Capture.Ladders;
using Godwit.Capture.Tests.Conversations;
using Godwit.Testing;

namespace Godwit.Capture.Tests.Ladders;

public class LadderTests
{
    [Theory]
    [InlineData("zeek-mqtt", 80, false, false)]
    [InlineData("zeek-mqtt", 60, false, false)]
    [InlineData("mqtt31-pub-qos2", 100, true, false)]
    [InlineData("mqtt311-pub-qos1", 100, false, true)]
    [InlineData("mqtt5-pub-props", 100, false, false)]
    public void Ladder_AsText_IsAsCommitted(string capture, int width, bool hasSegments, bool isAscii)
    {
        Ladder ladder = OfFile(capture, new LadderOptions { HasSegments = hasSegments }, LadderText.MostClients(width));
        string text = LadderText.Write(ladder, new LadderTextOptions { Width = width, IsAscii = isAscii });
        Assert.Null(GoldenFile.Difference($"tests/golden/ladders/{capture}-{width}.txt", text));
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= width, line));
        if (isAscii) Assert.True(text.All(char.IsAscii));
    }

    [Theory]
    [InlineData("zeek-mqtt", false)]
    [InlineData("mqtt31-pub-qos2", true)]
    [InlineData("mqtt5-pub-props", false)]
    public void Ladder_AsSvg_IsAsCommitted(string capture, bool hasSegments)
    {
        string svg = LadderSvg.Write(OfFile(capture, new LadderOptions { HasSegments = hasSegments }));
        XDocument.Parse(svg);
        Assert.Null(GoldenFile.Difference($"tests/golden/ladders/{capture}.svg", svg));
    }

    [Fact]
    public void Qos2_ItsFourPackets_AreOneFlow()
    {
        Ladder ladder = Play("start; publish2; S 50 02 00 08; C 62 02 00 08; S 70 02 00 08; disconnect; fin C; fin S");
        LadderFlow flow = Assert.Single(ladder.Rows.Where(row => row.Title is "PUBLISH" or "PUBREC" or "PUBREL" or "PUBCOMP").Select(row => row.Flow).Distinct())!;
        Assert.Equal(0, flow.Lane);
    }

    [Fact]
    public void Exchanges_Overlapping_HaveLinesOfTheirOwn()
    {
        Ladder ladder = Play("start; publish1; C 32 07 00 03 'a/b' 00 09; puback; S 40 02 00 09");
        Assert.Equal([0, 1, 0, 1], ladder.Rows.Skip(2).Select(row => row.Flow!.Lane));
        Assert.Equal(2, ladder.Lanes);
    }

    [Fact]
    public void Pings_SeveralInARow_AreOneRow()
    {
        LadderRow pings = Play("start; +60; ping; +60; ping; +60; ping").Rows[^1];
        Assert.Equal(LadderRowKind.Pings, pings.Kind);
        Assert.StartsWith("3 x PINGREQ/PINGRESP, every 60 s", pings.Details);
    }

    [Fact]
    public void Pings_OnlyOne_AreWhatTheyAre() =>
        Assert.Equal(["PINGREQ", "PINGRESP", "PUBLISH"], Play("start; +60; ping; C 30 05 00 03 'a/b'").Rows.Skip(2).Select(row => row.Title));

    [Fact]
    public void Pings_WhenAskedFor_AreAllThere() =>
        Assert.Equal(8, Play("start; ping; ping; ping", new LadderOptions { HasPings = true }).Rows.Count);

    [Fact]
    public void Pings_WithoutAnswer_AreCounted() =>
        Assert.StartsWith("2 x PINGREQ, 1 x PINGRESP", Play("start; ping; +9; C C0 00; +9; fin C; fin S").Rows[2].Details);

    [Fact]
    public void Silence_LongerThanUsual_IsAGap()
    {
        Ladder ladder = Play("start; +12; publish1; puback");
        Assert.Equal([null, null, TimeSpan.FromSeconds(12), null], ladder.Rows.Select(row => row.GapBefore is { } gap ? TimeSpan.FromSeconds(Math.Round(gap.TotalSeconds)) : (TimeSpan?)null));
        Assert.Contains("... 12 s ...", LadderText.Write(ladder));
    }

    [Fact]
    public void TakeOver_IsMarkedAtTheSecondConnect()
    {
        Ladder ladder = Play("start; #2; start");
        LadderRow second = ladder.Rows.Last(row => row.Title == "CONNECT");
        Assert.Contains(second.Marks, mark => mark.Severity == Capture.Findings.Severity.Warning);
        Assert.Equal(["c", "broker"], ladder.Participants.Select(participant => participant.Name));
    }

    [Fact]
    public void Will_OfAClientThatIsGone_IsNamed()
    {
        Ladder ladder = Play("connect-will; connack; #2; C 10 0D 00 04 'MQTT' 04 02 00 3C 00 01 's'; connack; C 82 06 00 01 00 01 'g' 00; S 90 03 00 01 00; #1; rst C; #2; S 30 05 00 01 'g' 'by'");
        Assert.EndsWith("the will of w", ladder.Rows[^1].Details);
        Assert.Equal(LadderRowKind.Reset, ladder.Rows[^2].Kind);
    }

    [Fact]
    public void Long_First_KeepsThoseAndCountsTheRest()
    {
        Ladder ladder = Play("start" + string.Concat(Enumerable.Repeat("; publish1; puback", 50)), new LadderOptions { Most = 10 });
        Assert.Equal(10, ladder.Rows.Count);
        Assert.Equal(92, ladder.PacketsAfter);
        Assert.EndsWith("... 92 more\n", LadderText.Write(ladder));
    }

    [Fact]
    public void Long_Last_KeepsThoseAndCountsTheRest()
    {
        Ladder ladder = Play("start" + string.Concat(Enumerable.Repeat("; publish1; puback", 50)), new LadderOptions { Most = 10, IsLast = true });
        Assert.Equal(10, ladder.Rows.Count);
        Assert.Equal(92, ladder.PacketsBefore);
        Assert.Equal(102, ladder.Rows[^1].Packet);
    }

    [Fact]
    public void Times_FromAndTo_AreCountedFromTheBeginning()
    {
        Ladder ladder = Play("start; +10; publish1; puback; +10; disconnect", new LadderOptions { From = CaptureTime.After(TimeSpan.FromSeconds(5)), To = CaptureTime.After(TimeSpan.FromSeconds(15)) });
        Assert.Equal(["PUBLISH", "PUBACK"], ladder.Rows.Select(row => row.Title));
        Assert.Equal((2, 1), (ladder.PacketsBefore, ladder.PacketsAfter));
    }

    [Fact]
    public void Client_OverItsConnections_IsShownAlone()
    {
        Ladder ladder = Play("start; disconnect; fin C; fin S; #2; C 10 0D 00 04 'MQTT' 04 02 00 3C 00 01 'x'; connack; #3; start", new LadderOptions { Client = "c" });
        Assert.Equal([1L, 3L], ladder.Rows.Select(row => row.Connection).Distinct());
    }

    [Fact]
    public void Clients_MoreThanColumns_ShareTheLast()
    {
        string script = string.Join("; ", Enumerable.Range(1, 9).Select(i => $"#{i}; C 10 0E 00 04 'MQTT' 04 02 00 3C 00 02 'c{i}'; connack"));
        Ladder ladder = Play(script, mostClients: 4);
        Assert.Equal(["c1", "c2", "broker", "c3", "6 clients"], ladder.Participants.Select(participant => participant.Name));
        Assert.StartsWith("c9: ", ladder.Rows[^2].Details);
    }

    [Fact]
    public void Names_ThatMeanHarm_AreShownAsTheyAre()
    {
        // </title><script>, a change of the writing direction, an escape sequence of terminals
        Ladder ladder = Play("C 10 2A 00 04 'MQTT' 04 02 00 3C 00 1E '</title><script>\"x' E2 80 AE 'ab' 1B '[31mredX'; connack");
        string svg = LadderSvg.Write(ladder, new LadderSvgOptions { PacketLink = "#packet-" }), text = LadderText.Write(ladder, new LadderTextOptions { Width = 160 });
        XDocument.Parse(svg);
        Assert.DoesNotContain("<script", svg);
        Assert.DoesNotContain("\u202E", svg + text);
        Assert.DoesNotContain("\e", svg + text);
    }

    [Fact]
    public void Nothing_IsNoLadder() => Assert.Equal("", LadderText.Write(Play("")));

    private static Ladder Play(string script, LadderOptions? options = null, int mostClients = 8)
    {
        var recorder = new LadderRecorder(options);
        var scene = new Scene(observer: recorder);
        scene.Play(script);
        return recorder.Build(scene.Findings.Findings, mostClients);
    }

    private static Ladder OfFile(string capture, LadderOptions options, int mostClients = 8)
    {
        var recorder = new LadderRecorder(options);
        var analysis = new CaptureAnalysis(conversations: [recorder], segments: [recorder]);
        using FrameSource source = CaptureFile.Open(Repository.PathOf($"tests/captures/{capture}.pcap"));
        analysis.Run(source);
        return recorder.Build(analysis.Findings.Findings, mostClients);
    }
}
