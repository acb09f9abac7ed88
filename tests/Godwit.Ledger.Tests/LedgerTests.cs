// Ties the normative statements of both specifications to the code that checks them and the tests that prove them: what the ledger in spec/
// says is what the sources say, and a statement that binds a broker has a test or a reason why not.
using Godwit.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Godwit.Ledger.Tests;

public class LedgerTests(ITestOutputHelper output)
{
    // Statements that bind a broker and have neither test nor note. These limits only ever go down; at 0 they can go altogether.
    private const int AllowedUncovered311 = 0;
    private const int AllowedUncovered5 = 0;

    private const string UpdateVariable = "GODWIT_UPDATE_LEDGER";

    private static readonly IReadOnlyList<Citation> Sources = Read("src", SourceCitations.Find);
    private static readonly IReadOnlyList<Citation> Tests = Read("tests", TestCitations.Find);

    [Theory]
    [InlineData(Ledger.Mqtt311, 141)]
    [InlineData(Ledger.Mqtt5, 251)]
    public void Ledger_Statements_AreAllThereOnce(string specification, int count)
    {
        Ledger ledger = Ledger.Load(specification);

        Assert.Empty(ledger.Rows.GroupBy(row => row.Id).Where(same => same.Count() > 1).Select(same => same.Key));
        Assert.Equal(count, ledger.Rows.Count);
        Assert.All(ledger.Rows, row => Assert.Contains(row.Binds, new[] { "broker", "client", "both" }));
        Assert.All(ledger.Rows, row => Assert.NotEmpty(row.Statement));
    }

    [Theory]
    [InlineData(Ledger.Mqtt311)]
    [InlineData(Ledger.Mqtt5)]
    public void Ledger_DerivedColumns_AreWhatTheSourcesSay(string specification)
    {
        Ledger committed = Ledger.Load(specification), derived = committed.Derive(Sources, Tests);
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            derived.Save();
            return;
        }

        string[] stale = [.. committed.Rows.Zip(derived.Rows).Where(pair => pair.First != pair.Second)
            .Select(pair => $"  is:     {pair.First}\n  should: {pair.Second}")];
        Assert.True(stale.Length == 0,
            $"{Ledger.FileOf(specification)} names files or tests that do not cite the statement, or lacks some that do."
            + $" spec/update-ledger brings it up to date.\n{string.Join('\n', stale)}");
    }

    [Fact]
    public void Citations_InSourcesAndTests_NameKnownStatements()
    {
        string[] specifications = [Ledger.Mqtt311, Ledger.Mqtt5];
        var known = specifications.ToDictionary(name => name, name => Ledger.Load(name).Rows.Select(row => row.Id).ToHashSet());

        Assert.DoesNotContain(Sources.Concat(Tests), citation => citation.Specification is null
            ? !known.Values.Any(ids => ids.Contains(citation.Id))
            : !known.TryGetValue(citation.Specification, out HashSet<string>? ids) || !ids.Contains(citation.Id));
    }

    [Theory]
    [InlineData(Ledger.Mqtt311, AllowedUncovered311)]
    [InlineData(Ledger.Mqtt5, AllowedUncovered5)]
    public void Statements_ThatBindABroker_HaveATestOrANote(string specification, int allowedUncovered)
    {
        LedgerRow[] rows = [.. Ledger.Load(specification).Derive(Sources, Tests).Rows.Where(row => row.BindsBroker)];
        string[] uncovered = [.. rows.Where(row => !row.HasTest && row.Note.Length == 0).Select(row => row.Id)];

        int tested = rows.Count(row => row.HasTest), cited = rows.Count(row => row.Checked.Length > 0);
        int citedInCodec = rows.Count(row => row.Checked.Contains("src/Godwit.Protocol/", StringComparison.Ordinal));
        output.WriteLine($"report: MQTT {specification}: of {rows.Length} statements that bind a broker, {tested} have a test, "
            + $"{cited} are cited in src ({citedInCodec} in the codec), {uncovered.Length} have neither test nor note");
        Assert.True(uncovered.Length <= allowedUncovered,
            $"{uncovered.Length} statements have neither test nor note ({allowedUncovered} are allowed): {string.Join(", ", uncovered)}");
    }

    private static IReadOnlyList<Citation> Read(string directory, Func<string, string, IEnumerable<Citation>> find) =>
        [.. Repository.Files(directory, "*.cs").Where(file => !file.StartsWith("tests/Godwit.Ledger.Tests/", StringComparison.Ordinal))
            .SelectMany(file => find(file, File.ReadAllText(Repository.PathOf(file))))];
}
