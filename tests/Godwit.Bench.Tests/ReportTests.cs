// The reports of a made-up run: JSON by its documented names, HTML by its structure, text by what a reader looks for.
using System.Text.Json;
using System.Xml.Linq;

namespace Godwit.Bench.Tests;

public class ReportTests
{
    private static readonly BenchReport Report = MakeReport();

    [Fact]
    public void Json_NamesAndUnits_AreThoseOfTheDocumentation()
    {
        JsonElement root = JsonDocument.Parse(JsonReport.Write(Report)).RootElement;

        Assert.Equal("p2p", root.GetProperty("scenario").GetString());
        Assert.Equal("127.0.0.1:1883", root.GetProperty("broker").GetString());
        Assert.False(root.GetProperty("ok").GetBoolean());
        Assert.False(root.GetProperty("interrupted").GetBoolean());
        Assert.True(root.GetProperty("generator_limited").GetBoolean());
        Assert.Equal(2.5, root.GetProperty("elapsed_s").GetDouble());
        Assert.Equal(("closed", 16), (root.GetProperty("settings").GetProperty("loop").GetString(), root.GetProperty("settings").GetProperty("window").GetInt32()));
        Assert.Equal(1000, root.GetProperty("messages").GetProperty("sent").GetInt64());
        Assert.Equal(7, root.GetProperty("checks").GetProperty("lost").GetInt64());
        Assert.Equal(0.625, root.GetProperty("broker_process").GetProperty("cpu_us_per_delivery").GetDouble());
        JsonElement latency = root.GetProperty("latency_us").GetProperty("delivery");
        Assert.Equal(["count", "min", "mean", "p50", "p90", "p99", "p99_9", "p99_99", "max"], latency.EnumerateObject().Select(property => property.Name));
        Assert.Equal((1000, 1, 1000), (latency.GetProperty("count").GetInt64(), latency.GetProperty("min").GetDouble(), latency.GetProperty("max").GetDouble()));
        Assert.Equal([400L, 593], root.GetProperty("samples").EnumerateArray().Select(sample => sample.GetProperty("received").GetInt64()));
        Assert.Equal("A \"note\" with <angles> & an ampersand.", root.GetProperty("notes")[0].GetString());
    }

    [Fact]
    public void Json_IsOneLine() => Assert.Equal(1, JsonReport.Write(Report).Count(character => character == '\n'));

    [Fact]
    public void Html_IsWellFormedAndSelfContained()
    {
        string page = HtmlReport.Write(Report);
        // Void elements are the only thing in it that XML would write otherwise.
        XDocument document = XDocument.Parse(page.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal).Replace("<br>", "<br/>", StringComparison.Ordinal)
            .Replace("charset=\"utf-8\">", "charset=\"utf-8\"/>", StringComparison.Ordinal)
            .Replace("initial-scale=1\">", "initial-scale=1\"/>", StringComparison.Ordinal)
            .Replace("content=\"light dark\">", "content=\"light dark\"/>", StringComparison.Ordinal));

        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.Equal(2, document.Descendants("svg").Count());
        Assert.All(document.Descendants("svg"), chart => Assert.NotEmpty(chart.Descendants("path")));
        Assert.Contains(document.Descendants("h1"), heading => heading.Value == "p2p");
        Assert.Contains(document.Descendants("td"), cell => (string?)cell.Attribute("class") == "wrong" && cell.Value == "7");
        Assert.Contains("A \"note\" with <angles> & an ampersand.", document.Descendants("p").Select(paragraph => paragraph.Value));
    }

    [Fact]
    public void Text_WrongFigures_AreMarked()
    {
        string[] lines = TextReport.Write(Report).Split('\n');

        Assert.Contains(lines, line => line.Contains("lost", StringComparison.Ordinal) && line.EndsWith("7  !", StringComparison.Ordinal));
        Assert.Contains(lines, line => line == "  none duplicates");
        Assert.Contains("A \"note\" with <angles> & an ampersand.", lines);
        Assert.All(lines, line => Assert.True(line.Length <= 120, line));
    }

    [Theory]
    [InlineData(0, "0 ns")]
    [InlineData(999, "999 ns")]
    [InlineData(1_000, "1.00 us")]
    [InlineData(12_345, "12.3 us")]
    [InlineData(99_960, "100 us")]
    [InlineData(999_600, "1.00 ms")]
    [InlineData(123_456_789, "123 ms")]
    [InlineData(1_500_000_000, "1.50 s")]
    [InlineData(7_200_000_000_000, "7,200 s")]
    public void Duration_AnyMagnitude_HasThreeDigits(double nanoseconds, string expected) => Assert.Equal(expected, FigureText.Duration(nanoseconds));

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(70)]
    [InlineData(1_234_567)]
    public void LinearTicks_AnyMaximum_AreFewAndReachIt(double maximum)
    {
        IReadOnlyList<ChartTick> ticks = SvgChart.LinearTicks(maximum, value => $"{value}");

        Assert.InRange(ticks.Count, 2, 10);
        Assert.Equal(0, ticks[0].Value);
        Assert.True(ticks[^1].Value >= maximum);
    }

    private static BenchReport MakeReport()
    {
        var histogram = new LatencyHistogram();
        for (int i = 1; i <= 1000; i++) histogram.Record(i * 1000);
        return new BenchReport
        {
            Options = new BenchOptions { Scenario = ScenarioKind.PointToPoint },
            Broker = "127.0.0.1:1883",
            StartedAt = new DateTimeOffset(2025, 1, 1, 12, 0, 0, TimeSpan.Zero),
            Elapsed = TimeSpan.FromSeconds(2.5),
            Sections =
            [
                new("messages", "Messages", [new("sent", "sent", 1000), new("delivered_per_s", "delivered a second", 397.2, FigureUnit.PerSecond, IsHeadline: true)]),
                new("checks", "Checks", [new("lost", "lost", 7, IsWrong: true), new("duplicates", "duplicates", 0, IsWrong: true)]),
                new("broker", "Broker",
                    [new("cpu_percent", "CPU", 60, FigureUnit.Percent), new("cpu_us_per_delivery", "CPU for each delivery", 0.625, FigureUnit.Microseconds)]),
            ],
            Latencies = [new LatencyTable("delivery", "publish to delivery", LatencySummary.Of(histogram))],
            Samples =
            [
                new RateSample(TimeSpan.Zero, TimeSpan.FromSeconds(1), 500, 400, 1_000_000),
                new RateSample(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1.5), 500, 593, 900_000),
            ],
            Notes = ["A \"note\" with <angles> & an ampersand."],
            WasGeneratorTheLimit = true,
        };
    }
}
