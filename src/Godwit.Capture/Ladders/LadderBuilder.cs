// The second half of making a ladder, when everything is known: columns, gaps in time, lines for what belongs together, marks.
using System.Net;
using Godwit.Capture.Explain;
using Godwit.Capture.Findings;

namespace Godwit.Capture.Ladders;

internal static class LadderBuilder
{
    // Lines beside the ladder for exchanges that overlap; servers that have a column of their own.
    private const int MostLanes = 4, MostServers = 3;

    public static Ladder Build(List<LadderRow> rows, List<Finding> findings, long start, long before, long after, int mostClients)
    {
        foreach (LadderRow row in rows.Where(row => row.Kind == LadderRowKind.Pings)) row.Details = row.Pings!.Describe();
        MarkGaps(rows);
        MarkFindings(rows, findings);
        return new Ladder
        {
            Participants = FindParticipants(rows, Math.Max(1, mostClients)),
            Lanes = FindLanes(rows),
            Rows = rows,
            Start = rows.Count == 0 ? 0 : start,
            PacketsBefore = before,
            PacketsAfter = after,
        };
    }

    // Half of the clients to the left of the servers, half to the right.
    private static List<LadderParticipant> FindParticipants(List<LadderRow> rows, int mostClients)
    {
        var clients = new Dictionary<(IPEndPoint Server, string Key), List<LadderRow>>();
        var servers = new Dictionary<IPEndPoint, List<LadderRow>>();
        foreach (LadderRow row in rows)
        {
            LadderConnection owner = row.Owner!;
            string key = owner.Conversation?.ClientId is { Length: > 0 } id ? id : owner.ClientAddress.ToString();
            Add(clients, (owner.ServerAddress, key), row);
            Add(servers, owner.ServerAddress, row);
        }
        List<List<LadderRow>> clientGroups = Limit(clients.Values, mostClients), serverGroups = Limit(servers.Values, MostServers);
        var participants = new List<LadderParticipant>();
        int left = (clientGroups.Count + 1) / 2;
        foreach (List<LadderRow> group in clientGroups[..left]) AddClient(group);
        foreach (List<LadderRow> group in serverGroups)
        {
            IPEndPoint[] addresses = [.. group.Select(row => row.Owner!.ServerAddress).Distinct()];
            foreach (LadderRow row in group) Place(row, participants.Count, isClient: false);
            participants.Add(new LadderParticipant(addresses.Length == 1 ? "broker" : $"{addresses.Length:N0} brokers", addresses[0].ToString(), true));
        }
        foreach (List<LadderRow> group in clientGroups[left..]) AddClient(group);
        return participants;

        void AddClient(List<LadderRow> group)
        {
            LadderConnection[] connections = [.. group.Select(row => row.Owner!).Distinct()];
            string[] names = [.. connections.Select(NameOf).Distinct()];
            foreach (LadderRow row in group)
            {
                Place(row, participants.Count, isClient: true);
                if (names.Length > 1) row.Details = row.Details.Length == 0 ? NameOf(row.Owner!) : $"{Short(NameOf(row.Owner!))}: {row.Details}";
            }
            string address = connections[0].ClientAddress.ToString();
            string name = names.Length == 1 ? names[0] : $"{names.Length:N0} clients";
            participants.Add(new LadderParticipant(name, name == address ? "" : connections.Length == 1 ? address : $"{connections.Length:N0} connections", false));
        }
    }

    private static string NameOf(LadderConnection connection) =>
        connection.Conversation?.ClientId is { Length: > 0 } id ? Readable.Plain(id) : connection.ClientAddress.ToString();

    private static string Short(string name) => name.Length <= 16 ? name : $"{name[..15]}…";

    private static void Place(LadderRow row, int participant, bool isClient)
    {
        if (row.IsFromClient == isClient) row.From = participant;
        else row.To = participant;
    }

    private static void Add<TKey>(Dictionary<TKey, List<LadderRow>> groups, TKey key, LadderRow row) where TKey : notnull
    {
        if (!groups.TryGetValue(key, out List<LadderRow>? group)) groups[key] = group = [];
        group.Add(row);
    }

