// From CONNECT to CONNACK (sections 3.1.4, 3.2 and 4.12): checks, authentication, the way to the session's home loop, the session.
using Godwit.Broker.Auth;
using Godwit.Broker.Control;
using Godwit.Broker.Limits;
using Godwit.Broker.Listening;
using Godwit.Broker.Losses;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Protocol;

namespace Godwit.Broker.Connections;

internal sealed class ConnectHandler(Shard shard)
{
    // Bytes of a session and its connection, and of the garbage that connecting leaves behind.
    private const int ClientCost = 4096;

    private static readonly Dictionary<string, string> Nothing = [];

    private BrokerOptions Options => shard.Options;

    private Doorkeeper Door => shard.Broker.Door;

    public void OnConnect(ClientConnection connection, in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
        bool isWellFormed = ConnectPacket.TryRead(frame, packet, out ConnectPacket connect, out Violation? violation);
        connection.Version = connect.Version;
        if (connect.Version == ProtocolVersion.V5) connection.Limits = Session.ConnectionLimits.From(connect.Properties); // for a refusal too
        if (!isWellFormed)
        {
            connection.Violate(violation!);
            return;
        }
        if (shard.Log.Packets) shard.Log.ConnectReceived(connection.RemoteEndPoint, connect);

        string? assignedId = null;
        if (connect.ClientId.IsEmpty)
        {
            // [MQTT-3.1.3-8]; MQTT 3.1 wants 1 to 23 characters
            bool mayAssign = Options.AllowEmptyClientId && (connect.Version == ProtocolVersion.V5 || (connect.Version == ProtocolVersion.V311 && connect.CleanStart));
            if (!mayAssign)
            {
                Refuse(connection, ReasonCode.ClientIdentifierNotValid, "An empty client identifier is not accepted here");
                return;
            }
            assignedId = Options.AssignedClientIdPrefix + Guid.NewGuid().ToString("N"); // [MQTT-3.1.3-6], 5.0: [MQTT-3.2.2-16]
        }
        connection.Request = ConnectRequest.From(connect, assignedId) with { Decision = shard.Decision };
        if (connection.Listener.UserName != CertificateUserName.None)
        {
            if (PeerNames.UserName(connection.Transport.Peer, connection.Listener.UserName) is not { } name)
            {
                Refuse(connection, ReasonCode.NotAuthorized, "A client certificate with a name is needed here");
                return;
            }
            connection.Request = connection.Request with { UserName = name };
        }
        if (Door.Greet(connection.Request.ClientId, connection.Request.UserName, connection) is { } refusal)
        {
            Refuse(connection, refusal);
            return;
        }
        if (connect.HasWill && CheckWill(connect) is { } code)
        {
            Refuse(connection, code, "The will is not accepted here");
            return;
        }
        connection.Phase = ConnectionPhase.Connecting;
        Authenticate(connection, connection.Request);
    }

    /// <summary>AUTH before CONNACK: the next step of the exchange.</summary>
    public void OnAuth(ClientConnection connection, in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
        if (ReadAuth(connection, frame, packet, ReasonCode.ContinueAuthentication) is not { } data) return;
        connection.Phase = ConnectionPhase.Connecting;
        Await(connection, () => connection.Authentication!.ContinueAsync(data, CancellationToken.None), OnStep);
    }

    /// <summary>AUTH of a connected client: re-authentication (section 4.12.1). <c>[MQTT-4.12.1-1]</c></summary>
    public void OnReauthenticate(ClientConnection connection, in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
        ReasonCode expected = connection.Authentication is null ? ReasonCode.ReAuthenticate : ReasonCode.ContinueAuthentication;
        if (ReadAuth(connection, frame, packet, expected) is not { } data) return;
        Await(
            connection,
            () => (connection.Authentication ?? Begin(connection, FindMethod(connection.Request!.AuthenticationMethod!)!)).ContinueAsync(data, CancellationToken.None),
            OnReauthenticationStep);
    }

