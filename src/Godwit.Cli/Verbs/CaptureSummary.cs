// What stands below the packets: how much there was, what was found, and if there was nothing, why.
using System.Text;
using Godwit.Capture;
using Godwit.Capture.Findings;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Views;
using Godwit.Cli.Control;

namespace Godwit.Cli.Verbs;

internal static class CaptureSummary
{
    private const int MostFindings = 10;

    public static string Write(CaptureReader reader, long shown, PacketChoice choice, bool isLive)
    {
        var text = new StringBuilder();
        CaptureCounters counters = reader.Counters;
        long connections = reader.Conversations.Begun;
        double seconds = (reader.LastTime - reader.FirstTime) / 1e9;
        text.Append(choice.IsSelective ? $"{Readable.Count(shown)} of {Readable.Count(reader.Packets, "MQTT packet")}" : Readable.Count(reader.Packets, "MQTT packet"));
        text.Append($" on {Readable.Count(connections, "connection")}; {Readable.Count(counters.Frames, "frame")}, {Readable.Bytes(counters.Bytes)} bytes in {seconds:0.0##} s");
        text.Append('\n');
        if (reader.Source.Damage is { } damage) text.Append(damage).Append('\n');
        if (reader.Source.Dropped > 0) text.Append($"{Readable.Count(reader.Source.Dropped, "frame")} came too fast and were lost: capture with -p PORT, or write with dumpcap first.\n");
        if (counters.Gaps > 0) text.Append($"{Readable.Count(counters.MissingBytes, "byte")} in {Readable.Count(counters.Gaps, "gap")} are not in the capture.\n");
        if (counters.CutFrames > 0) text.Append($"{Readable.Count(counters.CutFrames, "frame")} are cut off (snap length): capture with -s 0.\n");
        WriteFindings(text, reader.Findings);
        if (reader.Packets == 0) WriteReasons(text, reader, isLive);
        else if (shown == 0) text.Append("No packet meets the condition.\n");
        return text.ToString();
    }

    private static void WriteFindings(StringBuilder text, FindingsCollector findings)
    {
        if (findings.Findings.Count == 0) return;
        // Many connections may say the same: once is enough.
        IGrouping<(string, string), Finding>[] all = [.. findings.BySeverity.GroupBy(finding => (finding.Rule.Id, finding.Sentence))];
        foreach (IGrouping<(string, string), Finding> same in all.Take(MostFindings))
        {
            Finding finding = same.First();
            long count = same.Sum(one => one.Count);
            int connections = same.Count();
            string packets = finding.Packets.Count == 0 ? "" : $", packet {finding.Packets[0]}";
            string times = (count == 1 ? "" : $", {Readable.Count(count)} times") + (connections == 1 ? "" : $" on {Readable.Count(connections, "connection")}");
            text.Append($"! {finding.Rule.Severity.ToString().ToLowerInvariant(),-7} {finding.Rule.Id}: {TextTable.Plain(finding.Sentence.TrimEnd('.'))}{packets}{times}\n");
        }
        int more = all.Length - MostFindings;
        if (more > 0) text.Append($"  {Readable.Count(more)} more, in --json and in the comments of --write.\n");
    }

    private static void WriteReasons(StringBuilder text, CaptureReader reader, bool isLive)
    {
        CaptureCounters counters = reader.Counters;
        text.Append("Why there is nothing:\n");
        if (counters.Frames == 0) text.Append(isLive ? "  no TCP came by on this interface while it was watched\n" : "  the capture has no frames\n");
        foreach ((ContentKind kind, long count) in reader.Foreign) text.Append($"  {Readable.Count(count, "connection")} with {Describe(kind)}\n");
        foreach ((SkipReason reason, long count) in counters.Skipped) text.Append($"  {Readable.Count(count, "frame")} {Describe(reason)}\n");
        if (counters.Connections > 0 && counters.StreamBytes == 0) text.Append($"  {Readable.Count(counters.Connections, "TCP connection")} without any data: only acknowledgements were captured\n");
    }

    private static string Describe(ContentKind kind) => kind switch
    {
        ContentKind.Tls => "TLS: it was not opened, or there are no keys for it (--keylog; docs/capture-tls.md says how to get them)",
        ContentKind.WebSocketUpgrade => "WebSocket",
        ContentKind.Http => "HTTP",
        ContentKind.Redis => "Redis",
        ContentKind.Ssh => "SSH",
        ContentKind.ProxyProtocol => "the PROXY protocol",
        ContentKind.Unknown => "nothing, or too little to tell",
        _ => "something else than MQTT",
    };

    private static string Describe(SkipReason reason) => reason switch
    {
        SkipReason.UnknownLink => "of a kind of link that is not known here",
        SkipReason.BrokenLink => "whose link header is cut off or makes no sense",
        SkipReason.NotIp => "of something else than IP",
        SkipReason.Wireless => "of encrypted wireless LAN",
        SkipReason.BrokenIp => "whose IP header is cut off or makes no sense",
        SkipReason.OtherTransport => "of IP that are neither TCP nor UDP",
        SkipReason.Udp => "of UDP (MQTT-SN is not read)",
        SkipReason.Fragment => "that are fragments whose rest is missing",
        SkipReason.BrokenFragment => "that are fragments which make no sense",
        SkipReason.BrokenTcp => "whose TCP header is cut off or makes no sense",
        SkipReason.BadChecksum => "with a wrong TCP checksum",
        SkipReason.OutsideWindow => "far outside of their connection's window",
        SkipReason.AfterEnd => "of connections that were over",
        _ => "that reset connections which were not seen",
    };
}
