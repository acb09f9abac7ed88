// GODWIT__LIMITS__MAX_INFLIGHT=20, GODWIT__LISTENERS__0__CERT=server.pem: names as .NET's own configuration has them, upper or lower case.
using System.Globalization;
using Godwit.Configuration.Description;
using Godwit.Security.Files;

namespace Godwit.Configuration.Reading;

/// <summary>Reads settings in environment variables.</summary>
public static class EnvironmentSource
{
    /// <summary>What the names of all variables begin with.</summary>
    public const string Prefix = "GODWIT__";

    /// <summary>Reads those that are settings.</summary>
    public static Layer Read(IEnumerable<KeyValuePair<string, string>> variables)
    {
        var layer = new Layer();
        var lists = new Dictionary<(Dictionary<Setting, Assigned> Values, Setting Setting), SortedDictionary<int, (string Text, Origin Origin)>>();
        foreach ((string variable, string text) in variables.Where(v => v.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)).OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            var origin = new Origin(OriginKind.Environment, variable);
            if (Find(layer, variable, origin) is not ({ } values, { } setting, var place)) Unknown(layer, variable, origin);
            else if (place is null) { if (layer.Read(setting, text, origin) is { } assigned) values[setting] = assigned; }
            else if (lists.TryGetValue((values, setting), out SortedDictionary<int, (string, Origin)>? items)) items[place.Value] = (text, origin);
            else lists[(values, setting)] = new SortedDictionary<int, (string, Origin)> { [place.Value] = (text, origin) };
        }
        foreach (((Dictionary<Setting, Assigned> values, Setting setting), SortedDictionary<int, (string Text, Origin Origin)> items) in lists)
            values[setting] = layer.ReadAll(setting, items.Values, items.Values.First().Origin);
        return layer;
    }

    // Where a variable's value goes, which setting it is, and for a list of values which of them.
    private static (Dictionary<Setting, Assigned>? Values, Setting? Setting, int? Place) Find(Layer layer, string variable, Origin origin)
    {
        string[] parts = variable[Prefix.Length..].ToLowerInvariant().Split("__");
        if (BrokerDescription.Sections.FirstOrDefault(s => s.Name == parts[0]) is not { } section) return default;
        Dictionary<Setting, Assigned> values = layer.Values;
        int next = 1;
        if (section.IsList)
        {
            if (parts.Length < 3 || Number(parts[next++]) is not { } element || section.Find(parts[next]) is null) return default;
            if (!layer.Elements.TryGetValue(section, out SortedDictionary<int, Block>? blocks)) layer.Elements[section] = blocks = [];
            if (!blocks.TryGetValue(element, out Block? block)) blocks[element] = block = new Block(origin);
            values = block.Values;
        }
        if (parts.Length <= next || section.Find(parts[next++]) is not { } setting) return default;
        if (parts.Length == next) return (values, setting, null);
        return parts.Length == next + 1 && setting.Kind is ListKind && Number(parts[next]) is { } place ? (values, setting, place) : default;
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < 1000 ? number : null;

    private static void Unknown(Layer layer, string variable, Origin origin)
    {
        string? nearest = Suggestion.Nearest(variable.ToUpperInvariant(), BrokerDescription.Settings.Select(s => s.Variable));
        layer.Problems.Add(new SettingProblem(origin, $"There is no such setting.{(nearest is null ? "" : $" Is it {nearest}?")}"));
    }
}
