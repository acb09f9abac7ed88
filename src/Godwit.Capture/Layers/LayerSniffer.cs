// Decides by the first bytes what a connection, or the inside of a layer, carries: a PROXY header, TLS, an HTTP request to upgrade, or content.
// Each layer comes at most once, in any order. Until that is clear bytes are held, a few kilobytes at most; afterwards they are passed on.
using Godwit.Capture.Streams;
using Godwit.Capture.Tls;
using Godwit.Capture.WebSockets;
using Godwit.Transport.Opening;

namespace Godwit.Capture.Layers;

internal sealed class LayerSniffer(LayerStreams owner, StreamConnection connection) : IStreamConsumer
{
    // More than the longest PROXY header that is taken.
    private const int MostHeld = 8 * 1024;

    private readonly List<(Side From, byte[] Bytes, Arrival At)> _held = [];
    private IStreamConsumer? _next;
    private int _heldLength;

    public void OnBytes(Side from, ReadOnlySpan<byte> bytes, Arrival at)
    {
        if (_next is { } next)
        {
            next.OnBytes(from, bytes, at);
            return;
        }
        // Usually the first bytes are enough, and need not be copied.
        ReadOnlySpan<byte> seen = _held.Count == 0 ? bytes : [.. HeldFrom(from), .. bytes];
        _next = Decide(from, seen, at, out int skip);
        _heldLength += bytes.Length;
        if (_next is null && _heldLength <= MostHeld)
        {
            _held.Add((from, bytes.ToArray(), at));
            return;
        }
        _next ??= owner.OpenContent(connection);
        PassHeldOn(from, ref skip);
        if (skip < bytes.Length) _next.OnBytes(from, bytes[skip..], at);
    }

    public void OnGap(Side from, long count, Arrival at)
    {
        PassOn();
        _next!.OnGap(from, count, at);
    }

    public void OnEnd(Side from, StreamEnd end, Arrival at)
    {
        PassOn();
        _next!.OnEnd(from, end, at);
    }

    private void PassOn()
    {
        if (_next is not null) return;
        _next = owner.OpenContent(connection);
        int skip = 0;
        PassHeldOn(Side.Initiator, ref skip);
    }

    private void PassHeldOn(Side skipFrom, ref int skip)
    {
        foreach ((Side from, byte[] bytes, Arrival at) in _held)
        {
            int skipped = from == skipFrom ? Math.Min(skip, bytes.Length) : 0;
            skip -= skipped;
            if (skipped < bytes.Length) _next!.OnBytes(from, bytes.AsSpan(skipped), at);
        }
        _held.Clear();
    }

    private byte[] HeldFrom(Side side) => [.. _held.Where(held => held.From == side).SelectMany(held => held.Bytes)];

    // Null if more bytes are needed.
    private IStreamConsumer? Decide(Side from, ReadOnlySpan<byte> bytes, Arrival at, out int skip)
    {
        skip = 0;
        ConnectionLayers? layers = connection.Layers;
        switch (FirstBytes.Recognise(bytes))
        {
            case FirstProtocol.Undecided:
                return null;
            case FirstProtocol.Tls when layers?.Tls is null:
                return OpenTls(at);
            case FirstProtocol.Http when layers?.WebSocket is null && from == Side.Initiator && bytes.StartsWith("GET "u8):
                return OpenWebSocket(at);
            case FirstProtocol.Proxy when layers?.Proxy is null && from == Side.Initiator:
                return TakeProxyHeader(bytes, at, out skip);
            case FirstProtocol.Unknown:
                return DecideInTheMiddle(from, bytes, at);
            default:
                return owner.OpenContent(connection);
        }
    }

    // The beginning may be missing, or the answer may come first.
    private IStreamConsumer? DecideInTheMiddle(Side from, ReadOnlySpan<byte> bytes, Arrival at)
    {
        ReadOnlySpan<byte> answer = "HTTP/1."u8;
        if (connection.Layers?.Tls is null && RecordHeader.MayBegin(bytes))
            return bytes.Length < RecordHeader.Length ? null : RecordHeader.Read(bytes) is null ? owner.OpenContent(connection) : OpenTls(at);
        if (connection.Layers?.WebSocket is not null || from == Side.Initiator) return owner.OpenContent(connection);
        if (bytes.StartsWith(answer)) return OpenWebSocket(at);
        return answer.StartsWith(bytes) ? null : owner.OpenContent(connection);
    }

    private TlsStream OpenTls(Arrival at)
    {
        LayerStreams.LayersOf(connection).Tls = new TlsInfo();
        owner.Found(connection, Layer.Tls, at);
        return new TlsStream(owner, connection);
    }

    private WebSocketStream OpenWebSocket(Arrival at)
    {
        LayerStreams.LayersOf(connection).WebSocket = new WebSocketInfo();
        owner.Found(connection, Layer.WebSocket, at);
        return new WebSocketStream(owner, connection);
    }

    private IStreamConsumer? TakeProxyHeader(ReadOnlySpan<byte> bytes, Arrival at, out int skip)
    {
        skip = 0;
        ProxyHeader? header = ProxyHeader.Read(bytes, out string? problem);
        if (header is null && problem is null) return null;
        ConnectionLayers layers = LayerStreams.LayersOf(connection);
        owner.Found(connection, Layer.Proxy, at);
        if (header is null)
        {
            owner.Remark(connection, new LayerRemark(Layer.Proxy, LayerRemarkKind.Violation, Side.Initiator, $"The connection begins like a PROXY header, but {problem}.", at));
            return owner.OpenContent(connection);
        }
        skip = header.Length;
        layers.Proxy = new ProxyInfo(header.Version, header.Source, header.Destination, header.CommonName);
        layers.FromInitiator.Proxy = header.Length;
        return new LayerSniffer(owner, connection);
    }
}
