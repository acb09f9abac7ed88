using Godwit.Capture.Streams;
using Godwit.Protocol;

namespace Godwit.Capture.Mqtt;

/// <summary>A connection that carries MQTT. What is not known yet may become known with later packets.</summary>
/// <param name="stream">The byte streams that carry it.</param>
public sealed class ObservedConnection(StreamConnection stream)
{
    /// <summary>The byte streams that carry it: addresses, number, when it was opened.</summary>
    public StreamConnection Stream => stream;

    /// <summary>Its number, from 1 on in the order of appearance among all connections, MQTT or not.</summary>
    public long Number => stream.Number;

    /// <summary>The end that is the MQTT client.</summary>
    public Side ClientSide { get; internal set; } = Side.Initiator;

    /// <summary>Whether a packet has shown which end is the client; until then it is taken to be the one that opened the connection.</summary>
    public bool IsClientSideCertain { get; internal set; }

    /// <summary>The protocol version: what CONNECT says or, if it was not seen, the likelier one so far.</summary>
    public ProtocolVersion Version { get; internal set; } = ProtocolVersion.V311;

    /// <summary>Whether the version is beyond doubt.</summary>
    public bool IsVersionCertain { get; internal set; }

    /// <summary>Whether CONNECT was seen.</summary>
    public bool HasConnect { get; internal set; }

    /// <summary>Whether the connection's content was decrypted on its way here.</summary>
    public bool IsEncrypted => stream.Layers?.Tls is not null;
}
