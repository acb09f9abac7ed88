// godwit.yaml: a mapping of sections. Whatever is not described there is a mistake, with line and column and the nearest name that is:
// Microsoft.Extensions.Configuration would have lost the positions and let a misspelt key pass.
using Godwit.Configuration.Description;
using Godwit.Security.Files;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Godwit.Configuration.Reading;

/// <summary>Reads settings in YAML.</summary>
public sealed class YamlSource
{
    private readonly Layer _layer = new();
    private readonly string _path;

    private YamlSource(string path) => _path = path;

    /// <summary>Reads a text.</summary>
    /// <param name="text">The content of the file.</param>
    /// <param name="path">The file; paths in it are relative to its directory.</param>
    public static Layer Read(string text, string path)
    {
        var source = new YamlSource(path);
        YamlNode? root = YamlText.Read(
            text, (line, column, message) => source._layer.Problems.Add(new SettingProblem(new Origin(OriginKind.File, path, line, column), message)));
        if (root is not null) source.ReadRoot(root);
        return source._layer;
    }

    private static bool IsEmpty(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" };

    private void ReadRoot(YamlNode root)
    {
        foreach ((string name, YamlNode key, YamlNode value) in Entries(root, "The file is a mapping of sections."))
        {
            if (BrokerDescription.Sections.FirstOrDefault(s => s.Name == name) is { } section) ReadSection(section, value);
            else Wrong(key, $"There is no section '{name}'.{Elsewhere(name)}{Hint(name, BrokerDescription.Sections.Select(s => s.Name))}");
        }
    }

    private void ReadSection(Section section, YamlNode node)
    {
        if (IsEmpty(node)) return;
        if (!section.IsList)
        {
            ReadSettings(section, node, _layer.Values);
        }
        else if (node is YamlSequenceNode sequence)
        {
            var blocks = new List<Block>();
            foreach (YamlNode element in sequence)
            {
                var block = new Block(At(element));
                ReadSettings(section, element, block.Values);
                blocks.Add(block);
            }
            _layer.Lists[section] = blocks;
        }
        else
        {
            Wrong(node, $"{section.Name} is a list: each element begins with a dash.");
        }
    }

    private void ReadSettings(Section section, YamlNode node, Dictionary<Setting, Assigned> values)
    {
        foreach ((string name, YamlNode key, YamlNode value) in Entries(node, $"{section.Name} {(section.IsList ? "has elements that are mappings" : "is a mapping")} of settings."))
        {
            if (section.Find(name) is not { } setting) Wrong(key, $"'{name}' is not known in {section.Name}.{Elsewhere(name)}{Hint(name, section.Settings.Select(s => s.Name))}");
            else if (!IsEmpty(value) && ReadValue(setting, value) is { } assigned) values[setting] = assigned;
        }
    }

    private Assigned? ReadValue(Setting setting, YamlNode node)
    {
        switch (node)
        {
            case YamlScalarNode scalar:
                return _layer.Read(setting, Text(setting, scalar), At(node));
            case YamlSequenceNode sequence when setting.Kind is ListKind && sequence.All(item => item is YamlScalarNode):
                return _layer.ReadAll(setting, sequence.Select(item => (Text(setting, (YamlScalarNode)item), At(item))), At(node));
            default:
                Wrong(node, $"{setting.Name} takes {setting.Kind.Expected}, not a {(node is YamlMappingNode ? "mapping" : "list")}.");
                return null;
        }
    }

    private string Text(Setting setting, YamlScalarNode scalar)
    {
        string text = scalar.Value ?? "";
        bool isPath = setting.Kind is PathKind or ListKind { Item: PathKind };
        return isPath && text.Length > 0 ? PathKind.From(Path.GetDirectoryName(_path) ?? "", text) : text;
    }

    private IEnumerable<(string Name, YamlNode Key, YamlNode Value)> Entries(YamlNode node, string expected)
    {
        if (IsEmpty(node)) yield break;
        if (node is not YamlMappingNode mapping)
        {
            Wrong(node, expected);
            yield break;
        }
        foreach ((YamlNode key, YamlNode value) in mapping) yield return (key is YamlScalarNode { Value: { } name } ? name : "", key, value);
    }

    // Somebody has found the right name, and the wrong place for it.
    private static string Elsewhere(string name)
    {
        string[] paths = [.. BrokerDescription.Settings.Where(s => s.Name == name).Select(s => s.Section.Name).Distinct()];
        return paths.Length == 0 ? "" : $" It belongs to {string.Join(" or ", paths)}.";
    }

    private static string Hint(string typed, IEnumerable<string> known) => Suggestion.Nearest(typed, known) is { } nearest ? $" Is it '{nearest}'?" : "";

    private Origin At(YamlNode node) => new(OriginKind.File, _path, (int)node.Start.Line, (int)node.Start.Column);

    private void Wrong(YamlNode node, string message) => _layer.Problems.Add(new SettingProblem(At(node), message));
}
