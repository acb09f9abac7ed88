// An HTTP connection that becomes a WebSocket: request, answer, then frames. What was refused is told with its status; what follows a refusal
// is not looked at.
using Godwit.Capture.Layers;
using Godwit.Capture.Streams;
using Godwit.Transport.WebSockets;

namespace Godwit.Capture.WebSockets;

internal sealed class WebSocketStream : IStreamConsumer, IDisposable
{
    private const int Accepted = 101, LongestEarly = 64 * 1024;

    private static readonly string[] MqttProtocols = ["mqtt", "mqttv3.1"];

    private readonly LayerStreams _owner;
    private readonly StreamConnection _connection;
    private readonly ConnectionLayers _layers;
    private readonly WebSocketInfo _info;
    private readonly WebSocketDirection _fromClient, _fromServer;
    private readonly List<byte> _request = [], _answer = [];
    private readonly List<(byte[] Bytes, Arrival At)> _early = []; // frames of the client before the answer was seen
    private IStreamConsumer? _content;
    private HttpHead? _requestHead;
    private State _state;
    private int _earlyLength;

    public WebSocketStream(LayerStreams owner, StreamConnection connection)
    {
        (_owner, _connection, _layers) = (owner, connection, LayerStreams.LayersOf(connection));
        _info = _layers.WebSocket!;
        _fromClient = new WebSocketDirection(this, Side.Initiator, _layers.FromInitiator);
        _fromServer = new WebSocketDirection(this, Side.Responder, _layers.FromResponder);
    }

    private enum State : byte
    {
        Heads,
        Frames,
        Refused,
    }

    public void OnBytes(Side from, ReadOnlySpan<byte> bytes, Arrival at)
    {
        if (_state == State.Frames) From(from).OnBytes(bytes, at);
        else if (_state == State.Refused) _layers.From(from).Http += bytes.Length;
        else if (from == Side.Initiator) OnRequest(bytes, at);
        else OnAnswer(bytes, at);
    }

    public void OnGap(Side from, long count, Arrival at)
    {
        if (_state == State.Frames) From(from).OnGap(count, at);
        if (_state != State.Heads) return;
        _state = State.Refused;
        Remark(LayerRemarkKind.Lost, from, "A part of the HTTP request or its answer is not in the capture, so that what follows cannot be read.", at);
    }

    public void OnEnd(Side from, StreamEnd end, Arrival at)
    {
        _content?.OnEnd(from, end, at);
        if (_state == State.Heads && (end != StreamEnd.Closed || from == Side.Responder))
        {
            _state = State.Refused;
            Remark(LayerRemarkKind.Unfinished, null, "The connection ended before the HTTP request for a WebSocket was answered.", at);
        }
        if (end != StreamEnd.Closed) Dispose();
    }

    public void Dispose()
    {
        _fromClient.Dispose();
        _fromServer.Dispose();
    }

    public void Give(Side from, ReadOnlySpan<byte> bytes, Arrival at) => Content.OnBytes(from, bytes, at);

    public void GiveGap(Side from, long count, Arrival at) => Content.OnGap(from, count, at);

    public void CountFrame(Side from)
    {
        if (from == Side.Initiator) _info.FramesFromInitiator++;
        else _info.FramesFromResponder++;
    }

    public void OnClose(Side from, int code, string reason, Arrival at)
    {
        bool isFirst = _info.Closing is null;
        _info.Closing ??= code == 0 ? "without a status" : $"{code} ({CloseCodes.Explain(code)})";
        if (isFirst && (reason.Length > 0 || code is not (0 or CloseCodes.Normal or CloseCodes.GoingAway)))
            Remark(LayerRemarkKind.Ending, from, $"The {(from == Side.Initiator ? "client" : "server")} closes the WebSocket with {_info.Closing}{reason}.", at);
    }

    public void Remark(LayerRemarkKind kind, Side? from, string sentence, Arrival at, string? statement = null) =>
        _owner.Remark(_connection, new LayerRemark(Layer.WebSocket, kind, from, sentence, at, statement));

    // Nothing but MQTT is expected inside.
    private IStreamConsumer Content => _content ??= _owner.OpenContent(_connection);

    private WebSocketDirection From(Side side) => side == Side.Initiator ? _fromClient : _fromServer;

