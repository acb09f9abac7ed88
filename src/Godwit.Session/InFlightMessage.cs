using Godwit.Protocol;

namespace Godwit.Session;

/// <summary>One entry of an <see cref="OutboundFlow{TMessage}"/>: to send it again, to store it, or to look at it.</summary>
/// <param name="PacketId">Its packet identifier.</param>
/// <param name="QoS">1 or 2.</param>
/// <param name="IsPubrel">Whether the peer has sent PUBREC: PUBREL is to be sent, never PUBLISH again. <c>[MQTT-4.3.3-6]</c></param>
/// <param name="Message">The message; with <paramref name="IsPubrel"/> only what <see cref="OutboundFlow{TMessage}.Replace"/> has left of it.</param>
/// <typeparam name="TMessage">What the owner keeps of a message.</typeparam>
public readonly record struct InFlightMessage<TMessage>(ushort PacketId, QoS QoS, bool IsPubrel, TMessage Message);
