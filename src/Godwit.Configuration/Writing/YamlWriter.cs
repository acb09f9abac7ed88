// Settings as godwit.yaml, each with the place that it comes from: what `godwit config import` makes of a mosquitto.conf.
using System.Text;
using Godwit.Configuration.Description;
using Godwit.Configuration.Reading;

namespace Godwit.Configuration.Writing;

/// <summary>Writes settings as YAML.</summary>
public static class YamlWriter
{
    /// <summary>The settings of a layer.</summary>
    public static string Write(Layer layer)
    {
        var text = new StringBuilder();
        foreach (Section section in BrokerDescription.Sections)
        {
            if (section.IsList && layer.Lists.TryGetValue(section, out List<Block>? blocks)) WriteList(text, section, blocks);
            else if (section.Settings.Where(layer.Values.ContainsKey).ToArray() is { Length: > 0 } settings)
            {
                text.Append($"{section.Name}:\n");
                foreach (Setting setting in settings) text.Append($"  {Line(setting, layer.Values[setting])}\n");
            }
        }
        return text.ToString();
    }

    /// <summary>A value as YAML.</summary>
    public static string Value(Setting setting, object value) => value is string text ? Yaml.Scalar(text) : setting.Kind.Write(value);

    private static void WriteList(StringBuilder text, Section section, List<Block> blocks)
    {
        text.Append($"{section.Name}:\n");
        foreach (Block block in blocks)
        {
            string dash = "- ";
            foreach (Setting setting in section.Settings.Where(block.Values.ContainsKey))
            {
                text.Append($"  {dash}{Line(setting, block.Values[setting])}\n");
                dash = "  ";
            }
        }
    }

    private static string Line(Setting setting, Assigned assigned)
    {
        string origin = assigned.Origin.Kind == OriginKind.File ? $"{assigned.Origin.Source}:{assigned.Origin.Line}" : assigned.Origin.Source;
        return $"{setting.Name}: {Value(setting, Absolute(setting, assigned.Value))}  # {origin}";
    }

    // What was relative to where the program runs would be relative to the new file.
    private static object Absolute(Setting setting, object value) => (setting.Kind, value) switch
    {
        (PathKind, string path) when !path.Contains("://", StringComparison.Ordinal) => Path.GetFullPath(path),
        (ListKind { Item: PathKind }, IReadOnlyList<string> paths) => paths.Select(Path.GetFullPath).ToArray(),
        _ => value,
    };
}
