// From the program's arguments to an exit code: chooses the verb, parses its options, runs it and tells the user what went wrong.
using Godwit.Security.Files;
using System.CommandLine;
using Godwit.Broker;
using Godwit.Cli.Verbs;

namespace Godwit.Cli.CommandLine;

internal static class Runner
{
    // No bundling of short options and no response files: a topic may begin with '@'.
    private static readonly ParserConfiguration Configuration = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    /// <summary>Runs the program.</summary>
    /// <param name="arguments">The verb and its options.</param>
    /// <param name="terminal">Input and output.</param>
    /// <param name="stop">Cancelled when the user wants it to end.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments, Terminal terminal, CancellationToken stop = default)
    {
        string? name = arguments.FirstOrDefault();
        switch (name)
        {
            case null or "--help" or "-h" or "help":
                return Help(arguments, terminal);
            case "--version":
                terminal.Write($"godwit {MqttBroker.Version}\n");
                return ExitCode.Success;
        }

        if (VerbTable.Find(name) is not { } entry)
        {
            string hint = Suggestion.Nearest(name, VerbTable.All.Select(v => v.Name)) is { } nearest
                ? $"Did you mean `godwit {nearest}`?"
                : "`godwit --help` lists what there is.";
            await terminal.Error.WriteLineAsync($"godwit: '{name}' is not one of godwit's commands. {hint}").ConfigureAwait(false);
            return ExitCode.Failed;
        }
        return await RunAsync(entry.Create(), arguments.Skip(1).ToArray(), terminal, stop).ConfigureAwait(false);
    }

    private static async Task<int> RunAsync(Verb verb, string[] arguments, Terminal terminal, CancellationToken stop)
    {
        try
        {
            if (HelpWriter.IsAskedFor(arguments, verb))
            {
                terminal.Write(HelpWriter.Write(verb));
                return ExitCode.Success;
            }
            ParseResult parsed = verb.Parse(VerbatimArguments.Join(arguments, verb), Configuration);
            if (parsed.Errors.Count > 0) throw new UsageException(parsed.Errors[0].Message);
            return await verb.RunAsync(parsed, terminal, stop).ConfigureAwait(false);
        }
        catch (UsageException wrong)
        {
            await terminal.Error.WriteLineAsync($"godwit {verb.Name}: {wrong.Message}").ConfigureAwait(false);
            return verb.UsageExitCode;
        }
        catch (NobodyReadsException)
        {
            return ExitCode.Failed;
        }
    }

    private static int Help(string[] arguments, Terminal terminal)
    {
        // `godwit help VERB` is what many try first.
        VerbEntry? entry = arguments.Length > 1 ? VerbTable.Find(arguments[1]) : null;
        terminal.Write(entry is null ? HelpWriter.WriteOverview() : HelpWriter.Write(entry.Create()));
        return ExitCode.Success;
    }
}
