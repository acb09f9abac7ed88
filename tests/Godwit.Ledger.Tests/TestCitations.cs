// Finds [Statement("id", "specification")] attributes in test code, and the method or class each stands on.
using System.Text.RegularExpressions;

namespace Godwit.Ledger.Tests;

internal static partial class TestCitations
{
    /// <summary>The citations of a file; the place is <c>Class.Method</c>, or <c>Class</c> for an attribute on a class.</summary>
    /// <exception cref="FormatException">An attribute cannot be read, or stands on what no test runner runs, so that it proves nothing.</exception>
    public static IReadOnlyList<Citation> Find(string file, string text)
    {
        var citations = new List<Citation>();
        var classes = new Stack<(int Indent, string Name)>();
        var statements = new List<(string Id, string Specification)>();
        bool isTest = false;

        foreach (string line in text.Split('\n'))
        {
            string code = line.TrimStart();
            if (code.StartsWith("//", StringComparison.Ordinal)) continue;
            if (code.StartsWith('['))
            {
                foreach (Match match in Statement().Matches(code))
                {
                    if (!match.Groups["id"].Success) throw new FormatException($"{file}: a [Statement] takes two literal strings: {code}");
                    statements.Add((match.Groups["id"].Value, match.Groups["specification"].Value));
                }

                isTest |= TestAttribute().IsMatch(code);
            }

            int indent = line.Length - code.Length;
            if (TypeDeclaration().Match(code) is { Success: true } type)
            {
                while (classes.Count > 0 && classes.Peek().Indent >= indent) classes.Pop();
                classes.Push((indent, type.Groups["name"].Value));
                Cite(type.Groups["name"].Value);
            }
            else if (MethodDeclaration().Match(code) is { Success: true } method)
            {
                while (classes.Count > 0 && classes.Peek().Indent >= indent) classes.Pop();
                string place = $"{(classes.Count > 0 ? classes.Peek().Name : "?")}.{method.Groups["name"].Value}";
                if (statements.Count > 0 && !isTest)
                    throw new FormatException($"{file}: {place} carries a [Statement] but is no [Fact] or [Theory] that runs.");
                Cite(place);
            }
            else
            {
                continue;
            }

            statements.Clear();
            isTest = false;
        }

        if (statements.Count > 0) throw new FormatException($"{file}: the last [Statement] stands on nothing.");
        return citations;

        void Cite(string place) => citations.AddRange(statements.Select(statement => new Citation(statement.Id, statement.Specification, place)));
    }

    [GeneratedRegex("""\bStatement\((?:\s*"(?<id>[^"]*)",\s*"(?<specification>[^"]*)"\s*\))?""")]
    private static partial Regex Statement();

    // A skipped test proves nothing.
    [GeneratedRegex(@"\w*(?:Fact|Theory)\b(?!\([^)]*\bSkip\b)")]
    private static partial Regex TestAttribute();

    private const string Attributes = @"^(?:\[.*\]\s*)?";

    [GeneratedRegex(Attributes
        + @"(?:(?:public|internal|private|protected|file|static|sealed|abstract|partial|readonly|ref)\s+)*"
        + @"(?:class|record|struct|interface)\s+(?:class\s+|struct\s+)?(?<name>\w+)")]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(Attributes + @"(?:public|internal|private|protected)\s+(?:[\w<>?,.\[\]()]+\s+)+(?<name>\w+)\s*(?:<[^>(]*>)?\(")]
    private static partial Regex MethodDeclaration();
}
