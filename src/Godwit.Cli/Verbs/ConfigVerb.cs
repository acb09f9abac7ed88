// godwit config ACTION ...: writes, checks, shows and converts configuration files, without a broker.
using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Godwit.Cli.CommandLine;
using Godwit.Cli.Control;
using Godwit.Configuration;
using Godwit.Configuration.Reading;
using Godwit.Configuration.Writing;

namespace Godwit.Cli.Verbs;

internal sealed class ConfigVerb : Verb
{
    public const string Summary = "Write, check, show and convert configuration files";

    private const int Broken = 2;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly Argument<string[]> _words = new("ACTION") { Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> _json = OptionTypes.Flag("--json", "Print JSON");
    private readonly BrokerArguments _broker = new();

    public ConfigVerb() : base("config", Summary + ".", "init [FILE] | check FILE | show [options of broker] | import MOSQUITTO.CONF [FILE] | schema | reference")
    {
        Arguments.Add(_words);
        Group("Output", _json);
        foreach ((string title, Option[] options) in _broker.Groups) Group($"show: {title}", options);
    }

    public override IReadOnlyList<string> Words => ["init", "check", "show", "import", "schema", "reference"];

    public override int UsageExitCode => Broken;

    public override IReadOnlyList<(string Command, string Purpose)> Examples =>
    [
        ("godwit config init godwit.yaml", "Writes a file with every setting, its help and its default."),
        ("godwit config check godwit.yaml", "Names all mistakes with line and column; exits with 2 if there are any."),
        ("godwit config show -c godwit.yaml --max-inflight 20", "What would be in force, and where each setting comes from."),
        ("godwit config import /etc/mosquitto/mosquitto.conf godwit.yaml", "Converts a file of mosquitto, and lists what has no counterpart."),
        ("godwit config schema > godwit.schema.json", "For editors; `reference` prints the table of docs/configuration.md."),
    ];

    public override Task<int> RunAsync(ParseResult arguments, Terminal terminal, CancellationToken stop)
    {
        bool isJson = arguments.GetValue(_json);
        return Task.FromResult((arguments.GetValue(_words) ?? []) switch
        {
            ["init"] or ["init", "-"] => Print(YamlTemplate.Write(), terminal),
            ["init", var file] => WriteNew(file, YamlTemplate.Write(), terminal),
            ["check", var file] => Check(file, isJson, terminal),
            ["show"] => Show(_broker.Load(arguments, terminal), isJson, terminal),
            ["import", var file] => Import(file, null, isJson, terminal),
            ["import", var file, var target] => Import(file, target, isJson, terminal),
            ["schema"] => Print(JsonSchemaWriter.Write(), terminal),
            ["reference"] => Print(ReferenceWriter.Write(), terminal),
            _ => throw new UsageException($"What is to be done? {string.Join(", ", Words.SkipLast(1))} or {Words[^1]}: `godwit config --help`."),
        });
    }

    private static int Print(string text, Terminal terminal)
    {
        terminal.Write(text);
        return ExitCode.Success;
    }

    private static int WriteNew(string file, string text, Terminal terminal)
    {
        try
        {
            using var writer = new StreamWriter(new FileStream(file, FileMode.CreateNew));
            writer.Write(text);
        }
        catch (Exception cannot) when (cannot is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{file} cannot be written: {cannot.Message}");
        }
        return Print($"{file} has been written.\n", terminal);
    }

    private static int Check(string file, bool isJson, Terminal terminal)
    {
        var effective = new EffectiveSettings(BrokerArguments.ReadFile(file));
        if (isJson) terminal.Write(JsonSerializer.Serialize(new { Problems = effective.Problems.Select(Plain), Remarks = effective.Remarks.Select(Plain) }, Json) + "\n");
        else
        {
            foreach (SettingProblem problem in effective.Problems) terminal.Write($"{problem}\n");
            foreach (SettingProblem remark in effective.Remarks) terminal.Write($"{remark.Origin}: note: {remark.Message}\n");
            if (effective.Problems.Count == 0) terminal.Write($"{file}: no mistakes.\n");
        }
        return effective.Problems.Count == 0 ? ExitCode.Success : Broken;
    }

    private static int Show(EffectiveSettings effective, bool isJson, Terminal terminal)
    {
        if (isJson)
        {
            var settings = effective.All().Select(s => new { Name = s.Path, s.Value, s.Otherwise, Source = s.Origin.Source, s.Origin.Line, s.Origin.Column });
            return Print(JsonSerializer.Serialize(settings, Json) + "\n", terminal);
        }
        var table = new TextTable("setting", "value", "from");
        foreach (EffectiveSetting setting in effective.All()) table.Add(setting.Path, setting.Value ?? $"({setting.Otherwise ?? "none"})", $"{setting.Origin}");
        return Print(table.ToString(), terminal);
    }

    private static int Import(string file, string? target, bool isJson, Terminal terminal)
    {
        if (!BrokerArguments.IsMosquitto(file)) throw new UsageException($"{file} does not end in .conf: only files of mosquitto are imported.");
        Layer layer = BrokerArguments.ReadFile(file);
        string text = $"# From {file}, with mosquitto's defaults where they differ from godwit's.\n{YamlWriter.Write(layer)}";
        if (isJson)
        {
            terminal.Write(JsonSerializer.Serialize(new { Yaml = text, Problems = layer.Problems.Select(Plain), Remarks = layer.Remarks.Select(Plain) }, Json) + "\n");
        }
        else
        {
            if (target is null) terminal.Write(text);
            else WriteNew(target, text, terminal);
            // Standard output may be the file.
            foreach (SettingProblem problem in layer.Problems) terminal.Error.WriteLine($"{problem}");
            foreach (SettingProblem remark in layer.Remarks) terminal.Error.WriteLine($"{remark.Origin}: note: {remark.Message}");
        }
        return layer.Problems.Count == 0 ? ExitCode.Success : Broken;
    }

    private static object Plain(SettingProblem problem) => new { File = problem.Origin.Source, problem.Origin.Line, problem.Origin.Column, problem.Message };
}
