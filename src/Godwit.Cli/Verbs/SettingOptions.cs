// Options of the command line that are settings: made from their descriptions, and read as one more source of settings.
using System.CommandLine;
using Godwit.Cli.CommandLine;
using Godwit.Configuration;
using Godwit.Configuration.Description;
using Godwit.Configuration.Reading;

namespace Godwit.Cli.Verbs;

internal sealed class SettingOptions
{
    private readonly Dictionary<Setting, Option> _options = [];

    /// <summary>The options of a section, or of some settings of it.</summary>
    public Option[] Of(Section section, params string[] names)
    {
        var options = new List<Option>();
        foreach (Setting setting in section.Settings.Where(s => s.Option is not null && (names.Length == 0 || names.Contains(s.Name))))
        {
            Option option = OptionTypes.Of(setting);
            _options.Add(setting, option);
            options.Add(option);
        }
        return [.. options];
    }

    /// <summary>What the command line says about all settings.</summary>
    public Dictionary<Setting, Assigned> Read(ParseResult arguments)
    {
        var values = new Dictionary<Setting, Assigned>();
        foreach ((Setting setting, Option option) in _options)
        {
            if (arguments.GetResult(option) is not { Implicit: false }) continue;
            object value = setting.Kind switch
            {
                FlagKind => setting.NegatedHelp is null,
                ListKind => arguments.GetValue((Option<string[]>)option)!,
                _ => setting.Kind.Read(arguments.GetValue((Option<string?>)option)!)!,
            };
            values[setting] = new Assigned(value, new Origin(OriginKind.CommandLine, option.Name));
        }
        return values;
    }
}
