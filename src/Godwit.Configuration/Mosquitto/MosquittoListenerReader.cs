// A listener of mosquitto.conf as one of godwit's: port, address, protocol and certificates become a URI and the settings beside it.
using System.Net;
using Godwit.Configuration.Description;
using Godwit.Configuration.Reading;

namespace Godwit.Configuration.Mosquitto;

internal sealed class MosquittoListenerReader(Layer layer)
{
    // Those that mosquitto has for each listener and godwit for all.
    private static readonly string[] ForAll = ["max_qos", "max_topic_alias", "max_packet_size"];

    private static readonly string[] Own =
    [
        "protocol", "socket_domain", "cafile", "certfile", "keyfile", "crlfile", "require_certificate", "use_identity_as_username", "use_subject_as_username",
        "tls_version", "ciphers", "ciphers_tls1.3", "max_connections",
    ];

    /// <summary>Whether an option is a listener's.</summary>
    public static bool Knows(string option) => ForAll.Contains(option) || Own.Contains(option);

    /// <summary>Whether it has a meaning without a listener.</summary>
    public static bool IsGlobalToo(string option) => ForAll.Contains(option);

    /// <summary>Reads one; null if it is wrong.</summary>
    public Block? Read(MosquittoListener listener)
    {
        var options = new Dictionary<string, MosquittoLine>();
        foreach (MosquittoLine line in listener.Options)
        {
            if (MosquittoSilence.Remarks.TryGetValue(line.Option, out string? remark)) layer.Remarks.Add(new SettingProblem(line.Origin, remark));
            else if (MosquittoSilence.Mistakes.TryGetValue(line.Option, out string? mistake)) Wrong(line, mistake);
            else options[line.Option] = line;
        }
        bool isTls = options.ContainsKey("certfile");
        if (Uri(listener.Line, options, isTls) is not { } uri) return null;
        var block = new Block(listener.Line.Origin);
        block.Values[ListenerDescription.Listen] = new Assigned(uri, listener.Line.Origin);
        bool isRequired = options.GetValueOrDefault("require_certificate")?.Value == "true";
        foreach (MosquittoLine line in options.Values)
        {
            switch (line.Option)
            {
                case "protocol" or "socket_domain":
                    break;
                case "max_connections":
                    Set(block, line, line.Value == "-1" ? "0" : line.Value); // both are no limit
                    break;
                case "cafile" or "crlfile" when !isRequired:
                    break; // mosquitto does not ask for certificates then
                case "tls_version":
                    Set(block, line, line.Value.Replace("tlsv", "", StringComparison.Ordinal));
                    break;
                case "ciphers":
                    layer.Remarks.Add(new SettingProblem(line.Origin, "OpenSSL's names of cipher suites are not known: those of the system's OpenSSL configuration are allowed."));
                    break;
                case "ciphers_tls1.3" when options.GetValueOrDefault("tls_version")?.Value == "tlsv1.3":
                    block.Values[Named(line.Option)!] = layer.ReadAll(Named(line.Option)!, line.Value.Split(':').Select(name => (name, line.Origin)), line.Origin);
                    break;
                case "ciphers_tls1.3":
                    layer.Remarks.Add(new SettingProblem(line.Origin, "Suites for TLS 1.3 alone are honoured with tls_version tlsv1.3 only: those of the system are allowed."));
                    break;
                case "max_qos" or "max_topic_alias" or "max_packet_size":
                    ReadForAll(line);
                    break;
                case var _ when !isTls:
                    layer.Remarks.Add(new SettingProblem(line.Origin, $"{line.Option} has no meaning without certfile."));
                    break;
                default:
                    Set(block, line, line.Value);
                    break;
            }
        }
        return block;
    }

    private string? Uri(MosquittoLine line, Dictionary<string, MosquittoLine> options, bool isTls)
    {
        string[] parts = line.Value.Split([' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length == 0 || !ushort.TryParse(parts[0], out ushort port)) return Wrong(line, $"listener takes a port and perhaps an address, not '{line.Value}'.");
        if (port == 0) return parts.Length > 1 && parts[1].StartsWith('/') ? $"unix://{parts[1]}" : Wrong(line, "listener 0 takes the absolute path of a Unix socket.");
        string protocol = options.GetValueOrDefault("protocol")?.Value ?? "mqtt";
        if (protocol is not ("mqtt" or "websockets")) return Wrong(options["protocol"], $"protocol takes mqtt or websockets, not '{protocol}'.");
        string scheme = (protocol, isTls) switch { ("mqtt", false) => "tcp", ("mqtt", true) => "tls", (_, false) => "ws", _ => "wss" };
        string host = parts.Length > 1 ? parts[1] : options.GetValueOrDefault("socket_domain")?.Value == "ipv4" ? "0.0.0.0" : "*";
        if (host is not ("*" or "localhost"))
        {
            if (!IPAddress.TryParse(host, out IPAddress? address)) return Wrong(line, $"'{host}' is no IP address: name the address of this machine to listen on.");
            host = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address}]" : $"{address}";
        }
        return $"{scheme}://{host}:{port}{(protocol == "websockets" ? "/" : "")}";
    }

    private void ReadForAll(MosquittoLine line)
    {
        Setting setting = BrokerDescription.Settings.First(s => s.Mosquitto == line.Option && !s.Section.IsList);
        if (layer.Read(setting, line.Value, line.Origin) is { } value) layer.Values[setting] = value;
        layer.Remarks.Add(new SettingProblem(line.Origin, $"{line.Option} holds for all listeners: {setting.Path}."));
    }

    private void Set(Block block, MosquittoLine line, string text)
    {
        if (Named(line.Option) is { } setting && layer.Read(setting, text, line.Origin) is { } value) block.Values[setting] = value;
    }

    private static Setting? Named(string option) => ListenerDescription.Section.Settings.FirstOrDefault(s => s.Mosquitto == option);

    private string? Wrong(MosquittoLine line, string message)
    {
        layer.Problems.Add(new SettingProblem(line.Origin, message));
        return null;
    }
}
