namespace Godwit.Session;

/// <summary>What an acknowledgement from the peer means for an <see cref="OutboundFlow{TMessage}"/>.</summary>
public enum AckOutcome : byte
{
    /// <summary>The message is done: its identifier is free and its share of the send quota is back.</summary>
    Completed,

    /// <summary>The peer has taken the message: answer PUBREL. Also for a repeated PUBREC, which is answered by PUBREL again.</summary>
    SendPubrel,

    /// <summary>
    /// No such identifier is in flight. To be ignored, except that MQTT 5 answers PUBREC by PUBREL with
    /// <see cref="Protocol.ReasonCode.PacketIdentifierNotFound"/>, and 3.1.1 by a plain PUBREL: else the peer keeps the identifier for ever.
    /// </summary>
    Unknown,

    /// <summary>The identifier is in flight, but this kind of acknowledgement cannot answer it: a protocol error of the peer's.</summary>
    Mismatch,
}