    // Those with the most rows keep a column, in the order of appearance; the others share the last.
    private static List<List<LadderRow>> Limit(IReadOnlyCollection<List<LadderRow>> groups, int most)
    {
        if (groups.Count <= most) return [.. groups];
        HashSet<List<LadderRow>> busiest = [.. groups.OrderByDescending(group => group.Count).Take(most - 1)];
        return [.. groups.Where(busiest.Contains), [.. groups.Where(group => !busiest.Contains(group)).SelectMany(group => group)]];
    }

    private static void MarkGaps(List<LadderRow> rows)
    {
        // A second is long in a conversation; in a slow one, what is much longer than usual.
        long[] pauses = [.. rows.Skip(1).Select((row, i) => row.At.Time - EndOf(rows[i])).Where(pause => pause > 0).Order()];
        if (pauses.Length == 0) return;
        long least = Math.Max(1_000_000_000, 3 * pauses[pauses.Length / 2]);
        for (int i = 1; i < rows.Count; i++)
            if (rows[i].At.Time - EndOf(rows[i - 1]) is var pause && pause >= least) rows[i].GapBefore = TimeSpan.FromTicks(pause / TimeSpan.NanosecondsPerTick);
    }

    private static long EndOf(LadderRow row) => row.Kind == LadderRowKind.Pings ? row.Last.Time : row.At.Time;

    // A finding's sentence stands once: at the row where it showed, or the first that it is about. Where it happened again there is its title.
    private static void MarkFindings(List<LadderRow> rows, List<Finding> findings)
    {
        var byConnection = findings.GroupBy(finding => finding.Connection).ToDictionary(group => group.Key, group => group.ToArray());
        var said = new HashSet<Finding>();
        ILookup<(long, Arrival), LadderRow> byTime = rows.ToLookup(row => (row.Connection, row.At));
        var shown = findings.Where(finding => byTime[(finding.Connection, finding.FirstAt)].Any(row => IsAbout(finding, row))).ToHashSet();
        var marks = new Dictionary<LadderRow, List<LadderMark>>();
        foreach (LadderRow row in rows)
        {
            if (!byConnection.TryGetValue(row.Connection, out Finding[]? about)) continue;
            foreach (Finding finding in about)
            {
                if (IsAbout(finding, row) && (said.Contains(finding) ? finding.Count > 1 : row.At == finding.FirstAt || !shown.Contains(finding))) Mark(row, finding);
            }
        }
        // What is about no packet, and at no row's time, is said at the last row before.
        foreach (Finding finding in findings)
            if (!said.Contains(finding) && rows.LastOrDefault(row => row.Connection == finding.Connection && row.At.Time <= finding.FirstAt.Time) is { } last) Mark(last, finding);
        foreach ((LadderRow row, List<LadderMark> list) in marks) row.Marks = [.. list.OrderByDescending(mark => mark.Severity)];

        void Mark(LadderRow row, Finding finding)
        {
            if (!marks.TryGetValue(row, out List<LadderMark>? list)) marks[row] = list = [];
            list.Add(new LadderMark(finding.Rule.Severity, Readable.Plain(said.Add(finding) ? finding.Sentence : $"{finding.Rule.Title} (see above).")));
        }
    }

    private static bool IsAbout(Finding finding, LadderRow row) =>
        row.Packet != 0 ? finding.Packets.Any(packet => packet >= row.Packet && packet <= row.LastPacket) : finding.Packets.Count == 0 && row.At == finding.FirstAt;

    // Each exchange of several rows gets the first line that is free over its whole length.
    private static int FindLanes(List<LadderRow> rows)
    {
        for (int i = 0; i < rows.Count; i++)
        {
            if (rows[i].Flow is not { } flow) continue;
            if (flow.FirstRow < 0) flow.FirstRow = i;
            flow.LastRow = i;
        }
        var lastRows = new List<int>();
        foreach (LadderFlow flow in rows.Select(row => row.Flow).OfType<LadderFlow>().Distinct())
        {
            if (flow.LastRow == flow.FirstRow) continue;
            int lane = lastRows.FindIndex(last => last < flow.FirstRow);
            if (lane < 0)
            {
                if (lastRows.Count == MostLanes) continue;
                lane = lastRows.Count;
                lastRows.Add(0);
            }
            lastRows[lane] = flow.LastRow;
            flow.Lane = lane;
        }
        return lastRows.Count;
    }
}
