// The schema of godwit.yaml for editors (JSON Schema, draft 2020-12): they complete names, show the help and underline mistakes.
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Godwit.Configuration.Description;

namespace Godwit.Configuration.Writing;

/// <summary>Writes the schema.</summary>
public static class JsonSchemaWriter
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema as JSON.</summary>
    public static string Write()
    {
        var sections = new JsonObject();
        foreach (Section section in BrokerDescription.Sections)
        {
            JsonObject one = Describe(section);
            sections[section.Name] = section.IsList
                ? new JsonObject { ["type"] = new JsonArray("array", "null"), ["description"] = section.Help, ["items"] = one }
                : one;
        }
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "godwit.yaml",
            ["type"] = new JsonArray("object", "null"),
            ["additionalProperties"] = false,
            ["properties"] = sections,
        };
        return schema.ToJsonString(Format) + "\n";
    }

    private static JsonObject Describe(Section section)
    {
        var properties = new JsonObject();
        foreach (Setting setting in section.Settings)
        {
            JsonObject property = setting.Kind.Schema();
            string fallback = setting.Otherwise ?? setting.DefaultText ?? "";
            property["description"] = $"{setting.Help}.{(fallback.Length > 0 ? $" Default: {fallback}." : "")}";
            properties[setting.Name] = property;
        }
        return new JsonObject
        {
            ["type"] = section.IsList ? "object" : new JsonArray("object", "null"),
            ["description"] = section.Help,
            ["additionalProperties"] = false,
            ["properties"] = properties,
        };
    }
}
