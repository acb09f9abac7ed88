// What one source says: the file, the environment or the command line. Layers are put on top of each other to EffectiveSettings.
using Godwit.Configuration.Description;

namespace Godwit.Configuration.Reading;

/// <summary>The value of a setting, and where it comes from.</summary>
/// <param name="Value">As its kind reads it.</param>
/// <param name="Origin">Where it comes from.</param>
public sealed record Assigned(object Value, Origin Origin);

/// <summary>One element of a list of sections: a listener, a client class.</summary>
/// <param name="Origin">Where it begins.</param>
public sealed record Block(Origin Origin)
{
    /// <summary>Its settings.</summary>
    public Dictionary<Setting, Assigned> Values { get; } = [];
}

/// <summary>What one source says, and what is wrong with it.</summary>
public sealed class Layer
{
    /// <summary>Settings of sections that are there once.</summary>
    public Dictionary<Setting, Assigned> Values { get; } = [];

    /// <summary>Lists, which replace those of weaker layers.</summary>
    public Dictionary<Section, List<Block>> Lists { get; } = [];

    /// <summary>Single elements of lists by their place, which change those of weaker layers.</summary>
    public Dictionary<Section, SortedDictionary<int, Block>> Elements { get; } = [];

    /// <summary>What is wrong.</summary>
    public List<SettingProblem> Problems { get; } = [];

    /// <summary>What is not wrong, but not done either.</summary>
    public List<SettingProblem> Remarks { get; } = [];

    /// <summary>Files that it was read from, and directories that say which.</summary>
    public List<string> Files { get; } = [];

    /// <summary>Reads a value, or notes what is wrong with it.</summary>
    /// <returns>Null if it is wrong.</returns>
    public Assigned? Read(Setting setting, string text, Origin origin)
    {
        if (setting.Kind.Read(text) is { } value) return new Assigned(value, origin);
        Problems.Add(new SettingProblem(origin, $"{setting.Name} takes {setting.Kind.Expected}, not '{text}'."));
        return null;
    }

    /// <summary>Reads a list of values, or notes what is wrong with one of them.</summary>
    public Assigned ReadAll(Setting setting, IEnumerable<(string Text, Origin Origin)> items, Origin origin) =>
        new(items.SelectMany(item => Read(setting, item.Text, item.Origin)?.Value as IReadOnlyList<string> ?? []).ToArray(), origin);
}
