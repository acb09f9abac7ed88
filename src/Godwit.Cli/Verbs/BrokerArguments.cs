// The options of `godwit broker`, which `godwit config show` has too: a configuration file, and every setting that has an option.
using System.CommandLine;
using Godwit.Cli.CommandLine;
using Godwit.Configuration;
using Godwit.Configuration.Description;
using Godwit.Configuration.Mosquitto;
using Godwit.Configuration.Reading;

namespace Godwit.Cli.Verbs;

internal sealed class BrokerArguments
{
    private static readonly Setting LogLevel = BrokerDescription.Log.Find("level")!;

    private readonly Option<string?> _config = OptionTypes.Text("--config", "FILE", "Settings in YAML (`godwit config init` writes one), or a mosquitto.conf", "-c");
    private readonly ListenerArguments _listeners = new();
    private readonly SettingOptions _settings = new();
    private readonly Option<bool> _verbose = OptionTypes.Flag("--verbose", "Log every packet", "-v");
    private readonly Option<bool> _daemon = OptionTypes.Flag("--daemon", "Known from mosquitto, and only reported: the broker stays in the foreground", "-d");
    private readonly Option<bool> _quiet = OptionTypes.Flag("--quiet", "Log warnings and errors only", "-q");

    public BrokerArguments()
    {
        Groups =
        [
            ("Configuration", [_config]),
            ("Listening", _listeners.Addresses),
            ("TLS", _listeners.Tls),
            ("Who may connect, and what for", _settings.Of(BrokerDescription.Security)),
            ("Storage", _settings.Of(BrokerDescription.Store)),
            ("Log", [_verbose, _quiet, .. _settings.Of(BrokerDescription.Log)]),
            ("Administration", _settings.Of(BrokerDescription.Control)),
            ("Limits for each client", _settings.Of(BrokerDescription.Limits)),
            ("Connections", _settings.Of(BrokerDescription.Connections)),
            ("Sessions without a connection", _settings.Of(BrokerDescription.Sessions)),
            ("Messages", _settings.Of(BrokerDescription.Messages)),
            ("Running", [.. _settings.Of(BrokerDescription.Memory), .. _settings.Of(BrokerDescription.Loops), .. _settings.Of(BrokerDescription.Sys), _daemon]),
        ];
    }

    /// <summary>The options under their titles.</summary>
    public IReadOnlyList<(string Title, Option[] Options)> Groups { get; }

    /// <summary>What the file, the environment and the command line say together.</summary>
    /// <exception cref="UsageException">Something is wrong: all of it is named.</exception>
    public EffectiveSettings Load(ParseResult arguments, Terminal terminal) => Load(arguments, terminal.Environment);

    /// <summary>The same with other environment variables.</summary>
    public EffectiveSettings Load(ParseResult arguments, IEnumerable<KeyValuePair<string, string>> environment)
    {
        Layer file = arguments.GetValue(_config) is { } path ? ReadFile(path) : new Layer();
        Layer variables = EnvironmentSource.Read(environment);
        bool hasListeners = file.Lists.ContainsKey(ListenerDescription.Section) || variables.Elements.ContainsKey(ListenerDescription.Section);
        var effective = new EffectiveSettings(file, variables, ReadOptions(arguments, hasListeners));
        return effective.Problems.Count == 0 ? effective : throw new UsageException(Describe(effective.Problems));
    }

    /// <summary>A file as a layer.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static Layer ReadFile(string path)
    {
        try
        {
            if (IsMosquitto(path)) return MosquittoSource.Read(path);
            Layer layer = YamlSource.Read(File.ReadAllText(path), path);
            layer.Files.Add(path);
            return layer;
        }
        catch (Exception cannot) when (cannot is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path} cannot be read: {cannot.Message}");
        }
    }

    /// <summary>Whether a file is in mosquitto's format.</summary>
    public static bool IsMosquitto(string path) => Path.GetExtension(path) == ".conf";

    private static string Describe(IReadOnlyList<SettingProblem> problems) =>
        problems.Count == 1 ? $"{problems[0]}" : $"There are {problems.Count} mistakes in the configuration.\n{string.Join('\n', problems)}";

    private Layer ReadOptions(ParseResult arguments, bool hasListeners)
    {
        var layer = new Layer();
        foreach ((Setting setting, Assigned value) in _settings.Read(arguments)) layer.Values[setting] = value;
        if (arguments.GetValue(_verbose)) layer.Values[LogLevel] = new Assigned("debug", new Origin(OriginKind.CommandLine, "--verbose"));
        else if (arguments.GetValue(_quiet)) layer.Values[LogLevel] = new Assigned("warning", new Origin(OriginKind.CommandLine, "--quiet"));
        if (arguments.GetValue(_daemon))
            layer.Remarks.Add(new SettingProblem(new Origin(OriginKind.CommandLine, "-d"), "-d: godwit stays in the foreground; a service manager, or `&` in the shell, puts it into the background."));
        _listeners.Read(arguments, layer, hasListeners);
        return layer;
    }
}
