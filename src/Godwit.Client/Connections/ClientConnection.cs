// One network connection of a client: finds packets in what arrives and hands them to the session, writes the session's packets, and keeps
// the connection alive. It knows bytes in and bytes out only, so TLS or WebSocket can stand between it and the socket.
using Godwit.Client.Sessions;
using Godwit.Protocol;
using Godwit.Session;
using Godwit.Transport;
using Microsoft.Extensions.Logging;

namespace Godwit.Client.Connections;

internal sealed class ClientConnection : IConnectionHandler
{
    // An orderly end may take so long until the bytes that explain it have left.
    private const int Linger = 2000;

    private readonly MqttClientOptions _options;
    private readonly ClientSession _session;
    private readonly ILogger _logger;
    private readonly byte[] _connect;
    private readonly bool _cleanStart;
    private readonly IConnackHandler _connackHandler;
    private readonly CallbackTimer _keepAliveTimer;
    private readonly InboundTopicAliases _inboundAliases;
    private PacketSender? _sender;
    private TransportConnection? _transport;
    private ClientKeepAlive _keepAlive;
    private Disconnection? _end;
    private Phase _phase;
    private bool _isPaused;

    public ClientConnection(MqttClientOptions options, ClientSession session, ILogger logger, IConnackHandler connackHandler, byte[] connect, bool cleanStart, string clientId)
    {
        Owner = _connackHandler = connackHandler;
        _options = options;
        _session = session;
        _logger = logger;
        _connect = connect;
        _cleanStart = cleanStart;
        ClientId = clientId;
        _inboundAliases = new InboundTopicAliases(options.TopicAliasMaximum);
        _keepAliveTimer = new CallbackTimer(_ => CheckKeepAlive());
    }

    private enum Phase
    {
        /// <summary>The transport is not open yet.</summary>
        Opening,

        /// <summary>CONNECT has been sent.</summary>
        AwaitingConnack,

        /// <summary>The server has accepted.</summary>
        Connected,

        /// <summary>Nothing is sent or handled any more.</summary>
        Ended,
    }

    /// <summary>Who is told of the end; at first the one who is told of CONNACK.</summary>
    public IConnectionOwner Owner { get; set; }

    public ProtocolVersion Version => _options.Version;

    public string ClientId { get; private set; }

    /// <summary>What the server can take.</summary>
    public ConnectionLimits Limits { get; private set; } = ConnectionLimits.Default;

    /// <summary>Whether CONNACK has come and the end has not begun.</summary>
    public bool IsConnected => _phase == Phase.Connected;

    /// <summary>Whether TLS has been agreed on.</summary>
    public bool IsSecure => _transport?.Peer.Tls is not null;

    /// <summary>Whether messages may be written now.</summary>
    public bool CanSend => _phase == Phase.Connected && !_transport!.IsOutputFull;

    /// <summary>Writes packets; messages only while <see cref="CanSend"/> holds.</summary>
    public PacketSender Sender => _sender!;

    /// <summary>When CONNACK came, in milliseconds of the loop.</summary>
    public long ConnectedAt { get; private set; }

    void IConnectionHandler.OnOpened(TransportConnection connection)
    {
        _transport = connection;
        if (_phase == Phase.Ended)
        {
            connection.Abort();
            return;
        }
        _phase = Phase.AwaitingConnack;
        _sender = new PacketSender(connection, _options);
        _sender.Send(_connect); // [MQTT-3.1.0-1]
    }

    int IConnectionHandler.OnReceived(TransportConnection connection, ReadOnlySpan<byte> input)
    {
        int consumed = 0;
        if (_phase == Phase.AwaitingConnack && ForeignAnswer.Explain(input) is { } sentence) Fail(ReasonCode.ProtocolError, sentence);
        while (_phase != Phase.Ended && !_isPaused)
        {
            ReadOnlySpan<byte> rest = input[consumed..];
            FrameStatus status = PacketFrame.Read(rest, Version, _options.MaximumPacketSize, out PacketFrame frame, out Violation? violation);
            if (status == FrameStatus.NeedMore)
            {
                if (frame.HeaderLength > 0) connection.RequireInput(frame.Length);
                break;
            }
            if (status == FrameStatus.Malformed)
            {
                Fail(violation!);
                break;
            }
            if (frame.Type == PacketType.Publish && _phase == Phase.Connected && !_session.Receiver.CanTake)
            {
                _isPaused = true;
                connection.PauseReading();
                break;
            }
            consumed += frame.Length;
            ReadOnlySpan<byte> packet = rest[..frame.Length];
            _keepAlive.OnReceived(connection.Loop.Now);
            _options.PacketObserver?.OnReceived(frame, packet);
            Handle(frame, packet);
        }
        return _phase == Phase.Ended ? input.Length : consumed;
    }

    void IConnectionHandler.OnOutputDrained(TransportConnection connection) => _session.Publisher.Pump();

