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
    private volatile IAuthorizer? _authorizer = options.Authorizer;

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

    /// <summary>Whether a client may be refused messages that it has subscribed to.</summary>
    public bool RestrictsDelivery { get; private set; } = options.Authorizer is { RestrictsDelivery: true };

    /// <summary>Whether somebody decides what clients may do.</summary>
    public bool IsRestricted => _authorizer is not null;

    /// <summary>Another one decides what clients may do, null for nobody: those who were opened an access by the one before need a new one.</summary>
    /// <returns>Whether it is another one.</returns>
    public bool Replace(IAuthorizer? authorizer)
    {
        if (authorizer == _authorizer) return false;
        _authorizer = authorizer;
        RestrictsDelivery = authorizer is { RestrictsDelivery: true };
        return true;
    }

    /// <summary>What a client may do; null if nobody decides.</summary>
    public IClientAccess? Open(ClientFacts client)
    {
        if (_authorizer is not { } authorizer) return null;
        try
        {
            return authorizer.Open(client);
        }
        catch (Exception e)
        {
            log.HookFailed(authorizer.GetType(), e);
            return NoAccess.Instance;
        }
    }

    /// <summary>Whether a connected client may stay so; null if it may, otherwise why not.</summary>
    public string? Review(IAuthenticator? authenticator, ConnectingClient client, AuthenticationResult? grant)
    {
        try
        {
            return authenticator?.Review(client, grant);
        }
        catch (Exception e)
        {
            log.ReviewFailed(client.ClientId, e);
            return null;
        }
    }

    public bool MayConnect(IClientAccess? access)
    {
        if (access is null) return true;
        try
        {
            return access.MayConnect;
        }
        catch (Exception e)
        {
            log.HookFailed(access.GetType(), e);
            return false;
        }
    }

    public bool MayPublish(IClientAccess? access, ReadOnlySpan<byte> topic, QoS qos, bool retain)
    {
        if (access is null) return true;
        try
        {
            return access.MayPublish(topic, qos, retain);
        }
        catch (Exception e)
        {
            log.HookFailed(access.GetType(), e);
            return false;
        }
    }

    public bool MaySubscribe(IClientAccess? access, ReadOnlySpan<byte> filter, SubscriptionOptions subscription)
    {
        if (access is null) return true;
        try
        {
            return access.MaySubscribe(filter, subscription);
        }
        catch (Exception e)
        {
            log.HookFailed(access.GetType(), e);
            return false;
        }
    }

    public bool MayReceive(IClientAccess access, ReadOnlySpan<byte> topic)
    {
        try
        {
            return access.MayReceive(topic);
        }
        catch (Exception e)
        {
            log.HookFailed(access.GetType(), e);
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

    // For a client whose authoriser has failed.
    private sealed class NoAccess : IClientAccess
    {
        public static readonly NoAccess Instance = new();

        public bool MayConnect => false;

        public bool MayPublish(ReadOnlySpan<byte> topic, QoS qos, bool retain) => false;

        public bool MaySubscribe(ReadOnlySpan<byte> filter, SubscriptionOptions options) => false;
    }
}