    /// <summary>Authenticated, and on the session's home loop: attach the session and answer.</summary>
    public void Complete(ClientConnection connection)
    {
        if (connection.Phase == ConnectionPhase.Ended) return;
        ConnectRequest request = connection.Request!;
        if (shard.Broker.IsStopping)
        {
            Refuse(connection, ReasonCode.ServerUnavailable, "The server is shutting down");
            return;
        }
        ushort keepAlive = EffectiveKeepAlive(request);
        bool comesBack = !request.CleanStart && shard.FindSession(request.ClientId) is { IsPersistent: true };
        uint expiry = Math.Min(request.SessionExpiryInterval, comesBack ? Options.MaximumSessionExpiry : Options.NewSessionExpiry);
        if (expiry > 0 && shard.Store?.Failure is not null)
        {
            Refuse(connection, ReasonCode.ServerUnavailable, "The server cannot store sessions at the moment");
            return;
        }
        if (shard.Memory.IsShedding && shard.FindSession(request.ClientId) is null)
        {
            Refuse(connection, ReasonCode.QuotaExceeded, "The server has no memory for another session at the moment");
            return;
        }
        // Its names may be others than those it came with, and somebody may have been banned meanwhile.
        if (Door.FindBan(request.ClientId, request.UserName, connection) is { } ban)
        {
            Refuse(connection, ban);
            return;
        }
        if (request.Decision != shard.Decision && Reconsider(connection, out request) is { } objection) // decided anew while it connected
        {
            Refuse(connection, ReasonCode.NotAuthorized, objection);
            return;
        }
        var identity = new ClientIdentity(request.ClientId, request.UserName);
        ClientLimits limits = shard.Classes.LimitsOf(identity);
        if (ConnackSender.PropertiesFor(connection, request, expiry, keepAlive, limits) is not { } properties)
        {
            Refuse(connection, ReasonCode.PacketTooLarge, "CONNACK does not fit into the client's Maximum Packet Size");
            return;
        }
        ClientConnection? old = shard.FindSession(request.ClientId)?.Connection;
        if (connection.TryEnter(request.UserName, old) is { } tooMany)
        {
            Refuse(connection, tooMany);
            return;
        }
        if (old is not null)
        {
            shard.Log.AlreadyConnected(request.ClientId);
            old.End(EndReason.TakenOver); // [MQTT-3.1.4-2], 5.0: [MQTT-3.1.4-3]
        }
        ClientSession? session = shard.FindSession(request.ClientId);
        if (session is not null && request.CleanStart) // [MQTT-3.1.2-6], 5.0: [MQTT-3.1.2-4]
        {
            session.PublishWill(); // the session ends before the delay does
            shard.End(session);
            session = null;
        }
        bool isPresent = session is not null;
        bool isReviewed = session?.Access is not null || request.Access is null;
        if (session is null) shard.AddSession(session = new ClientSession(shard, identity, limits));
        session.Identity = identity;
        session.Access = request.Access;
        session.Limits = limits;
        session.ExpiryInterval = expiry;
        session.Will = request.Will; // [MQTT-3.1.2-8], 5.0: [MQTT-3.1.2-7]; an earlier one is cancelled [MQTT-3.1.3-9]

        connection.Session = session;
        connection.Publisher.UseAliases(Math.Min(request.Limits.TopicAliasMaximum, Options.MaximumOutboundTopicAliases));
        session.Attach(
            connection,
            sendMaximum: Math.Min(request.Limits.ReceiveMaximum, session.Limits.Inflight),
            receiveMaximum: request.Version == ProtocolVersion.V5 ? Options.ReceiveMaximum : ushort.MaxValue);
        Store(connection, session, isToBeKept: session.Durable is not null || expiry > 0);
        shard.Counters.ClientsConnected++;
        shard.Counters.ConnectsAccepted++;
        shard.Memory.Charge(ClientCost);
        connection.Establish(limits);

        ConnackSender.Accept(connection, isPresent, properties); // [MQTT-3.2.0-1]
        shard.Log.ClientConnected(connection.Transport, request);
        connection.Authentication = null;
        connection.Request = request.AuthenticationMethod is null ? null : request with { Password = null, AuthenticationData = default };
        connection.Proceed(ConnectionPhase.Connected);
        connection.StartKeepAlive(keepAlive);
        connection.EndAt(connection.Grant?.ExpiresAt);
        shard.Hooks.Connected(identity, isPresent);
        foreach (Subscription subscription in session.Subscriptions) subscription.Member?.SetOnline(true);
        session.Pump(); // [MQTT-4.4.0-1]
        if (isPresent && !isReviewed) new ClientReview(shard).Start(session); // subscriptions of before the rules
        if (ClientReview.MustReviewCertificate(connection)) Task.Run(() => ClientReview.ReviewCertificate(connection)); // verified by lists of before
    }

