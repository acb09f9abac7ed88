// The figures as tables, from which text, JSON and CSV are made.
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Godwit.Capture.Conversations;
using Godwit.Protocol;

namespace Godwit.Capture.Statistics;

/// <summary>The statistics of a capture as tables.</summary>
public sealed class StatisticsReport
{
    private const int MostIntervals = 20;

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly CaptureStatistics _figures;
    private readonly List<StatisticsTable> _tables = [];

    private StatisticsReport(CaptureStatistics figures) => _figures = figures;

    /// <summary>The tables, in their order.</summary>
    public IReadOnlyList<StatisticsTable> Tables => _tables;

    /// <summary>One sentence about the whole.</summary>
    public string Summary { get; private set; } = "";

    /// <summary>Makes the tables.</summary>
    /// <param name="figures">What was counted.</param>
    /// <param name="top">Rows of the tables of clients and topics.</param>
    /// <param name="levels">How many levels of topics are told apart; 0 = all.</param>
    public static StatisticsReport Of(CaptureStatistics figures, int top = 10, int levels = 0)
    {
        ArgumentNullException.ThrowIfNull(figures);
        var report = new StatisticsReport(figures);
        double seconds = (figures.Last.Time - figures.First.Time) / 1e9;
        report.Summary = string.Create(CultureInfo.InvariantCulture, $"{figures.Packets:N0} packets on {figures.Connections:N0} connections in {seconds:0.###} s");
        if (figures.Packets == 0) return report;
        report.AddTypes();
        report.AddMessages();
        report.AddLatencies();
        report.AddClients(top);
        report.AddTopics(top, levels);
        report.AddSizes("packet-sizes", "Sizes of packets", figures.PacketSizes);
        report.AddSizes("payload-sizes", "Sizes of payloads", figures.PayloadSizes);
        report.AddRates();
        report.AddBudget();
        return report;
    }

    /// <summary>For people.</summary>
    public string ToText()
    {
        var text = new StringBuilder(Summary).Append("\n\n");
        foreach (StatisticsTable table in _tables) table.WriteText(text);
        return text.ToString().TrimEnd('\n') + "\n";
    }

