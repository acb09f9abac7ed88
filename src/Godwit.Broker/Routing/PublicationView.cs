// A message on its way through the router. It points into the receive buffer (or into a Publication), so that a message nobody
// has to keep is never copied anywhere but into its recipients' output.
using Godwit.Broker.Sessions;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Broker.Routing;

internal ref struct PublicationView
{
    /// <summary>The value of <see cref="ExpiresAt"/> for messages without expiry.</summary>
    public const long Never = long.MaxValue;

    public ReadOnlySpan<byte> Topic;
    public ReadOnlySpan<byte> Payload;

    /// <summary>The MQTT 5 properties that are passed on unchanged: all but topic alias, message expiry and subscription identifiers.</summary>
    public ReadOnlySpan<byte> Properties;

    /// <summary>
    /// The packet as it came, if it can be passed on as it is to a connection of the same kind (<see cref="RawIsV5"/>), but for the
    /// flags and the packet identifier; otherwise empty.
    /// </summary>
    public ReadOnlySpan<byte> Raw;

    /// <summary>Where the packet identifier stands in <see cref="Raw"/> (QoS 1 and 2).</summary>
    public int RawPacketIdOffset;

    public bool RawIsV5;
    public QoS QoS;
    public bool Retain;

    /// <summary>When it expires, in loop milliseconds, or <see cref="Never"/>.</summary>
    public long ExpiresAt;

    /// <summary>
    /// Whose message it is, for No Local; null for the broker's own. A kept message has the client identifier only: the session would live
    /// as long as the message otherwise.
    /// </summary>
    public ClientSession? Publisher;

    /// <summary>The heap copy, once somebody has asked for it.</summary>
    public Publication? Kept;

    /// <summary>The payload in a buffer of its own that will not change, if it has one: then keeping needs no copy of it.</summary>
    public ReadOnlyMemory<byte>? OwnedPayload;

    /// <summary>
    /// That buffer if it is one that goes back to its pool when the last one releases it; whoever calls with the view holds it meanwhile.
    /// </summary>
    public SharedBuffer? Buffer;

    /// <summary>What its publisher waits for; <see cref="AcknowledgementLevel.Memory"/> if for nothing that others have to do.</summary>
    public AcknowledgementLevel Level;

    /// <summary>The message on the heap with a record of what is promised about it.</summary>
    public Publication KeepRecorded()
    {
        Publication kept = Keep();
        if (kept.Record is null) kept.MakeRecord(Level == AcknowledgementLevel.Fsync);
        return kept;
    }

    /// <summary>The message on the heap: made once, shared by all who keep it.</summary>
    public Publication Keep()
    {
        if (Kept is not null) return Kept;
        Buffer?.Retain(); // for good: a message on the heap is nobody's to release
        return Kept = new Publication(this, OwnedPayload);
    }

    /// <summary>The payload is at a place in a shared buffer.</summary>
    public void SetBuffer(SharedBuffer buffer, int offset, int length)
    {
        Buffer = buffer;
        OwnedPayload = buffer.Bytes.AsMemory(offset, length);
        Payload = OwnedPayload.Value.Span;
    }
}
