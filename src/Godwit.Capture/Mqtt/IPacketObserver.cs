using Godwit.Capture.Streams;

namespace Godwit.Capture.Mqtt;

/// <summary>Why bytes of an MQTT connection were not read as packets.</summary>
public enum UnreadReason : byte
{
    /// <summary>The capture does not have them.</summary>
    Missing,

    /// <summary>They stand behind a gap, or in the middle of a stream, in front of the first packet that could be found.</summary>
    Unsynchronised,

    /// <summary>They cannot be packets: a reserved type, or a length of more than four bytes.</summary>
    Unreadable,

    /// <summary>The stream ended within a packet.</summary>
    Incomplete,
}

/// <summary>Told of everything that is seen of MQTT. Calls are synchronous, in the order of the capture.</summary>
public interface IPacketObserver
{
    /// <summary>A connection has turned out to carry MQTT. Comes before its packets.</summary>
    void OnOpened(ObservedConnection connection, Arrival at) { }

    /// <summary>A packet is complete.</summary>
    void OnPacket(in ObservedPacket packet);

    /// <summary>Bytes were not read.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="from">Who has sent them.</param>
    /// <param name="count">How many.</param>
    /// <param name="reason">Why.</param>
    /// <param name="at">Where that became certain.</param>
    void OnSkipped(ObservedConnection connection, Side from, long count, UnreadReason reason, Arrival at) { }

    /// <summary>An end of an MQTT connection has closed.</summary>
    void OnEnd(ObservedConnection connection, Side from, StreamEnd end, Arrival at) { }

    /// <summary>A connection carries something else, or ended before it was clear what.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="kind">What it carries.</param>
    /// <param name="beginning">The first bytes of <paramref name="from"/>, as many as it took.</param>
    /// <param name="from">Who has sent them.</param>
    /// <param name="at">Where that became certain.</param>
    void OnForeign(StreamConnection connection, ContentKind kind, ReadOnlySpan<byte> beginning, Side from, Arrival at) { }
}
