// The committed table of one specification's normative statements: reading, deriving and writing it. spec/README.md describes the columns.
using Godwit.Testing;

namespace Godwit.Ledger.Tests;

/// <summary>One statement. <c>Checked</c> and <c>Tests</c> are derived from the sources; the rest is written by hand.</summary>
internal sealed record LedgerRow(string Id, string Binds, string Statement, string Checked, string Tests, string Note)
{
    public const string Header = "id\tbinds\tstatement\tchecked\ttests\tnote";

    public bool BindsBroker => Binds is "broker" or "both";

    public bool HasTest => Tests.Length > 0;

    public static LedgerRow Parse(string line)
    {
        string[] columns = line.Split('\t');
        if (columns.Length != 6) throw new FormatException($"A ledger row has 6 columns, separated by tabs, not {columns.Length}: {line}");
        return new LedgerRow(columns[0], columns[1], columns[2], columns[3], columns[4], columns[5]);
    }

    public override string ToString() => string.Join('\t', Id, Binds, Statement, Checked, Tests, Note);
}

/// <summary>A ledger file: comment lines, the header line, one row for each statement.</summary>
internal sealed record Ledger(string Specification, IReadOnlyList<string> Comments, IReadOnlyList<LedgerRow> Rows)
{
    public const string Mqtt311 = "3.1.1", Mqtt5 = "5.0";

    public static string FileOf(string specification) => $"spec/mqtt-{specification}.tsv";

    public static Ledger Load(string specification)
    {
        string[] lines = File.ReadAllLines(Repository.PathOf(FileOf(specification)));
        string[] comments = [.. lines.TakeWhile(line => line.StartsWith('#'))];
        if (lines.ElementAtOrDefault(comments.Length) != LedgerRow.Header)
            throw new FormatException($"{FileOf(specification)}: the comments are not followed by the header line.");
        return new Ledger(specification, comments, [.. lines.Skip(comments.Length + 1).Select(LedgerRow.Parse)]);
    }

    /// <summary>The same ledger with <c>checked</c> and <c>tests</c> as the sources have them now.</summary>
    public Ledger Derive(IReadOnlyList<Citation> sources, IReadOnlyList<Citation> tests)
    {
        ILookup<string, string> checkedIn = ByStatement(sources), provenBy = ByStatement(tests);
        return this with
        {
            Rows = [.. Rows.Select(row => row with { Checked = Join(checkedIn[row.Id]), Tests = Join(provenBy[row.Id]) })],
        };
    }

    public void Save() =>
        File.WriteAllText(Repository.PathOf(FileOf(Specification)), string.Join('\n', [.. Comments, LedgerRow.Header, .. Rows, ""]));

    private ILookup<string, string> ByStatement(IReadOnlyList<Citation> citations) =>
        citations.Where(citation => citation.CountsFor(Specification)).ToLookup(citation => citation.Id, citation => citation.Place);

    private static string Join(IEnumerable<string> places) => string.Join(';', places.Distinct().Order(StringComparer.Ordinal));
}
