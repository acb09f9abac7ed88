// mosquitto.conf as godwit's settings. Every line is honoured, or said not to be: with a remark if the broker works without it, as a mistake if it
// would let in or show somebody more than mosquitto would.
using System.Globalization;
using Godwit.Configuration.Description;
using Godwit.Configuration.Reading;

namespace Godwit.Configuration.Mosquitto;

/// <summary>Reads settings in a mosquitto.conf.</summary>
public sealed class MosquittoSource
{
    /// <summary>Options that are read here in a way of their own.</summary>
    private static readonly string[] OfItsOwn =
        ["listener", "port", "bind_address", "connection", "include_dir", "per_listener_settings", "persistence", "set_tcp_nodelay", "message_size_limit"];

    private readonly Layer _layer = new();
    private readonly MosquittoFile _file = new();
    private readonly Dictionary<string, MosquittoLine> _last = [];

    private MosquittoSource()
    {
    }

    /// <summary>Reads a file, with mosquitto's defaults for what is not in it. Paths are relative to where the program runs, as mosquitto has it.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static Layer Read(string path)
    {
        var source = new MosquittoSource();
        source._file.Read(path);
        source._layer.Files.AddRange(source._file.Paths);
        source.Translate();
        return source._layer;
    }

    private void Translate()
    {
        MosquittoDefaults.Put(_layer);
        // The last one of several holds, as in mosquitto.
        foreach (MosquittoLine line in _file.Global) _last[line.Option] = line;
        List<MosquittoListener> listeners = [.. _file.Listeners];
        if (FindDefaultListener() is { } first) listeners.Insert(0, first);
        if (_file.IsPerListener) TakeOverSecurity(listeners);
        foreach (MosquittoLine line in _last.Values.OrderBy(l => l.File, StringComparer.Ordinal).ThenBy(l => l.Number)) Apply(line);
        foreach (MosquittoLine bridge in _file.Bridges) Remark(bridge, $"Godwit has no bridges yet: {bridge.Value} is not connected.");
        var lines = new MosquittoListenerReader(_layer);
        List<Block> blocks = [.. listeners.Select(lines.Read).OfType<Block>()];
        if (listeners.Count > 0) _layer.Lists[ListenerDescription.Section] = blocks;
        _layer.Remarks.Sort((a, b) => (a.Origin.Source, a.Origin.Line).CompareTo((b.Origin.Source, b.Origin.Line)));
        _layer.Values.TryAdd(Security("allow_anonymous"), MosquittoDefaults.AllowAnonymous(listeners.Count > 0));
    }

    // `port` and `bind_address` are the old way to say where the one listener is that is always there; its options stand before all listeners.
    private MosquittoListener? FindDefaultListener()
    {
        MosquittoLine? port = _last.GetValueOrDefault("port"), address = _last.GetValueOrDefault("bind_address");
        string[] own = [.. _last.Keys.Where(option => MosquittoListenerReader.Knows(option) || (_file.IsPerListener && MosquittoFile.SecurityOptions.Contains(option)))];
        if (port is null && address is null)
        {
            // The options before the first listener are about the one that is there without being named: with others it is not, and without others
            // they are about it. max_qos and the like hold for all.
            if (_file.Listeners.Count == 0) own = [.. own.Except(MosquittoFile.SecurityOptions)];
            foreach (string option in own.Where(o => !MosquittoListenerReader.IsGlobalToo(o))) Remark(_last[option], $"{option} stands before the first listener, and is about none.");
            foreach (string option in own.Where(o => !MosquittoListenerReader.IsGlobalToo(o))) _last.Remove(option);
            return null;
        }
        var listener = new MosquittoListener((port ?? address!) with { Option = "listener", Value = $"{port?.Value ?? "1883"} {address?.Value}".Trim() });
        foreach (string option in own.Where(o => !MosquittoListenerReader.IsGlobalToo(o)))
        {
            listener.Options.Add(_last[option]);
            _last.Remove(option);
        }
        _last.Remove("port");
        _last.Remove("bind_address");
        return listener;
    }

    // Godwit has one set of users and rules for all listeners. If all listeners have the same, or there is one, nothing is lost.
    private void TakeOverSecurity(List<MosquittoListener> listeners)
    {
        foreach (string name in MosquittoFile.SecurityOptions)
        {
            MosquittoLine?[] lines = [.. listeners.Select(l => l.Options.LastOrDefault(o => o.Option == name))];
            if (lines.Length == 0) continue;
            if (lines.Select(l => l?.Value).Distinct().Count() > 1)
                Wrong(lines.First(l => l is not null)!, $"Listeners differ in {name}: godwit has the same users and rules on all listeners. Run a broker for each, or use a policy (--policy).");
            if (lines[0] is { } line) _last[name] = line;
            foreach (MosquittoListener listener in listeners) listener.Options.RemoveAll(o => o.Option == name);
        }
    }

