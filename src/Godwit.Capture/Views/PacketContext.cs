// What is known of a packet beside its bytes. One object for all packets, filled anew for each: nothing is allocated.
using Godwit.Capture.Conversations;
using Godwit.Capture.Findings;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;

namespace Godwit.Capture.Views;

/// <summary>What goes with a packet: its conversation, what it answers, what was found in it. Valid during the call only.</summary>
public sealed class PacketContext
{
    internal List<Finding> Found { get; } = [];

    /// <summary>The packet's conversation.</summary>
    public Conversation Conversation { get; internal set; } = null!;

    /// <summary>The client identifier; null if it is not known, empty if the client has none.</summary>
    public string? ClientId => Conversation.ClientId;

    /// <summary>When the capture begins: its first frame, in nanoseconds since 1970-01-01 00:00 UTC.</summary>
    public long CaptureStart { get; internal set; }

    /// <summary>The request that the packet answers, if it answers one that was seen.</summary>
    public Exchange? Answered { get; internal set; }

    /// <summary>What was found in this packet, or in the segment that completed it.</summary>
    public IReadOnlyList<Finding> Findings => Found;

    /// <summary>The sender's address.</summary>
    public static System.Net.IPEndPoint Source(in ObservedPacket packet) =>
        packet.Side == Side.Initiator ? packet.Connection.Stream.Initiator : packet.Connection.Stream.Responder;

    /// <summary>The receiver's address.</summary>
    public static System.Net.IPEndPoint Destination(in ObservedPacket packet) =>
        packet.Side == Side.Initiator ? packet.Connection.Stream.Responder : packet.Connection.Stream.Initiator;
}
