// The summary for the terminal: figures in columns, latencies as a table, and last, where the eye ends up, what to make of it.
using System.Globalization;
using System.Text;

namespace Godwit.Bench;

/// <summary>Writes a report as text.</summary>
public static class TextReport
{
    private const int LabelWidth = 36;
    private const int FigureWidth = 16;
    private const int LineWidth = 100;

    private static readonly string[] Columns = ["count", "p50", "p90", "p99", "p99.9", "p99.99", "max"];

    /// <summary>The report, ending with a line feed.</summary>
    public static string Write(BenchReport report)
    {
        var text = new StringBuilder();
        text.Append($"{report.Description}\n");
        text.Append(CultureInfo.InvariantCulture, $"Broker {report.Broker}, measured for {report.Elapsed.TotalSeconds:0.00} s, {report.StartedAt:yyyy-MM-dd HH:mm:ss zzz}\n");
        foreach (ReportSection section in report.Sections)
        {
            text.Append($"\n{section.Title}\n");
            foreach (Figure figure in section.Figures.Where(figure => !IsRight(figure)))
            {
                string mark = figure.IsWrong ? "  !" : "";
                text.Append($"  {figure.Label.PadRight(LabelWidth)}{FigureText.Of(figure).PadLeft(FigureWidth)}{mark}\n");
            }
            AppendNone(text, [.. section.Figures.Where(IsRight).Select(figure => figure.Label)]);
        }
        if (report.Latencies.Count > 0) AppendLatencies(text, report.Latencies);
        text.Append('\n');
        foreach (string note in report.Notes) text.Append($"{note}\n");
        text.Append($"{report.Verdict}\n");
        return text.ToString();
    }

    // What should not be there and is not: a word each, so that what is there is seen.
    private static bool IsRight(Figure figure) => figure is { IsWrong: true, Value: 0 };

    private static void AppendNone(StringBuilder text, IReadOnlyList<string> labels)
    {
        const string Beginning = "  none ";
        string line = Beginning;
        for (int i = 0; i < labels.Count; i++)
        {
            string word = i + 1 < labels.Count ? $"{labels[i]}, " : labels[i];
            if (line.Length + word.Length > LineWidth)
            {
                text.Append($"{line.TrimEnd()}\n");
                line = new string(' ', Beginning.Length);
            }
            line += word;
        }
        if (labels.Count > 0) text.Append($"{line}\n");
    }

    private static void AppendLatencies(StringBuilder text, IReadOnlyList<LatencyTable> tables)
    {
        text.Append($"\n{"Latency".PadRight(LabelWidth + 2)}{Row(Columns)}\n");
        foreach (LatencyTable table in tables)
        {
            LatencySummary summary = table.Summary;
            IEnumerable<string> durations = new double[] { summary.P50, summary.P90, summary.P99, summary.P999, summary.P9999, summary.Maximum }.Select(FigureText.Duration);
            text.Append($"  {table.Title.PadRight(LabelWidth)}{Row([FigureText.Number(summary.Count, 0), .. durations])}\n");
        }
    }

    private static string Row(IEnumerable<string> cells) => string.Concat(cells.Select((cell, i) => cell.PadLeft(i == 0 ? FigureWidth : 10)));
}
