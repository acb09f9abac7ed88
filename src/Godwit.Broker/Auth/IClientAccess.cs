using Godwit.Protocol;

namespace Godwit.Broker.Auth;

/// <summary>Who a client is, once it is authenticated.</summary>
/// <param name="ClientId">The client identifier.</param>
/// <param name="UserName">The user name, or null.</param>
/// <param name="Attributes">What authentication has found out besides, by names such as <c>jwt.tenant</c>; null for nothing.</param>
public sealed record ClientFacts(string ClientId, string? UserName, IReadOnlyDictionary<string, string>? Attributes = null)
{
    /// <summary>Its names alone.</summary>
    public ClientIdentity Identity => new(ClientId, UserName);
}

/// <summary>
/// What one client may do. Asked on the event loop of its connection, first where it connects and then where its session lives, never on two
/// at a time: it can remember answers without a lock. Called for every message, so it answers from memory at once.
/// </summary>
public interface IClientAccess
{
    /// <summary>Whether the client may connect at all; asked when it does, and again after <see cref="MqttBroker.ReloadAsync"/>.</summary>
    bool MayConnect => true;

    /// <inheritdoc cref="IAuthorizer.MayPublish"/>
    bool MayPublish(ReadOnlySpan<byte> topic, QoS qos, bool retain);

    /// <inheritdoc cref="IAuthorizer.MaySubscribe"/>
    bool MaySubscribe(ReadOnlySpan<byte> filter, SubscriptionOptions options);

    /// <summary>
    /// Whether the client may receive a message that one of its subscriptions has matched. Asked only if
    /// <see cref="IAuthorizer.RestrictsDelivery"/>.
    /// </summary>
    bool MayReceive(ReadOnlySpan<byte> topic) => true;
}

/// <summary>An authoriser that answers for all clients, asked for one of them.</summary>
internal sealed class SharedAccess(IAuthorizer authorizer, ClientIdentity client) : IClientAccess
{
    public bool MayPublish(ReadOnlySpan<byte> topic, QoS qos, bool retain) => authorizer.MayPublish(client, topic, qos, retain);

    public bool MaySubscribe(ReadOnlySpan<byte> filter, SubscriptionOptions options) => authorizer.MaySubscribe(client, filter, options);
}
