// The generated part of docs/configuration.md: a table for each section.
using System.Text;
using Godwit.Configuration.Description;

namespace Godwit.Configuration.Writing;

/// <summary>Writes the reference of all settings.</summary>
public static class ReferenceWriter
{
    /// <summary>The reference in Markdown.</summary>
    public static string Write()
    {
        var text = new StringBuilder();
        foreach (Section section in BrokerDescription.Sections)
        {
            text.Append($"### {section.Name}\n\n{section.Help}{(section.IsList ? " A list." : "")}\n\n");
            text.Append("| name | value | default | what it is about | option | mosquitto | reload |\n|---|---|---|---|---|---|---|\n");
            foreach (Setting setting in section.Settings)
            {
                string value = setting.Kind is WordKind ? Cell(setting.Kind.Range) : Cell(setting.Kind.Name + (setting.Kind.Range is { Length: > 0 } range ? $", {range}" : ""));
                string fallback = setting.Otherwise is { } otherwise ? Cell(otherwise) : Code(setting.DefaultText);
                text.Append($"| {Code(setting.Name)} | {value} | {fallback} | {Cell(setting.Help)} | {Code(setting.Option)} | {Code(setting.Mosquitto)} | {(setting.IsReloadable ? "yes" : "")} |\n");
            }
            text.Append('\n');
        }
        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static string Code(string? text) => text is null ? "" : $"`{Cell(text)}`";

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal);
}
