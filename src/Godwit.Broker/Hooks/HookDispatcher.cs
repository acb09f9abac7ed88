// Calls the application's own code: hooks and authoriser. What it throws is logged and answered with the safe choice (refuse, deny);
// it must not end a connection or stop a delivery. Where nothing is registered, nothing happens.
using Godwit.Broker.Auth;
using Godwit.Broker.Connections;
using Godwit.Broker.Routing;
using Godwit.Broker.Telemetry;
using Godwit.Protocol;

namespace Godwit.Broker.Hooks;

internal sealed class HookDispatcher(BrokerOptions options, LogMessages log)
{
    private readonly IMessageHook[] _messageHooks = [.. options.MessageHooks];
    private readonly ISessionHook[] _sessionHooks = [.. options.SessionHooks];

    /// <summary>Whether any message hook is there.</summary>
    public bool SeesMessages => _messageHooks.Length > 0;

    public bool IsAdministrator(ClientIdentity client)
    {
        try
        {
            return options.IsAdministrator!(client);
        }
        catch (Exception e)
        {
            log.HookFailed(options.IsAdministrator!.GetType(), e);
            return false;
        }
    }

    public bool MayPublish(ClientIdentity client, ReadOnlySpan<byte> topic, QoS qos, bool retain)
    {
        if (options.Authorizer is not { } authorizer) return true;
        try
        {
            return authorizer.MayPublish(client, topic, qos, retain);
        }
        catch (Exception e)
        {
            log.HookFailed(authorizer.GetType(), e);
            return false;
        }
    }

    public bool MaySubscribe(ClientIdentity client, ReadOnlySpan<byte> filter, SubscriptionOptions subscription)
    {
        if (options.Authorizer is not { } authorizer) return true;
        try
        {
            return authorizer.MaySubscribe(client, filter, subscription);
        }
        catch (Exception e)
        {
            log.HookFailed(authorizer.GetType(), e);
            return false;
        }
    }

    /// <summary>A client's message, before it is routed: the first error of a hook refuses it.</summary>
    public ReasonCode MessageIn(ClientIdentity client, in PublicationView view)
    {
        HookedMessage message = Describe(client, view, view.QoS, view.Retain);
        foreach (IMessageHook hook in _messageHooks)
        {
            try
            {
                ReasonCode code = hook.OnMessageIn(message);
                if (code.IsError()) return code;
            }
            catch (Exception e)
            {
                log.HookFailed(hook.GetType(), e);
                return ReasonCode.UnspecifiedError;
            }
        }
        return ReasonCode.Success;
    }

    /// <summary>A message on its way to a client: any hook can drop it.</summary>
    public bool MessageOut(ClientIdentity? client, in PublicationView view, QoS qos, bool retain)
    {
        HookedMessage message = Describe(client, view, qos, retain);
        foreach (IMessageHook hook in _messageHooks)
        {
            try
            {
                if (!hook.OnMessageOut(message)) return false;
            }
            catch (Exception e)
            {
                log.HookFailed(hook.GetType(), e);
                return false;
            }
        }
        return true;
    }

    public void Connected(ClientIdentity client, bool sessionPresent) => Tell(hook => hook.OnConnected(client, sessionPresent));

    public void Disconnected(ClientIdentity client, EndReason reason) => Tell(hook => hook.OnDisconnected(client, reason));

    public void Subscribed(ClientIdentity client, string filter, SubscriptionOptions subscription) =>
        Tell(hook => hook.OnSubscribed(client, filter, subscription));

    public void Unsubscribed(ClientIdentity client, string filter) => Tell(hook => hook.OnUnsubscribed(client, filter));

    public void SessionEnded(ClientIdentity client) => Tell(hook => hook.OnSessionEnded(client));

    private void Tell(Action<ISessionHook> what)
    {
        foreach (ISessionHook hook in _sessionHooks)
        {
            try
            {
                what(hook);
            }
            catch (Exception e)
            {
                log.HookFailed(hook.GetType(), e);
            }
        }
    }

    private static HookedMessage Describe(ClientIdentity? client, in PublicationView view, QoS qos, bool retain) => new()
    {
        Client = client,
        Topic = view.Topic,
        Payload = view.Payload,
        QoS = qos,
        Retain = retain,
        Properties = new MqttProperties(view.Properties),
    };
}
