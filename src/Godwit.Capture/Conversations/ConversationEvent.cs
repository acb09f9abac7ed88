using Godwit.Capture.Streams;
using Godwit.Protocol;

namespace Godwit.Capture.Conversations;

/// <summary>Something that only somebody sees who follows the conversation; one packet alone does not show it.</summary>
public enum ConversationEventKind : byte
{
    /// <summary>The first packet from the client is not CONNECT.</summary>
    NoConnectFirst,

    /// <summary>A second CONNECT on one connection.</summary>
    SecondConnect,

    /// <summary>The server has sent something before CONNACK.</summary>
    NoConnackFirst,

    /// <summary>A packet that only the other side may send.</summary>
    WrongDirection,

    /// <summary>A PUBLISH was sent again, with DUP 1. <c>Related</c> is the first sending.</summary>
    Repeated,

    /// <summary>An identifier was used for something new while it was in use. <c>Related</c> is what uses it.</summary>
    PacketIdInUse,

    /// <summary>DUP is 1, but no earlier sending was seen on a connection that was seen from its beginning.</summary>
    DupWithoutOriginal,

    /// <summary>An acknowledgement of nothing that is in flight.</summary>
    UnknownAcknowledgement,

    /// <summary>An acknowledgement of another kind than the message needs. <c>Related</c> is the message.</summary>
    WrongAcknowledgement,

    /// <summary>An acknowledgement came before that of an earlier message. <c>Related</c> is the earlier message.</summary>
    OutOfOrder,

    /// <summary>SUBACK or UNSUBACK has another number of codes than there were filters. <c>Value</c> is the number of filters.</summary>
    CodeCount,

    /// <summary>More unacknowledged PUBLISHes than Receive Maximum allows. <c>Value</c> is the maximum.</summary>
    ReceiveMaximumExceeded,

    /// <summary>A packet larger than the other side's Maximum Packet Size. <c>Value</c> is the maximum.</summary>
    PacketTooLarge,

    /// <summary>A topic alias above the other side's Topic Alias Maximum. <c>Value</c> is the alias.</summary>
    TopicAliasTooHigh,

    /// <summary>A topic alias that was not given a topic before. <c>Value</c> is the alias.</summary>
    TopicAliasUnknown,

    /// <summary>The client was silent for longer than 1.5 times its keep alive. <c>Value</c> is the silence in milliseconds.</summary>
    KeepAliveExceeded,

    /// <summary>CONNACK has Session Present 1 although CONNECT had Clean Start 1.</summary>
    SessionPresentAfterClean,

    /// <summary>The client wanted to go on with a session that the server does not have. <c>Related</c> is its earlier CONNECT, if seen.</summary>
    SessionLost,

    /// <summary>Another connection with the same client identifier was open. <c>Related</c> is the earlier one's CONNECT.</summary>
    TakeOver,

    /// <summary>Something was sent behind DISCONNECT. <c>Related</c> is the DISCONNECT.</summary>
    AfterDisconnect,

    /// <summary>The server has published the will of a client that had left by DISCONNECT with 0x00. <c>Related</c> is the CONNECT with the will.</summary>
    WillAfterDisconnect,

    /// <summary>A client that had a will ended without DISCONNECT, and a subscriber of the will's topic got nothing. <c>Related</c> is the CONNECT.</summary>
    WillMissing,

    /// <summary>There were too many of something to follow; <c>Value</c> is how many are followed.</summary>
    NotFollowed,
}

/// <summary>Something that was noticed in a conversation.</summary>
/// <param name="Kind">What.</param>
/// <param name="Side">Who has done it.</param>
/// <param name="Packet">The packet in which it shows; 0 for none.</param>
/// <param name="Related">Another packet that is concerned; 0 for none.</param>
/// <param name="PacketId">The packet identifier; 0 for none.</param>
/// <param name="Value">A number; what it means, the kind says.</param>
/// <param name="Type">The packet's type.</param>
/// <param name="At">When.</param>
public readonly record struct ConversationEvent(
    ConversationEventKind Kind, Side Side, long Packet, long Related, ushort PacketId, long Value, PacketType Type, Arrival At);

/// <summary>How a connection ended.</summary>
public enum ClosingKind : byte
{
    /// <summary>It has not, as far as the capture goes.</summary>
    Open,

    /// <summary>DISCONNECT, then the end of the stream.</summary>
    Disconnect,

    /// <summary>The end of the stream without DISCONNECT.</summary>
    Closed,

    /// <summary>Aborted (RST).</summary>
    Reset,
}

/// <summary>Told of what conversations show.</summary>
public interface IConversationObserver
{
    /// <summary>A connection that carries MQTT has begun.</summary>
    void OnBegin(Conversation conversation) { }

    /// <summary>A packet, after it has taken its effect on the conversation and before what it shows is reported.</summary>
    void OnPacket(Conversation conversation, in Mqtt.ObservedPacket packet) { }

    /// <summary>A packet was answered, or will not be.</summary>
    void OnExchange(Conversation conversation, in Exchange exchange) { }

    /// <summary>Something was noticed.</summary>
    void OnEvent(Conversation conversation, in ConversationEvent happened) { }

    /// <summary>Bytes were not read as packets.</summary>
    void OnSkipped(Conversation conversation, Side from, long count, Mqtt.UnreadReason reason, Arrival at) { }

    /// <summary>The conversation is over, or the capture is.</summary>
    void OnOver(Conversation conversation) { }

    /// <summary>A connection carries something else than MQTT.</summary>
    void OnForeign(StreamConnection connection, Mqtt.ContentKind kind, ReadOnlySpan<byte> beginning, Side from, Arrival at) { }
}
