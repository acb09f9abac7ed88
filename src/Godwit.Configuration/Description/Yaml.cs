using System.Text.RegularExpressions;

namespace Godwit.Configuration.Description;

/// <summary>Texts as YAML writes them.</summary>
public static partial class Yaml
{
    /// <summary>A text as a scalar, in quotes if it would be something else without.</summary>
    public static string Scalar(string text) => Plain().IsMatch(text) ? text : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    // Letters and digits first, and nothing that begins a comment, a mapping or a flow inside.
    [GeneratedRegex(@"^(?!(?:true|false|yes|no|on|off|null)$)[A-Za-z0-9/][A-Za-z0-9_./+@|-]*(?::(?=[^\s])[A-Za-z0-9_./+@|-]*)*$", RegexOptions.IgnoreCase)]
    private static partial Regex Plain();
}
