// One client's network connection: finds packets in what arrives and hands them to the handler in charge. What lives with the
// connection is here; what outlives it is in Session.
using System.Net;
using Godwit.Broker.Auth;
using Godwit.Broker.Limits;
using Godwit.Broker.Listening;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Broker.Tracing;
using Godwit.Protocol;
using Godwit.Session;
using Godwit.Transport;

namespace Godwit.Broker.Connections;

/// <summary>How far a connection has come.</summary>
internal enum ConnectionPhase : byte
{
    /// <summary>Nothing has been received that says what this is.</summary>
    AwaitingConnect,

    /// <summary>CONNECT has been received; it is being authenticated or moved to its home loop.</summary>
    Connecting,

    /// <summary>An enhanced authentication waits for the client's AUTH.</summary>
    AwaitingAuth,

    /// <summary>CONNACK has been sent; the session is attached.</summary>
    Connected,

    /// <summary>Over.</summary>
    Ended,
}

/// <summary>A client's connection, and its own timer: it never has more than one deadline, that of CONNECT or of the keep alive.</summary>
internal sealed class ClientConnection(Shard shard, Entrance entrance) : LoopTimer, IConnectionHandler
{
    /// <summary>Bytes of the largest packet from somebody who is not connected yet: five fields of 64 KiB and properties fit.</summary>
    private const int LargestConnect = 1024 * 1024;

    private const int MuchUnread = 64 * 1024;

    private TransportConnection _transport = null!;
    private Route? _lastRoute;
    private ServerKeepAlive _keepAlive;
    private InboundTopicAliases? _aliases;
    private PublishAcknowledger? _acknowledger;
    private CallbackTimer? _expiry;
    private ClientThrottle? _throttle;
    private string? _countedUser;
    private bool _isCounted;
    private int _holds;
    private int _unreadAnswers;
    private bool _endsSoon;

    /// <summary>The shard the connection belongs to now: where it was accepted, and after CONNECT its session's home.</summary>
    public Shard Shard { get; private set; } = shard;

    public ConnectionPhase Phase { get; set; } = ConnectionPhase.AwaitingConnect;

    public ProtocolVersion Version { get; set; }

    public ClientSession? Session { get; set; }

    /// <summary>What CONNECT said; kept while connecting and for re-authentication.</summary>
    public ConnectRequest? Request { get; set; }

    /// <summary>What the client can take.</summary>
    public ConnectionLimits Limits { get; set; } = ConnectionLimits.Default;

    /// <summary>Writes PUBLISH packets to this connection.</summary>
    public PublishSender Publisher { get; private set; } = null!;

    /// <summary>Topic aliases of the client, from its first one on.</summary>
    public InboundTopicAliases Aliases => _aliases ??= new InboundTopicAliases(Shard.Options.TopicAliasMaximum);

    /// <summary>Where it connected.</summary>
    public ListenerOptions Listener => entrance.Options;

    /// <summary>The TLS of <see cref="Listener"/>, as it is now; null without.</summary>
    public TlsServer? TlsServer => entrance.Tls;

    /// <summary>What acknowledgements to this client promise.</summary>
    public AcknowledgementLevel Level { get; } = entrance.Level;

    /// <summary>What it was let in with; null if nobody was asked.</summary>
    public AuthenticationResult? Grant { get; set; }

    /// <summary>Keeps acknowledgements in order, from the first one on that has to wait for a store.</summary>
    public PublishAcknowledger Acknowledger => _acknowledger ??= new PublishAcknowledger(this);

    /// <summary>The exchange, from CONNECT or re-authentication until it is decided.</summary>
    public IEnhancedAuthentication? Authentication { get; set; }

    /// <summary>Its place in its shard's <see cref="ConnectionList"/>; -1 if it is not there.</summary>
    public int Place { get; set; } = -1;

    public ref Route? LastRoute => ref _lastRoute;

    /// <summary>What carries it; while it is traced, the tap in front of that.</summary>
    public TransportConnection Transport
    {
        get => _transport;
        set => _transport = value;
    }

    /// <summary>Bytes of the largest packet that is taken from it now.</summary>
    public int LargestPacket => Session is { } session ? session.Limits.PacketSize : Math.Min(Shard.Options.MaximumPacketSize, LargestConnect);

