// Finds statement ids in product code. The rule is in spec/README.md: "[id]" in comments and texts, qualified by "3.1.1:" or "5.0:" on the
// same line; and the two id arguments of a violation. Text is enough: nothing here needs to understand C#.
using System.Text.RegularExpressions;

namespace Godwit.Ledger.Tests;

internal static partial class SourceCitations
{
    public static IEnumerable<Citation> Find(string file, string text) => Bracketed(file, text).Concat(Violations(file, text));

    private static IEnumerable<Citation> Bracketed(string file, string text)
    {
        foreach (string line in text.Split('\n'))
        {
            Match[] tokens = QualifierOrId().Matches(line).ToArray();
            // What stands in front of the first qualifier is the other specification's.
            Match? first = tokens.FirstOrDefault(IsQualifier);
            string? specification = first is null ? null : Other(first.Groups["specification"].Value);
            foreach (Match token in tokens)
            {
                if (IsQualifier(token)) specification = token.Groups["specification"].Value;
                else yield return new Citation(token.Groups["id"].Value, specification, file);
            }
        }
    }

    private static IEnumerable<Citation> Violations(string file, string text)
    {
        foreach (Match call in ViolationArguments().Matches(text))
        {
            if (call.Groups["v311"].Success) yield return new Citation(call.Groups["v311"].Value, Ledger.Mqtt311, file);
            if (call.Groups["v5"].Success) yield return new Citation(call.Groups["v5"].Value, Ledger.Mqtt5, file);
        }
    }

    private static bool IsQualifier(Match token) => token.Groups["specification"].Success;

    private static string Other(string specification) => specification == Ledger.Mqtt5 ? Ledger.Mqtt311 : Ledger.Mqtt5;

    [GeneratedRegex(@"(?<![\d.])(?<specification>3\.1\.1|5\.0):|\[(?<id>MQTT-[\d.]+-\d+)\]")]
    private static partial Regex QualifierOrId();

    // ("name", ReasonCode, "311-id", "5-id", ...): either id may be null or a constant's name, which does not count.
    [GeneratedRegex("""\(\s*"[^"\n]*",\s*[\w.]+,\s*(?:"(?<v311>MQTT-[\d.]+-\d+)"|\w+),\s*(?:"(?<v5>MQTT-[\d.]+-\d+)"|\w+)\s*[,)]""")]
    private static partial Regex ViolationArguments();
}
