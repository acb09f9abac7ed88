// What captures contain is written into pages and pictures here, and nowhere without it: topics, identifiers and sentences with them are input of
// somebody who may mean harm.
using System.Globalization;
using System.Text;

namespace Godwit.Capture.Ladders;

/// <summary>Text for HTML and SVG.</summary>
internal static class Markup
{
    /// <summary>Text that is safe between tags and in quoted attributes, in HTML and XML.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 16);
        foreach (Rune rune in text.EnumerateRunes())
            escaped.Append(rune.Value switch
            {
                '<' => "&lt;",
                '>' => "&gt;",
                '&' => "&amp;",
                '"' => "&quot;",
                '\'' => "&#39;",
                '\n' or '\t' => rune.ToString(),
                0xFFFE or 0xFFFF => "\uFFFD",                                       // not allowed in XML
                _ => Rune.IsControl(rune) || TurnsText(rune) ? $"\\u{rune.Value:X4}" : rune.ToString(),
            });
        return escaped.ToString();
    }

    /// <summary>A number for an attribute.</summary>
    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    // Turns the direction of writing, or hides: a page must not show another text than it contains.
    private static bool TurnsText(Rune rune) => rune.Value is 0x061C or 0x00AD or (>= 0x200B and <= 0x200F) or (>= 0x2028 and <= 0x202E) or (>= 0x2060 and <= 0x2069) or 0xFEFF;
}
