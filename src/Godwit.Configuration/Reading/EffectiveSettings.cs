// All layers on top of each other: what is in force, and where it comes from.
using Godwit.Broker.Limits;
using Godwit.Broker.Sessions;
using Godwit.Configuration.Description;

namespace Godwit.Configuration.Reading;

/// <summary>What all sources together say.</summary>
public sealed class EffectiveSettings
{
    private readonly Dictionary<Setting, Assigned> _values = [];
    private readonly Dictionary<Section, IReadOnlyList<Block>> _lists = [];
    private readonly List<SettingProblem> _problems = [];
    private readonly List<SettingProblem> _remarks = [];
    private readonly List<string> _files = [];

    /// <summary>Puts layers on top of each other.</summary>
    /// <param name="layers">The weakest first.</param>
    public EffectiveSettings(params IReadOnlyList<Layer> layers)
    {
        foreach (Layer layer in layers)
        {
            foreach ((Setting setting, Assigned assigned) in layer.Values) _values[setting] = assigned;
            foreach ((Section section, List<Block> blocks) in layer.Lists) _lists[section] = blocks;
            foreach ((Section section, SortedDictionary<int, Block> elements) in layer.Elements) Change(section, elements);
            _problems.AddRange(layer.Problems);
            _files.AddRange(layer.Files);
            _remarks.AddRange(layer.Remarks);
        }
        Settings = Apply();
        if (_problems.Count == 0) Checks.Run(this, _problems.Add);
    }

    /// <summary>The settings in force; of use only if there are no problems.</summary>
    public BrokerSettings Settings { get; }

    /// <summary>What is wrong.</summary>
    public IReadOnlyList<SettingProblem> Problems => _problems;

    /// <summary>What is not done though it is written, and need not be.</summary>
    public IReadOnlyList<SettingProblem> Remarks => _remarks;

    /// <summary>What has been said about a setting; null for nothing.</summary>
    public Assigned? Find(Setting setting) => _values.GetValueOrDefault(setting);

    /// <summary>The elements of a list; null if nobody has said anything about it.</summary>
    public IReadOnlyList<Block>? FindList(Section section) => _lists.GetValueOrDefault(section);

    /// <summary>Every setting in force, in the order of the file; of lists what has been said about their elements.</summary>
    public IEnumerable<EffectiveSetting> All()
    {
        foreach (Section section in BrokerDescription.Sections)
        {
            if (section.IsList)
            {
                IReadOnlyList<Block> blocks = FindList(section) ?? [];
                for (int i = 0; i < blocks.Count; i++)
                {
                    foreach (Setting setting in section.Settings.Where(blocks[i].Values.ContainsKey))
                        yield return Of($"{section.Name}[{i}].{setting.Name}", setting, blocks[i].Values[setting]);
                }
                continue;
            }
            foreach (Setting setting in section.Settings) yield return Of(setting.Path, setting, Find(setting));
        }

        static EffectiveSetting Of(string path, Setting setting, Assigned? assigned) => assigned is null
            ? new EffectiveSetting(path, setting.DefaultText, setting.Otherwise, Origin.Default, setting)
            : new EffectiveSetting(path, Writing.YamlWriter.Value(setting, assigned.Value), null, assigned.Origin, setting);
    }

    /// <summary>What differs from another configuration and cannot be changed while the broker runs: full names, in alphabetical order.</summary>
    public IEnumerable<string> ChangesForRestart(EffectiveSettings other) => Changes(other, areReloadable: false);

    /// <summary>What differs from another configuration and can be changed while the broker runs: full names, in alphabetical order.</summary>
    public IEnumerable<string> ChangesInForce(EffectiveSettings other) => Changes(other, areReloadable: true);

    /// <summary>The files that the settings were read from, and those that they name: users, keys, rules, certificates, revocation lists. Those of an HTTP address are not among them.</summary>
    public IEnumerable<string> Files()
    {
        SecuritySettings security = Settings.Security;
        string?[] named = [security.PasswordFile, security.TokenKey, security.AclFile, security.Policy];
        return named.OfType<string>().Where(file => !file.Contains("://", StringComparison.Ordinal))
            .Concat(_files)
            .Concat(Settings.Listeners.SelectMany(listener => listener.Certificates.Concat(listener.Keys).Concat(listener.CaFiles).Concat(listener.CrlFiles)))
            .Distinct();
    }

    private IEnumerable<string> Changes(EffectiveSettings other, bool areReloadable)
    {
        HashSet<(string, string?)> mine = Values(this), others = Values(other);
        mine.SymmetricExceptWith(others);
        return mine.Select(s => s.Item1).Distinct().Order(StringComparer.Ordinal);

        HashSet<(string, string?)> Values(EffectiveSettings settings) =>
            [.. settings.All().Where(s => s.Setting.IsReloadable == areReloadable).Select(s => (s.Path, s.Value))];
    }

    private void Change(Section section, SortedDictionary<int, Block> elements)
    {
        List<Block> blocks = [.. _lists.GetValueOrDefault(section, [])];
        foreach ((int place, Block change) in elements)
        {
            var block = new Block(place < blocks.Count ? blocks[place].Origin : change.Origin);
            if (place < blocks.Count) foreach ((Setting setting, Assigned assigned) in blocks[place].Values) block.Values[setting] = assigned;
            foreach ((Setting setting, Assigned assigned) in change.Values) block.Values[setting] = assigned;
            if (place < blocks.Count) blocks[place] = block;
            else if (place == blocks.Count) blocks.Add(block);
            else _problems.Add(new SettingProblem(change.Origin, $"There are {blocks.Count} {section.Name}: the next one is number {blocks.Count}."));
        }
        _lists[section] = blocks;
    }

    private BrokerSettings Apply()
    {
        BrokerSettings settings = Of(new BrokerSettings(), _values);
        if (FindList(ListenerDescription.Section) is { } listeners) settings = settings with { Listeners = [.. listeners.Select(block => Of(new ListenerSettings(), block.Values))] };
        if (FindList(ClassDescription.Section) is { } classes)
            settings = settings with { Broker = settings.Broker with { ClientClasses = [.. classes.Select(block => Of(new ClientClass(), block.Values))] } };
        if (FindList(BanDescription.Section) is { } bans)
            settings = settings with { Broker = settings.Broker with { Bans = [.. bans.Select(block => Of(new Ban(), block.Values))] } };
        return settings;
    }

    private static T Of<T>(T target, Dictionary<Setting, Assigned> values) where T : new() =>
        values.Aggregate(target, (current, value) => ((Setting<T>)value.Key).Apply(current, value.Value.Value));
}

/// <summary>A setting in force.</summary>
/// <param name="Path">Its full name, such as <c>limits.max_inflight</c> or <c>listeners[0].cert</c>.</param>
/// <param name="Value">Its value as YAML; null if it has none.</param>
/// <param name="Otherwise">What holds because it has none; null if it has one.</param>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Setting">Its description.</param>
public sealed record EffectiveSetting(string Path, string? Value, string? Otherwise, Origin Origin, Setting Setting);
