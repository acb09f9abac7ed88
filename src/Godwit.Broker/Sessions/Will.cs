using Godwit.Broker.Routing;

namespace Godwit.Broker.Sessions;

/// <summary>A will: what to publish when the connection ends without DISCONNECT, and how long to wait (MQTT 5 section 3.1.3.2.2).</summary>
/// <param name="Publication">The message; its expiry is an interval that starts when it is published.</param>
/// <param name="DelaySeconds">Will Delay Interval.</param>
/// <param name="ExpirySeconds">Message Expiry Interval; null for none.</param>
internal sealed record Will(Publication Publication, uint DelaySeconds, uint? ExpirySeconds);
