using System.Net;

namespace Godwit.Capture.WebSockets;

/// <summary>What is known about WebSocket on a connection.</summary>
public sealed class WebSocketInfo
{
    /// <summary>The path that was asked for, with its query.</summary>
    public string? Path { get; internal set; }

    /// <summary>The host that was asked for.</summary>
    public string? Host { get; internal set; }

    /// <summary>The web page's origin, if a browser says it.</summary>
    public string? Origin { get; internal set; }

    /// <summary>The sub-protocols that the client offers.</summary>
    public IReadOnlyList<string> OfferedProtocols { get; internal set; } = [];

    /// <summary>The sub-protocol that the server has chosen: <c>mqtt</c>.</summary>
    public string? Protocol { get; internal set; }

    /// <summary>Proxies in front and the client before them, as X-Forwarded-For names them; the client, if all are honest, first.</summary>
    public IReadOnlyList<string> Forwarded { get; internal set; } = [];

    /// <summary>The first address of <see cref="Forwarded"/>; null if there is none.</summary>
    public IPEndPoint? ForwardedFor => Forwarded.Count > 0 && IPEndPoint.TryParse(Forwarded[0], out IPEndPoint? address) ? address : null;

    /// <summary>The HTTP status of the answer: 101 = accepted; 0 as long as there is none.</summary>
    public int Status { get; internal set; }

    /// <summary>Whether both ends have agreed upon compression (permessage-deflate).</summary>
    public bool IsCompressed { get; internal set; }

    /// <summary>Frames of <see cref="Streams.Side.Initiator"/> that carry data.</summary>
    public long FramesFromInitiator { get; internal set; }

    /// <summary>Frames of <see cref="Streams.Side.Responder"/> that carry data.</summary>
    public long FramesFromResponder { get; internal set; }

    /// <summary>The status of the first close frame, in words: <c>1000 (normal)</c>; null if none was seen.</summary>
    public string? Closing { get; internal set; }
}