    /// <summary>Whether a client may still be connected, by what is in force now; null if it may, otherwise why not.</summary>
    public string? Review(ClientConnection connection, string clientId, string? userName) => connection.Listener.IsControl ? null : shard.Hooks.Review(
        Options.Authenticator,
        new ConnectingClient(clientId, userName, null, connection.Version, connection.RemoteEndPoint)
        {
            Peer = connection.Transport.Peer,
            IsIdentified = connection.Listener.UserName != CertificateUserName.None,
        },
        connection.Grant);

    /// <summary>What a client may do; null if nothing is restricted.</summary>
    public IClientAccess? OpenAccess(ClientConnection connection, string clientId, string? userName) =>
        shard.Hooks.IsRestricted && !connection.Listener.IsControl ? shard.Hooks.Open(new ClientFacts(clientId, userName, AttributesOf(connection))) : null;

    private string? Reconsider(ClientConnection connection, out ConnectRequest request)
    {
        request = connection.Request!;
        if (Review(connection, request.ClientId, request.UserName) is { } objection) return objection;
        IClientAccess? access = OpenAccess(connection, request.ClientId, request.UserName);
        connection.Request = request = request with { Access = access };
        return shard.Hooks.MayConnect(access) ? null : "Not authorised to connect";
    }

    // CONNACK promises a persistent session, and that an ended one does not come again: it does not go out, nor does what follows, before
    // the store has it so.
    private void Store(ClientConnection connection, ClientSession session, bool isToBeKept)
    {
        if (shard.Store is not { } store) return;
        SharedReturns? former = shard.Leaving.GetValueOrDefault(session.ClientId);
        if (isToBeKept)
        {
            if (session.Durable is null) session.MakeDurable(shard.Broker.NextQueue(), store.Clock.UnixNow);
            session.Save(connection.Level);
        }
        if (connection.Level == AcknowledgementLevel.Memory || !(isToBeKept || former is not null)) return;
        connection.Transport.HoldOutput();
        if (former is null) Release();
        else former.WhenRemoved(Release);

        void Release() => store.WhenStored(connection.Level, connection.Transport.ReleaseOutput);
    }

    /// <summary>
    /// The bytes do not make a CONNECT. Before MQTT 5 the connection just closes <c>[MQTT-3.1.4-1]</c>; only a version that is not served
    /// is answered. <c>[MQTT-3.1.2-2]</c>
    /// </summary>
    public static void RefuseMalformed(ClientConnection connection, Violation violation)
    {
        bool isAnswered = violation == Violations.ProtocolLevel || (connection.Version == ProtocolVersion.V5 && violation.ReasonCode.IsAllowedIn(PacketType.Connack));
        if (isAnswered && connection.Phase != ConnectionPhase.Ended) ConnackSender.Refuse(connection, violation.ReasonCode, violation.Describe(connection.Version));
        connection.End(EndReason.ConnectRefused, reasonString: violation.Description);
    }

    private void Refuse(ClientConnection connection, ConnectRefusal refusal)
    {
        Door.Refusals.Count(refusal.Reason, $"client {connection.ClientId}, {connection.RemoteEndPoint?.ToString() ?? "this process"}: {refusal.Detail}");
        ConnackSender.Refuse(connection, refusal.Code, refusal.Sentence);
        connection.End(EndReason.ConnectRefused, reasonString: refusal.Detail);
    }

    private static void Refuse(ClientConnection connection, ReasonCode code, string? reason)
    {
        ConnackSender.Refuse(connection, code, reason);
        connection.End(EndReason.ConnectRefused, reasonString: reason ?? code.Name());
    }

    // [MQTT-3.2.2-12] [MQTT-3.2.2-13]
    private ReasonCode? CheckWill(in ConnectPacket connect)
    {
        if (connect.WillQoS > Options.MaximumQoS) return ReasonCode.QoSNotSupported;
        if (connect.WillRetain && !Options.RetainAvailable) return ReasonCode.RetainNotSupported;
        return connect.WillTopic.Count((byte)'/') >= Options.MaximumTopicLevels || connect.WillTopic.StartsWith("$SYS/"u8) || ControlChannel.IsControl(connect.WillTopic) ? ReasonCode.TopicNameInvalid : null;
    }

