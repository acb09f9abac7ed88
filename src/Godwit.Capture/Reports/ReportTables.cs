// The parts of a report that are words and tables. Everything from the capture goes through Markup.Escape.
using System.Text;
using Godwit.Capture.Conversations;
using Godwit.Capture.Diagnosing;
using Godwit.Capture.Explain;
using Godwit.Capture.Findings;
using Godwit.Capture.Ladders;
using Godwit.Protocol;

namespace Godwit.Capture.Reports;

internal static class ReportTables
{
    // Findings that are shown; a page with more would not be read.
    private const int MostFindings = 200;

    public static string Overview(ReportRecorder recorder, CaptureAnalysis analysis)
    {
        CaptureCounters counters = analysis.Feed.Counters;
        var text = new StringBuilder();
        if (recorder.Start <= recorder.End) text.Append($"{new Arrival(0, recorder.Start).Moment:yyyy-MM-dd HH:mm:ss} UTC, {LadderTimes.Text(Duration(recorder))}. ");
        text.Append($"{Count(counters.Frames, "frame")}, {Count(counters.Connections, "TCP connection")}, {recorder.Conversations.Count + recorder.MoreConversations:N0} with MQTT.");
        string skipped = string.Join(", ", counters.Skipped.Select(skip => $"{skip.Count:N0} ({skip.Reason})"));
        if (skipped.Length > 0) text.Append($" Frames without a part in that: {skipped}.");
        if (counters.Gaps > 0) text.Append($" The capture misses {counters.MissingBytes:N0} bytes in {Count(counters.Gaps, "gap")}.");
        return text.ToString();
    }

    public static string Tiles(ReportRecorder recorder, CaptureAnalysis analysis, Finding[] findings)
    {
        int errors = findings.Count(finding => finding.Rule.Severity == Severity.Error), warnings = findings.Count(finding => finding.Rule.Severity == Severity.Warning);
        var tiles = new StringBuilder("<dl class=\"tiles\">\n");
        Add("MQTT packets", recorder.PacketCount.ToString("N0"));
        Add("Clients", analysis.Conversations.Clients.Count.ToString("N0"));
        Add("Conversations", (recorder.Conversations.Count + recorder.MoreConversations).ToString("N0"));
        Add("Duration", recorder.Start <= recorder.End ? LadderTimes.Text(Duration(recorder)) : "–");
        Add("Errors", errors.ToString("N0"), errors > 0 ? "bad" : "");
        Add("Warnings", warnings.ToString("N0"), warnings > 0 ? "warn" : "");
        return tiles.Append("</dl>\n").ToString();

        void Add(string name, string value, string style = "") => tiles.Append($"<div class=\"{style}\"><dt>{name}</dt><dd>{value}</dd></div>\n");
    }

    public static string Findings(Finding[] findings, CaptureAnalysis analysis, ReportRecorder recorder)
    {
        if (findings.Length == 0) return $"<p>{(recorder.PacketCount == 0 ? "There is no MQTT in this capture." : "Nothing is wrong, as far as the rules see.")}</p>\n";
        var html = new StringBuilder();
        foreach (Finding finding in findings.Take(MostFindings))
        {
            string severity = finding.Rule.Severity.ToString().ToLowerInvariant();
            html.Append($"<article class=\"card finding {severity}\"><h3><span class=\"severity\">{severity}</span>{Text(finding.Rule.Title)}</h3>\n<p>{Text(finding.Sentence)}</p>\n");
            if (finding.Rule.Remedy.Length > 0) html.Append($"<p><b>What to do:</b> {Text(finding.Rule.Remedy)}</p>\n");
            html.Append($"<p class=\"dim\">{Text(finding.ClientId is { Length: > 0 } id ? $"Client {id}, connection" : "Connection")} {finding.Connection}");
            if (finding.Count > 1) html.Append($", {finding.Count:N0} times");
            if (finding.Packets.Count > 0) html.Append($", packet{(finding.Packets.Count == 1 ? "" : "s")} {string.Join(", ", finding.Packets.Select(packet => Link(packet, recorder)))}");
            if (finding.Statement is { } statement) html.Append($" · [{Text(statement)}]");
            html.Append("</p></article>\n");
        }
        long more = findings.Length - MostFindings + analysis.Findings.NotKept;
        if (findings.Length > MostFindings || analysis.Findings.NotKept > 0) html.Append($"<p class=\"dim\">{Math.Max(more, analysis.Findings.NotKept):N0} more findings are not shown.</p>\n");
        return html.ToString();
    }

