// What Wireshark sees we must see, field by field, or know why not: tshark reads each capture, and so do we.
using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using Godwit.Capture.Filters;
using Godwit.Testing;
using Xunit.Abstractions;

namespace Godwit.Interop.Tests.Captures;

public sealed partial class TsharkAgreementTests(ITestOutputHelper output) : IDisposable
{
    private const string Page = "docs/tshark.md";

    private readonly string _directory = Directory.CreateTempSubdirectory("godwit-agreement-").FullName;
    private readonly Agreement _agreement = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Captures_AllFieldsOfAllPackets_AgreeWithTshark()
    {
        string[] files = [.. Repository.Files("tests/captures", "*.pcap")];
        Dictionary<string, string> captures = files.ToDictionary(file => file, Repository.PathOf);
        foreach ((string name, Action<SyntheticCapture> scene) in SyntheticScenes.All)
        {
            captures[name] = Path.Combine(_directory, $"{name}.pcapng");
            using var capture = new SyntheticCapture(captures[name]);
            scene(capture);
        }
        // tshark spends most of its time on its start.
        var theirs = new ConcurrentDictionary<string, IReadOnlyList<SeenPacket>>();
        await Parallel.ForEachAsync(captures, new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (capture, _) => theirs[capture.Key] = await TsharkReading.ReadAsync(capture.Value));
        foreach ((string name, string file) in captures)
        {
            var godwit = new GodwitReading(file);
            Assert.Empty(godwit.Contradictions);
            _agreement.Add(name, theirs[name], godwit.Packets);
        }

        Assert.Empty(_agreement.Unknown);
        Assert.All(KnownDifferences.All, known => Assert.True(_agreement.Differences.Any(known.Covers.Invoke), $"This is not so any more: {known.What}"));
        Assert.Null(GoldenFile.Difference(Page, WithBlock(await File.ReadAllTextAsync(Repository.PathOf(Page)), files.Length)));
        output.WriteLine(_agreement.Report("committed and synthetic captures"));
    }

    [Fact]
    public async Task Names_AllThatTsharkHas_AreFieldsHere()
    {
        IReadOnlyList<string> theirs = await TsharkReading.FieldNamesAsync();

        Assert.Empty(theirs.Where(name => CaptureFields.Find(name) is null).Except(KnownDifferences.NamesNotHere.Keys));
        Assert.Empty(WiresharkFields.Names.Concat(KnownDifferences.NamesNotHere.Keys).Except(theirs));
    }

    private string WithBlock(string page, int files)
    {
        var block = new StringBuilder("<!-- figures -->\n");
        block.Append($"In {files} committed captures and {SyntheticScenes.All.Count} synthetic ones {_agreement.Packets:N0} packets with {_agreement.Fields:N0} fields agree, each in frame, name, place, length and value.\n\n");
        block.Append("| what differs | why | times |\n|---|---|---|\n");
        foreach (KnownDifference known in KnownDifferences.All) block.Append($"| {known.What} | {known.Why} | {_agreement.Differences.Count(known.Covers.Invoke)} |\n");
        block.Append("\n| tshark's name that is not here | what it is |\n|---|---|\n");
        foreach ((string name, string what) in KnownDifferences.NamesNotHere) block.Append($"| `{name}` | {what} |\n");
        return Block().Replace(page, _ => block.Append("<!-- end -->").ToString());
    }

    [GeneratedRegex("<!-- figures -->.*<!-- end -->", RegexOptions.Singleline)]
    private static partial Regex Block();
}
