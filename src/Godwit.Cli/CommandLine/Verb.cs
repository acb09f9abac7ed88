// A verb of the program: its options, in groups by purpose (which is how the help shows them), and what it does.
using System.CommandLine;

namespace Godwit.Cli.CommandLine;

/// <summary>Options that belong together, under the title that the help gives them.</summary>
internal sealed record OptionGroup(string Title, IReadOnlyList<Option> Options);

internal abstract class Verb : Command
{
    private readonly List<OptionGroup> _groups = [];

    /// <param name="name">What is typed after <c>godwit</c>.</param>
    /// <param name="summary">One sentence.</param>
    /// <param name="usage">What may follow the name, for the usage line.</param>
    protected Verb(string name, string summary, string usage = "[options]") : base(name, summary) => Usage = usage;

    public string Usage { get; }

    public IReadOnlyList<OptionGroup> Groups => _groups;

    /// <summary>Command lines for the end of the help, each with what it does.</summary>
    public virtual IReadOnlyList<(string Command, string Purpose)> Examples => [];

    /// <summary>What the arguments that are not options may be; none for most verbs.</summary>
    public virtual IReadOnlyList<string> Words => [];

    /// <summary>Options that are known and not served yet, each with what it is about.</summary>
    public virtual IReadOnlyDictionary<string, string> LaterOptions { get; } = new Dictionary<string, string>();

    /// <summary>The exit code when the command line cannot be carried out.</summary>
    public virtual int UsageExitCode => ExitCode.Failed;

    /// <summary>Does it.</summary>
    /// <param name="arguments">The options.</param>
    /// <param name="terminal">Input and output.</param>
    /// <param name="stop">Cancelled when the user wants it to end.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="UsageException">The options do not fit together.</exception>
    public abstract Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken stop);

    protected void Group(string title, params Option[] options)
    {
        _groups.Add(new OptionGroup(title, options));
        foreach (Option option in options) Options.Add(option);
    }
}