    public static string Conversations(ReportRecorder recorder, CaptureAnalysis analysis)
    {
        if (recorder.Conversations.Count == 0) return "<p>There are none.</p>\n";
        Dictionary<long, Diagnosis> diagnoses = analysis.Diagnoses.Diagnoses.GroupBy(diagnosis => diagnosis.Connection).ToDictionary(group => group.Key, group => group.First());
        var html = new StringBuilder("<div class=\"card scroll\"><table><caption>Every connection that carries MQTT.</caption><thead><tr>");
        foreach (string heading in new[] { "Connection", "Client", "Address", "Version", "Keep alive", "Session", "Packets from client / server", "How it ended, and why" })
            html.Append($"<th scope=\"col\">{heading}</th>");
        html.Append("</tr></thead><tbody>\n");
        foreach (Conversation conversation in recorder.Conversations)
        {
            string session = conversation.Connect == 0 ? "begun before the capture"
                : $"{(conversation.IsClean ? "new" : "kept")}{(conversation.IsSessionPresent ? ", was there" : "")}{Expiry(conversation.SessionExpiry)}";
            string keepAlive = conversation.Connect == 0 ? "?" : conversation.KeepAlive == 0 ? "off" : $"{conversation.KeepAlive} s";
            string client = conversation.ClientId switch { null => "?", "" => "(none)", { } id => Readable.Plain(id) };
            var ends = conversation.Connection.Stream;
            html.Append($"<tr><td class=\"number\">{conversation.Connection.Number}</td><th scope=\"row\">{Markup.Escape(client)}</th>");
            html.Append($"<td>{Text((conversation.Connection.ClientSide == Streams.Side.Initiator ? ends.Initiator : ends.Responder).ToString())}</td>");
            html.Append($"<td>{ExplanationText.VersionName(conversation.Connection.Version)}{(conversation.Connection.IsVersionCertain ? "" : "?")}</td><td>{keepAlive}</td><td>{session}</td>");
            html.Append($"<td class=\"number\">{conversation.Packets.FromClient:N0} / {conversation.Packets.FromServer:N0}</td><td class=\"words\">{End(conversation, diagnoses.GetValueOrDefault(conversation.Connection.Number))}</td></tr>\n");
        }
        html.Append("</tbody></table></div>\n");
        if (recorder.MoreConversations > 0) html.Append($"<p class=\"dim\">{recorder.MoreConversations:N0} more conversations are not listed.</p>\n");
        return html.ToString();
    }

    public static string Packets(ReportRecorder recorder)
    {
        var html = new StringBuilder();
        if (recorder.PacketCount > recorder.Packets.Count) html.Append($"<p>The first {recorder.Packets.Count:N0} of {recorder.PacketCount:N0} packets; the other {recorder.PacketCount - recorder.Packets.Count:N0} are in the figures and findings only.</p>\n");
        html.Append("<p class=\"filter\" hidden><label for=\"filter\">Show packets that contain</label> <input id=\"filter\" type=\"search\" placeholder=\"publish sensors/ #17\" autocomplete=\"off\"> <span id=\"filter-count\" class=\"dim\" role=\"status\"></span></p>\n");
        html.Append("<div class=\"packets\" tabindex=\"0\" role=\"region\" aria-label=\"Packets\"><table><thead><tr>");
        foreach ((string heading, string style) in new[] { ("Packet", "number"), ("Time", "number"), ("Frame", "number"), ("Client", ""), ("Direction", ""), ("Type", ""), ("About", "") })
            html.Append($"<th scope=\"col\" class=\"{style}\">{heading}</th>");
        html.Append("</tr></thead><tbody id=\"packet-rows\">\n");
        foreach (ReportPacket packet in recorder.Packets)
        {
            string client = packet.Conversation.ClientId is { Length: > 0 } id ? Readable.Plain(id) : $"connection {packet.Conversation.Connection.Number}";
            html.Append($"<tr id=\"packet-{packet.Number}\"><td class=\"number\"><a href=\"#packet-{packet.Number}\">{packet.Number}</a></td><td class=\"number\">{(packet.At.Time - recorder.Start) / 1e9:0.000000}</td><td class=\"number\">{packet.At.Frame}</td>");
            html.Append($"<td>{Markup.Escape(client)}</td><td>{(packet.IsFromClient ? "→ server" : "← server")}</td><td>{packet.Type.Name()}</td><td class=\"words\">{Text(packet.Label)}</td></tr>\n");
        }
        return html.Append("</tbody></table></div>\n").ToString();
    }

    private static string End(Conversation conversation, Diagnosis? diagnosis)
    {
        bool isByClient = conversation.ClosedBy == conversation.Connection.ClientSide;
        string who = isByClient ? "The client" : "The server";
        string words = diagnosis?.Outcome ?? conversation.Closing switch
        {
            ClosingKind.Open => "Open as far as the capture goes.",
            ClosingKind.Disconnect when conversation.DisconnectCode != ReasonCode.Success => $"{who} has sent DISCONNECT: {ReasonWords.Describe(conversation.DisconnectCode, PacketType.Disconnect)}.",
            ClosingKind.Disconnect => $"{who} has sent DISCONNECT.",
            ClosingKind.Reset => $"{who} has aborted the connection.",
            _ => $"{who} has closed without DISCONNECT.",
        };
        string takenOver = conversation.TakenOverBy == 0 ? "" : $" Taken over by packet {conversation.TakenOverBy:N0}.";
        string cause = diagnosis?.Causes is [{ } likeliest, ..] ? $"<br><b>{Text(likeliest.Title)}.</b> {Text(likeliest.Explanation)}" : "";
        return Text(words + takenOver) + cause;
    }

    private static string Expiry(uint seconds) => seconds switch { 0 => ", ends with the connection", uint.MaxValue => ", kept for ever", _ => $", kept for {LadderTimes.Text(TimeSpan.FromSeconds(seconds))}" };

    private static string Link(long packet, ReportRecorder recorder) =>
        recorder.Packets.Count > 0 && packet <= recorder.Packets[^1].Number ? $"<a href=\"#packet-{packet}\">{packet}</a>" : packet.ToString();

    private static string Text(string text) => Markup.Escape(text);

    private static TimeSpan Duration(ReportRecorder recorder) => TimeSpan.FromTicks((recorder.End - recorder.Start) / TimeSpan.NanosecondsPerTick);

    private static string Count(long count, string name) => $"{count:N0} {name}{(count == 1 ? "" : "s")}";
}
