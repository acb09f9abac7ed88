// A table for people: columns as wide as what stands in them. What clients have chosen themselves (identifiers, topics) is shown without
// control characters, which could do anything to a terminal.
using System.Text;

namespace Godwit.Cli.Control;

/// <param name="titles">The titles; one that ends with <c>&gt;</c> is of a column of numbers, which stand on the right.</param>
internal sealed class TextTable(params string[] titles)
{
    private readonly List<string[]> _rows = [[.. titles.Select(title => title.TrimEnd('>'))]];

    public void Add(params string[] cells) => _rows.Add([.. cells.Select(Plain)]);

    public override string ToString()
    {
        int[] widths = [.. Enumerable.Range(0, titles.Length).Select(column => _rows.Max(row => row[column].Length))];
        var text = new StringBuilder();
        foreach (string[] row in _rows)
        {
            int end = text.Length;
            for (int column = 0; column < row.Length; column++)
            {
                text.Append(titles[column].EndsWith('>') ? row[column].PadLeft(widths[column]) : row[column].PadRight(widths[column]));
                if (row[column].Length > 0) end = text.Length - (titles[column].EndsWith('>') ? 0 : widths[column] - row[column].Length);
                text.Append("  ");
            }
            text.Length = end;
            text.Append('\n');
        }
        return text.ToString();
    }

    /// <summary>Text without control characters.</summary>
    public static string Plain(string text) => !text.Any(char.IsControl)
        ? text
        : string.Concat(text.Select(c => char.IsControl(c) ? $"\\u{(int)c:x4}" : c.ToString()));
}
