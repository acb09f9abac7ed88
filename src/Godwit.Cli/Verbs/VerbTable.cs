// All verbs, by task. A verb's options are made only when it is asked for: `godwit pub` runs in scripts, where every millisecond counts.
using Godwit.Cli.CommandLine;

namespace Godwit.Cli.Verbs;

internal sealed record VerbEntry(string Task, string Name, string Summary, Func<Verb> Create);

internal static class VerbTable
{
    public static IReadOnlyList<VerbEntry> All { get; } =
    [
        new("Send and receive messages", "pub", PubVerb.Summary, () => new PubVerb()),
        new("Send and receive messages", "sub", SubVerb.Summary, () => new SubVerb()),
        new("Send and receive messages", "rr", RrVerb.Summary, () => new RrVerb()),
        new("Run a broker", "broker", BrokerVerb.Summary, () => new BrokerVerb()),
        new("Run a broker", "config", ConfigVerb.Summary, () => new ConfigVerb()),
        new("Run a broker", "reload", ReloadVerb.Summary, () => new ReloadVerb()),
        new("Look into a broker", "losses", LossesVerb.Summary, () => new LossesVerb()),
        new("Look into a broker", "sessions", SessionsVerb.Summary, () => new SessionsVerb()),
        new("Look into a broker", "ban", BanVerb.Summary, () => new BanVerb()),
        new("Look into a broker", "trace", TraceVerb.Summary, () => new TraceVerb()),
        new("Run a broker", "store", StoreVerb.Summary, () => new StoreVerb()),
        new("Run a broker", "passwd", PasswdVerb.Summary, () => new PasswdVerb()),
        new("Run a broker", "acl", AclVerb.Summary, () => new AclVerb()),
        new("Look at packets", "capture", CaptureVerb.Summary, () => new CaptureVerb()),
        new("Look at packets", "stats", StatsVerb.Summary, () => new StatsVerb()),
        new("Look at packets", "explain", ExplainVerb.Summary, () => new ExplainVerb()),
        new("Look at packets", "why", WhyVerb.Summary, () => new WhyVerb()),
        new("Look at packets", "proxy", ProxyVerb.Summary, () => new ProxyVerb()),
        new("Look at packets", "ladder", LadderVerb.Summary, () => new LadderVerb()),
        new("Look at packets", "report", ReportVerb.Summary, () => new ReportVerb()),
        new("Measure a broker", "bench", BenchVerb.Summary, () => new BenchVerb()),
        new("Set up the shell", "completion", CompletionVerb.Summary, () => new CompletionVerb()),
    ];

    public static VerbEntry? Find(string name) => All.FirstOrDefault(v => v.Name == name);
}
