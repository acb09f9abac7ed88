// One page without scripts, fonts or anything else from outside. The latency plot is HdrHistogram's: the x axis grows with 1 / (1 - p), so
// that each further nine has the same room as the one before; that is where the interesting part of a latency is.
using System.Net;
using System.Text;

namespace Godwit.Bench;

/// <summary>Writes a report as an HTML page.</summary>
public static class HtmlReport
{
    // 99.9999 %: the axis has no room for more.
    private const int MostNines = 6;

    private static readonly string[] LineStyles = ["one", "two", "three"];

    private const string Style = """
        :root { --paper: #fbfbf9; --card: #ffffff; --ink: #1c2024; --dim: #646b73; --rule: #e3e5e1; --one: #0b66c3; --two: #d1600a; --three: #6f4bb8; --bad: #b3261e; --good: #1d7a46; --warn: #b98900; }
        @media (prefers-color-scheme: dark) {
          :root { --paper: #14171a; --card: #1c2024; --ink: #e6e8ea; --dim: #9aa3ab; --rule: #31373d; --one: #62aef7; --two: #f0994f; --three: #b79cf0; --bad: #ff8a80; --good: #6fcf97; --warn: #e2b93b; }
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
        main { max-width: 1080px; margin: 0 auto; padding: 36px 24px 56px; }
        h1 { font-size: 25px; line-height: 1.25; margin: 0 0 6px; letter-spacing: -0.01em; }
        h2 { font-size: 16px; margin: 0 0 10px; }
        .sub { color: var(--dim); margin: 0 0 22px; }
        .card { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 18px 22px; margin: 0 0 18px; }
        .heads { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 14px; margin-bottom: 18px; }
        .head { margin: 0; padding: 14px 18px; }
        .head b { display: block; font-size: 22px; font-weight: 600; letter-spacing: -0.02em; white-space: nowrap; font-variant-numeric: tabular-nums; }
        .head span { color: var(--dim); font-size: 13px; }
        .sections { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 18px; }
        .sections .card { margin: 0; }
        table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
        td, th { padding: 4px 0; text-align: right; border-bottom: 1px solid var(--rule); font-weight: 400; white-space: nowrap; }
        tr:last-child td, tr:last-child th { border-bottom: 0; }
        th { color: var(--dim); font-size: 13px; }
        td:first-child, th:first-child { text-align: left; padding-right: 16px; white-space: normal; }
        .wide { overflow-x: auto; }
        .wide td, .wide th { padding-left: 16px; }
        .wide td:first-child, .wide th:first-child { padding-left: 0; }
        .wrong { color: var(--bad); font-weight: 600; }
        .verdict { border-left: 4px solid var(--good); }
        .verdict.limited { border-left-color: var(--warn); }
        .verdict.bad { border-left-color: var(--bad); }
        .verdict p { margin: 0 0 4px; }
        .verdict p:last-child { margin: 0; }
        svg { display: block; width: 100%; height: auto; }
        .grid { stroke: var(--rule); stroke-width: 1; }
        .tick, .axis, .legend { fill: var(--dim); font-size: 12px; }
        .legend { fill: var(--ink); font-size: 13px; }
        .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        .area { stroke: none; opacity: .12; }
        .line.one { stroke: var(--one); } .area.one { fill: var(--one); }
        .line.two { stroke: var(--two); } .area.two { fill: var(--two); }
        .line.three { stroke: var(--three); } .area.three { fill: var(--three); }
        footer { color: var(--dim); font-size: 13px; }
        """;

    /// <summary>The page.</summary>
    public static string Write(BenchReport report)
    {
        var page = new StringBuilder();
        string title = WebUtility.HtmlEncode(report.Description);
        page.Append($"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.Append($"<meta name=\"color-scheme\" content=\"light dark\">\n<title>godwit bench {title}</title>\n<style>\n{Style}\n</style>\n</head>\n<body>\n<main>\n");
        int colon = title.IndexOf(": ", StringComparison.Ordinal);
        page.Append($"<h1>{title[..colon]}</h1>\n<p class=\"sub\">{title[(colon + 2)..]}<br>");
        page.Append($"Broker {WebUtility.HtmlEncode(report.Broker)}, measured for {report.Elapsed.TotalSeconds:0.00} s, {report.StartedAt:yyyy-MM-dd HH:mm:ss zzz}</p>\n");
        AppendHeads(page, report);
        AppendVerdict(page, report);
        if (report.Latencies.Count > 0) AppendLatencies(page, report.Latencies);
        if (report.Samples.Count > 1) AppendRates(page, report);
        page.Append("<div class=\"sections\">\n");
        foreach (ReportSection section in report.Sections) AppendSection(page, section);
        page.Append("</div>\n</main>\n</body>\n</html>\n");
        return page.ToString();
    }

