// The server's part of the WebSocket handshake (RFC 6455, section 4.2). Whatever is wrong is answered with a sentence that a person at a
// browser or with curl understands.
using System.Net;
using System.Text;
using Godwit.Transport.Opening;

namespace Godwit.Transport.WebSockets;

internal sealed class UpgradeStage(WebSocketServerOptions options) : OpeningStage
{
    private static readonly string[] SubProtocols = ["mqtt", "mqttv3.1"];

    public override string AwaitedThing => "the request of a WebSocket client";

    public override int OnReceived(OpeningHandler opening, ReadOnlySpan<byte> input)
    {
        switch (FirstBytes.Recognise(input))
        {
            case FirstProtocol.Undecided:
                return 0;
            case FirstProtocol.Http:
                break;
            case FirstProtocol.Mqtt:
                opening.Refuse("this looks like plain MQTT on a WebSocket listener. Let the client connect to an MQTT listener, or use WebSocket (ws://, wss://).");
                return input.Length;
            case FirstProtocol.Tls:
                opening.Refuse("this looks like a TLS client on a WebSocket listener without TLS. Use ws:// instead of wss://, or a wss listener.");
                return input.Length;
            default:
                Refuse(opening, "400 Bad Request", "This is not an HTTP request; a WebSocket client is expected here.");
                return input.Length;
        }
        int length = HttpHead.LengthOf(input);
        if (length == 0 && input.Length < HttpHead.Longest) return 0;
        if (length == 0) Refuse(opening, "431 Request Header Fields Too Large", "The request's header has more than 8 KiB.");
        else if (HttpHead.Read(input[..length]) is { } head) Answer(opening, head);
        else Refuse(opening, "400 Bad Request", "The request's header is malformed.");
        return opening.Connection.IsClosing ? input.Length : length;
    }

    private void Answer(OpeningHandler opening, HttpHead head)
    {
        string path = head.FirstLine[1].Split('?')[0];
        string[] offered = head.List("Sec-WebSocket-Protocol");
        if (head.FirstLine is not [_, _, "HTTP/1.1"])
            Refuse(opening, "505 HTTP Version Not Supported", "WebSocket needs HTTP/1.1.");
        else if (head.FirstLine[0] != "GET")
            Refuse(opening, "405 Method Not Allowed", "A WebSocket begins with GET.", "Allow: GET\r\n");
        else if (options.Paths.Count > 0 && !options.Paths.Contains(path))
            Refuse(opening, "404 Not Found", $"There is no MQTT at this path. Use {string.Join(" or ", options.Paths)}.");
        else if (!head.List("Connection").Contains("Upgrade", StringComparer.OrdinalIgnoreCase) || !head.List("Upgrade").Contains("websocket", StringComparer.OrdinalIgnoreCase))
            Refuse(opening, "426 Upgrade Required", "This is an MQTT broker. Connect with an MQTT client over WebSocket.", "Upgrade: websocket\r\n");
        else if (head["Sec-WebSocket-Version"] != "13")
            Refuse(opening, "426 Upgrade Required", "Only version 13 of WebSocket is supported.", "Sec-WebSocket-Version: 13\r\n");
        else if (head["Host"] is null || !WebSocketKey.IsValid(head["Sec-WebSocket-Key"]))
            Refuse(opening, "400 Bad Request", "Host or a valid Sec-WebSocket-Key is missing.");
        else if (head["Origin"] is { } origin && options.Origins.Count > 0 && !options.Origins.Contains(origin, StringComparer.OrdinalIgnoreCase))
            Refuse(opening, "403 Forbidden", "Web pages from this origin may not connect here.");
        else if (Array.Find(offered, SubProtocols.Contains) is not { } subProtocol) // [MQTT-6.0.0-3]
            Refuse(opening, "400 Bad Request", "The sub-protocol mqtt (or mqttv3.1) must be asked for in Sec-WebSocket-Protocol.");
        else
            Accept(opening, head, subProtocol);
    }

    private static void Accept(OpeningHandler opening, HttpHead head, string subProtocol)
    {
        PeerInfo peer = opening.Peer;
        peer.WebSocket = new WebSocketInfo(head.FirstLine[1], subProtocol, head["Host"], head["Origin"]);
        if (head["X-Forwarded-For"] is not null || head["Forwarded"] is not null)
        {
            peer.IsForwarded = true;
            if (TakeForwarded(opening, head.List("X-Forwarded-For")) is { } client && !opening.TryAdmit(client))
            {
                opening.TurnAway();
                return;
            }
        }
        opening.Connection.Write(Encoding.ASCII.GetBytes( // [MQTT-6.0.0-4]
            $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {WebSocketKey.AnswerTo(head["Sec-WebSocket-Key"]!)}\r\n"
            + $"Sec-WebSocket-Protocol: {subProtocol}\r\n\r\n"));
        opening.Connection.Install(new WebSocketFilter(opening.Connection, isServer: true));
        opening.Proceed();
    }

    // Each proxy appends whom it got the request from; so the client is the last one that is not a trusted proxy itself.
    // Null if none is named.
    private static IPAddress? TakeForwarded(OpeningHandler opening, string[] addresses)
    {
        IPAddress? client = null;
        if (!opening.Options.Trusts(opening.Peer.RemoteEndPoint)) return null;
        foreach (string text in addresses.Reverse())
        {
            if (!IPEndPoint.TryParse(text, out IPEndPoint? address)) break;
            opening.Peer.RemoteEndPoint = address;
            client = address.Address;
            if (!opening.Options.Trusts(address)) break;
        }
        return client;
    }

    private static void Refuse(OpeningHandler opening, string status, string sentence, string headers = "")
    {
        opening.Connection.Write(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {status}\r\n{headers}Content-Type: text/plain\r\nConnection: close\r\nContent-Length: {Encoding.ASCII.GetByteCount(sentence) + 1}\r\n\r\n{sentence}\n"));
        opening.Refuse($"refused with HTTP {status}: {sentence}");
    }
}