    /// <summary>One JSON object: a member for each table, with an object for each row.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        _tables.ToDictionary(table => table.Name, table => table.Rows.Select(row => table.Columns.Zip(row).ToDictionary(cell => Key(cell.First), cell => cell.Second)).ToList())
            .Append(new("summary", [new() { ["text"] = Summary, ["packets"] = _figures.Packets, ["connections"] = _figures.Connections }])).ToDictionary(), Json);

    /// <summary>Rows of table, name, figure, value.</summary>
    public string ToCsv()
    {
        var text = new StringBuilder("table,name,figure,value\n");
        foreach (StatisticsTable table in _tables)
            foreach (object?[] row in table.Rows)
                for (int column = 1; column < row.Length; column++)
                    if (row[column] is { } cell) text.Append(CultureInfo.InvariantCulture, $"{table.Name},{Quoted(row[0]!.ToString()!)},{Quoted(Key(table.Columns[column]))},{cell}\n");
        return text.ToString();
    }

    private static string Quoted(string text) => text.AsSpan().ContainsAny(",\"\n\r") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    private static string Key(string title) => title.Replace(" %", "Percent", StringComparison.Ordinal).Replace("/s", "PerSecond", StringComparison.Ordinal).Replace(' ', '-');

    private StatisticsTable Begin(string name, string title, params string[] columns)
    {
        var table = new StatisticsTable(name, title, columns);
        _tables.Add(table);
        return table;
    }

    private void AddTypes()
    {
        StatisticsTable table = Begin("types", "Packets", "type", "from clients", "bytes", "from servers", "bytes back");
        foreach (PacketType type in Enum.GetValues<PacketType>())
        {
            TableEntry client = _figures.OfType(type, true), server = _figures.OfType(type, false);
            if (client.Packets + server.Packets > 0) table.Add(type.Name(), client.Packets, client.Bytes, server.Packets, server.Bytes);
        }
    }

    private void AddMessages()
    {
        long all = _figures.OfQoS(QoS.AtMostOnce) + _figures.OfQoS(QoS.AtLeastOnce) + _figures.OfQoS(QoS.ExactlyOnce);
        if (all == 0) return;
        StatisticsTable table = Begin("messages", "Messages (PUBLISH)", "kind", "messages", "share %");
        foreach (QoS qos in Enum.GetValues<QoS>()) table.Add($"QoS {(int)qos}", _figures.OfQoS(qos), 100.0 * _figures.OfQoS(qos) / all);
        table.Add("RETAIN", _figures.Retained, 100.0 * _figures.Retained / all);
        table.Add("DUP", _figures.Duplicates, 100.0 * _figures.Duplicates / all);
    }

    private void AddLatencies()
    {
        if (_figures.Latencies.Count == 0) return;
        StatisticsTable table = Begin("response-times", "Response times in ms, as seen where the capture was made", "exchange", "count", "unanswered", "p50", "p90", "p99", "p99.9", "max");
        foreach (((ExchangeKind kind, bool isFromClient), Distribution times) in _figures.Latencies.OrderBy(entry => entry.Key))
        {
            string name = new Exchange(kind, default, 0, 0, 0, default, default).Name + (isFromClient ? "" : ", asked by the server");
            table.Add(name, times.Count, _figures.Unanswered.GetValueOrDefault((kind, isFromClient)), Ms(times.ValueAt(0.5)), Ms(times.ValueAt(0.9)), Ms(times.ValueAt(0.99)),
                Ms(times.ValueAt(0.999)), Ms(times.Maximum));
        }
        table.Note = "Percentiles are exact to 6 %.";
    }

    private void AddClients(int top)
    {
        StatisticsTable table = Begin("clients", $"Clients: {Shown(_figures.Clients, top)}", "client", "packets", "bytes", "published", "received", "connections", "p50 ms", "p99 ms");
        foreach ((string id, ClientEntry client) in _figures.Clients.Largest.Take(top))
        {
            // The one that says most about the server: how long the client's messages wait for PUBACK, else any of its requests.
            Distribution? times = client.Latencies.Where(entry => entry.Key.IsFromClient).OrderByDescending(entry => entry.Value.Count).Select(entry => entry.Value).FirstOrDefault();
            table.Add(id, client.Packets, client.Bytes, client.Published, client.Received, client.Connections,
                times is null ? null : Ms(times.ValueAt(0.5)), times is null ? null : Ms(times.ValueAt(0.99)));
        }
        ClientEntry rest = Rest(_figures.Clients, top);
        if (rest.Packets > 0) table.Add("(others)", rest.Packets, rest.Bytes, rest.Published, rest.Received, rest.Connections, null, null);
        table.Note = Dropped(_figures.Clients.Dropped, "clients");
    }

    private void AddTopics(int top, int levels)
    {
        var byPrefix = new Dictionary<string, TopicEntry>();
        foreach ((string topic, TopicEntry entry) in _figures.Topics.Entries)
        {
            string prefix = Prefix(topic, levels);
            if (!byPrefix.TryGetValue(prefix, out TopicEntry? sum)) byPrefix[prefix] = sum = new TopicEntry();
            sum.AddFrom(entry);
        }
        if (byPrefix.Count == 0) return;
        StatisticsTable table = Begin("topics", $"Topics: {(byPrefix.Count > top ? $"the {top} busiest of {byPrefix.Count:N0}" : $"{byPrefix.Count:N0}")}", "topic", "messages", "bytes", "payload bytes", "share %");
        long all = byPrefix.Values.Sum(entry => entry.Packets) + _figures.Topics.Others.Packets;
        var rest = new TopicEntry();
        rest.AddFrom(_figures.Topics.Others);
        int row = 0;
        foreach ((string topic, TopicEntry entry) in byPrefix.OrderByDescending(entry => entry.Value.Packets).ThenBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (row++ < top) table.Add(topic.Length == 0 ? "(unknown: behind an alias)" : topic, entry.Packets, entry.Bytes, entry.PayloadBytes, 100.0 * entry.Packets / all);
            else rest.AddFrom(entry);
        }
        if (rest.Packets > 0) table.Add("(others)", rest.Packets, rest.Bytes, rest.PayloadBytes, 100.0 * rest.Packets / all);
        table.Note = Dropped(_figures.Topics.Dropped, "topics");
    }

    private void AddSizes(string name, string title, Distribution sizes)
    {
        if (sizes.Count == 0) return;
        StatisticsTable table = Begin(name, string.Create(CultureInfo.InvariantCulture, $"{title}: {sizes.Minimum:N0} to {sizes.Maximum:N0} bytes, mean {sizes.Mean:N1}"), "bytes", "count", "share %");
        for (long from = 0, to = 16; from <= sizes.Maximum; (from, to) = (to, 2 * to))
        {
            long count = sizes.Between(from, to);
            if (count > 0) table.Add(string.Create(CultureInfo.InvariantCulture, $"{from:N0} to {to - 1:N0}"), count, 100.0 * count / sizes.Count);
        }
    }

    private void AddRates()
    {
        (TimeSpan width, Interval[] intervals) = _figures.Rates.In(MostIntervals);
        double seconds = width.TotalSeconds;
        StatisticsTable table = Begin("rates", string.Create(CultureInfo.InvariantCulture, $"Rates, in intervals of {seconds:0.###} s"), "from second", "from clients/s", "from servers/s", "messages/s", "bytes/s");
        for (int i = 0; i < intervals.Length; i++)
        {
            Interval interval = intervals[i];
            table.Add((i * seconds).ToString("0.###", CultureInfo.InvariantCulture), interval.FromClients / seconds, interval.FromServers / seconds, interval.Messages / seconds, interval.Bytes / seconds);
        }
    }

    private void AddBudget()
    {
        ByteBudget budget = _figures.Budget;
        if (budget.Wire == 0) return;
        StatisticsTable table = Begin("budget", string.Create(CultureInfo.InvariantCulture,
            $"Where the bytes go: of {100.0:N0} on the wire {100.0 * budget.Mqtt / budget.Wire:0.#} are MQTT and {100.0 * budget.Payloads / budget.Wire:0.#} payload"), "layer", "bytes", "share %");
        foreach ((string name, long bytes) in budget.Rows) table.Add(name, bytes, 100.0 * bytes / budget.Wire);
        table.Add("on the wire", budget.Wire, 100.0);
        if (budget.Others > 0) table.Add("everything else in the capture", budget.Others, null);
        table.Note = string.Create(CultureInfo.InvariantCulture,
            $"{budget.Frames:N0} frames; {budget.AckFrames:N0} of them only acknowledge ({budget.AckBytes:N0} bytes), {budget.RepeatedFrames:N0} were sent again.");
    }

    private static string Prefix(string topic, int levels)
    {
        int end = 0;
        for (int i = 0; levels > 0 && i < levels; i++)
        {
            int slash = topic.IndexOf('/', end);
            if (slash < 0) return topic;
            end = slash + 1;
        }
        return levels == 0 ? topic : $"{topic[..end]}#";
    }

    private static ClientEntry Rest(TopTable<ClientEntry> clients, int top)
    {
        var rest = new ClientEntry();
        rest.AddFrom(clients.Others);
        foreach ((_, ClientEntry client) in clients.Largest.Skip(top)) rest.AddFrom(client);
        return rest;
    }

    private static string Shown(TopTable<ClientEntry> clients, int top) => clients.Entries.Count > top ? $"the {top} busiest of {clients.Entries.Count:N0}" : $"{clients.Entries.Count:N0}";

    private static string? Dropped(long dropped, string what) => dropped == 0 ? null
        : string.Create(CultureInfo.InvariantCulture, $"There were too many {what} to count each: {dropped:N0} small ones are among (others), and what is shown may have had more.");

    private static double Ms(long nanoseconds) => nanoseconds / 1e6;
}
