// The kinds of options there are. An option that is given twice takes the last value, so that a script's defaults can be overridden.
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Godwit.Configuration;
using Godwit.Configuration.Description;

namespace Godwit.Cli.CommandLine;

internal static class OptionTypes
{
    public static Option<bool> Flag(string name, string help, params string[] aliases) =>
        new(name, aliases) { Description = help, Arity = ArgumentArity.Zero };

    public static Option<string?> Text(string name, string value, string help, params string[] aliases) =>
        Parsed<string?>(name, value, help, aliases, text => text);

    /// <summary>Text that may be given several times.</summary>
    public static Option<string[]> Texts(string name, string value, string help, params string[] aliases) => new(name, aliases)
    {
        Description = help,
        HelpName = value,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
    };

    /// <summary>A whole number between two limits.</summary>
    public static Option<long?> Number(string name, string value, string help, long minimum, long maximum, params string[] aliases) =>
        Parsed<long?>(name, value, help, aliases, text =>
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= minimum && number <= maximum
                ? number
                : throw new UsageException($"{{0}} takes a number from {minimum} to {maximum}, not '{text}'."));

    /// <summary>A size in bytes; K, M and G multiply by 1024.</summary>
    public static Option<long?> Size(string name, string help, params string[] aliases) =>
        Parsed<long?>(name, "SIZE", help, aliases, text => Units.Size(text)
            ?? throw new UsageException($"{{0}} takes a size such as 65536, 64K or 16M, not '{text}'."));

    /// <summary>A time in seconds, with fractions.</summary>
    public static Option<TimeSpan?> Seconds(string name, string help, params string[] aliases) =>
        Parsed<TimeSpan?>(name, "SECONDS", help, aliases, text => Units.Seconds(text)
            ?? throw new UsageException($"{{0}} takes a number of seconds such as 10 or 0.5, not '{text}'."));

    /// <summary>A time in seconds, or with s, m, h or d behind it.</summary>
    public static Option<TimeSpan?> Duration(string name, string help, params string[] aliases) =>
        Parsed<TimeSpan?>(name, "TIME", help, aliases, text => Units.Duration(text)
            ?? throw new UsageException($"{{0}} takes a time such as 90, 15m, 12h or 30d, not '{text}'."));

    /// <summary>One of some words.</summary>
    public static Option<string?> Choice(string name, string help, string[] words, params string[] aliases) =>
        Choice(name, string.Join('|', words), help, words, aliases);

    /// <summary>One of some words, of which the help shows fewer.</summary>
    public static Option<string?> Choice(string name, string value, string help, string[] words, params string[] aliases)
    {
        Option<string?> option = Parsed<string?>(name, value, help, aliases, text => words.Contains(text)
            ? text
            : throw new UsageException($"{{0}} takes {string.Join(", ", words[..^1])} or {words[^1]}, not '{text}'."));
        option.CompletionSources.Add(words);
        return option;
    }

    /// <summary>The option of a setting, with what holds without it in its help.</summary>
    public static Option Of(Setting setting)
    {
        string name = setting.Option!;
        if (setting.Kind is FlagKind) return Flag(name, setting.NegatedHelp ?? setting.Help + (setting.Otherwise is { } usual ? $" (default: {usual})" : ""));
        string fallback = setting.Otherwise is "none" ? "" : setting.Otherwise is { } otherwise ? $" (default: {otherwise})" : setting.DefaultText is { } value ? $" (default {value})" : "";
        if (setting.Kind is ListKind) return Texts(name, setting.Kind.Placeholder, $"{setting.Help}; may be repeated{fallback}");
        Option<string?> option = Parsed<string?>(name, setting.Kind.Placeholder, setting.Help + fallback, [], text => setting.Kind.Read(text) is null
            ? throw new UsageException($"{{0}} takes {setting.Kind.Expected}, not '{text}'.")
            : text);
        if (setting.Kind is WordKind words) option.CompletionSources.Add(words.Words);
        return option;
    }

    /// <summary>An option of a type of its own.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">What stands for the value in the help.</param>
    /// <param name="help">What it does.</param>
    /// <param name="aliases">Other names.</param>
    /// <param name="parse">Reads the value; says what is wrong by a UsageException with {0} for the option as the user wrote it.</param>
    public static Option<T?> Parsed<T>(string name, string value, string help, string[] aliases, Func<string, T?> parse) => new(name, aliases)
    {
        Description = help,
        HelpName = value,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
        CustomParser = result =>
        {
            try
            {
                return parse(result.Tokens[^1].Value);
            }
            catch (UsageException wrong)
            {
                string written = (result.Parent as OptionResult)?.IdentifierToken?.Value ?? name;
                result.AddError(wrong.Message.Replace("{0}", written, StringComparison.Ordinal));
                return default;
            }
        },
    };
}
