// One page about a capture that needs nothing from outside and says everything important without a script. The script in it, which shows the bytes of a
// packet, is the only one that a browser runs: the page names its hash, so that nothing a capture contains could be taken for one.
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Godwit.Capture.Findings;
using Godwit.Capture.Ladders;

namespace Godwit.Capture.Reports;

/// <summary>Writes a report as an HTML page.</summary>
public static class HtmlReport
{
    private static readonly string Script = Asset("report.js"), Style = Asset("report.css");

    /// <summary>Writes the page. Call it once, when the capture is at its end.</summary>
    /// <param name="recorder">What was recorded.</param>
    /// <param name="analysis">What was found.</param>
    public static string Write(ReportRecorder recorder, CaptureAnalysis analysis)
    {
        ArgumentNullException.ThrowIfNull(recorder);
        ArgumentNullException.ThrowIfNull(analysis);
        Finding[] findings = [.. analysis.Findings.BySeverity];
        Ladder ladder = recorder.Ladder.Build(analysis.Findings.Findings);
        string title = Markup.Escape(Explain.Readable.Plain(recorder.Options.Title));
        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Script)));
        var page = new StringBuilder();
        page.Append($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'">
            <title>{title}: MQTT report</title>
            <style>
            {Style}
            {LadderSvg.Style}
            </style>
            </head>
            <body>
            <header>
            <h1>{title}</h1>

            """);
        page.Append($"<p class=\"dim\">{Markup.Escape(ReportTables.Overview(recorder, analysis))}</p>\n").Append(ReportTables.Tiles(recorder, analysis, findings)).Append("</header>\n");
        page.Append("""
            <nav aria-label="Parts of this report"><ul><li><a href="#findings">Findings</a></li><li><a href="#ladder">Sequence</a></li><li><a href="#conversations">Conversations</a></li><li><a href="#figures">Figures</a></li><li><a href="#packets">Packets</a></li></ul></nav>
            <main>

            """);
        page.Append("<section id=\"findings\" aria-labelledby=\"findings-title\"><h2 id=\"findings-title\">Findings</h2>\n").Append(ReportTables.Findings(findings, analysis, recorder)).Append("</section>\n");
        page.Append("<section id=\"ladder\" aria-labelledby=\"ladder-title\"><h2 id=\"ladder-title\">Sequence</h2>\n");
        page.Append("<p class=\"dim\">Who has sent what to whom. Colours and bars hold together what belongs together. A click on a packet shows its bytes.</p>\n");
        page.Append("<div class=\"ladder-box\" tabindex=\"0\" role=\"region\" aria-label=\"Sequence of the packets\">\n")
            .Append(LadderSvg.Write(ladder, new LadderSvgOptions { PacketLink = "#packet-", HasStyle = false })).Append("</div></section>\n");
        page.Append("<section id=\"conversations\" aria-labelledby=\"conversations-title\"><h2 id=\"conversations-title\">Conversations</h2>\n").Append(ReportTables.Conversations(recorder, analysis)).Append("</section>\n");
        page.Append("<section id=\"figures\" aria-labelledby=\"figures-title\"><h2 id=\"figures-title\">Figures</h2>\n<div class=\"plots\">\n").Append(ReportPlots.Write(recorder.Statistics)).Append("</div></section>\n");
        page.Append("<section id=\"packets\" aria-labelledby=\"packets-title\"><h2 id=\"packets-title\">Packets</h2>\n").Append(ReportTables.Packets(recorder)).Append("</section>\n");
        page.Append("</main>\n<aside id=\"detail\" tabindex=\"-1\" aria-label=\"A packet's bytes\" hidden></aside>\n");
        page.Append($"<footer>Made by godwit report.{(recorder.Options.IsRedacted ? " Payloads, user names and user properties are left out." : "")} Passwords are not in this page.</footer>\n");
        page.Append("<script type=\"application/json\" id=\"packets-data\">").Append(recorder.Island.Complete()).Append("</script>\n");
        return page.Append("<script>").Append(Script).Append("</script>\n</body>\n</html>\n").ToString();
    }

    private static string Asset(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Godwit.Capture.Reports.Assets.{name}")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
