// godwit completion SHELL: prints a completion script. It is made from the verbs' own options, so it is never out of date, and it starts no
// process while the user types.
using System.CommandLine;
using Godwit.Cli.CommandLine;

namespace Godwit.Cli.Verbs;

internal sealed class CompletionVerb : Verb
{
    public const string Summary = "Print a completion script for bash, zsh or fish";

    private readonly Argument<string?> _shell = new("SHELL") { Arity = ArgumentArity.ZeroOrOne };

    public CompletionVerb() : base("completion", Summary + ".", "{bash | zsh | fish}") => Arguments.Add(_shell);

    public override IReadOnlyList<string> Words => ["bash", "zsh", "fish"];

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("source <(godwit completion bash)", "For this shell; put the line into ~/.bashrc (or, with zsh, ~/.zshrc) to have it always."),
        ("godwit completion fish > ~/.config/fish/completions/godwit.fish", "For fish."),
    ];

    public override Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken stop)
    {
        terminal.Write(arguments.GetValue(_shell) switch
        {
            "bash" => CompletionScripts.Bash(),
            "zsh" => CompletionScripts.Zsh(),
            "fish" => CompletionScripts.Fish(),
            null => throw new UsageException("Which shell? bash, zsh or fish."),
            var other => throw new UsageException($"There is no completion for '{other}', but for bash, zsh and fish."),
        });
        return Task.FromResult(ExitCode.Success);
    }
}
