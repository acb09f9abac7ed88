using Godwit.Broker.Auth;
using Godwit.Broker.Connections;
using Godwit.Protocol;

namespace Godwit.Broker.Hooks;

/// <summary>Is told of what happens to clients and sessions. Called on the event loops: must be quick and must not block.</summary>
public interface ISessionHook
{
    /// <summary>A client is connected: its CONNACK is on the way.</summary>
    void OnConnected(ClientIdentity client, bool sessionPresent) { }

    /// <summary>A client's connection has ended.</summary>
    void OnDisconnected(ClientIdentity client, EndReason reason) { }

    /// <summary>A client has subscribed.</summary>
    void OnSubscribed(ClientIdentity client, string filter, SubscriptionOptions options) { }

    /// <summary>A client has unsubscribed.</summary>
    void OnUnsubscribed(ClientIdentity client, string filter) { }

    /// <summary>A session has ended for good: it expired, or was replaced by a clean start.</summary>
    void OnSessionEnded(ClientIdentity client) { }
}
