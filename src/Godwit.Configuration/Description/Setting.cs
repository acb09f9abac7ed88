// What there is to be known about one setting. Everything that tells a user about settings, or reads them, goes by these descriptions.
namespace Godwit.Configuration.Description;

/// <summary>A setting.</summary>
public abstract class Setting
{
    private protected Setting(string name, ValueKind kind, string help)
    {
        Name = name;
        Kind = kind;
        Help = help;
    }

    /// <summary>Its name within its section.</summary>
    public string Name { get; }

    /// <summary>What values it has.</summary>
    public ValueKind Kind { get; }

    /// <summary>What it is about, in a sentence without a full stop.</summary>
    public string Help { get; }

    /// <summary>The option of the command line; by default called as the setting is. Null if there is none.</summary>
    public string? Option { get; init; }

    /// <summary>What the option alone is about, if it says the opposite of the setting, as <c>--no-retain</c> does; null otherwise.</summary>
    public string? NegatedHelp { get; init; }

    /// <summary>What mosquitto calls it; null if it has nothing like it.</summary>
    public string? Mosquitto { get; init; }

    /// <summary>Whether it may be changed while the broker runs; otherwise it takes a restart.</summary>
    public bool IsReloadable { get; init; }

    /// <summary>What holds without it, if that is no value; null if it is one.</summary>
    public string? Otherwise { get; init; }

    /// <summary>Where the setting is.</summary>
    public Section Section { get; internal set; } = null!;

    /// <summary>Its full name, such as <c>limits.max_inflight</c>.</summary>
    public string Path => Section.IsList ? $"{Section.Name}[].{Name}" : $"{Section.Name}.{Name}";

    /// <summary>The environment variable that sets it.</summary>
    public string Variable => $"GODWIT__{Section.Name}{(Section.IsList ? "__0" : "")}__{Name}".ToUpperInvariant();

    /// <summary>Its default as a file has it; null if it has none.</summary>
    public string? DefaultText => Otherwise is null && Default is { } value ? Kind.Write(value) : null;

    /// <summary>The value that holds by default; null for none.</summary>
    public abstract object? Default { get; }

    /// <inheritdoc/>
    public override string ToString() => Path;
}

/// <summary>A setting of something.</summary>
/// <typeparam name="TTarget">What it is a setting of.</typeparam>
public sealed class Setting<TTarget> : Setting where TTarget : new()
{
    private static readonly TTarget Defaults = new();

    private readonly Func<TTarget, object?> _get;
    private readonly Func<TTarget, object, TTarget> _set;

    internal Setting(string name, ValueKind kind, string help, Func<TTarget, object?> get, Func<TTarget, object, TTarget> set) : base(name, kind, help)
    {
        _get = get;
        _set = set;
    }

    /// <inheritdoc/>
    public override object? Default => _get(Defaults);

    /// <summary>The same with a value in it.</summary>
    public TTarget Apply(TTarget target, object value) => _set(target, value);
}

/// <summary>Settings that belong together.</summary>
public sealed class Section
{
    internal Section(string name, string help, bool isList, params Setting[] settings)
    {
        Name = name;
        Help = help;
        IsList = isList;
        Settings = settings;
        foreach (Setting setting in settings) setting.Section = this;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>What it is about, in a sentence.</summary>
    public string Help { get; }

    /// <summary>Whether there may be several of it.</summary>
    public bool IsList { get; }

    /// <summary>What is in it.</summary>
    public IReadOnlyList<Setting> Settings { get; }

    /// <summary>A setting by its name; null if there is none.</summary>
    public Setting? Find(string name) => Settings.FirstOrDefault(setting => setting.Name == name);
}

/// <summary>Describes settings.</summary>
internal static class Described
{
    /// <summary>A setting whose kind reads <typeparamref name="TValue"/>: bool, long, TimeSpan, string or a list of strings.</summary>
    public static Setting<TTarget> As<TTarget, TValue>(
        string name, ValueKind kind, string help, Func<TTarget, object?> get, Func<TTarget, TValue, TTarget> set, string? option = "",
        string? mosquitto = null, string? otherwise = null, string? negated = null, bool isReloadable = false) where TTarget : new() =>
        new(name, kind, help, get, (target, value) => set(target, (TValue)value))
        {
            Option = option is "" ? $"--{name.Replace('_', '-')}" : option,
            Mosquitto = mosquitto,
            Otherwise = otherwise,
            NegatedHelp = negated,
            IsReloadable = isReloadable,
        };
}
