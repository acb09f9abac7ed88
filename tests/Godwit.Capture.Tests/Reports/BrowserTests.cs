// The page in a browser: what its script makes of it, and that nothing of a hostile capture is run.
using System.Diagnostics;
using System.Net;
using Godwit.Capture.Files;
using Godwit.Capture.Reports;
using Godwit.Capture.Tests.Live;
using Godwit.Testing;

namespace Godwit.Capture.Tests.Reports;

public sealed class BrowserTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("godwit-report-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Page_AtAPacketsAddress_ShowsItsBytesAndFields()
    {
        using var recorder = new ReportRecorder();
        var analysis = new CaptureAnalysis(conversations: [recorder], segments: [recorder]);
        using (FrameSource source = CaptureFile.Open(Repository.PathOf("tests/captures/mqtt311-pub-qos1.pcap"))) analysis.Run(source);
        string panel = Panel(await LoadAsync(HtmlReport.Write(recorder, analysis), "#packet-3"));

        Assert.Contains("<h2>Packet 3, PUBLISH: topicX, QoS 1 #1, 28 B</h2>", panel);
        Assert.Contains(">32</span><span class=\"byte k1\" title=\"Remaining Length: 26\">1A</span>", panel);
        Assert.Contains("title=\"Packet type and flags: 0x32\n0011.... Packet type: 3\n....0... DUP: 0\n.....01. QoS: 1\n.......0 RETAIN: 0\"", panel);
        Assert.Contains("<td class=\"section\">2.2.3</td>", panel);
    }

    [Fact]
    public async Task Page_OfHostileInput_RunsNothingOfIt()
    {
        string document = await LoadAsync(HostileCapture.Page(), "#packet-5");
        string title = document[(document.IndexOf("<title>", StringComparison.Ordinal) + 7)..document.IndexOf("</title>", StringComparison.Ordinal)];
        Assert.StartsWith("</script></title>", WebUtility.HtmlDecode(title));
        Assert.Contains("Application Message", Panel(document));
        Assert.DoesNotContain("<img", document);
    }

    private static string Panel(string document) => document[document.IndexOf("<aside", StringComparison.Ordinal)..document.IndexOf("</aside>", StringComparison.Ordinal)];

    // The document after the script has run; what the browser complains about fails the test.
    private async Task<string> LoadAsync(string page, string fragment)
    {
        string file = Path.Combine(_directory, "report.html");
        await File.WriteAllTextAsync(file, page);
        using Process browser = Peer.Start("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", $"--user-data-dir={_directory}/profile",
            "--virtual-time-budget=5000", "--dump-dom", $"file://{file}{fragment}");
        Task<string> errors = browser.StandardError.ReadToEndAsync();
        string document = await browser.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.DoesNotContain(":CONSOLE", await errors);
        return document;
    }
}
