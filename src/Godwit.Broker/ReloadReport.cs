namespace Godwit.Broker;

/// <summary>What <see cref="MqttBroker.ReloadAsync"/> has done.</summary>
/// <param name="Opened">Where the broker listens since then.</param>
/// <param name="Closed">Where it does not listen any more.</param>
/// <param name="Disconnected">Clients that were disconnected because they may not be connected any more.</param>
/// <param name="Unsubscribed">Subscriptions that were removed because they are not allowed any more.</param>
public sealed record ReloadReport(IReadOnlyList<string> Opened, IReadOnlyList<string> Closed, int Disconnected, int Unsubscribed);
