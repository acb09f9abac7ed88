using Godwit.Protocol;

namespace Godwit.Broker.Auth;

/// <summary>Who asks: a connected client.</summary>
/// <param name="ClientId">The client identifier.</param>
/// <param name="UserName">The user name, or null.</param>
public sealed record ClientIdentity(string ClientId, string? UserName);

/// <summary>
/// Decides what a connected client may do. Called on the event loops for every message, so an implementation answers from memory
/// at once; slow decisions belong into <see cref="IAuthenticator"/>.
/// </summary>
public interface IAuthorizer
{
    /// <summary>Whether the client may publish to the topic; also asked for its will.</summary>
    /// <param name="client">Who asks.</param>
    /// <param name="topic">The topic name in UTF-8.</param>
    /// <param name="qos">The QoS.</param>
    /// <param name="retain">Whether the message is to be retained.</param>
    bool MayPublish(ClientIdentity client, ReadOnlySpan<byte> topic, QoS qos, bool retain);

    /// <summary>Whether the client may subscribe to the filter.</summary>
    /// <param name="client">Who asks.</param>
    /// <param name="filter">The filter in UTF-8; of a shared subscription the part after the share name.</param>
    /// <param name="options">The options asked for.</param>
    bool MaySubscribe(ClientIdentity client, ReadOnlySpan<byte> filter, SubscriptionOptions options);

    /// <summary>
    /// Whether clients may be refused messages that their subscriptions match; default false. Asked once, when the broker is made: without
    /// it deliveries cost nothing more.
    /// </summary>
    bool RestrictsDelivery => false;

    /// <summary>
    /// Called once for each client that has been authenticated: what it may do. By default the questions go to <see cref="MayPublish"/> and
    /// <see cref="MaySubscribe"/>; an implementation of its own can prepare and remember answers.
    /// </summary>
    IClientAccess Open(ClientFacts client) => new SharedAccess(this, client.Identity);
}
