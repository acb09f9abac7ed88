// godwit store ACTION ...: looks after the directory that `godwit broker --data` writes to. What is done is in Godwit.Storage/Tools; here is
// what it is called and how it is told.
using Godwit.Security.Files;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Godwit.Broker.Storage;
using Godwit.Cli.CommandLine;
using Godwit.Storage.Tools;

namespace Godwit.Cli.Verbs;

internal sealed class StoreVerb : Verb
{
    public const string Summary = "Check, back up, restore, export or compact a broker's store";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    private readonly Argument<string[]> _words = new("ACTION") { Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> _json = OptionTypes.Flag("--json", "check, stats: print JSON");
    private readonly Option<bool> _force = OptionTypes.Flag("--force", "backup, restore: replace what is there");

    private readonly Dictionary<string, (string[] Operands, Func<Call, int> Run)> _actions;

    public StoreVerb() : base("store", Summary + ".", "ACTION ...")
    {
        Arguments.Add(_words);
        Group("Options", _json, _force);
        _actions = new()
        {
            ["check"] = (["DIR"], Check),
            ["stats"] = (["DIR"], Stats),
            ["backup"] = (["DIR", "FILE"], Backup),
            ["restore"] = (["FILE", "DIR"], Restore),
            ["export"] = (["DIR", "[FILE]"], Export),
            ["import"] = (["FILE", "DIR"], Import),
            ["compact"] = (["DIR"], Compact),
        };
    }

    private sealed record Call(string[] Operands, bool IsJson, bool IsForced, Terminal Terminal, CancellationToken Stop);

    public override IReadOnlyList<string> Words => ["check", "stats", "backup", "restore", "export", "import", "compact"];

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("godwit store check /var/lib/godwit", "Looks at every page, also while a broker runs; exits with 1 if something is wrong."),
        ("godwit store stats /var/lib/godwit", "What is in it, and the longest queues."),
        ("godwit store backup /var/lib/godwit godwit.backup", "A copy as of now, while the broker goes on."),
        ("godwit store restore godwit.backup /var/lib/godwit --force", "Puts the copy in the place of what is there; the broker must be stopped."),
        ("godwit store export /var/lib/godwit - | gzip > store.gz", "As JSON, a row on each line; - (or nothing) is standard output."),
        ("zcat store.gz | godwit store import - /var/lib/godwit2", "Makes a new store of an export."),
        ("godwit store compact /var/lib/godwit", "Gives room back to the disk; the broker must be stopped."),
    ];

