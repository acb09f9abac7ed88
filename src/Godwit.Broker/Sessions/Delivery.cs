using Godwit.Broker.Routing;
using Godwit.Protocol;

namespace Godwit.Broker.Sessions;

/// <summary>A message for one session: what waits in its queue or in its in-flight table.</summary>
/// <param name="Publication">The message; null in flight when nobody will ever need it again (the session ends with its connection).</param>
/// <param name="QoS">The QoS of this delivery. <c>[MQTT-3.8.4-6]</c> <c>[MQTT-3.8.4-8]</c></param>
/// <param name="Retain">The RETAIN flag of this delivery.</param>
/// <param name="Identifiers">Subscription identifiers; null for none.</param>
/// <param name="Member">The shared subscription it came by, if any.</param>
internal readonly record struct Delivery(Publication? Publication, QoS QoS, bool Retain, uint[]? Identifiers, SharedMember? Member);