    // The three or four figures that one looks for first.
    private static void AppendHeads(StringBuilder page, BenchReport report)
    {
        page.Append("<div class=\"heads\">\n");
        foreach (Figure figure in report.Sections.SelectMany(section => section.Figures).Where(figure => figure.IsHeadline))
            Head(FigureText.Of(figure), figure.Label);
        if (report.Latencies.Count > 0)
        {
            LatencySummary summary = report.Latencies[0].Summary;
            Head(FigureText.Duration(summary.P50), $"median, {report.Latencies[0].Title}");
            Head(FigureText.Duration(summary.P99), "99th percentile");
        }
        if (report.Sections.FirstOrDefault(section => section.Key == "generator") is { } generator)
            Head(FigureText.Of(generator.Figures[0]), "CPU of the generator");
        if (report.Sections.FirstOrDefault(section => section.Key == "broker") is { } broker)
            Head(FigureText.Of(broker.Figures[1]), $"broker's {broker.Figures[1].Label}");
        page.Append("</div>\n");

        void Head(string value, string label) =>
            page.Append($"<p class=\"card head\"><b>{WebUtility.HtmlEncode(value)}</b><span>{WebUtility.HtmlEncode(label)}</span></p>\n");
    }

    private static void AppendVerdict(StringBuilder page, BenchReport report)
    {
        page.Append($"<div class=\"card verdict{(!report.IsGood ? " bad" : report.WasGeneratorTheLimit ? " limited" : "")}\">\n");
        page.Append($"<p>{report.Verdict}</p>\n");
        foreach (string note in report.Notes) page.Append($"<p>{WebUtility.HtmlEncode(note)}</p>\n");
        page.Append("</div>\n");
    }

    private static void AppendLatencies(StringBuilder page, IReadOnlyList<LatencyTable> tables)
    {
        LatencyTable[] plotted = [.. tables.Where(table => table.IsPlotted)];
        if (plotted.Length > 0)
            page.Append("<div class=\"card\">\n<h2>Latency by percentile</h2>\n").Append(LatencyChart(plotted).Write()).Append("</div>\n");
        page.Append("<div class=\"card wide\">\n<table>\n<tr><th>latency</th><th>count</th><th>p50</th><th>p90</th><th>p99</th><th>p99.9</th><th>p99.99</th><th>max</th></tr>\n");
        foreach (LatencyTable table in tables)
        {
            LatencySummary summary = table.Summary;
            page.Append($"<tr><td>{WebUtility.HtmlEncode(table.Title)}</td><td>{FigureText.Number(summary.Count, 0)}</td>");
            foreach (long value in new[] { summary.P50, summary.P90, summary.P99, summary.P999, summary.P9999, summary.Maximum })
                page.Append($"<td>{FigureText.Duration(value)}</td>");
            page.Append("</tr>\n");
        }
        page.Append("</table>\n</div>\n");
    }