    public override Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken stop)
    {
        string[] words = arguments.GetValue(_words) ?? [];
        if (words.Length == 0) throw new UsageException($"What is to be done? {string.Join(", ", _actions.Keys.SkipLast(1))} or {_actions.Keys.Last()}.");
        if (!_actions.TryGetValue(words[0], out var action))
        {
            string hint = Suggestion.Nearest(words[0], _actions.Keys) is { } nearest ? $"Did you mean `godwit store {nearest}`?" : "`godwit store --help` lists what there is.";
            throw new UsageException($"'{words[0]}' is not one of its actions. {hint}");
        }
        string[] operands = words[1..];
        int required = action.Operands.Count(operand => operand[0] != '[');
        if (operands.Length < required || operands.Length > action.Operands.Length)
            throw new UsageException($"It is called as `godwit store {words[0]} {string.Join(' ', action.Operands)}`.");
        return Task.FromResult(Run(words[0], action.Run, new Call(operands, arguments.GetValue(_json), arguments.GetValue(_force), terminal, stop)));
    }

    private static int Run(string name, Func<Call, int> action, Call call)
    {
        try
        {
            return action(call);
        }
        catch (StoreException failed)
        {
            call.Terminal.Error.WriteLine($"godwit store {name}: {failed.Message}");
        }
        catch (Exception failed) when (failed is (IOException and not NobodyReadsException) or UnauthorizedAccessException)
        {
            call.Terminal.Error.WriteLine($"godwit store {name}: {failed.Message}");
        }
        catch (OperationCanceledException)
        {
            call.Terminal.Error.WriteLine($"godwit store {name}: stopped; nothing was changed.");
        }
        return ExitCode.Failed;
    }

    private static int Check(Call call)
    {
        StoreCheckResult result = StoreChecker.Check(call.Operands[0]);
        if (call.IsJson) WriteJson(call, result);
        else if (result.Problems.Count == 0) call.Terminal.Write($"{result.File}: version {result.Version}, no problems.\n");
        else
        {
            foreach (string problem in result.Problems) call.Terminal.Write($"{result.File}: {problem}\n");
            call.Terminal.Error.WriteLine("godwit store check: the store is damaged. Start the broker again: it moves the file aside and saves what can be read.");
        }
        return result.Problems.Count == 0 ? ExitCode.Success : ExitCode.Failed;
    }

    private static int Stats(Call call)
    {
        StoreStatistics store = StoreStatistics.Read(call.Operands[0]);
        if (call.IsJson) WriteJson(call, store);
        else
        {
            call.Terminal.Write(string.Create(CultureInfo.InvariantCulture,
                $"""
                {store.File}, version {store.Version}
                file           {store.FileBytes,15:N0} bytes, of which {store.FreeBytes:N0} free
                log            {store.LogBytes,15:N0} bytes
                sessions       {store.Sessions,15:N0}, of which {store.ConnectedSessions:N0} connected
                subscriptions  {store.Subscriptions,15:N0}
                shared queues  {store.SharedQueues,15:N0}
                queued         {store.Queued,15:N0} deliveries of {store.Messages:N0} messages, {store.QueuedBytes:N0} bytes
                received       {store.Received,15:N0} QoS 2 messages without PUBREL
                wills          {store.Wills,15:N0}
                retained       {store.Retained,15:N0}

                """));
            foreach (QueueStatistics queue in store.LongestQueues)
                call.Terminal.Write(string.Create(CultureInfo.InvariantCulture, $"queue {queue.Queue,8} {queue.Count,15:N0} deliveries, {queue.Bytes:N0} bytes, for {queue.Receiver}\n"));
        }
        return ExitCode.Success;
    }

    private static int Backup(Call call)
    {
        using var progress = new ProgressLine(call.Terminal);
        StoreBackup.Create(call.Operands[0], call.Operands[1], call.IsForced, progress.Show, call.Stop);
        return ExitCode.Success;
    }

    private static int Restore(Call call)
    {
        using var progress = new ProgressLine(call.Terminal);
        StoreBackup.Restore(call.Operands[0], call.Operands[1], call.IsForced, progress.Show, call.Stop);
        return ExitCode.Success;
    }

    private static int Export(Call call)
    {
        string file = call.Operands.Length > 1 ? call.Operands[1] : "-";
        if (file == "-")
        {
            StoreExport.Write(call.Operands[0], call.Terminal.Output, call.Stop);
            return ExitCode.Success;
        }
        using FileStream output = File.Create(file);
        long rows = StoreExport.Write(call.Operands[0], output, call.Stop);
        call.Terminal.Write(string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows written to {file}.\n"));
        return ExitCode.Success;
    }

    private static int Import(Call call)
    {
        using Stream input = call.Operands[0] == "-" ? call.Terminal.Input : File.OpenRead(call.Operands[0]);
        long rows = StoreExport.Read(input, call.Operands[1], call.Stop);
        call.Terminal.Write(string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows imported into {call.Operands[1]}.\n"));
        return ExitCode.Success;
    }

    private static int Compact(Call call)
    {
        (long before, long after) = StoreCompaction.Run(call.Operands[0]);
        call.Terminal.Write(string.Create(CultureInfo.InvariantCulture, $"{before:N0} bytes before, {after:N0} after.\n"));
        return ExitCode.Success;
    }

    private static void WriteJson<T>(Call call, T value) => call.Terminal.Write(JsonSerializer.Serialize(value, Json) + "\n");
}
