// Plots as inline SVG. The colours can be told apart by people who see few of them (Okabe and Ito), and nothing is said by colour alone.
using System.Numerics;
using System.Text;
using Godwit.Capture.Conversations;
using Godwit.Capture.Ladders;
using Godwit.Capture.Statistics;

namespace Godwit.Capture.Reports;

internal static class ReportPlots
{
    private const double Width = 560, Left = 62, Right = 14;
    private const int MostIntervals = 100;

    public static string Write(CaptureStatistics statistics) => Rates(statistics.Rates) + Sizes(statistics.PacketSizes) + Responses(statistics) + Budget(statistics.Budget);

    private static string Rates(RateSeries series)
    {
        const double top = 14, bottom = 176;
        (TimeSpan interval, Interval[] rates) = series.In(MostIntervals);
        if (rates.Length == 0) return "";
        long most = rates.Max(rate => rate.Packets);
        double step = (Width - Left - Right) / rates.Length;
        var plot = new StringBuilder();
        Grid(plot, most, top, bottom);
        for (int i = 0; i < rates.Length; i++)
        {
            (long fromClients, long fromServers, _, _) = rates[i];
            if (fromClients + fromServers == 0) continue;
            double x = Left + i * step, clients = (bottom - top) * fromClients / most, servers = (bottom - top) * fromServers / most, bar = Math.Max(1, Math.Min(step * 0.9, 40));
            string after = LadderTimes.Text(i * interval);
            plot.Append($"<g><title>after {after}: {fromClients:N0} from clients, {fromServers:N0} from servers</title>");
            plot.Append($"<rect x=\"{N(x)}\" y=\"{N(bottom - clients)}\" width=\"{N(bar)}\" height=\"{N(clients)}\" fill=\"var(--p0)\"/><rect x=\"{N(x)}\" y=\"{N(bottom - clients - servers)}\" width=\"{N(bar)}\" height=\"{N(servers)}\" fill=\"var(--p1)\"/></g>\n");
        }
        plot.Append($"<text x=\"{N(Left)}\" y=\"{N(bottom + 18)}\">0</text><text x=\"{N(Width - Right)}\" y=\"{N(bottom + 18)}\" text-anchor=\"end\">{LadderTimes.Text(rates.Length * interval)}</text>");
        string legend = "<p class=\"dim\"><span class=\"legend\" style=\"background:var(--p0)\"></span>from clients &nbsp; <span class=\"legend\" style=\"background:var(--p1)\"></span>from servers</p>";
        return Card($"Packets in each {LadderTimes.Text(interval)}", plot, 200, $"Packets over time: at most {most:N0} in {LadderTimes.Text(interval)}", legend);
    }

    private static string Sizes(Distribution distribution)
    {
        const double top = 14, bottom = 176;
        if (distribution.Count == 0) return "";
        int first = BitOperations.Log2((ulong)distribution.Minimum), last = BitOperations.Log2((ulong)distribution.Maximum);
        (long From, long Count)[] sizes = [.. Enumerable.Range(first, last - first + 1).Select(power => (1L << power, distribution.Between(1L << power, 2L << power)))];
        long most = sizes.Max(size => size.Count);
        double step = (Width - Left - Right) / sizes.Length;
        var plot = new StringBuilder();
        Grid(plot, most, top, bottom);
        for (int i = 0; i < sizes.Length; i++)
        {
            double height = (bottom - top) * sizes[i].Count / most, width = Math.Min(step * 0.8, 70), x = Left + i * step + (step - width) / 2;
            string range = $"{sizes[i].From:N0} to {2 * sizes[i].From - 1:N0}";
            plot.Append($"<g><title>{range} bytes: {sizes[i].Count:N0} packets</title><rect x=\"{N(x)}\" y=\"{N(bottom - height)}\" width=\"{N(width)}\" height=\"{N(height)}\" fill=\"var(--p2)\" rx=\"2\"/></g>");
            plot.Append($"<text x=\"{N(x + width / 2)}\" y=\"{N(bottom + 18)}\" text-anchor=\"middle\">{Size(sizes[i].From)}</text>\n");
        }
        return Card("Sizes of packets, in bytes from", plot, 200, $"Sizes of packets: the most frequent is from {sizes.MaxBy(size => size.Count).From:N0} bytes on", "");
    }