    public EndPoint? RemoteEndPoint => _transport.RemoteEndPoint;

    public bool IsOutputFull => _transport.IsOutputFull;

    /// <summary>
    /// Whether there is room for one more message that would be lost otherwise. Output of this turn that makes up the limit goes out first:
    /// only a client that does not read is slow, not one that gets much in one turn.
    /// </summary>
    public bool HasRoom()
    {
        if (!_transport.IsOutputFull) return true;
        _transport.SendNow();
        return !_transport.IsOutputFull;
    }

    /// <summary>Whether more output is unread than a client has that keeps up; asked when memory is short.</summary>
    public bool HasUnread()
    {
        if (_transport.PendingOutput < MuchUnread) return false;
        _transport.SendNow();
        return _transport.PendingOutput >= MuchUnread;
    }

    /// <summary>The client identifier; null until it is known.</summary>
    public string? ClientId => Session?.ClientId ?? Request?.ClientId;

    /// <summary>The user name; null without one, or until it is known.</summary>
    public string? UserName => Session is { } session ? session.Identity.UserName : Request?.UserName;

    /// <summary>The client id for log lines; the address until it is known.</summary>
    public string Name => ClientId ?? RemoteEndPoint?.ToString() ?? "(in process)";

    public void OnOpened(TransportConnection connection)
    {
        _transport = connection;
        _transport.OutputLimit = Shard.Options.OutputLimit;
        Publisher = new PublishSender(this);
        Shard.Connections.Add(this);
        Shard.Broker.Traces.OnArrived(this, isNew: true);
        Shard.Counters.SocketsOpened++;
        Shard.Log.NewConnection(connection);
        Shard.Loop.Schedule(this, connection.OpeningSince + (long)Shard.Options.ConnectTimeout.TotalMilliseconds);
        if (Shard.Broker.IsStopping) End(EndReason.ServerShuttingDown);
    }

    public int OnReceived(TransportConnection connection, ReadOnlySpan<byte> input)
    {
        if (Phase == ConnectionPhase.AwaitingConnect)
        {
            if (ProtocolSniffer.IsUndecided(input)) return 0;
            if (ProtocolSniffer.Recognise(input) is { } other)
            {
                ProtocolSniffer.Refuse(this, other);
                return input.Length;
            }
        }
        int consumed = 0;
        while (Phase is not (ConnectionPhase.Connecting or ConnectionPhase.Ended) && _holds == 0)
        {
            ReadOnlySpan<byte> rest = input[consumed..];
            FrameStatus status = PacketFrame.Read(rest, Version, LargestPacket, out PacketFrame frame, out Violation? violation);
            if (status == FrameStatus.NeedMore)
            {
                if (frame.HeaderLength > 0) _transport.RequireInput(frame.Length);
                break;
            }
            if (status == FrameStatus.Malformed)
            {
                Violate(violation!);
                break;
            }
            consumed += frame.Length;
            Shard.Counters.MessagesReceived++;
            _keepAlive.OnReceived(Shard.Loop.Now);
            int pending = _transport.PendingOutput;
            Handle(frame, rest[..frame.Length]);
            _throttle?.Take(frame.Type, frame.Length);
            if (pending >= Shard.Options.OutputLimit) OnAnsweredUnread(_transport.PendingOutput - pending);
        }
        if (Phase == ConnectionPhase.Ended) consumed = input.Length; // [MQTT-3.1.4-5], 5.0: [MQTT-3.1.4-6]
        Shard.Counters.BytesReceived += consumed;
        return consumed;
    }

    public void OnOutputDrained(TransportConnection connection)
    {
        if (Phase != ConnectionPhase.Connected) return;
        bool waited = AreAnswersUnread;
        _unreadAnswers = 0;
        if (waited) Release();
        Session?.Pump();
        Shard.Broker.Traces.OnDrained(this);
    }

    public void OnMoved(TransportConnection connection)
    {
        Shard = Shard.Broker.Shards[connection.Loop.Index];
        Shard.Connections.Add(this);
        Shard.Broker.Traces.OnArrived(this, isNew: false);
        Shard.Connects.Complete(this);
    }

