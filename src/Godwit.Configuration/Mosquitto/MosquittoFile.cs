// mosquitto.conf as its reader sees it: an option a line, `listener` and `connection` open blocks, include_dir brings in other files.
using Godwit.Security.Files;

namespace Godwit.Configuration.Mosquitto;

/// <summary>An option in a file.</summary>
internal sealed record MosquittoLine(string File, int Number, string Option, string Value)
{
    public Origin Origin => new(OriginKind.File, File, Number, 1);
}

/// <summary>A listener and the options that belong to it.</summary>
internal sealed record MosquittoListener(MosquittoLine Line)
{
    public List<MosquittoLine> Options { get; } = [];
}

internal sealed class MosquittoFile
{
    /// <summary>What bridges have for options: they are reported with the bridge, not each by itself.</summary>
    private static readonly string[] BridgeOptions =
    [
        "address", "addresses", "topic", "cleansession", "local_cleansession", "clientid", "remote_clientid", "local_clientid", "username", "remote_username", "local_username",
        "password", "remote_password", "local_password", "idle_timeout", "keepalive_interval", "notifications", "notifications_local_only", "notification_topic",
        "restart_timeout", "round_robin", "start_type", "threshold", "try_private",
    ];

    /// <summary>Options that belong to the listener above them. Others are global wherever they stand.</summary>
    private static readonly string[] ListenerOptions =
    [
        "protocol", "socket_domain", "bind_interface", "max_connections", "max_qos", "max_topic_alias", "mount_point", "use_username_as_clientid", "cafile", "capath",
        "certfile", "keyfile", "crlfile", "require_certificate", "use_identity_as_username", "use_subject_as_username", "psk_file", "psk_hint", "tls_version", "ciphers",
        "ciphers_tls1.3", "dhparamfile", "http_dir", "websockets_headers_size", "websockets_log_level", "tls_engine", "tls_keyform", "tls_engine_kpass_sha1",
    ];

    /// <summary>Options that are each listener's own with per_listener_settings.</summary>
    public static readonly string[] SecurityOptions = ["allow_anonymous", "password_file", "acl_file", "psk_file", "allow_zero_length_clientid", "auto_id_prefix", "plugin", "auth_plugin"];

    private readonly HashSet<string> _directories = [];

    /// <summary>Options that hold for all.</summary>
    public List<MosquittoLine> Global { get; } = [];

    /// <summary>The listeners in their order.</summary>
    public List<MosquittoListener> Listeners { get; } = [];

    /// <summary>The bridges.</summary>
    public List<MosquittoLine> Bridges { get; } = [];

    /// <summary>What was read: files, and directories that were looked for files.</summary>
    public List<string> Paths { get; } = [];

    /// <summary>Whether users and rules are each listener's own.</summary>
    public bool IsPerListener { get; private set; }

    /// <summary>Reads a file, and those that it includes.</summary>
    /// <exception cref="IOException">One of them cannot be read.</exception>
    public void Read(string path)
    {
        MosquittoListener? listener = null;
        bool isBridge = false;
        int number = 0;
        Paths.Add(path);
        foreach (string text in File.ReadLines(path))
        {
            number++;
            if (text.Trim() is not { Length: > 0 } trimmed || trimmed[0] == '#') continue;
            int space = trimmed.IndexOfAny([' ', '\t']);
            var line = new MosquittoLine(path, number, space < 0 ? trimmed : trimmed[..space], space < 0 ? "" : trimmed[space..].Trim());
            switch (line.Option)
            {
                case "include_dir":
                    Include(line);
                    break;
                case "listener":
                    isBridge = false;
                    Listeners.Add(listener = new MosquittoListener(line));
                    break;
                case "connection":
                    isBridge = true;
                    Bridges.Add(line);
                    break;
                case "per_listener_settings":
                    IsPerListener = line.Value == "true";
                    break;
                default:
                    if (isBridge && (BridgeOptions.Contains(line.Option) || line.Option.StartsWith("bridge_", StringComparison.Ordinal))) break;
                    bool isListeners = listener is not null && !isBridge && (ListenerOptions.Contains(line.Option) || (IsPerListener && SecurityOptions.Contains(line.Option)));
                    (isListeners ? listener!.Options : Global).Add(line);
                    break;
            }
        }
    }

    /// <summary>The option that was probably meant.</summary>
    public static string? Nearest(string option, IEnumerable<string> others) => Suggestion.Nearest(option, others.Concat(ListenerOptions));

    // Those that end with .conf, in the order of their names. Who includes a directory twice, or a file that includes its own, has it once.
    private void Include(MosquittoLine line)
    {
        if (!_directories.Add(Path.GetFullPath(line.Value))) return;
        Paths.Add(line.Value);
        foreach (string file in Directory.GetFiles(line.Value, "*.conf").Order(StringComparer.OrdinalIgnoreCase)) Read(file);
    }
}