    // Both axes are logarithmic: a curve with a long tail would be a flat line and a wall otherwise.
    private static SvgChart LatencyChart(IReadOnlyList<LatencyTable> tables)
    {
        int nines = tables.Max(table => Math.Clamp((int)Math.Ceiling(Math.Log10(Math.Max(1, table.Summary.Count))), 1, MostNines));
        // What is shorter than a microsecond is not told apart by eye.
        double lowest = tables.Min(table => Math.Max(1000, table.Summary.Minimum)), highest = tables.Max(table => Math.Max(1000, table.Summary.Maximum));
        int from = (int)Math.Floor(Math.Log10(lowest)), to = Math.Max(from + 1, (int)Math.Ceiling(Math.Log10(highest)));
        return new SvgChart
        {
            Title = "Latency by percentile",
            XTitle = "percentile",
            XTicks = [.. Enumerable.Range(0, nines + 1).Select(i => new ChartTick(i, Percentile(i)))],
            YTicks = [.. Enumerable.Range(from, to - from + 1).Select(i => new ChartTick(i, PowerOfTen(i)))],
            Lines = [.. tables.Take(LineStyles.Length).Select((table, i) => new ChartLine(table.Title, LineStyles[i],
                [.. table.Summary.Curve.Where(point => point.Fraction < 1 - Math.Pow(10, -MostNines)).Select(point => (-Math.Log10(1 - point.Fraction), Math.Log10(Math.Max(1000, point.Nanoseconds))))]))],
        };

        static string PowerOfTen(int exponent) => $"{Math.Pow(10, exponent % 3):0} {(exponent / 3) switch { 1 => "us", 2 => "ms", _ => "s" }}";

        static string Percentile(int nines) => nines switch { 0 => "0 %", 1 => "90 %", _ => $"99{(nines > 2 ? "." + new string('9', nines - 2) : "")} %" };
    }

    private static void AppendRates(StringBuilder page, BenchReport report)
    {
        IReadOnlyList<RateSample> samples = report.Samples;
        bool isMessages = report.Sections[0].Key == "messages";
        double end = (samples[^1].Start + samples[^1].Length).TotalSeconds;
        double highest = samples.Max(sample => sample.ReceivedPerSecond), highestSent = samples.Max(sample => sample.SentPerSecond);
        var lines = new List<ChartLine>
        {
            new(isMessages ? "delivered a second" : "accepted a second", "one", Points(sample => sample.ReceivedPerSecond), IsFilled: true),
        };
        // Of a fan-out's sending nothing would be seen.
        if (highestSent > highest / 20 && report.Options.Scenario is not (ScenarioKind.Retained or ScenarioKind.Reconnect))
        {
            lines.Add(new(isMessages ? "sent a second" : "begun a second", "two", Points(sample => sample.SentPerSecond)));
            highest = Math.Max(highest, highestSent);
        }
        page.Append("<div class=\"card\">\n<h2>Rate over time</h2>\n").Append(new SvgChart
        {
            Title = "Rate over time",
            XTitle = "seconds",
            XTicks = TimeTicks(end),
            YTicks = SvgChart.LinearTicks(highest, value => ShortNumber(value, highest)),
            Lines = lines,
        }.Write()).Append("</div>\n");

        // A stretch's rate is drawn at its middle, but the line reaches from the beginning of the run to its end.
        List<(double, double)> Points(Func<RateSample, double> rate) =>
        [
            (0, rate(samples[0])),
            .. samples.Select(sample => ((sample.Start + sample.Length / 2).TotalSeconds, rate(sample))),
            (end, rate(samples[^1])),
        ];
    }

    // The axis ends where the run does, not at the next round number.
    private static IReadOnlyList<ChartTick> TimeTicks(double end)
    {
        IReadOnlyList<ChartTick> round = SvgChart.LinearTicks(end, seconds => $"{seconds:0.###}");
        double step = round[1].Value;
        return [.. round.Where(tick => tick.Value < end - step / 3), new ChartTick(end, $"{end:0.0#}")];
    }

    // All marks of an axis in the unit of the largest.
    private static string ShortNumber(double value, double highest) => highest switch
    {
        _ when value == 0 => "0",
        >= 1e6 => $"{value / 1e6:0.##} M",
        >= 1e4 => $"{value / 1e3:0.##} k",
        _ => $"{value:0.##}",
    };

    private static void AppendSection(StringBuilder page, ReportSection section)
    {
        page.Append($"<div class=\"card\">\n<h2>{WebUtility.HtmlEncode(section.Title)}</h2>\n<table>\n");
        foreach (Figure figure in section.Figures)
        {
            string mark = figure is { IsWrong: true, Value: > 0 } ? " class=\"wrong\"" : "";
            page.Append($"<tr><td>{WebUtility.HtmlEncode(figure.Label)}</td><td{mark}>{FigureText.Of(figure)}</td></tr>\n");
        }
        page.Append("</table>\n</div>\n");
    }
}