    public void OnClosed(TransportConnection connection, CloseReason reason, Exception? error)
    {
        Shard = Shard.Broker.Shards[connection.Loop.Index]; // it may have ended on its way to another loop
        if (reason == CloseReason.HandlerFailed && error is not null) Shard.Log.HandlerFailed(Name, error);
        Finish(reason switch
        {
            CloseReason.Remote => EndReason.ClientClosed,
            CloseReason.HandlerFailed => EndReason.InternalError,
            CloseReason.ProtocolError => EndReason.ProtocolViolation,
            CloseReason.LoopStopped => EndReason.ServerShuttingDown,
            CloseReason.MadeWay => EndReason.MadeWay,
            _ => EndReason.ConnectionLost,
        }, reason == CloseReason.ProtocolError ? error?.Message : HintAt(reason));
    }

    /// <summary>Leaves this loop for the session's home. The caller returns from OnReceived right after.</summary>
    public void MoveTo(Shard home)
    {
        Shard.Loop.Cancel(this);
        if (_expiry is not null) Shard.Loop.Cancel(_expiry);
        Shard.Connections.Remove(this);
        _transport.MoveTo(home.Loop);
    }

    /// <summary>The session is attached: from here on the keep alive counts.</summary>
    public void StartKeepAlive(ushort seconds)
    {
        _keepAlive = new ServerKeepAlive(seconds, Shard.Loop.Now);
        Shard.Loop.Cancel(this);
        if (seconds > 0) Shard.Loop.Schedule(this, _keepAlive.Deadline);
    }

    /// <summary>The client is accepted: from here on it counts as itself, and what it sends is measured.</summary>
    public void Establish(ClientLimits limits)
    {
        _throttle = ClientThrottle.For(this, limits);
        _transport.Establish();
    }

    /// <summary>Counts it among the clients, and among those of its user if they are limited. Another one may be about to go for it.</summary>
    public ConnectRefusal? TryEnter(string? userName, ClientConnection? replaced)
    {
        Doorkeeper door = Shard.Broker.Door;
        if (userName is not null && door.Limits.MaximumPerUser > 0)
        {
            if (door.TryEnter(userName, isReplacing: replaced?._countedUser == userName) is { } refusal) return refusal;
            _countedUser = userName; // given back when it ends, also if it comes no further
        }
        if (Listener.IsControl) return null;
        if (door.TryEnter(isReplacing: replaced is { _isCounted: true }) is { } tooMany) return tooMany;
        _isCounted = true;
        return null;
    }

    /// <summary>A step of connecting or authenticating is done: takes packets again.</summary>
    public void Proceed(ConnectionPhase phase)
    {
        Phase = phase;
        if (_holds == 0) _transport.ResumeReading();
    }

    /// <summary>Takes no packets until <see cref="Release"/>: a decision is awaited.</summary>
    public void Hold()
    {
        if (_holds++ == 0) _transport.PauseReading();
    }

    /// <summary>Ends a <see cref="Hold"/>.</summary>
    public void Release()
    {
        if (IsHeldByBroker) _keepAlive.OnReceived(Shard.Loop.Now); // what it sent meanwhile has not been read
        if (--_holds == 0 && Phase != ConnectionPhase.Ended) _transport.ResumeReading();
    }

    /// <summary>This connection publishes faster than another loop can take: it waits until that loop has caught up.</summary>
    public void WaitForCongestion(Outbox outbox)
    {
        Hold();
        outbox.Wait(this);
    }

    /// <summary>Room for a packet of this size; every packet goes out through here, of a large PUBLISH the part in front of its payload.</summary>
    public Span<byte> Output(int size)
    {
        Shard.Counters.MessagesSent++;
        Shard.Counters.BytesSent += size;
        return _transport.GetOutput(size);
    }

    public void SendAck(PacketType type, ushort packetId, ReasonCode code)
    {
        var ack = new PublishAckPacket { Type = type, PacketId = packetId, ReasonCode = code };
        int length = ack.Length(Version);
        _transport.Advance(ack.Write(Output(length), Version));
        if (Shard.Log.Packets) Shard.Log.AckSent(Name, type, packetId, code);
    }

