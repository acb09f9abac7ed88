// References between projects point one way: Protocol <- Session <- {Client, Broker, Bench, Capture}, Transport below those three, Storage and
// Security behind ports that Broker declares, Configuration above those, Cli on top.
using System.Xml.Linq;
using Godwit.Testing;
using Xunit;

namespace Godwit.Architecture.Tests;

public class ProjectGraphTests
{
    // What each project may refer to. Cli composes: it may refer to all of them.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Godwit.Protocol"] = [],
        ["Godwit.Session"] = ["Godwit.Protocol"],
        ["Godwit.Transport"] = [],
        ["Godwit.Client"] = ["Godwit.Protocol", "Godwit.Session", "Godwit.Transport"],
        ["Godwit.Broker"] = ["Godwit.Protocol", "Godwit.Session", "Godwit.Transport"],
        ["Godwit.Storage"] = ["Godwit.Protocol", "Godwit.Session", "Godwit.Transport", "Godwit.Broker"],
        ["Godwit.Security"] = ["Godwit.Protocol", "Godwit.Session", "Godwit.Transport", "Godwit.Broker"],
        ["Godwit.Configuration"] = ["Godwit.Protocol", "Godwit.Session", "Godwit.Transport", "Godwit.Broker", "Godwit.Security"],
        ["Godwit.Bench"] = ["Godwit.Protocol", "Godwit.Session", "Godwit.Transport"],
        ["Godwit.Capture"] = ["Godwit.Protocol", "Godwit.Session"],
        ["Godwit.Cli"] = ["Godwit.Protocol", "Godwit.Session", "Godwit.Transport", "Godwit.Client", "Godwit.Broker", "Godwit.Storage", "Godwit.Security", "Godwit.Configuration", "Godwit.Bench", "Godwit.Capture"],
    };

    private static readonly IReadOnlyList<string> Projects = Repository.Files("src", "*.csproj");

    [Fact]
    public void Projects_References_PointOneWay()
    {
        string[] wrong = [.. from project in Projects
                             let name = NameOf(project)
                             from reference in Included(project, "ProjectReference").Select(NameOf)
                             where !Allowed.GetValueOrDefault(name, []).Contains(reference)
                             select $"{name} -> {reference}"];

        Assert.True(wrong.Length == 0, $"These references are not in the design's graph: {string.Join(", ", wrong)}");
    }

    [Fact]
    public void Projects_AllOfThem_HaveTheirPlaceInTheGraph() => Assert.Empty(Projects.Select(NameOf).Except(Allowed.Keys));

    [Fact]
    public void Protocol_DependsOnNothing()
    {
        string protocol = Projects.Single(project => NameOf(project) == "Godwit.Protocol");

        Assert.Empty(Included(protocol, "PackageReference"));
        Assert.Empty(Included(protocol, "FrameworkReference"));
    }

    [Fact]
    public void TestProjects_AllOfThem_AreInTheSolution()
    {
        // ./test.sh builds the solution and runs what was built: a test project outside it would never run.
        IEnumerable<string> listed = XDocument.Load(Repository.PathOf("Godwit.slnx")).Descendants("Project")
            .Select(project => (string)project.Attribute("Path")!);

        Assert.Empty(Repository.Files("tests", "*.csproj").Except(listed));
    }

    [Fact]
    public void Packages_AllOfThem_HaveTheirReasonWrittenDown()
    {
        string reasons = File.ReadAllText(Repository.PathOf("docs/dependencies.md"));

        Assert.All(Included("Directory.Packages.props", "PackageVersion"), package => Assert.Contains($"`{package}`", reasons));
    }

    private static string NameOf(string path) => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'));

    private static IEnumerable<string> Included(string project, string item) =>
        XDocument.Load(Repository.PathOf(project)).Descendants(item).Select(element => (string)element.Attribute("Include")!);
}
