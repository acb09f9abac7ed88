// What is made of the descriptions, and that they are right: every default is a value of its kind, and names are there once.
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Godwit.Broker;
using Godwit.Configuration.Description;
using Godwit.Configuration.Reading;
using Godwit.Configuration.Writing;
using Godwit.Testing;

namespace Godwit.Configuration.Tests;

public partial class DescriptionTests
{
    [Fact]
    public void Settings_Defaults_AreValuesOfTheirKinds() =>
        Assert.All(BrokerDescription.Settings.Where(s => s.DefaultText is not null), s => Assert.Equal(s.Default, s.Kind.Read(s.DefaultText!)));

    [Fact]
    public void Settings_OptionsAndVariables_AreUnique()
    {
        Assert.Equal(BrokerDescription.Settings.Count(), BrokerDescription.Settings.Select(s => s.Variable).Distinct().Count());
        string[] options = [.. BrokerDescription.Settings.Select(s => s.Option).OfType<string>()];
        Assert.Equal(options.Length, options.Distinct().Count());
    }

    [Fact]
    public void Template_AsItIs_SetsNothing()
    {
        Layer layer = YamlSource.Read(YamlTemplate.Write(), "g.yaml");

        Assert.Empty(layer.Problems);
        Assert.Empty(layer.Values);
        Assert.Empty(layer.Lists);
    }

    [Fact]
    public void Template_AllOfItSet_HasTheDefaults()
    {
        string text = InSection().Replace(InList().Replace(YamlTemplate.Write(), "$1"), "  $1");
        Layer layer = YamlSource.Read(text, "g.yaml");

        Assert.Empty(layer.Problems);
        Assert.Equal(BrokerDescription.Sections.Where(s => !s.IsList).Sum(s => s.Settings.Count), layer.Values.Count);
        Assert.All(layer.Lists, list => Assert.Equal(list.Key.Settings.Count, list.Value.Single().Values.Count));
        Assert.All(layer.Values.Where(v => v.Key.DefaultText is not null), v => Assert.Equal(v.Key.Default, v.Value.Value));
    }

    [Fact]
    public void Schema_EverySetting_IsInIt()
    {
        JsonNode sections = JsonNode.Parse(JsonSchemaWriter.Write())!["properties"]!;

        Assert.All(BrokerDescription.Settings, s => Assert.NotNull((s.Section.IsList ? sections[s.Section.Name]!["items"]! : sections[s.Section.Name]!)["properties"]![s.Name]));
    }

    [Fact]
    public void Documentation_Reference_IsUpToDate()
    {
        string page = File.ReadAllText(Repository.PathOf("docs/configuration.md"));
        string generated = page[(page.IndexOf("<!-- begin -->", StringComparison.Ordinal) + 15)..page.IndexOf("<!-- end -->", StringComparison.Ordinal)].Trim();

        Assert.True(generated == ReferenceWriter.Write().Trim(), "docs/configuration.md is not up to date: put what `./godwit config reference` prints between its marks.");
    }

    [GeneratedRegex(@"^  # ([a-z_0-9]+: .*)$", RegexOptions.Multiline)]
    private static partial Regex InSection();

    [GeneratedRegex(@"^# ((?:  (?:- |  )[a-z_0-9]+: .*)|(?:listeners|client_classes|bans):)$", RegexOptions.Multiline)]
    private static partial Regex InList();
}
