// mqtt://, mqtts://, ws:// and wss:// (and tcp, tls, ssl, which others write) as options of a client.
using System.Text;
using Godwit.Transport;

namespace Godwit.Client;

internal static class ServerUri
{
    private const string Form = "mqtt://, mqtts://, ws:// or wss:// and [USER[:PASSWORD]@]HOST[:PORT]";

    public static MqttClientOptions Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0) throw Wrong(text, $"is not a server's URI: {Form} is");
        (bool isTls, bool isWebSocket, int port) = uri.Scheme switch
        {
            "mqtt" or "tcp" => (false, false, 1883),
            "mqtts" or "tls" or "ssl" => (true, false, 8883),
            "ws" => (false, true, 8083),
            "wss" => (true, true, 8084),
            _ => throw Wrong(text, $"begins with an unknown scheme: {Form} is possible"),
        };
        if (!isWebSocket && uri.PathAndQuery is not ("" or "/")) throw Wrong(text, "has a path, which only ws:// and wss:// have");
        if (uri.Fragment.Length > 0) throw Wrong(text, "has a fragment (#), which no server has");
        // Uri itself puts 80 and 443 where ws and wss have none.
        string authority = text[(uri.Scheme.Length + 3)..].Split('/', '?')[0].Split('@')[^1];
        if (authority.LastIndexOf(':') > authority.LastIndexOf(']')) port = uri.Port;
        string[] user = uri.UserInfo.Split(':', 2);
        return new MqttClientOptions
        {
            Host = uri.IdnHost,
            Port = port,
            Tls = isTls ? new TlsClientOptions() : null,
            WebSocket = isWebSocket ? new WebSocketClientOptions(null, uri.PathAndQuery is "" or "/" ? "/mqtt" : uri.PathAndQuery) : null,
            UserName = user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null,
            Password = user.Length > 1 ? Encoding.UTF8.GetBytes(Uri.UnescapeDataString(user[1])) : default(ReadOnlyMemory<byte>?),
        };
    }

    private static ArgumentException Wrong(string text, string why) => new($"'{text}' {why}.");
}
