using Godwit.Capture.Conversations;
using Godwit.Capture.Mqtt;
using Godwit.Capture.Streams;

namespace Godwit.Capture.Views;

/// <summary>Shows packets, or does something else with them, when everything is known about them that can be known by then.</summary>
public interface IPacketView
{
    /// <summary>A packet.</summary>
    /// <param name="packet">The packet; valid during the call only.</param>
    /// <param name="context">What goes beyond its bytes; the same object each time.</param>
    void OnPacket(in ObservedPacket packet, PacketContext context);

    /// <summary>Bytes were not read as packets.</summary>
    void OnSkipped(Conversation conversation, Side from, long count, UnreadReason reason, Arrival at) { }

    /// <summary>A connection is over, or the capture is.</summary>
    void OnOver(Conversation conversation) { }

    /// <summary>A connection carries something else than MQTT.</summary>
    void OnForeign(StreamConnection connection, ContentKind kind, Arrival at) { }
}

/// <summary>Takes the frames of a capture, each behind its packets.</summary>
public interface IFrameView
{
    /// <summary>A frame.</summary>
    /// <param name="frame">The frame; valid during the call only.</param>
    /// <param name="interfaces">The capture's interfaces, as far as they are known.</param>
    void OnFrame(in Frame frame, IReadOnlyList<CaptureInterface> interfaces);
}
