// The first handler of an outgoing connection with layers: TLS, then the WebSocket request. The real handler gets OnOpened when both are
// through, or OnClosed with ConnectFailed and a sentence. How long it may take is the real handler's business.
using System.Text;
using Godwit.Transport.Tls;
using Godwit.Transport.WebSockets;

namespace Godwit.Transport.Opening;

internal sealed class ClientOpening : IConnectionHandler
{
    private const int Linger = 250;

    private readonly IConnectionHandler _handler;
    private readonly WebSocketClientOptions? _webSocket;
    private readonly TlsClient? _tls;
    private readonly string _key = WebSocketKey.Create();
    private BufferedConnection? _connection; // null until TCP is through
    private TransportException? _failure;
    private bool _isTlsOpen;

    private ClientOpening(IConnectionHandler handler, ConnectOptions options)
    {
        _handler = handler;
        _webSocket = options.WebSocket;
        _tls = options.Tls;
    }

    /// <summary>The handler itself if there are no layers.</summary>
    public static IConnectionHandler Wrap(IConnectionHandler handler, ConnectOptions options) =>
        options.Tls is null && options.WebSocket is null ? handler : new ClientOpening(handler, options);

    public void OnOpened(TransportConnection connection)
    {
        BufferedConnection opened = _connection = (BufferedConnection)connection;
        if (_tls is null)
        {
            OnTlsOpen(opened);
            return;
        }
        TlsStreamFilter? filter = null;
        filter = new TlsStreamFilter(opened, () =>
        {
            opened.Peer.Tls = filter!.Describe();
            _isTlsOpen = true;
            OnTlsOpen(opened);
        });
        opened.Install(filter);
        filter.Start(_tls.AuthenticateAsync, _tls.Explain);
    }

    public int OnReceived(TransportConnection connection, ReadOnlySpan<byte> input)
    {
        int length = HttpHead.LengthOf(input);
        bool isHttp = "HTTP/1.1 "u8.StartsWith(input[..Math.Min(input.Length, 9)]);
        if (length == 0 && isHttp && input.Length < HttpHead.Longest) return 0;
        HttpHead? head = length > 0 && isHttp ? HttpHead.Read(input[..length]) : null;
        if (head is null)
        {
            Refuse(_tls is null && input[0] is 0x15 or 0x16 ? "the server speaks TLS here: use wss:// instead of ws://." : "the server does not speak WebSocket here.");
        }
        else if (head.FirstLine[1] != "101")
        {
            string sentence = Encoding.Latin1.GetString(input[length..Math.Min(input.Length, length + 200)]).Trim();
            Refuse($"the server refuses the WebSocket: HTTP {string.Join(' ', head.FirstLine.Skip(1))}{(sentence.Length > 0 ? $": {sentence}" : ".")}");
        }
        else if (head["Sec-WebSocket-Accept"] != WebSocketKey.AnswerTo(_key))
        {
            Refuse("the server's answer to the WebSocket request is not valid (Sec-WebSocket-Accept).");
        }
        else if (head["Sec-WebSocket-Protocol"] != _webSocket!.SubProtocol) // [MQTT-6.0.0-4]
        {
            Refuse($"the server does not speak the sub-protocol {_webSocket.SubProtocol}: there is no MQTT at {_webSocket.Path}.");
        }
        else
        {
            BufferedConnection opened = _connection!;
            opened.Peer.WebSocket = new WebSocketInfo(_webSocket.Path, _webSocket.SubProtocol, _webSocket.Host, null);
            opened.Install(new WebSocketFilter(opened, isServer: false));
            opened.HandOverTo(_handler);
            return length;
        }
        return input.Length;
    }

    public void OnOutputDrained(TransportConnection connection)
    {
    }

    public void OnMoved(TransportConnection connection)
    {
    }

    public void OnClosed(TransportConnection connection, CloseReason reason, Exception? error)
    {
        error = _failure ?? error;
        if (_connection is not null && error is not TransportException && reason is CloseReason.Remote or CloseReason.Reset)
        {
            error = new TransportException(_tls is null || _isTlsOpen
                ? "the server has closed the connection instead of answering the WebSocket request."
                : _tls.ExplainClosing(), error);
        }
        _handler.OnClosed(connection, reason == CloseReason.LoopStopped ? reason : CloseReason.ConnectFailed, error);
    }

    private void OnTlsOpen(BufferedConnection connection)
    {
        if (_webSocket is null)
        {
            connection.HandOverTo(_handler);
            return;
        }
        string host = _webSocket.Host ?? connection.RemoteEndPoint?.ToString() ?? "localhost";
        var request = new StringBuilder($"GET {_webSocket.Path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n");
        request.Append($"Sec-WebSocket-Key: {_key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {_webSocket.SubProtocol}\r\n"); // [MQTT-6.0.0-3]
        foreach ((string name, string value) in _webSocket.Headers) request.Append($"{name}: {value}\r\n");
        connection.Write(Encoding.Latin1.GetBytes(request.Append("\r\n").ToString()));
    }

    private void Refuse(string sentence)
    {
        _failure = new TransportException(sentence);
        _connection!.Close(Linger);
    }
}
