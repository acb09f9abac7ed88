// The options of `godwit broker` that say where it listens and what it speaks there. Those for TLS are called as Mosquitto's settings, and hold
// for all TLS listeners of the command line.
using System.CommandLine;
using System.Net;
using Godwit.Cli.CommandLine;
using Godwit.Configuration;
using Godwit.Configuration.Description;
using Godwit.Configuration.Reading;

namespace Godwit.Cli.Verbs;

internal sealed class ListenerArguments
{
    private readonly Option<long?> _port = OptionTypes.Number("--port", "PORT", "Port to listen on; 0 takes a free one (default 1883)", 0, 65_535, "-p");
    private readonly Option<string[]> _bind = OptionTypes.Texts("--bind", "ADDRESS",
        "Address to listen on, 0.0.0.0 or :: for all; may be repeated (default 127.0.0.1)");
    private readonly Option<string[]> _listen = OptionTypes.Texts("--listen", "URI", $"Listen as {ListenerDescription.Listen.Help} says; may be repeated");
    private readonly SettingOptions _settings = new();

    public ListenerArguments()
    {
        Addresses = [_port, _bind, _listen, .. _settings.Of(ListenerDescription.Section, "unix_mode", "ws_origin", "trusted_proxy", "proxy_protocol", "max_connections")];
        Tls = _settings.Of(ListenerDescription.Section, "cert", "key", "cafile", "require_certificate", "crl", "use_identity_as_username", "use_subject_as_username", "tls_version");
    }

    public Option[] Addresses { get; }

    public Option[] Tls { get; }

    /// <summary>Puts the listeners asked for into a layer. Plain TCP on --port and --bind is there unless --listen alone is used.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="layer">Where to put them.</param>
    /// <param name="hasOthers">Whether there are listeners from elsewhere, which those of the command line replace.</param>
    public void Read(ParseResult arguments, Layer layer, bool hasOthers)
    {
        string[] uris = arguments.GetValue(_listen) ?? [], bound = arguments.GetValue(_bind) ?? [];
        Dictionary<Setting, Assigned> shared = _settings.Read(arguments);
        bool isPlain = uris.Length == 0 || bound.Length > 0 || arguments.GetValue(_port) is not null;
        if (uris.Length == 0 && bound.Length == 0 && arguments.GetValue(_port) is null)
        {
            if (hasOthers && shared.Values.FirstOrDefault() is { } lost) throw new UsageException($"{lost.Origin} goes with --listen; the listeners of the configuration have settings of their own.");
            if (hasOthers) return;
        }
        CheckShared(shared);
        var blocks = new List<Block>();
        if (isPlain)
        {
            long port = arguments.GetValue(_port) ?? 1883;
            blocks.AddRange((bound.Length > 0 ? bound : ["127.0.0.1"]).Select(address => Plain(Address(address), port, bound.Length > 0 ? "--bind" : arguments.GetValue(_port) is null ? null : "--port")));
        }
        foreach (string uri in uris)
        {
            Block block = Listener(uri, new Origin(OriginKind.CommandLine, "--listen"));
            foreach ((Setting setting, Assigned value) in shared.Where(s => ListenerFactory.Concerns(s.Key, uri))) block.Values[setting] = value;
            blocks.Add(block);
        }
        layer.Lists[ListenerDescription.Section] = blocks;
    }

    // Also without a listener that they are about, what does not go together is a mistake.
    private static void CheckShared(Dictionary<Setting, Assigned> shared)
    {
        ListenerSettings settings = shared.Aggregate(new ListenerSettings(), (all, s) => ((Setting<ListenerSettings>)s.Key).Apply(all, s.Value.Value));
        ListenerFactory.MakeTls(settings, Called, Wrong);
        ListenerFactory.CheckProxy(settings, Called, Wrong);

        static string Called(string name) => ListenerDescription.Section.Find(name)!.Option!;
        static void Wrong(string name, string message) => throw new UsageException(message);
    }

    private static Block Plain(IPAddress address, long port, string? option) =>
        Listener($"tcp://{new IPEndPoint(address, (int)port)}", option is null ? Origin.Default : new Origin(OriginKind.CommandLine, option));

    private static Block Listener(string uri, Origin origin) => new(origin) { Values = { [ListenerDescription.Listen] = new Assigned(uri, origin) } };

    private static IPAddress Address(string text) => text == "localhost" ? IPAddress.Loopback
        : IPAddress.TryParse(text, out IPAddress? address) ? address
        : throw new UsageException($"--bind takes an IP address of this machine such as 127.0.0.1, 0.0.0.0 or ::1, not '{text}'.");
}