    void IConnectionHandler.OnMoved(TransportConnection connection)
    {
        // A client's connection stays on its loop.
    }

    void IConnectionHandler.OnClosed(TransportConnection connection, CloseReason reason, Exception? error)
    {
        _phase = Phase.Ended;
        connection.Loop.Cancel(_keepAliveTimer);
        Owner.OnEnded(this, _end ?? new Disconnection(reason switch
        {
            CloseReason.ConnectFailed => DisconnectReason.ConnectFailed,
            CloseReason.LoopStopped => DisconnectReason.LoopStopped,
            CloseReason.HandlerFailed => DisconnectReason.CallbackFailed,
            _ => DisconnectReason.ConnectionLost,
        }, Exception: error));
    }

    /// <summary>Ends the connection because of what the server sent. <c>[MQTT-4.8.0-1]</c></summary>
    public void Fail(Violation violation) => Fail(violation.ReasonCode, violation.Describe(Version));

    /// <inheritdoc cref="Fail(Violation)"/>
    public void Fail(ReasonCode code, string detail)
    {
        if (_phase == Phase.Ended) return;
        if (_phase == Phase.Connected && Version == ProtocolVersion.V5) _sender!.SendDisconnect(code, []);
        End(new Disconnection(DisconnectReason.ProtocolError, code, detail));
    }

    /// <summary>Sends DISCONNECT and closes. <c>3.1.1: [MQTT-3.14.4-1]</c> <c>5.0: [MQTT-3.14.4-2]</c></summary>
    public void Disconnect(ReasonCode code, byte[] properties)
    {
        if (_phase == Phase.Ended) return;
        if (_phase == Phase.Connected) _sender!.SendDisconnect(code, properties);
        End(new Disconnection(DisconnectReason.Requested, code));
    }

    /// <summary>Gives the connection up at once.</summary>
    public void Abort()
    {
        _phase = Phase.Ended;
        _transport?.Abort();
    }

    /// <summary>Tells of a transport that may not be open yet, so that <see cref="Abort"/> ends the attempt.</summary>
    public void Attach(TransportConnection transport) => _transport = transport;

    /// <summary>What was not read for want of room can be read now.</summary>
    public void ResumeReading()
    {
        if (!_isPaused || _phase != Phase.Connected) return;
        _isPaused = false;
        _keepAlive.OnReceived(_transport!.Loop.Now);
        _transport.ResumeReading();
    }

    public void SendAck(PacketType type, ushort packetId, ReasonCode code)
    {
        if (_phase == Phase.Connected) _sender!.SendAck(type, packetId, code);
    }

    public void LogDropping() => ClientLog.DroppingMessages(_logger, ClientId);

    public void LogRenewalRefused(string filter, ReasonCode code) => ClientLog.ResubscribeRefused(_logger, filter, code);

    private void Handle(in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
        if (_phase == Phase.AwaitingConnack)
        {
            if (frame.Type == PacketType.Connack) OnConnack(frame, packet);
            else if (frame.Type == PacketType.Auth) OnAuth(frame, packet);
            else Fail(ReasonCode.ProtocolError, $"{frame.Type.Name()} came before CONNACK [MQTT-3.2.0-1]");
            return;
        }
        Violation? violation = null;
        switch (frame.Type)
        {
            case PacketType.Publish:
                if (PublishPacket.TryRead(frame, packet, Version, out PublishPacket publish, out violation)) OnPublish(publish);
                break;
            case PacketType.Puback or PacketType.Pubrec or PacketType.Pubrel or PacketType.Pubcomp:
                if (PublishAckPacket.TryRead(frame, packet, Version, out PublishAckPacket ack, out violation)) OnPublishAck(ack);
                break;
            case PacketType.Suback or PacketType.Unsuback:
                if (SubackPacket.TryRead(frame, packet, Version, out SubackPacket suback, out violation)) _session.Subscriptions.OnAck(this, suback);
                break;
            case PacketType.Pingresp:
                PingPacket.TryRead(frame, out violation);
                break;
            case PacketType.Disconnect when Version == ProtocolVersion.V5:
                if (DisconnectPacket.TryRead(frame, packet, Version, out DisconnectPacket disconnect, out violation)) OnDisconnect(disconnect);
                break;
            default:
                Fail(ReasonCode.ProtocolError, $"{frame.Type.Name()} is not for a client that is connected");
                break;
        }
        if (violation is not null) Fail(violation);
    }

