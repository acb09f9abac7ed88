using System.Text.Json;
using System.Text.RegularExpressions;
using Godwit.Capture.Files;
using Godwit.Capture.Reports;
using Godwit.Capture.Tests.Conversations;
using Godwit.Testing;

namespace Godwit.Capture.Tests.Reports;

public partial class HtmlReportTests
{
    [Theory]
    [InlineData("zeek-mqtt")]
    [InlineData("mqtt31-pub-qos2")]
    [InlineData("mqtt5-pub-props")]
    public void Report_OfACapture_NeedsNothingFromOutside(string capture)
    {
        string page = OfFile(capture);
        Assert.DoesNotMatch(@"(src|href)=""(?!#)", page);
        Assert.DoesNotContain("url(", page);
        Assert.DoesNotContain("@import", page);
        Assert.Contains("default-src 'none'", page);
        Assert.Equal(page, OfFile(capture));
    }

    [Fact]
    public void Report_ItsIsland_HasEveryFieldOfEveryPacket()
    {
        using JsonDocument island = Island(OfFile("mqtt311-pub-qos1"));
        JsonElement packets = island.RootElement.GetProperty("packets"), texts = island.RootElement.GetProperty("texts");
        Assert.Equal(5, packets.GetArrayLength());
        JsonElement fixedHeader = packets[2].GetProperty("fields")[0];
        Assert.Equal("Fixed header", texts[fixedHeader[0].GetInt32()].GetString());
        Assert.Equal([0, 2], [fixedHeader[1].GetInt32(), fixedHeader[2].GetInt32()]);
        Assert.StartsWith("321A0006746F70696358", packets[2].GetProperty("hex").GetString());
    }

    [Fact]
    public void Report_WithoutScript_HasFindingsConversationsAndPackets()
    {
        string page = ScriptElement().Replace(OfFile("mqtt5-pub-props"), "");
        Assert.Contains("An acknowledgement of something that is not in flight", page);
        Assert.Contains("<b>What to do:</b>", page);
        Assert.Contains("<tr id=\"packet-4\">", page);
        Assert.Contains("<th scope=\"col\">How it ended, and why</th>", page);
        Assert.Contains("bytes on the wire go</h3>", page);
    }

    [Fact]
    public void Report_OfHostileInput_HasNoElementOfTheirs()
    {
        string page = HostileCapture.Page();
        Assert.Equal(2, ScriptElement().Count(page));
        Assert.DoesNotContain("<img", page);
        Assert.DoesNotContain("\u202E", page);
        Assert.DoesNotMatch(@"<[^>]*\sonclick=", page.Replace("&quot;", "").Replace("&#39;", ""));
        using JsonDocument island = Island(page);
        Assert.Contains(island.RootElement.GetProperty("texts").EnumerateArray(), text => text.GetString()!.Contains("<script>document.title", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Report_Passwords_AreNotThere(bool isRedacted)
    {
        string page = HostileCapture.Page(new ReportOptions { IsRedacted = isRedacted });
        Assert.DoesNotContain("geheim42", page);
        Assert.DoesNotContain(Convert.ToHexString("geheim42"u8), page);
    }

    [Fact]
    public void Report_PasswordInAConnectThatBreaksOff_IsNotThere()
    {
        // The user name's length is too large: what it hides is the password.
        using var recorder = new ReportRecorder();
        new Scene(observer: recorder).Play("C 10 19 00 04 'MQTT' 04 C2 00 3C 00 01 'c' 00 FF 'u' 00 08 'geheim4'");
        string page = HtmlReport.Write(recorder, new CaptureAnalysis());
        Assert.DoesNotContain("geheim4", page);
        Assert.DoesNotContain(Convert.ToHexString("geheim4"u8), page);
    }

    [Fact]
    public void Report_Redacted_HasNoPayloadAndNoUserName()
    {
        Assert.Contains(">payload", HostileCapture.Page().Replace("gnp.exepayload", ">payload"));
        string page = HostileCapture.Page(new ReportOptions { IsRedacted = true });
        Assert.DoesNotContain("exepayload", page);
        Assert.DoesNotContain("exeuser", page);
        Assert.DoesNotContain(Convert.ToHexString("exepayload"u8), page);
    }

    [Fact]
    public void Report_LongCapture_IsBoundedAndSaysSo()
    {
        using var recorder = new ReportRecorder(new ReportOptions { MostPackets = 10, MostRows = 20 });
        new Scene(observer: recorder).Play("start" + string.Concat(Enumerable.Repeat("; publish1; puback", 50)));
        string page = HtmlReport.Write(recorder, new CaptureAnalysis());
        Assert.Contains("The first 10 of 102 packets; the other 92 are in the figures and findings only.", page);
        Assert.Contains("… 82 more", page);
    }

    [Fact]
    public void Report_OfNothing_SaysSo()
    {
        using var recorder = new ReportRecorder();
        Assert.Contains("There is no MQTT in this capture.", HtmlReport.Write(recorder, new CaptureAnalysis()));
    }

    [Fact]
    public void Budget_OfOneAcknowledgement_IsMostlyNotMqtt()
    {
        // Ethernet 14, IPv6 40, TCP 32: 86 bytes around each segment.
        using var recorder = new ReportRecorder();
        var analysis = new CaptureAnalysis(conversations: [recorder], segments: [recorder]);
        using FrameSource source = CaptureFile.Open(Repository.PathOf("tests/captures/mqtt311-pub-qos1.pcap"));
        analysis.Run(source);
        Assert.Equal(83, recorder.Statistics.Budget.Mqtt);
        Assert.Equal(analysis.Feed.Counters.Bytes, recorder.Statistics.Budget.Wire);
        string page = HtmlReport.Write(recorder, analysis);
        Assert.All(recorder.Statistics.Budget.Rows.Where(row => row.Bytes > 0), row => Assert.Contains($"{row.Name}: {row.Bytes:N0} bytes", page));
    }

    private static string OfFile(string capture)
    {
        using var recorder = new ReportRecorder(new ReportOptions { Title = capture });
        var analysis = new CaptureAnalysis(conversations: [recorder], segments: [recorder]);
        using FrameSource source = CaptureFile.Open(Repository.PathOf($"tests/captures/{capture}.pcap"));
        analysis.Run(source);
        return HtmlReport.Write(recorder, analysis);
    }

    private static JsonDocument Island(string page)
    {
        const string start = "<script type=\"application/json\" id=\"packets-data\">";
        int at = page.IndexOf(start, StringComparison.Ordinal) + start.Length;
        return JsonDocument.Parse(page[at..page.IndexOf("</script>", at, StringComparison.Ordinal)]);
    }

    [GeneratedRegex("<script[^>]*>.*?</script>", RegexOptions.Singleline)]
    private static partial Regex ScriptElement();
}
