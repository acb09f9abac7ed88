// An option takes its next argument as it is, even one that looks like an option (-m -5, -m -q): that is what getopt does and scripts rely
// on. System.CommandLine would take it for an option, so value and option are joined (--message=-5) before it sees them. What is not an
// option of the verb is refused here, with the nearest name that is.
using Godwit.Security.Files;
using System.CommandLine;

namespace Godwit.Cli.CommandLine;

internal static class VerbatimArguments
{
    /// <summary>Between the values of an option that takes several (-D). No argument can contain it.</summary>
    public const char Separator = '\0';

    /// <summary>Joins options and their values.</summary>
    /// <exception cref="UsageException">An option is unknown, or its value is missing.</exception>
    public static string[] Join(IReadOnlyList<string> arguments, Verb verb)
    {
        var options = new Dictionary<string, Option>();
        foreach (Option option in verb.Options)
        {
            options.Add(option.Name, option);
            foreach (string alias in option.Aliases) options.Add(alias, option);
        }

        var joined = new List<string>(arguments.Count);
        for (int i = 0; i < arguments.Count;)
        {
            string argument = arguments[i++];
            if (options.TryGetValue(argument, out Option? option))
            {
                if (option.Arity.MaximumNumberOfValues == 0) joined.Add(argument);
                else i += Append(joined, argument, TakeValues(option, argument, arguments, i));
            }
            else if (argument.IndexOf('=') is > 0 and var equals && options.TryGetValue(argument[..equals], out option) && option.Arity.MaximumNumberOfValues > 0)
            {
                Append(joined, argument[..equals], [argument[(equals + 1)..]]);
            }
            else if (verb.Arguments.Count > 0 && (argument == "-" || !argument.StartsWith('-')))
            {
                joined.Add(argument);
            }
            else
            {
                throw Unknown(argument, verb, options.Keys);
            }
        }
        return [.. joined];
    }

    private static string[] TakeValues(Option option, string written, IReadOnlyList<string> arguments, int start)
    {
        int count = option is PropertyOption ? PropertyOption.CountValues(arguments.Skip(start)) : 1;
        if (start + count > arguments.Count)
        {
            throw new UsageException(count == 1
                ? $"{written} needs a value: {written} {option.HelpName}."
                : $"{written} needs {count} values: {written} {option.HelpName}.");
        }
        return [.. arguments.Skip(start).Take(count)];
    }

    private static int Append(List<string> joined, string option, string[] values)
    {
        string value = string.Join(Separator, values);
        // "--message=" would be an option without a value.
        if (value.Length == 0) joined.AddRange([option, value]);
        else joined.Add($"{option}={value}");
        return values.Length;
    }

    private static UsageException Unknown(string argument, Verb verb, IEnumerable<string> known)
    {
        if (verb.LaterOptions.TryGetValue(argument.Split('=')[0], out string? subject))
            return new UsageException($"{argument}: {subject} is not served by this version of godwit.");
        string what = argument.StartsWith('-') ? "option" : "argument";
        string hint = argument.StartsWith('-') && Suggestion.Nearest(argument, known) is { } nearest
            ? $"Did you mean {nearest}?"
            : $"`godwit {verb.Name} --help` lists the options.";
        return new UsageException($"Unknown {what} '{argument}'. {hint}");
    }
}
