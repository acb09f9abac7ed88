// Plots as inline SVG. The colours can be told apart by people who see few of them (Okabe and Ito), and nothing is said by colour alone.
using System.Text;
using Godwit.Capture.Conversations;
using Godwit.Capture.Ladders;

namespace Godwit.Capture.Reports;

internal static class ReportPlots
{
    private const double Width = 560, Left = 62, Right = 14;

    public static string Write(IReportStatistics statistics) => Rates(statistics) + Sizes(statistics) + Responses(statistics) + Budget(statistics);

    private static string Rates(IReportStatistics statistics)
    {
        const double top = 14, bottom = 176;
        IReadOnlyList<(long FromClients, long FromServers)> rates = statistics.Rates;
        if (rates.Count == 0) return "";
        long most = rates.Max(rate => rate.FromClients + rate.FromServers);
        double step = (Width - Left - Right) / rates.Count;
        var plot = new StringBuilder();
        Grid(plot, most, top, bottom);
        for (int i = 0; i < rates.Count; i++)
        {
            (long fromClients, long fromServers) = rates[i];
            if (fromClients + fromServers == 0) continue;
            double x = Left + i * step, clients = (bottom - top) * fromClients / most, servers = (bottom - top) * fromServers / most, bar = Math.Max(1, Math.Min(step * 0.9, 40));
            string after = LadderTimes.Text(i * statistics.IntervalWidth);
            plot.Append($"<g><title>after {after}: {fromClients:N0} from clients, {fromServers:N0} from servers</title>");
            plot.Append($"<rect x=\"{N(x)}\" y=\"{N(bottom - clients)}\" width=\"{N(bar)}\" height=\"{N(clients)}\" fill=\"var(--p0)\"/><rect x=\"{N(x)}\" y=\"{N(bottom - clients - servers)}\" width=\"{N(bar)}\" height=\"{N(servers)}\" fill=\"var(--p1)\"/></g>\n");
        }
        plot.Append($"<text x=\"{N(Left)}\" y=\"{N(bottom + 18)}\">0</text><text x=\"{N(Width - Right)}\" y=\"{N(bottom + 18)}\" text-anchor=\"end\">{LadderTimes.Text(rates.Count * statistics.IntervalWidth)}</text>");
        string legend = "<p class=\"dim\"><span class=\"legend\" style=\"background:var(--p0)\"></span>from clients &nbsp; <span class=\"legend\" style=\"background:var(--p1)\"></span>from servers</p>";
        return Card($"Packets in each {LadderTimes.Text(statistics.IntervalWidth)}", plot, 200, $"Packets over time: at most {most:N0} in {LadderTimes.Text(statistics.IntervalWidth)}", legend);
    }

    private static string Sizes(IReportStatistics statistics)
    {
        const double top = 14, bottom = 176;
        IReadOnlyList<(long UpTo, long Count)> sizes = statistics.Sizes;
        if (sizes.Count == 0) return "";
        long most = sizes.Max(size => size.Count);
        double step = (Width - Left - Right) / sizes.Count;
        var plot = new StringBuilder();
        Grid(plot, most, top, bottom);
        for (int i = 0; i < sizes.Count; i++)
        {
            double height = (bottom - top) * sizes[i].Count / most, width = Math.Min(step * 0.8, 70), x = Left + i * step + (step - width) / 2;
            string range = sizes[i].UpTo <= 2 ? "2" : $"{sizes[i].UpTo / 2 + 1:N0} to {sizes[i].UpTo:N0}";
            plot.Append($"<g><title>{range} bytes: {sizes[i].Count:N0} packets</title><rect x=\"{N(x)}\" y=\"{N(bottom - height)}\" width=\"{N(width)}\" height=\"{N(height)}\" fill=\"var(--p2)\" rx=\"2\"/></g>");
            plot.Append($"<text x=\"{N(x + width / 2)}\" y=\"{N(bottom + 18)}\" text-anchor=\"middle\">{Size(sizes[i].UpTo)}</text>\n");
        }
        return Card("Sizes of packets, in bytes up to", plot, 200, $"Sizes of packets: the most frequent is up to {sizes.MaxBy(size => size.Count).UpTo:N0} bytes", "");
    }