    // From the median to the 99th percentile and the maximum, on an axis where each tenfold has the same room.
    private static string Responses(CaptureStatistics statistics)
    {
        ((ExchangeKind Kind, bool IsFromClient) Exchange, Distribution Times)[] responses = [.. statistics.Latencies.OrderBy(entry => entry.Key).Select(entry => (entry.Key, entry.Value))];
        if (responses.Length == 0) return "";
        const double left = 230, rowHeight = 34;
        double low = Math.Floor(Math.Log10(Math.Max(1, responses.Min(response => Median(response.Times))))), high = Math.Max(low + 1, Math.Ceiling(Math.Log10(Math.Max(10, responses.Max(response => response.Times.Maximum)))));
        double bottom = 12 + responses.Length * rowHeight;
        var plot = new StringBuilder();
        double step = Math.Max(1, Math.Ceiling((high - low) / 6));
        for (double decade = low; decade <= high; decade += step)
            plot.Append($"<line class=\"grid\" x1=\"{N(X(decade))}\" x2=\"{N(X(decade))}\" y1=\"6\" y2=\"{N(bottom)}\"/><text x=\"{N(X(decade))}\" y=\"{N(bottom + 18)}\" text-anchor=\"middle\">{Time((long)Math.Pow(10, decade))}</text>\n");
        for (int i = 0; i < responses.Length; i++)
        {
            ((ExchangeKind kind, bool isFromClient), Distribution times) = responses[i];
            long median = Median(times), percentile99 = times.ValueAt(0.99);
            double y = 12 + i * rowHeight + 14, p50 = X(Log(median)), p99 = X(Log(percentile99)), maximum = X(Log(times.Maximum));
            string name = new Exchange(kind, default, 0, 0, 0, default, default).Name + (isFromClient ? "" : ", by the server");
            plot.Append($"<g><title>{name}, {times.Count:N0} times: median {Time(median)}, 90 % {Time(times.ValueAt(0.9))}, 99 % {Time(percentile99)}, maximum {Time(times.Maximum)}</title>");
            plot.Append($"<text class=\"value\" x=\"{N(left - 12)}\" y=\"{N(y + 1)}\" text-anchor=\"end\">{name}</text><text x=\"{N(left - 12)}\" y=\"{N(y + 14)}\" text-anchor=\"end\" font-size=\"11\">{times.Count:N0} x, median {Time(median)}</text>");
            plot.Append($"<line x1=\"{N(p50)}\" x2=\"{N(maximum)}\" y1=\"{N(y)}\" y2=\"{N(y)}\" stroke=\"var(--p0)\" stroke-width=\"1.5\"/><line x1=\"{N(p50)}\" x2=\"{N(p99)}\" y1=\"{N(y)}\" y2=\"{N(y)}\" stroke=\"var(--p0)\" stroke-width=\"6\" stroke-linecap=\"round\" opacity=\".45\"/>");
            plot.Append($"<circle cx=\"{N(p50)}\" cy=\"{N(y)}\" r=\"5\" fill=\"var(--p0)\"/><path d=\"M{N(maximum)} {N(y - 6)}v12\" stroke=\"var(--p5)\" stroke-width=\"2.5\"/></g>\n");
        }
        return Card("Response times", plot, bottom + 26, $"Response times of {responses.Length} kinds of exchange", "<p class=\"dim\">Dot: median. Thick line: up to 99 %. Bar: the longest.</p>");

        long Median(Distribution times) => times.ValueAt(0.5);
        double Log(long value) => Math.Log10(Math.Max(1, value));
        double X(double decade) => left + (Width - left - 24) * (Math.Clamp(decade, low, high) - low) / (high - low);
    }

    private static string Budget(ByteBudget bytes)
    {
        BudgetRow[] budget = [.. bytes.Rows.Where(row => row.Bytes > 0)];
        long all = bytes.Wire;
        if (all == 0) return "";
        var plot = new StringBuilder();
        var table = new StringBuilder("<table><thead><tr><th scope=\"col\">Layer</th><th scope=\"col\" class=\"number\">Bytes</th><th scope=\"col\" class=\"number\">Share</th></tr></thead><tbody>\n");
        double x = 0;
        for (int i = 0; i < budget.Length; i++)
        {
            double width = Width * budget[i].Bytes / all;
            plot.Append($"<g><title>{Markup.Escape(budget[i].Name)}: {budget[i].Bytes:N0} bytes</title><rect x=\"{N(x)}\" y=\"4\" width=\"{N(width)}\" height=\"36\" fill=\"var(--p{i % 7})\"/>");
            if (width > 46) plot.Append($"<text class=\"{(i % 7 == 0 ? "on light" : "on")}\" x=\"{N(x + width / 2)}\" y=\"26\" text-anchor=\"middle\">{100.0 * budget[i].Bytes / all:0} %</text>");
            plot.Append("</g>\n");
            table.Append($"<tr><th scope=\"row\"><span class=\"legend\" style=\"background:var(--p{i % 7})\"></span>{Markup.Escape(budget[i].Name)}</th><td class=\"number\">{budget[i].Bytes:N0}</td><td class=\"number\">{100.0 * budget[i].Bytes / all:0.0} %</td></tr>\n");
            x += width;
        }
        return Card($"Where {all:N0} bytes on the wire go", plot, 46, "Bytes on the wire by layer", table.Append("</tbody></table>").ToString());
    }

    private static void Grid(StringBuilder plot, long most, double top, double bottom)
    {
        foreach (double part in new[] { 0, 0.5, 1 })
        {
            double y = bottom - (bottom - top) * part;
            plot.Append($"<line class=\"grid\" x1=\"{N(Left)}\" x2=\"{N(Width - Right)}\" y1=\"{N(y)}\" y2=\"{N(y)}\"/>");
            if (most * part % 1 == 0) plot.Append($"<text x=\"{N(Left - 8)}\" y=\"{N(y + 4)}\" text-anchor=\"end\">{most * part:N0}</text>\n");
        }
    }

    private static string Card(string title, StringBuilder plot, double height, string about, string below) =>
        $"<div class=\"card\"><h3>{Markup.Escape(title)}</h3>\n<svg class=\"plot\" viewBox=\"0 0 {N(Width)} {N(height)}\" role=\"img\" aria-label=\"{Markup.Escape(about)}\">\n{plot}</svg>\n{below}</div>\n";

    private static string Time(long nanoseconds) => nanoseconds < 1000 ? $"{nanoseconds} ns" : LadderTimes.Text(TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick));

    private static string Size(long bytes) => bytes switch { < 1024 => bytes.ToString(), < 1 << 20 => $"{bytes >> 10}K", _ => $"{bytes >> 20}M" };

    private static string N(double value) => Markup.Number(value);
}
