// All verbs, by task. A verb's options are made only when it is asked for: `godwit pub` runs in scripts, where every millisecond counts.
using Godwit.Cli.CommandLine;

namespace Godwit.Cli.Verbs;

internal sealed record VerbEntry(string Task, string Name, string Summary, Func<Verb> Create);

internal static class VerbTable
{
    public static IReadOnlyList<VerbEntry> All { get; } =
    [
        new("Run a broker", "broker", BrokerVerb.Summary, () => new BrokerVerb()),
    ];

    public static VerbEntry? Find(string name) => All.FirstOrDefault(v => v.Name == name);
}
