// Options of mosquitto that godwit does not have, each with what there is to say about it.
namespace Godwit.Configuration.Mosquitto;

internal static class MosquittoSilence
{
    private const string OnStandardError = "The log goes to standard error: the service manager (systemd's journal) or the shell (2>FILE) takes it from there.";

    /// <summary>The broker works without them.</summary>
    public static IReadOnlyDictionary<string, string> Remarks { get; } = new Dictionary<string, string>
    {
        ["autosave_interval"] = "Nothing needs to be saved now and then: with persistence, what is acknowledged is stored.",
        ["autosave_on_changes"] = "Nothing needs to be saved now and then: with persistence, what is acknowledged is stored.",
        ["persistence_file"] = "The store's file is called godwit.db; mosquitto's own cannot be read.",
        ["upgrade_outgoing_qos"] = "Messages are sent with the QoS that they were published with, at most that of the subscription.",
        ["check_retain_source"] = "The rules decide whether a retained message may be received, not whether its publisher still might send it.",
        ["log_dest"] = OnStandardError,
        ["log_facility"] = OnStandardError,
        ["log_timestamp"] = "Every line of the log has its time.",
        ["connection_messages"] = "The log always has connections, unless it has warnings only (-q).",
        ["pid_file"] = "No file with the process number is written: the service manager knows the process.",
        ["user"] = "Godwit runs as the user who starts it, and does not change that.",
        ["websockets_log_level"] = "WebSocket is in the same log as everything else.",
        ["websockets_headers_size"] = "The size of WebSocket headers is bounded by itself.",
        ["allow_duplicate_messages"] = "A client with overlapping subscriptions gets a message once.",
        ["sys_interval_extended"] = "There is one interval for all of $SYS.",
        ["queue_qos0_messages_extended"] = "QoS 0 messages wait or they do not: queue_qos0_messages.",
        ["global_max_clients"] = "Sessions without a connection are not bounded by their number but by their age and by the memory budget; connected clients by global_max_connections.",
    };

    /// <summary>Without them somebody could do more than mosquitto lets him.</summary>
    public static IReadOnlyDictionary<string, string> Mistakes { get; } = new Dictionary<string, string>
    {
        ["clientid_prefixes"] = "Godwit has no clientid_prefixes: a policy says who may connect with which client identifier (--policy, `allow: connect`).",
        ["psk_file"] = "Godwit has no pre-shared keys: use certificates.",
        ["psk_hint"] = "Godwit has no pre-shared keys: use certificates.",
        ["plugin"] = "Plugins for mosquitto cannot be loaded: password files, tokens and policies are built in.",
        ["auth_plugin"] = "Plugins for mosquitto cannot be loaded: password files, tokens and policies are built in.",
        ["auth_plugin_deny_special_chars"] = "Plugins for mosquitto cannot be loaded: password files, tokens and policies are built in.",
        ["mount_point"] = "Godwit has no mount_point: its clients would see topics that are not theirs. A policy can bind topics to users.",
        ["bind_interface"] = "Godwit has no bind_interface: name the interface's address in the listener.",
        ["use_username_as_clientid"] = "Godwit has no use_username_as_clientid: a policy can bind client identifiers to users (`allow: connect`).",
        ["capath"] = "Godwit has no capath: put the authorities into one file and name it as cafile.",
        ["dhparamfile"] = "Godwit chooses the parameters of key exchange itself: leave dhparamfile out.",
        ["tls_engine"] = "Godwit has no TLS engines: keys are in files.",
        ["tls_engine_kpass_sha1"] = "Godwit has no TLS engines: keys are in files.",
        ["tls_keyform"] = "Godwit has no TLS engines: keys are in files.",
        ["http_dir"] = "Godwit serves no web pages: leave http_dir out.",
    };
}

/// <summary>Times of mosquitto.conf.</summary>
internal static class MosquittoTime
{
    /// <summary>Hours, days, weeks, months or years; null if it is none of these.</summary>
    public static long? Seconds(string text)
    {
        if (text.Length < 2 || !uint.TryParse(text[..^1], out uint number)) return null;
        const long Day = 86_400;
        return text[^1] switch
        {
            'h' => number * 3600L,
            'd' => number * Day,
            'w' => number * 7 * Day,
            'm' => number * 30 * Day,
            'y' => number * 365 * Day,
            _ => null,
        };
    }
}