    /// <summary>Ends the connection because of what the client sent.</summary>
    public void Violate(Violation violation)
    {
        Shard.Log.Violation(Name, RemoteEndPoint, violation.Describe(Version));
        if (Phase is ConnectionPhase.Connected) End(EndReason.ProtocolViolation, violation.ReasonCode, violation.Describe(Version));
        else ConnectHandler.RefuseMalformed(this, violation);
    }

    /// <summary>Ends the connection; an MQTT 5 client is told why.</summary>
    public void End(EndReason reason, ReasonCode? code = null, string? reasonString = null)
    {
        if (Phase == ConnectionPhase.Ended) return;
        code ??= reason.DisconnectCode();
        if (Phase == ConnectionPhase.Connected && Version == ProtocolVersion.V5 && code is { } disconnectCode) // [MQTT-3.14.0-1]
            ReasonedPackets.SendDisconnect(this, disconnectCode, reasonString);
        Finish(reason, reasonString);
        _transport.Close();
    }

    /// <summary>Ends the connection when the client's credentials expire; those it had before no longer count. Null: they do not.</summary>
    public void EndAt(DateTimeOffset? expiresAt)
    {
        if (_expiry is not null) Shard.Loop.Cancel(_expiry);
        _expiry = null;
        if (expiresAt is null) return;
        _expiry = new CallbackTimer(_ => End(EndReason.CredentialsExpired));
        Shard.Loop.Schedule(_expiry, Shard.Loop.Now + (long)Math.Max(0, (expiresAt.Value - Shard.Loop.TimeProvider.GetUtcNow()).TotalMilliseconds));
    }

    /// <summary>Ends the connection after this turn: within, a message may still be on its way to others.</summary>
    public void EndSoon(EndReason reason)
    {
        if (_endsSoon) return;
        _endsSoon = true;
        Shard.Loop.Post(() => End(reason));
    }

    /// <summary>Ends the connection and drops its output: a client that does not read would not read that it is told why either.</summary>
    public void EndAtOnce(EndReason reason)
    {
        if (Phase == ConnectionPhase.Ended) return;
        Finish(reason);
        _transport.Abort();
    }

    protected override void OnDue(EventLoop loop)
    {
        switch (Phase)
        {
            case ConnectionPhase.Connected when _keepAlive.IsExpired(Shard.Loop.Now) && !IsHeldByBroker:
                End(EndReason.KeepAliveTimeout);
                break;
            case ConnectionPhase.Connected:
                if (IsHeldByBroker) _keepAlive.OnReceived(Shard.Loop.Now);
                Shard.Loop.Schedule(this, _keepAlive.Deadline);
                break;
            case not ConnectionPhase.Ended:
                End(EndReason.ConnectTimeout);
                break;
        }
    }

    private bool AreAnswersUnread => _unreadAnswers >= Shard.Options.OutputLimit;

    // The broker itself does not listen (another loop has to catch up, a decision is awaited): no silence of the client's.
    private bool IsHeldByBroker => _holds > (AreAnswersUnread ? 1 : 0);

    private void Handle(in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
        if (Phase == ConnectionPhase.Connected)
        {
            HandleConnected(frame, packet);
        }
        else if (frame.Type == PacketType.Connect && Phase == ConnectionPhase.AwaitingConnect)
        {
            Shard.Connects.OnConnect(this, frame, packet);
        }
        else if (frame.Type == PacketType.Auth && Phase == ConnectionPhase.AwaitingAuth)
        {
            Shard.Connects.OnAuth(this, frame, packet);
        }
        else if (frame.Type == PacketType.Disconnect && Phase == ConnectionPhase.AwaitingAuth) // 5.0: [MQTT-3.1.2-30]
        {
            End(EndReason.ConnectRefused, reasonString: "the client gave up its authentication");
        }
        else
        {
            Violate(BrokerViolations.NotConnected); // [MQTT-3.1.0-1], 5.0: [MQTT-3.1.2-30]
        }
    }

