// What stands between TCP and the content of a connection. Views show it, the byte budget counts it. A connection that carries its content
// directly has none of this.
using System.Net;
using Godwit.Capture.Tls;
using Godwit.Capture.WebSockets;

namespace Godwit.Capture.Streams;

/// <summary>What was found between TCP and the content of a connection. It becomes more as the connection goes on.</summary>
public sealed class ConnectionLayers
{
    private const int MostRemarks = 32;

    private readonly List<LayerRemark> _remarks = [];

    /// <summary>The header by which a proxy in front says who the client is; null without one.</summary>
    public ProxyInfo? Proxy { get; internal set; }

    /// <summary>TLS; null without.</summary>
    public TlsInfo? Tls { get; internal set; }

    /// <summary>WebSocket, or the request for it; null without.</summary>
    public WebSocketInfo? WebSocket { get; internal set; }

    /// <summary>Bytes of <see cref="Side.Initiator"/> by layer.</summary>
    public LayerBytes FromInitiator { get; } = new();

    /// <summary>Bytes of <see cref="Side.Responder"/> by layer.</summary>
    public LayerBytes FromResponder { get; } = new();

    /// <summary>What is to be said about the layers, in the order in which it was noticed; the first 32.</summary>
    public IReadOnlyList<LayerRemark> Remarks => _remarks;

    /// <summary>Bytes of one side by layer.</summary>
    public LayerBytes From(Side side) => side == Side.Initiator ? FromInitiator : FromResponder;

    /// <summary>Whether all layers are open, so that content comes out.</summary>
    public bool HasContent { get; internal set; }

    internal bool IsToldAsForeign { get; set; }

    internal void Add(LayerRemark remark)
    {
        if (_remarks.Count < MostRemarks) _remarks.Add(remark);
    }
}

/// <summary>How many bytes of the TCP stream of one side each layer takes for itself. The rest is content.</summary>
public sealed class LayerBytes
{
    /// <summary>The PROXY header.</summary>
    public long Proxy { get; internal set; }

    /// <summary>TLS: handshake, alerts and changes of keys.</summary>
    public long TlsHandshake { get; internal set; }

    /// <summary>TLS: headers, check values and padding of the records that carry data.</summary>
    public long TlsRecords { get; internal set; }

    /// <summary>TLS: bytes that could not be decrypted, whatever they are.</summary>
    public long Sealed { get; internal set; }

    /// <summary>HTTP: the head of the request, or of the answer, with its body.</summary>
    public long Http { get; internal set; }

    /// <summary>WebSocket: headers of the frames, and control frames. With compression content is larger than what was sent, so this may be negative.</summary>
    public long WebSocketFrames { get; internal set; }

    internal long Sum => Proxy + TlsHandshake + TlsRecords + Sealed + Http + WebSocketFrames;

    internal void Add(LayerBytes other)
    {
        Proxy += other.Proxy;
        TlsHandshake += other.TlsHandshake;
        TlsRecords += other.TlsRecords;
        Sealed += other.Sealed;
        Http += other.Http;
        WebSocketFrames += other.WebSocketFrames;
    }
}

/// <summary>What a proxy in front says.</summary>
/// <param name="Version">The version of the PROXY protocol: 1 or 2.</param>
/// <param name="Client">The client; null if the proxy speaks for itself or does not say.</param>
/// <param name="Server">Where the client has connected to; null likewise.</param>
/// <param name="CommonName">The common name of the client's certificate, if the proxy has verified one and says so.</param>
public sealed record ProxyInfo(int Version, IPEndPoint? Client, IPEndPoint? Server, string? CommonName);

/// <summary>A layer between TCP and content.</summary>
public enum Layer : byte
{
    /// <summary>A PROXY header.</summary>
    Proxy,

    /// <summary>TLS.</summary>
    Tls,

    /// <summary>HTTP and WebSocket.</summary>
    WebSocket,
}

/// <summary>Something that is to be said about a layer of a connection.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="From">Whose bytes it is about; null = the connection as a whole.</param>
/// <param name="Sentence">What there is to say, with what to do about it where something can be done.</param>
/// <param name="At">Where it was noticed.</param>
/// <param name="Statement">The identifier of the statement of MQTT that is broken, if one is: <c>MQTT-6.0.0-1</c>.</param>
public sealed record LayerRemark(Layer Layer, LayerRemarkKind Kind, Side? From, string Sentence, Arrival At, string? Statement = null);

/// <summary>What a remark is about.</summary>
public enum LayerRemarkKind : byte
{
    /// <summary>A rule of the layer, or of MQTT about it, is broken.</summary>
    Violation,

    /// <summary>The content cannot be seen: secrets are missing, the beginning is, or the kind of encryption is not supported.</summary>
    Sealed,

    /// <summary>The content cannot be seen from here on, or for a while: the capture has a gap, or bytes are damaged.</summary>
    Lost,

    /// <summary>An end says why it does not go on: a TLS alert, an HTTP status, a close frame.</summary>
    Ending,

    /// <summary>The layer has not come to be: the connection ended before.</summary>
    Unfinished,

    /// <summary>Something that is allowed and good to know.</summary>
    Note,
}
