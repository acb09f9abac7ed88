using Godwit.Broker.Routing;
using Godwit.Protocol;

namespace Godwit.Broker.Sessions;

/// <summary>A message for one session: what waits in its queue or in its in-flight table.</summary>
/// <param name="Publication">The message; null in flight when nobody will ever need it again (the session ends with its connection).</param>
/// <param name="QoS">The QoS of this delivery. <c>[MQTT-3.8.4-6]</c>, 5.0: <c>[MQTT-3.8.4-8]</c></param>
/// <param name="Retain">The RETAIN flag of this delivery.</param>
/// <param name="Identifiers">Subscription identifiers; null for none.</param>
/// <param name="Member">The shared subscription it came by, if any.</param>
internal readonly record struct Delivery(Publication? Publication, QoS QoS, bool Retain, uint[]? Identifiers, SharedMember? Member)
{
    /// <summary>Its place in a durable queue; 0 if it is not stored.</summary>
    public long Sequence { get; init; }

    /// <summary>The latest write that concerns it, for <see cref="Durability.StoreLog"/>; 0 if it comes from the store.</summary>
    public long Ticket { get; init; }

    /// <summary>Bytes it keeps in memory, roughly, the whole message counted although sessions share it; 0 without a message.</summary>
    public int Size => Publication is null ? 0 : Publication.Size + sizeof(uint) * (Identifiers?.Length ?? 0);
}