    private void Authenticate(ClientConnection connection, ConnectRequest request)
    {
        if (connection.Listener.IsControl)
        {
            if (connection.Transport.Peer.Unix is { IsOwnOrRoot: true }) GoHome(connection);
            else Refuse(connection, ReasonCode.NotAuthorized, "Only the broker's own user and root may connect here");
        }
        else if (request.AuthenticationMethod is { } method)
        {
            if (FindMethod(method) is not { } authenticator) // [MQTT-4.12.0-1]
            {
                Refuse(connection, ReasonCode.BadAuthenticationMethod, "The authentication method is not served here");
                return;
            }
            Await(connection, () => Begin(connection, authenticator).ContinueAsync(request.AuthenticationData, CancellationToken.None), OnStep);
        }
        else if (Options.Authenticator is { } authenticator)
        {
            Await(connection, () => authenticator.AuthenticateAsync(Describe(connection), CancellationToken.None), OnAuthenticated);
        }
        else
        {
            GoHome(connection);
        }
    }

    private void OnAuthenticated(ClientConnection connection, AuthenticationResult result)
    {
        if (result.ReasonCode != ReasonCode.Success) // [MQTT-3.1.4-2], 3.1.1: section 3.1.4
        {
            Refuse(connection, result.ReasonCode, result.ReasonString);
            return;
        }
        connection.Grant = result;
        if (result.UserName is { } name) connection.Request = connection.Request! with { UserName = name };
        GoHome(connection);
    }

    private void OnStep(ClientConnection connection, EnhancedAuthenticationStep step)
    {
        switch (step.ReasonCode)
        {
            case ReasonCode.ContinueAuthentication: // [MQTT-4.12.0-2]
                if (ConnackSender.SendAuth(connection, step.ReasonCode, step.Data, step.ReasonString)) connection.Proceed(ConnectionPhase.AwaitingAuth);
                else Refuse(connection, ReasonCode.PacketTooLarge, "AUTH does not fit into the client's Maximum Packet Size");
                break;
            case ReasonCode.Success:
                connection.Grant = GrantOf(step);
                connection.Request = connection.Request! with { AuthenticationData = step.Data, UserName = step.UserName ?? connection.Request.UserName };
                GoHome(connection);
                break;
            default: // [MQTT-4.12.0-4]
                Refuse(connection, step.ReasonCode, step.ReasonString);
                break;
        }
    }

    private void OnReauthenticationStep(ClientConnection connection, EnhancedAuthenticationStep step)
    {
        if (step.ReasonCode is not (ReasonCode.Success or ReasonCode.ContinueAuthentication)) // [MQTT-4.12.1-2]
        {
            connection.End(EndReason.AuthenticationFailed, step.ReasonCode, step.ReasonString);
            return;
        }
        if (!ConnackSender.SendAuth(connection, step.ReasonCode, step.Data, step.ReasonString))
        {
            connection.End(EndReason.AuthenticationFailed, ReasonCode.PacketTooLarge);
            return;
        }
        if (step.ReasonCode == ReasonCode.Success)
        {
            connection.Authentication = null;
            connection.Grant = GrantOf(step);
            connection.EndAt(step.ExpiresAt);
        }
        connection.Proceed(ConnectionPhase.Connected);
    }

    private void GoHome(ClientConnection connection)
    {
        ConnectRequest request = connection.Request!;
        IClientAccess? access = OpenAccess(connection, request.ClientId, request.UserName);
        if (access is not null) connection.Request = request with { Access = access };
        if (!shard.Hooks.MayConnect(access))
        {
            Refuse(connection, ReasonCode.NotAuthorized, "Not authorised to connect");
            return;
        }
        // Whoever may not publish a will's topic may not leave it as a will either.
        if (request.Will is { Publication: { } will } && !shard.Hooks.MayPublish(access, will.Topic, will.QoS, will.Retain))
        {
            shard.Losses.Add(new LossAccount(request.ClientId), DropReason.NotAuthorized, will.View(), will.QoS);
            Refuse(connection, ReasonCode.NotAuthorized, "Not authorised to publish the will's topic");
            return;
        }
        Shard home = shard.Broker.HomeOf(request.ClientId);
        if (home == shard) Complete(connection);
        else connection.MoveTo(home);
    }