    private void OnRequest(ReadOnlySpan<byte> bytes, Arrival at)
    {
        if (_requestHead is not null)
        {
            _earlyLength += bytes.Length;
            if (_earlyLength <= LongestEarly) _early.Add((bytes.ToArray(), at));
            return;
        }
        if (!TryReadHead(_request, ref bytes, _layers.FromInitiator, at, out HttpHead? head)) return;
        _requestHead = head;
        _info.Path = head!.FirstLine[1];
        _info.Host = head["Host"];
        _info.Origin = head["Origin"];
        _info.OfferedProtocols = head.List("Sec-WebSocket-Protocol");
        _info.Forwarded = head.List("X-Forwarded-For");
        if (!head.List("Upgrade").Contains("websocket", StringComparer.OrdinalIgnoreCase))
            Remark(LayerRemarkKind.Note, Side.Initiator, $"This is an HTTP request ({string.Join(' ', head.FirstLine.Take(2))}) that does not ask for a WebSocket.", at);
        else if (!_info.OfferedProtocols.Any(MqttProtocols.Contains))
            Remark(LayerRemarkKind.Violation, Side.Initiator, "The client does not offer the sub-protocol mqtt (Sec-WebSocket-Protocol).", at, "MQTT-6.0.0-3"); // [MQTT-6.0.0-3]
        if (!bytes.IsEmpty) OnRequest(bytes, at);
    }

    private void OnAnswer(ReadOnlySpan<byte> bytes, Arrival at)
    {
        if (!TryReadHead(_answer, ref bytes, _layers.FromResponder, at, out HttpHead? head)) return;
        _info.Status = int.TryParse(head!.FirstLine[1], out int status) ? status : 0;
        _info.Protocol = head["Sec-WebSocket-Protocol"];
        if (status is >= 100 and < 200 and not Accepted)
        {
            if (!bytes.IsEmpty) OnAnswer(bytes, at);
            return;
        }
        _state = status == Accepted ? State.Frames : State.Refused;
        if (_state == State.Refused) OnRefused(head, bytes, at);
        else OnAccepted(head, bytes, at);
        _early.Clear();
    }

    private void OnRefused(HttpHead head, ReadOnlySpan<byte> bytes, Arrival at)
    {
        const int MostQuoted = 200;
        _layers.FromResponder.Http += bytes.Length;
        string quoted = System.Text.Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, MostQuoted)]).ReplaceLineEndings(" ").Trim();
        string words = head["Content-Type"]?.StartsWith("text/plain", StringComparison.OrdinalIgnoreCase) == true && quoted.Length > 0 ? $" It says: {quoted}" : "";
        Remark(LayerRemarkKind.Ending, Side.Responder, $"The server does not open a WebSocket: HTTP {string.Join(' ', head.FirstLine.Skip(1))}.{words}", at);
    }

    private void OnAccepted(HttpHead head, ReadOnlySpan<byte> bytes, Arrival at)
    {
        if (_requestHead?["Sec-WebSocket-Key"] is { } key && WebSocketKey.AnswerTo(key) != head["Sec-WebSocket-Accept"])
            Remark(LayerRemarkKind.Violation, Side.Responder, "The server's Sec-WebSocket-Accept does not answer the client's key: perhaps a cache has answered.", at);
        if (_info.Protocol is null || (_requestHead is not null && !_info.OfferedProtocols.Contains(_info.Protocol)))
            Remark(LayerRemarkKind.Violation, Side.Responder, "The server does not choose one of the sub-protocols that the client offers (Sec-WebSocket-Protocol).", at, "MQTT-6.0.0-4"); // [MQTT-6.0.0-4]
        string[] extensions = head.List("Sec-WebSocket-Extensions");
        if (Array.Find(extensions, extension => extension.StartsWith("permessage-deflate", StringComparison.OrdinalIgnoreCase)) is { } deflate)
        {
            _info.IsCompressed = true;
            _fromClient.Inflater = new MessageInflater(keepsContext: !deflate.Contains("client_no_context_takeover", StringComparison.OrdinalIgnoreCase));
            _fromServer.Inflater = new MessageInflater(keepsContext: !deflate.Contains("server_no_context_takeover", StringComparison.OrdinalIgnoreCase));
        }
        foreach ((byte[] early, Arrival earlyAt) in _early) _fromClient.OnBytes(early, earlyAt);
        if (_earlyLength > LongestEarly) _fromClient.OnGap(long.MaxValue, at);
        if (!bytes.IsEmpty) _fromServer.OnBytes(bytes, at);
    }

    // Collects a head; what follows it stays in the bytes.
    private bool TryReadHead(List<byte> collected, ref ReadOnlySpan<byte> bytes, LayerBytes count, Arrival at, out HttpHead? head)
    {
        head = null;
        int before = collected.Count;
        collected.AddRange(bytes);
        ReadOnlySpan<byte> all = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(collected);
        int length = HttpHead.LengthOf(all);
        if (length == 0 && all.Length < HttpHead.Longest)
        {
            count.Http += bytes.Length;
            return false;
        }
        head = length == 0 ? null : HttpHead.Read(all[..length]);
        if (head is null)
        {
            _state = State.Refused;
            count.Http += bytes.Length;
            Remark(LayerRemarkKind.Violation, null, "The HTTP request or its answer cannot be read: it is malformed, or has more than 8 KiB.", at);
            return false;
        }
        bytes = bytes[(length - before)..];
        count.Http += length - before;
        collected.Clear();
        return true;
    }
}
