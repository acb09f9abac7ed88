// A file with every setting, its help and its default, in which nothing is set yet: to be read, and changed where it matters.
using System.Text;
using Godwit.Configuration.Description;

namespace Godwit.Configuration.Writing;

/// <summary>Writes the file that `godwit config init` gives.</summary>
public static class YamlTemplate
{
    private const string Head = """
        # yaml-language-server: $schema=godwit.schema.json
        # Settings for `godwit broker --config godwit.yaml`. What stands behind "# name:" holds by default; remove the # to change it.
        # Paths are relative to this file. Sizes may have K, M or G; times are in seconds.
        # `godwit config check FILE` looks for mistakes, `godwit config show --config FILE` shows what is in force and why,
        # `godwit config schema > godwit.schema.json` helps editors. Environment variables (GODWIT__LIMITS__MAX_INFLIGHT) and options of
        # the command line go before this file.

        """;

    /// <summary>The text of the file.</summary>
    public static string Write()
    {
        var text = new StringBuilder(Head);
        foreach (Section section in BrokerDescription.Sections)
        {
            text.Append($"\n# {section.Help}\n");
            if (section.IsList) WriteList(text, section);
            else WriteSection(text, section);
        }
        return text.ToString();
    }

    private static void WriteSection(StringBuilder text, Section section)
    {
        text.Append($"{section.Name}:\n");
        foreach (Setting setting in section.Settings) text.Append($"  # {Describe(setting)}\n  # {setting.Name}: {Example(setting)}\n");
    }

    private static void WriteList(StringBuilder text, Section section)
    {
        text.Append($"# {section.Name}:\n");
        string dash = "- ";
        foreach (Setting setting in section.Settings)
        {
            text.Append($"#     # {Describe(setting)}\n#   {dash}{setting.Name}: {Example(setting)}\n");
            dash = "  ";
        }
    }

    private static string Describe(Setting setting)
    {
        string range = setting.Kind.Range is { Length: > 0 } allowed ? $" ({allowed})" : "";
        string fallback = setting.Otherwise is { } otherwise ? $"; default: {otherwise}" : "";
        return setting.Help + range + fallback;
    }

    // What a setting without a default looks like when it is set.
    private static string Example(Setting setting) => setting.DefaultText ?? setting.Kind switch
    {
        FlagKind => "true",
        NumberKind number => $"{Math.Clamp(8, number.Minimum, number.Maximum)}",
        SizeKind => "256M",
        SecondsKind => "10",
        WordKind words => words.Words[^1],
        ListKind list => $"[{Yaml.Scalar(Placeholder(list.Item))}]",
        TextKind text => Yaml.Scalar(Placeholder(text)),
        _ => "",
    };

    private static string Placeholder(TextKind kind) => kind is NetworkKind ? "192.0.2.0/24" : kind.Placeholder.Split('|')[0].ToLowerInvariant();
}