    // What authentication has found out, and the name in the certificate.
    private static IReadOnlyDictionary<string, string>? AttributesOf(ClientConnection connection)
    {
        IReadOnlyDictionary<string, string>? attributes = connection.Grant?.Attributes;
        return PeerNames.CommonName(connection.Transport.Peer) is { } name ? new Dictionary<string, string>(attributes ?? Nothing) { ["cert.cn"] = name } : attributes;
    }

    private static AuthenticationResult GrantOf(EnhancedAuthenticationStep step) =>
        AuthenticationResult.Success with { ExpiresAt = step.ExpiresAt, Evidence = step.Evidence };

    private static ReadOnlyMemory<byte>? ReadAuth(ClientConnection connection, in PacketFrame frame, ReadOnlySpan<byte> packet, ReasonCode expected)
    {
        Violation? violation;
        if (AuthPacket.TryRead(frame, packet, out AuthPacket auth, out violation))
        {
            string? method = connection.Request?.AuthenticationMethod;
            if (method is null) violation = BrokerViolations.AuthWithoutMethod; // [MQTT-4.12.0-7]
            else if (auth.ReasonCode != expected) violation = BrokerViolations.AuthReasonCode; // [MQTT-4.12.0-3]
            else if (!auth.Properties.Bytes(PropertyId.AuthenticationMethod).SequenceEqual(System.Text.Encoding.UTF8.GetBytes(method)))
                violation = BrokerViolations.AuthMethodChanged; // [MQTT-4.12.0-5]
            else return auth.Properties.Bytes(PropertyId.AuthenticationData).ToArray();
        }
        connection.Violate(violation!);
        return null;
    }

    private IEnhancedAuthenticator? FindMethod(string method) => Options.EnhancedAuthenticators.FirstOrDefault(a => a.Method == method);

    private static IEnhancedAuthentication Begin(ClientConnection connection, IEnhancedAuthenticator authenticator) =>
        connection.Authentication = authenticator.Begin(Describe(connection));

    private static ConnectingClient Describe(ClientConnection connection)
    {
        ConnectRequest request = connection.Request!;
        return new ConnectingClient(request.ClientId, request.UserName, request.Password, request.Version, connection.RemoteEndPoint)
        {
            Peer = connection.Transport.Peer,
            IsIdentified = connection.Listener.UserName != CertificateUserName.None,
        };
    }

    private ushort EffectiveKeepAlive(ConnectRequest request)
    {
        // Only MQTT 5 has a way to tell the client of another value. 5.0: [MQTT-3.1.2-21] [MQTT-3.2.2-21] [MQTT-3.2.2-22]
        bool isOverruled = request.Version == ProtocolVersion.V5 && Options.MaximumKeepAlive < ushort.MaxValue
            && (request.KeepAlive == 0 || request.KeepAlive > Options.MaximumKeepAlive);
        return isOverruled ? Options.MaximumKeepAlive : request.KeepAlive;
    }

    // Goes on at once when the answer is there; otherwise the connection holds still until it comes, and the loop serves the others.
    private void Await<T>(ClientConnection connection, Func<ValueTask<T>> ask, Action<ClientConnection, T> then)
    {
        ValueTask<T> task;
        try
        {
            task = ask();
        }
        catch (Exception e)
        {
            shard.Log.AuthenticatorFailed(connection.Name, e);
            Fail(connection);
            return;
        }
        if (task.IsCompletedSuccessfully)
        {
            then(connection, task.Result);
            return;
        }
        connection.Hold();
        _ = AwaitAsync();

        async Task AwaitAsync()
        {
            try
            {
                T result = await task.ConfigureAwait(false);
                shard.Loop.Post(() => Go(() => then(connection, result)));
            }
            catch (Exception e)
            {
                shard.Log.AuthenticatorFailed(connection.Name, e);
                shard.Loop.Post(() => Go(() => Fail(connection)));
            }
        }

        void Go(Action next)
        {
            connection.Release();
            if (connection.Phase != ConnectionPhase.Ended) next();
        }
    }

    private static void Fail(ClientConnection connection)
    {
        if (connection.Phase == ConnectionPhase.Connected) connection.End(EndReason.AuthenticationFailed);
        else Refuse(connection, ReasonCode.UnspecifiedError, null);
    }
}
