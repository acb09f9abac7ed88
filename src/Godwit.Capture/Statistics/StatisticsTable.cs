using System.Globalization;
using System.Text;

namespace Godwit.Capture.Statistics;

/// <summary>A table of a report: the first column has names, the others figures.</summary>
/// <param name="Name">Its name for programs.</param>
/// <param name="Title">Its title for people.</param>
/// <param name="Columns">The titles of the columns.</param>
public sealed record StatisticsTable(string Name, string Title, params string[] Columns)
{
    private readonly List<object?[]> _rows = [];

    /// <summary>The rows: a name, then <see cref="long"/> or <see cref="double"/>, or null where there is nothing.</summary>
    public IReadOnlyList<object?[]> Rows => _rows;

    /// <summary>What has to be said about it; null if nothing.</summary>
    public string? Note { get; internal set; }

    internal void Add(params object?[] cells) => _rows.Add(cells);

    internal void WriteText(StringBuilder text)
    {
        string[][] cells = [Columns, .. _rows.Select(row => row.Select(Shown).ToArray())];
        int[] widths = [.. Enumerable.Range(0, Columns.Length).Select(column => cells.Max(row => row[column].Length))];
        text.Append(Title).Append('\n');
        foreach (string[] row in cells)
        {
            var line = new StringBuilder("  ").Append(row[0].PadRight(widths[0]));
            for (int column = 1; column < row.Length; column++) line.Append("  ").Append(row[column].PadLeft(widths[column]));
            text.Append(line.ToString().TrimEnd()).Append('\n');
        }
        if (Note is not null) text.Append("  ").Append(Note).Append('\n');
        text.Append('\n');
    }

    private static string Shown(object? cell) => cell switch
    {
        null => "",
        long number => number.ToString("N0", CultureInfo.InvariantCulture),
        double number => number.ToString(Math.Abs(number) >= 100 ? "N0" : Math.Abs(number) >= 10 ? "N1" : "N2", CultureInfo.InvariantCulture),
        _ => Plain(cell.ToString()!),
    };

    // Topics and client identifiers are shown without anything that a terminal would act on, and not longer than a line.
    private static string Plain(string name)
    {
        const int longest = 60;
        string shown = string.Concat(name.Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString()));
        return shown.Length <= longest ? shown : $"{shown[..(longest - 1)]}…";
    }
}