    // From the median to the 99th percentile and the maximum, on an axis where each tenfold has the same room.
    private static string Responses(IReportStatistics statistics)
    {
        IReadOnlyList<ResponseTimes> responses = statistics.Responses;
        if (responses.Count == 0) return "";
        const double left = 190, rowHeight = 34;
        double low = Math.Floor(Math.Log10(Math.Max(1, responses.Min(response => response.Median)))), high = Math.Max(low + 1, Math.Ceiling(Math.Log10(Math.Max(10, responses.Max(response => response.Maximum)))));
        double bottom = 12 + responses.Count * rowHeight;
        var plot = new StringBuilder();
        double step = Math.Max(1, Math.Ceiling((high - low) / 6));
        for (double decade = low; decade <= high; decade += step)
            plot.Append($"<line class=\"grid\" x1=\"{N(X(decade))}\" x2=\"{N(X(decade))}\" y1=\"6\" y2=\"{N(bottom)}\"/><text x=\"{N(X(decade))}\" y=\"{N(bottom + 18)}\" text-anchor=\"middle\">{Time((long)Math.Pow(10, decade))}</text>\n");
        for (int i = 0; i < responses.Count; i++)
        {
            ResponseTimes response = responses[i];
            double y = 12 + i * rowHeight + 14, p50 = X(Log(response.Median)), p99 = X(Log(response.Percentile99)), maximum = X(Log(response.Maximum));
            string name = new Exchange(response.Kind, default, 0, 0, 0, default, default).Name;
            plot.Append($"<g><title>{name}, {response.Count:N0} times: median {Time(response.Median)}, 90 % {Time(response.Percentile90)}, 99 % {Time(response.Percentile99)}, maximum {Time(response.Maximum)}</title>");
            plot.Append($"<text class=\"value\" x=\"{N(left - 12)}\" y=\"{N(y + 1)}\" text-anchor=\"end\">{name}</text><text x=\"{N(left - 12)}\" y=\"{N(y + 14)}\" text-anchor=\"end\" font-size=\"11\">{response.Count:N0} x, median {Time(response.Median)}</text>");
            plot.Append($"<line x1=\"{N(p50)}\" x2=\"{N(maximum)}\" y1=\"{N(y)}\" y2=\"{N(y)}\" stroke=\"var(--p0)\" stroke-width=\"1.5\"/><line x1=\"{N(p50)}\" x2=\"{N(p99)}\" y1=\"{N(y)}\" y2=\"{N(y)}\" stroke=\"var(--p0)\" stroke-width=\"6\" stroke-linecap=\"round\" opacity=\".45\"/>");
            plot.Append($"<circle cx=\"{N(p50)}\" cy=\"{N(y)}\" r=\"5\" fill=\"var(--p0)\"/><path d=\"M{N(maximum)} {N(y - 6)}v12\" stroke=\"var(--p5)\" stroke-width=\"2.5\"/></g>\n");
        }
        return Card("Response times", plot, bottom + 26, $"Response times of {responses.Count} kinds of exchange", "<p class=\"dim\">Dot: median. Thick line: up to 99 %. Bar: the longest.</p>");

        double Log(long value) => Math.Log10(Math.Max(1, value));
        double X(double decade) => left + (Width - left - 24) * (Math.Clamp(decade, low, high) - low) / (high - low);
    }

    private static string Budget(IReportStatistics statistics)
    {
        IReadOnlyList<LayerBytes> budget = statistics.Budget;
        long all = budget.Sum(layer => layer.Bytes);
        if (all == 0) return "";
        var plot = new StringBuilder();
        var table = new StringBuilder("<table><thead><tr><th scope=\"col\">Layer</th><th scope=\"col\" class=\"number\">Bytes</th><th scope=\"col\" class=\"number\">Share</th></tr></thead><tbody>\n");
        double x = 0;
        for (int i = 0; i < budget.Count; i++)
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
