// The help: verbs by task, options by purpose, examples last, where the eye ends up.
using System.CommandLine;
using System.Text;
using Godwit.Cli.Verbs;

namespace Godwit.Cli.CommandLine;

internal static class HelpWriter
{
    private const int Width = 100;
    private const int Column = 34;

    /// <summary>Whether the arguments ask for help: --help anywhere that it is not another option's value.</summary>
    public static bool IsAskedFor(IReadOnlyList<string> arguments, Verb verb)
    {
        for (int i = 0; i < arguments.Count; i++)
        {
            if (arguments[i] == "--help") return true;
            Option? option = verb.Options.FirstOrDefault(o => o.Name == arguments[i] || o.Aliases.Contains(arguments[i]));
            if (option is { Arity.MaximumNumberOfValues: > 0 }) i++;
        }
        return false;
    }

    /// <summary>The help of the program.</summary>
    public static string WriteOverview()
    {
        var text = new StringBuilder("godwit: MQTT 3.1, 3.1.1 and 5.0 broker and tools.\n\nUsage: godwit COMMAND [options]\n");
        foreach (IGrouping<string, VerbEntry> task in VerbTable.All.GroupBy(v => v.Task))
        {
            text.Append($"\n{task.Key}\n");
            foreach (VerbEntry verb in task) AppendRow(text, verb.Name, verb.Summary, 14);
        }
        text.Append("\n`godwit COMMAND --help` shows the options and examples of a command, `godwit --version` the version.\n");
        text.Append("""

            Try it in three terminals:
              godwit broker                             listens on 127.0.0.1:1883
              godwit sub -v -t 'sensors/#'              prints what is published below sensors/
              godwit pub -t sensors/kitchen -m 21.5

            """);
        return text.ToString();
    }

    /// <summary>The help of one verb.</summary>
    public static string Write(Verb verb)
    {
        var text = new StringBuilder($"{verb.Description}\n\nUsage: godwit {verb.Name} {verb.Usage}\n");
        foreach (OptionGroup group in verb.Groups)
        {
            text.Append($"\n{group.Title}\n");
            foreach (Option option in group.Options) AppendRow(text, Names(option), option.Description ?? "", Column);
        }
        if (verb.Examples.Count > 0) text.Append("\nExamples\n");
        foreach ((string command, string purpose) in verb.Examples) text.Append($"  {command}\n      {purpose}\n");
        return text.ToString();
    }

    private static string Names(Option option)
    {
        string? letter = option.Aliases.FirstOrDefault(a => a.Length == 2);
        string name = letter is null ? $"    {option.Name}" : option.Name.Length == 2 ? option.Name : $"{letter}, {option.Name}";
        return option.Arity.MaximumNumberOfValues == 0 ? name : $"{name} {option.HelpName}";
    }

    private static void AppendRow(StringBuilder text, string left, string right, int column)
    {
        string start = $"  {left}";
        text.Append(start.PadRight(column));
        // A left side that is too long keeps its line to itself.
        if (start.Length >= column) text.Append('\n').Append(' ', column);
        int used = column;
        foreach (string word in right.Split(' '))
        {
            if (used > column && used + 1 + word.Length > Width)
            {
                text.Append('\n').Append(' ', column);
                used = column;
            }
            if (used > column)
            {
                text.Append(' ');
                used++;
            }
            text.Append(word);
            used += word.Length;
        }
        text.Append('\n');
    }
}