    private void Apply(MosquittoLine line)
    {
        switch (line.Option)
        {
            case "persistence":
                if (line.Value == "true") Set(BrokerDescription.Store.Find("data")!, line, _last.GetValueOrDefault("persistence_location")?.Value is { Length: > 0 } place ? place : ".");
                break;
            case "persistence_location" or "set_tcp_nodelay" or "retry_interval" or "store_clean_interval":
                break; // said with persistence; always so; long without effect
            case "max_inflight_messages" when line.Value == "0":
                Set(BrokerDescription.Limits.Find("max_inflight")!, line, "49152");
                break;
            case "max_queued_messages":
                string messages = line.Value == "0" ? $"{int.MaxValue}" : line.Value;
                Set(BrokerDescription.Limits.Find("max_queued")!, line, messages);
                Set(BrokerDescription.Store.Find("max_stored")!, line, messages);
                break;
            case "max_inflight_bytes" or "max_queued_bytes" or "memory_limit" when line.Value == "0":
                if (line.Option != "memory_limit") Set(Named(line.Option)!, line, $"{long.MaxValue}");
                break;
            case "max_packet_size" when line.Value == "0":
                Set(Named(line.Option)!, line, "268435460");
                break;
            case "max_keepalive" when line.Value == "0":
                Set(Named(line.Option)!, line, "65535");
                break;
            case "global_max_connections" when line.Value == "-1":
                Set(Named(line.Option)!, line, "0");
                break;
            case "message_size_limit":
                ReadMessageLimit(line);
                break;
            case "persistent_client_expiration":
                if (MosquittoTime.Seconds(line.Value) is { } seconds) Set(Named(line.Option)!, line, $"{Math.Min(seconds, uint.MaxValue)}");
                else Wrong(line, $"{line.Option} takes a number with h, d, w, m or y behind it, not '{line.Value}'.");
                break;
            case "log_type":
                ReadLogTypes();
                break;
            case "log_timestamp_format":
                Set(Named(line.Option)!, line, "iso");
                break;
            default:
                if (MosquittoSilence.Remarks.TryGetValue(line.Option, out string? remark)) Remark(line, remark);
                else if (MosquittoSilence.Mistakes.TryGetValue(line.Option, out string? mistake)) Wrong(line, mistake);
                else if (Named(line.Option) is { } setting) Set(setting, line, line.Value);
                else Unknown(line);
                break;
        }
    }

    // mosquitto drops larger messages and keeps the client; a packet that is larger than the limit ends the connection.
    private void ReadMessageLimit(MosquittoLine line)
    {
        const int Headers = 65_536 + 16;
        if (line.Value == "0") return;
        if (!long.TryParse(line.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long size)) Wrong(line, $"message_size_limit takes a number of bytes, not '{line.Value}'.");
        else Set(Named("max_packet_size")!, line, $"{Math.Min(size + Headers, 268_435_460)}");
        Remark(line, "message_size_limit becomes a limit for packets: a client that sends a larger one is disconnected.");
    }

    private void ReadLogTypes()
    {
        MosquittoLine[] lines = [.. _file.Global.Where(l => l.Option == "log_type")];
        string level = lines.Any(l => l.Value is "all" or "debug") ? "debug"
            : lines.Any(l => l.Value is "information" or "notice" or "subscribe" or "unsubscribe" or "websockets" or "internal") ? "information"
            : lines.Any(l => l.Value == "warning") ? "warning"
            : "error";
        Set(Named("log_type")!, lines[^1], level);
        foreach (MosquittoLine line in lines.Where(l => l.Value is "subscribe" or "unsubscribe" or "websockets" or "internal"))
            Remark(line, $"log_type {line.Value} is not there by itself: log_type debug has all packets.");
    }

    private void Unknown(MosquittoLine line)
    {
        if (line.Option.StartsWith("auth_opt_", StringComparison.Ordinal) || line.Option.StartsWith("plugin_opt_", StringComparison.Ordinal)) return; // said with the plugin
        IEnumerable<string> known = BrokerDescription.Settings.Select(s => s.Mosquitto).OfType<string>().Concat(MosquittoSilence.Remarks.Keys).Concat(MosquittoSilence.Mistakes.Keys).Concat(OfItsOwn);
        string hint = MosquittoFile.Nearest(line.Option, known) is { } nearest ? $" Is it '{nearest}'?" : "";
        Wrong(line, $"'{line.Option}' is no option of mosquitto.{hint}");
    }

    private static Setting Security(string name) => BrokerDescription.Security.Find(name)!;

    private static Setting? Named(string option) => BrokerDescription.Settings.FirstOrDefault(s => s.Mosquitto == option && !s.Section.IsList);

    private void Set(Setting setting, MosquittoLine line, string text)
    {
        if (_layer.Read(setting, text, line.Origin) is { } value) _layer.Values[setting] = value;
    }

    private void Remark(MosquittoLine line, string message) => _layer.Remarks.Add(new SettingProblem(line.Origin, message));

    private void Wrong(MosquittoLine line, string message) => _layer.Problems.Add(new SettingProblem(line.Origin, message));
}
