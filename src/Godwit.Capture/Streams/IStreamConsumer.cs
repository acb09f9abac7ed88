// The seam between what carries bytes and what they mean. Below it are the sources: TCP segments of a capture file or of a network
// interface, a proxy's two sockets, the broker's tap. Above it are MQTT packets, and between the two there may be TLS and WebSocket, each of
// them a consumer that has another one. Nothing above knows where the bytes come from.
using System.Net;
using Godwit.Capture.Mqtt;
using Godwit.Protocol;

namespace Godwit.Capture.Streams;

/// <summary>One end of a connection.</summary>
public enum Side : byte
{
    /// <summary>The end that opened the connection or, if that was not seen, probably did.</summary>
    Initiator,

    /// <summary>The end that was connected to.</summary>
    Responder,
}

/// <summary>Why there is nothing more to come from one end of a connection, or from both.</summary>
public enum StreamEnd : byte
{
    /// <summary>The end has closed its direction (FIN). The other may go on.</summary>
    Closed,

    /// <summary>The end has aborted the connection (RST): both directions are over.</summary>
    Reset,

    /// <summary>The capture ends, or the connection was given up because it was silent for long or there were too many: both directions are over.</summary>
    Lost,
}

/// <summary>A connection that carries two streams of bytes.</summary>
/// <param name="number">Its number, from 1 on in the order of appearance.</param>
/// <param name="initiator">The address of <see cref="Side.Initiator"/>.</param>
/// <param name="responder">The address of <see cref="Side.Responder"/>.</param>
/// <param name="opened">The first that was seen of it.</param>
public sealed class StreamConnection(long number, IPEndPoint initiator, IPEndPoint responder, Arrival opened)
{
    /// <summary>Its number, from 1 on in the order of appearance.</summary>
    public long Number => number;

    /// <summary>The address of <see cref="Side.Initiator"/>.</summary>
    public IPEndPoint Initiator => initiator;

    /// <summary>The address of <see cref="Side.Responder"/>.</summary>
    public IPEndPoint Responder => responder;

    /// <summary>The first that was seen of it.</summary>
    public Arrival Opened => opened;

    /// <summary>Whether its beginning was seen (SYN): what comes first is then the first that was sent.</summary>
    public bool IsFromBeginning { get; init; }

    /// <summary>What the source knows of the MQTT that the connection carries, if it is one that does; null otherwise.</summary>
    public KnownMqtt? Known { get; init; }

    /// <summary>What it carries; null as long as that is not clear.</summary>
    public ContentKind? Content { get; internal set; }

    /// <summary>Whether both directions are over: nothing more goes to its consumer.</summary>
    public bool IsOver { get; internal set; }

    /// <summary>What it took on the wire; null if it does not come from frames, or nobody observes segments.</summary>
    public WireBytes? Wire { get; internal init; }

    /// <summary>What was found between TCP and the content; null if there is nothing, or nobody looked (<see cref="Layers.LayerStreams"/>).</summary>
    public ConnectionLayers? Layers { get; internal set; }

    /// <summary>The address of the client itself, where a proxy in front names it (PROXY header, X-Forwarded-For); otherwise <see cref="Initiator"/>.</summary>
    public IPEndPoint Client => Layers?.WebSocket?.ForwardedFor ?? Layers?.Proxy?.Client ?? initiator;
}

/// <summary>
/// What a source knows that sees packets, such as a broker: its bytes are whole packets from the first on, without layers around them, and a gap is one
/// of whole packets unless it is in the middle of one.
/// </summary>
/// <param name="Version">The protocol version; unknown if CONNECT is still to come.</param>
/// <param name="ClientId">The client identifier; null likewise.</param>
public sealed record KnownMqtt(ProtocolVersion Version, string? ClientId);

/// <summary>Takes the bytes of one connection: each once, in the order of sending. Spans are valid during the call only.</summary>
public interface IStreamConsumer
{
    /// <summary>Bytes have come.</summary>
    /// <param name="from">Who has sent them.</param>
    /// <param name="bytes">One or more bytes; boundaries mean nothing.</param>
    /// <param name="at">The frame that completed them: bytes that were sent early and had to wait for a gap to be filled carry their own frame.</param>
    void OnBytes(Side from, ReadOnlySpan<byte> bytes, Arrival at);

    /// <summary>Bytes are missing in the capture, and are not to be waited for any more; what follows comes after them.</summary>
    /// <param name="from">Who has sent them.</param>
    /// <param name="count">How many.</param>
    /// <param name="at">The frame that makes it certain.</param>
    void OnGap(Side from, long count, Arrival at);

    /// <summary>An end has closed.</summary>
    void OnEnd(Side from, StreamEnd end, Arrival at);
}

/// <summary>Makes a consumer for each connection.</summary>
public interface IStreamConsumerFactory
{
    /// <summary>A connection has appeared.</summary>
    IStreamConsumer Open(StreamConnection connection);
}
