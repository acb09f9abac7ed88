// -L mqtt://[USER[:PASSWORD]@]HOST[:PORT]/TOPIC, also with mqtts, ws and wss. What follows the first / is the topic, never a path. Nothing is percent-decoded, as in the mosquitto tools: a topic may contain any character.
using System.Globalization;

namespace Godwit.Cli.CommandLine;

internal sealed record MqttUrl(string Host, int? Port, string? UserName, string? Password, string Topic, bool IsTls = false, bool IsWebSocket = false)
{
    private const string Form = "mqtt:// (or mqtts://, ws://, wss://) and [USER[:PASSWORD]@]HOST[:PORT]/TOPIC";

    /// <summary>Takes a URL apart.</summary>
    /// <exception cref="UsageException">Its scheme is unknown, or it has no host or topic.</exception>
    public static MqttUrl Parse(string url)
    {
        int scheme = url.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0) throw new UsageException($"-L takes {Form}, not '{url}'.");
        (bool isTls, bool isWebSocket) = url[..scheme] switch
        {
            "mqtt" => (false, false),
            "mqtts" => (true, false),
            "ws" => (false, true),
            "wss" => (true, true),
            _ => throw new UsageException($"-L takes {Form}; the scheme '{url[..scheme]}' is unknown."),
        };

        string rest = url[(scheme + 3)..];
        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || slash == rest.Length - 1) throw new UsageException($"-L takes {Form}: the topic is missing in '{url}'.");
        string authority = rest[..slash], topic = rest[(slash + 1)..];

        string? userName = null, password = null;
        if (authority.LastIndexOf('@') is >= 0 and var at)
        {
            userName = authority[..at];
            authority = authority[(at + 1)..];
            if (userName.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon)
            {
                password = userName[(colon + 1)..];
                userName = userName[..colon];
            }
        }
        (string host, int? port) = SplitPort(authority, url);
        return new MqttUrl(host, port, userName, password, topic, isTls, isWebSocket);
    }

    private static (string Host, int? Port) SplitPort(string authority, string url)
    {
        // An IPv6 address stands in brackets, because it has colons itself.
        int end = authority.StartsWith('[') ? authority.IndexOf(']', StringComparison.Ordinal) + 1 : authority.IndexOf(':', StringComparison.Ordinal);
        if (end <= 0 && !authority.StartsWith(':')) end = authority.Length;
        string host = authority[..end].Trim('[', ']');
        if (host.Length == 0) throw new UsageException($"-L takes {Form}: the host is missing in '{url}'.");
        if (end == authority.Length) return (host, null);
        return authority[end] == ':' && ushort.TryParse(authority.AsSpan(end + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0
            ? (host, port)
            : throw new UsageException($"-L takes {Form}: '{authority[end..]}' is no port.");
    }
}