    private void OnConnack(in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
        if (!ConnackPacket.TryRead(frame, packet, Version, out ConnackPacket connack, out Violation? violation))
        {
            Fail(violation!);
            return;
        }
        ConnectResult result = ConnackReader.Read(connack, Version);
        if (result.ReasonCode != ReasonCode.Success)
        {
            _connackHandler.OnConnack(this, result);
            End(new Disconnection(DisconnectReason.ServerDisconnected, result.ReasonCode, result.ReasonString)); // [MQTT-4.13.2-1]
            return;
        }
        if (_cleanStart && result.SessionPresent) // 5.0: [MQTT-3.2.2-4]
        {
            Fail(ReasonCode.ProtocolError, "CONNACK says that a session is present although a clean start was asked for");
            return;
        }
        _phase = Phase.Connected;
        Limits = result.Limits;
        if (result.AssignedClientIdentifier is { } assigned) ClientId = assigned;
        _sender!.SetLimits(Limits);
        ConnectedAt = _transport!.Loop.Now;
        ushort seconds = Limits.ServerKeepAlive ?? (ushort)_options.KeepAlive.TotalSeconds; // 5.0: [MQTT-3.2.2-21] [MQTT-3.1.2-21]
        _keepAlive = new ClientKeepAlive(seconds, ConnectedAt);
        ScheduleKeepAlive();
        _connackHandler.OnConnack(this, result);
        _session.OnConnected(this, result, _cleanStart);
    }

    private void OnAuth(in PacketFrame frame, ReadOnlySpan<byte> packet)
    {
        if (!AuthPacket.TryRead(frame, packet, out AuthPacket auth, out Violation? violation))
        {
            Fail(violation!);
            return;
        }
        if (_options.Authentication is not { } authentication || auth.ReasonCode != ReasonCode.ContinueAuthentication) // [MQTT-4.12.0-7]
        {
            Fail(ReasonCode.ProtocolError, "AUTH came although nothing is set that could answer it");
            return;
        }
        var buffer = new PropertyBuffer();
        buffer.Add(PropertyId.AuthenticationMethod, authentication.Method); // [MQTT-4.12.0-5]
        ReadOnlyMemory<byte> data = authentication.Continue(auth.Properties.Bytes(PropertyId.AuthenticationData));
        buffer.Add(PropertyId.AuthenticationData, data.IsEmpty ? null : data);
        var answer = new AuthPacket { ReasonCode = ReasonCode.ContinueAuthentication, Properties = new MqttProperties(buffer.ToArray()) }; // [MQTT-4.12.0-3]
        var bytes = new byte[answer.Length];
        answer.Write(bytes);
        _sender!.Send(bytes);
    }

    private void OnPublish(in PublishPacket publish)
    {
        ReadOnlySpan<byte> topic = publish.Topic;
        if (publish.Properties.Number(PropertyId.TopicAlias) is { } alias) // [MQTT-3.3.2-10]
        {
            TopicAliasOutcome outcome = _inboundAliases.Resolve(publish.Topic, alias, out topic);
            if (outcome != TopicAliasOutcome.Ok)
            {
                Fail(outcome == TopicAliasOutcome.Invalid ? ReasonCode.TopicAliasInvalid : ReasonCode.ProtocolError, $"Topic alias {alias} is not known");
                return;
            }
        }
        _session.Receiver.OnPublish(this, publish, topic);
    }

    private void OnPublishAck(in PublishAckPacket ack)
    {
        switch (ack.Type)
        {
            case PacketType.Puback: _session.Publisher.OnPuback(this, ack); break;
            case PacketType.Pubrec: _session.Publisher.OnPubrec(this, ack); break;
            case PacketType.Pubcomp: _session.Publisher.OnPubcomp(this, ack); break;
            default: _session.Receiver.OnPubrel(this, ack.PacketId); break;
        }
    }

    private void OnDisconnect(in DisconnectPacket disconnect)
    {
        string? detail = Text.Find(disconnect.Properties, PropertyId.ReasonString) ?? Text.Find(disconnect.Properties, PropertyId.ServerReference);
        End(new Disconnection(DisconnectReason.ServerDisconnected, disconnect.ReasonCode, detail)); // [MQTT-4.13.2-1]
    }

    private void CheckKeepAlive()
    {
        if (_phase != Phase.Connected) return;
        long now = _transport!.Loop.Now;
        _keepAlive.OnSent(_sender!.LastSent);
        if (_isPaused) _keepAlive.OnReceived(now); // what the server has answered has not been read: not its fault
        switch (_keepAlive.Check(now))
        {
            case KeepAliveAction.SendPingreq: // [MQTT-3.1.2-23], 5.0: [MQTT-3.1.2-20]
                _sender.Send(PingPacket.Pingreq);
                _keepAlive.OnPingreqSent(now);
                break;
            case KeepAliveAction.Close:
                _end = new Disconnection(DisconnectReason.KeepAliveTimeout);
                Abort();
                return;
        }
        ScheduleKeepAlive();
    }

    private void ScheduleKeepAlive()
    {
        if (_keepAlive.NextCheck != long.MaxValue) _transport!.Loop.Schedule(_keepAliveTimer, _keepAlive.NextCheck);
    }

    private void End(Disconnection end)
    {
        _end = end;
        _phase = Phase.Ended; // [MQTT-3.14.4-2], 5.0: [MQTT-3.14.4-1]
        _transport!.Close(Linger);
    }
}