    private void HandleConnected(in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
        Violation? violation = null;
        switch (frame.Type)
        {
            case PacketType.Publish:
                Shard.Publishes.OnPublish(this, frame, packet);
                break;
            case PacketType.Puback or PacketType.Pubrec or PacketType.Pubrel or PacketType.Pubcomp:
                if (PublishAckPacket.TryRead(frame, packet, Version, out PublishAckPacket ack, out violation)) Shard.Publishes.OnAck(this, ack);
                break;
            case PacketType.Subscribe:
                if (SubscribePacket.TryRead(frame, packet, Version, out SubscribePacket subscribe, out violation)) Shard.Subscribes.OnSubscribe(this, subscribe);
                break;
            case PacketType.Unsubscribe:
                if (UnsubscribePacket.TryRead(frame, packet, Version, out UnsubscribePacket unsubscribe, out violation)) Shard.Subscribes.OnUnsubscribe(this, unsubscribe);
                break;
            case PacketType.Pingreq:
                if (PingPacket.TryRead(frame, out violation)) OnPing();
                break;
            case PacketType.Disconnect:
                if (DisconnectPacket.TryRead(frame, packet, Version, out DisconnectPacket disconnect, out violation)) OnDisconnect(disconnect);
                break;
            case PacketType.Auth:
                Shard.Connects.OnReauthenticate(this, frame, packet);
                break;
            case PacketType.Connect:
                violation = BrokerViolations.SecondConnect; // [MQTT-3.1.0-2]
                break;
            default:
                violation = BrokerViolations.ServerPacketFromClient;
                break;
        }
        if (violation is not null) Violate(violation);
    }

    // PUBLISHes stop at the output limit, answers cannot: a client that asks on and on without reading would fill the memory with them.
    // It is not read from once they make up as much again; one that only reads its messages slowly is still heard.
    private void OnAnsweredUnread(int bytes)
    {
        bool waits = AreAnswersUnread;
        _unreadAnswers += bytes;
        if (!waits && AreAnswersUnread) Hold();
    }

    private void OnPing()
    {
        if (Shard.Log.Packets) Shard.Log.PingReceived(Name);
        PingPacket.Pingresp.CopyTo(Output(2)); // [MQTT-3.12.4-1]
        _transport.Advance(2);
        if (Shard.Log.Packets) Shard.Log.PingSent(Name);
    }

    private void OnDisconnect(in DisconnectPacket disconnect)
    {
        if (Shard.Log.Packets) Shard.Log.DisconnectReceived(Name, disconnect.ReasonCode);
        if (disconnect.Properties.Number(PropertyId.SessionExpiryInterval) is { } expiry)
        {
            if (Session!.ExpiryInterval == 0 && expiry > 0)
            {
                Violate(BrokerViolations.ExpiryRaisedFromZero); // section 3.14.2.2.2
                return;
            }
            Session.ExpiryInterval = Math.Min(expiry, Session.LongestExpiry);
        }
        End(disconnect.ReasonCode == ReasonCode.Success ? EndReason.ClientDisconnected : EndReason.ClientDisconnectedWithWill);
    }

    // Some clients judge the server's certificate when TLS is through, and leave without an alert.
    private string? HintAt(CloseReason reason) =>
        Phase == ConnectionPhase.AwaitingConnect && reason is CloseReason.Remote or CloseReason.Reset && _transport.Peer.Tls is not null
            ? "it did not send CONNECT after the TLS handshake; it may not trust the listener's certificate"
            : null;

    // The one place where a connection leaves the broker's books.
    private void Finish(EndReason reason, string? detail = null)
    {
        if (Phase == ConnectionPhase.Ended) return;
        (_transport as ConnectionTap)?.OnFinished(reason, detail);
        Shard.Broker.Traces.OnEnded(this);
        Phase = ConnectionPhase.Ended;
        Shard.Loop.Cancel(this);
        Shard.Connections.Remove(this);
        if (_throttle is not null) Shard.Loop.Cancel(_throttle);
        if (_countedUser is not null) Shard.Broker.Door.Users.Leave(_countedUser);
        if (_isCounted) Shard.Broker.Door.Leave();
        if (Session is not { } session)
        {
            Shard.Log.ConnectionEnded(Name, reason, detail);
            return;
        }
        Session = null;
        _acknowledger?.End();
        Shard.Counters.ClientsConnected--;
        Shard.Log.ClientEnded(session.ClientId, reason, detail);
        Shard.Hooks.Disconnected(session.Identity, reason);
        Shard.Ended.Add(session.ClientId, session.Since, Shard.Loop.Now, reason);
        session.Detach(reason.KeepsWill());
    }
}
