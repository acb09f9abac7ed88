// Line charts as inline SVG, drawn by hand: a report must open without a network, in any browser, for years. Colours are CSS variables of
// the page, so that charts follow its light and dark themes.
using System.Globalization;
using System.Net;
using System.Text;

namespace Godwit.Bench;

/// <summary>A line of a chart.</summary>
/// <param name="Name">For the legend.</param>
/// <param name="Style">The CSS class that colours it.</param>
/// <param name="Points">In the order of x.</param>
/// <param name="IsFilled">Whether the area below it is tinted.</param>
internal sealed record ChartLine(string Name, string Style, IReadOnlyList<(double X, double Y)> Points, bool IsFilled = false);

/// <summary>A mark on an axis.</summary>
internal readonly record struct ChartTick(double Value, string Label);

/// <summary>A chart with linear axes; a logarithmic one is a matter of its ticks and points.</summary>
internal sealed class SvgChart
{
    private const double Width = 960, Height = 340, Left = 76, Right = 34, Top = 34, Bottom = 48;

    public required string Title { get; init; }

    public required string XTitle { get; init; }

    public required IReadOnlyList<ChartTick> XTicks { get; init; }

    public required IReadOnlyList<ChartTick> YTicks { get; init; }

    public required IReadOnlyList<ChartLine> Lines { get; init; }

    private double MinX => XTicks[0].Value;

    private double MaxX => XTicks[^1].Value;

    private double MinY => YTicks[0].Value;

    private double MaxY => YTicks[^1].Value;

    /// <summary>Round values from 0 to at least the given one, four to nine of them.</summary>
    public static IReadOnlyList<ChartTick> LinearTicks(double maximum, Func<double, string> label)
    {
        double rough = Math.Max(maximum, 1e-9) / 5;
        double magnitude = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        double step = magnitude * (rough / magnitude) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        int count = (int)Math.Ceiling(maximum / step - 1e-9);
        return [.. Enumerable.Range(0, Math.Max(1, count) + 1).Select(i => new ChartTick(i * step, label(i * step)))];
    }

    public string Write()
    {
        var svg = new StringBuilder();
        svg.Append($"<svg viewBox=\"0 0 {Text(Width)} {Text(Height)}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(Title)}\">\n");
        foreach (ChartTick tick in YTicks)
        {
            svg.Append($"<line class=\"grid\" x1=\"{Text(Left)}\" x2=\"{Text(Width - Right)}\" y1=\"{Text(Y(tick.Value))}\" y2=\"{Text(Y(tick.Value))}\"/>");
            svg.Append($"<text class=\"tick\" x=\"{Text(Left - 10)}\" y=\"{Text(Y(tick.Value) + 4)}\" text-anchor=\"end\">{WebUtility.HtmlEncode(tick.Label)}</text>\n");
        }
        foreach (ChartTick tick in XTicks)
        {
            svg.Append($"<line class=\"grid\" x1=\"{Text(X(tick.Value))}\" x2=\"{Text(X(tick.Value))}\" y1=\"{Text(Top)}\" y2=\"{Text(Height - Bottom)}\"/>");
            svg.Append($"<text class=\"tick\" x=\"{Text(X(tick.Value))}\" y=\"{Text(Height - Bottom + 18)}\" text-anchor=\"middle\">{WebUtility.HtmlEncode(tick.Label)}</text>\n");
        }
        svg.Append($"<text class=\"axis\" x=\"{Text((Left + Width - Right) / 2)}\" y=\"{Text(Height - 8)}\" text-anchor=\"middle\">{WebUtility.HtmlEncode(XTitle)}</text>\n");
        foreach (ChartLine line in Lines) AppendLine(svg, line);
        AppendLegend(svg);
        svg.Append("</svg>\n");
        return svg.ToString();
    }

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private void AppendLine(StringBuilder svg, ChartLine line)
    {
        if (line.Points.Count == 0) return;
        string path = string.Join('L', line.Points.Select(point => $"{Text(X(point.X))} {Text(Y(point.Y))}"));
        if (line.IsFilled)
        {
            string floor = Text(Y(MinY));
            svg.Append($"<path class=\"area {line.Style}\" d=\"M{Text(X(line.Points[0].X))} {floor}L{path}L{Text(X(line.Points[^1].X))} {floor}Z\"/>\n");
        }
        svg.Append($"<path class=\"line {line.Style}\" d=\"M{path}\"/>\n");
    }

    private void AppendLegend(StringBuilder svg)
    {
        double x = Left;
        foreach (ChartLine line in Lines)
        {
            svg.Append($"<line class=\"line {line.Style}\" x1=\"{Text(x)}\" x2=\"{Text(x + 22)}\" y1=\"14\" y2=\"14\"/>");
            svg.Append($"<text class=\"legend\" x=\"{Text(x + 29)}\" y=\"18\">{WebUtility.HtmlEncode(line.Name)}</text>\n");
            x += 29 + line.Name.Length * 7.2 + 26;
        }
    }

    private double X(double value) => Left + (Math.Clamp(value, MinX, MaxX) - MinX) / (MaxX - MinX) * (Width - Left - Right);

    private double Y(double value) => Height - Bottom - (Math.Clamp(value, MinY, MaxY) - MinY) / (MaxY - MinY) * (Height - Top - Bottom);
}
