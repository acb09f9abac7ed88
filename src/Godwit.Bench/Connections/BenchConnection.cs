// A client of the generator: CONNECT, CONNACK, then what its role adds. No session, no queue, no tasks: a message costs what its bytes cost.
using System.Net.Sockets;
using Godwit.Protocol;
using Godwit.Session;
using Godwit.Transport;

namespace Godwit.Bench;

internal enum LinkState
{
    Idle,
    Connecting,
    AwaitingConnack,
    Preparing,
    Ready,
    Closed,
}

internal abstract class BenchConnection : IConnectionHandler
{
    private readonly byte[] _clientId;
    private HandshakeTimer? _timer;
    private TransportConnection? _transport;

    protected BenchConnection(BenchLoop owner, byte[] clientId)
    {
        Owner = owner;
        _clientId = clientId;
    }

    public LinkState State { get; private set; }

    public BenchLoop Owner { get; }

    /// <summary>When the connection was begun, or should have been.</summary>
    public long OpenedAt { get; private set; }

    /// <summary>When CONNACK came; 0 if it has not.</summary>
    public long ConnectedAt { get; private set; }

    /// <summary>What CONNACK announced.</summary>
    public ConnectionLimits Limits { get; private set; } = ConnectionLimits.Default;

    protected bool IsSessionPresent { get; private set; }

    protected ClientSettings Settings => Owner.Settings;

    protected TransportConnection Transport => _transport!;

    /// <summary>Begins to connect. On the loop.</summary>
    public void Open(long intendedTime)
    {
        State = LinkState.Connecting;
        OpenedAt = intendedTime;
        ConnectedAt = 0;
        _timer ??= new HandshakeTimer(this);
        Owner.Loop.Schedule(_timer, Owner.Loop.Now + (long)Settings.Options.Timeout.TotalMilliseconds + 1);
        _transport = Owner.Connect(this);
    }

    /// <summary>Says goodbye and closes, without waiting for anything.</summary>
    public void Disconnect()
    {
        if (State is LinkState.Idle or LinkState.Closed) return;
        if (State == LinkState.Ready)
        {
            // A session that was to survive storms shall not survive the run. // 5.0: [MQTT-3.1.2-23]
            bool endsSession = Settings.Version == ProtocolVersion.V5 && Settings.Options.SessionExpiryInterval > 0;
            var properties = new PropertyWriter(stackalloc byte[8]);
            if (endsSession) properties.Add(PropertyId.SessionExpiryInterval, 0);
            var disconnect = new DisconnectPacket { Properties = properties.Written };
            Transport.Advance(disconnect.Write(Transport.GetOutput(disconnect.Length(Settings.Version)), Settings.Version));
            Close();
            _transport!.Close(lingerMilliseconds: 1000);
        }
        else
        {
            Drop();
        }
    }

    /// <summary>Cuts the connection off.</summary>
    public void Drop()
    {
        Close();
        _transport?.Abort();
    }

    public void Ping()
    {
        if (State == LinkState.Ready) Transport.Write(PingPacket.Pingreq);
    }

    void IConnectionHandler.OnOpened(TransportConnection connection)
    {
        if (connection != _transport) return;
        State = LinkState.AwaitingConnack;
        ConnectPacket connect = Settings.Connect(_clientId);
        connection.Advance(connect.Write(connection.GetOutput(connect.Length)));
    }

    int IConnectionHandler.OnReceived(TransportConnection connection, ReadOnlySpan<byte> input)
    {
        if (connection != _transport) return input.Length;
        long now = MonotonicClock.Now;
        int consumed = 0;
        while (State != LinkState.Closed)
        {
            if (State == LinkState.Ready) consumed += TakeExpected(input[consumed..], now);
            ReadOnlySpan<byte> rest = input[consumed..];
            FrameStatus status = PacketFrame.Read(rest, Settings.Version, ConnectionLimits.LargestPacket, out PacketFrame frame, out Violation? violation);
            if (status == FrameStatus.Complete)
            {
                Receive(frame, rest[..frame.Length], now);
                consumed += frame.Length;
                continue;
            }
            if (status == FrameStatus.Malformed) Fail(violation!);
            else if (frame.HeaderLength > 0) connection.RequireInput(frame.Length);
            break;
        }
        return State == LinkState.Closed ? input.Length : consumed;
    }

    void IConnectionHandler.OnOutputDrained(TransportConnection connection) => OnOutputDrained();

    void IConnectionHandler.OnMoved(TransportConnection connection)
    {
        // Connections of the generator stay where they are.
    }

    void IConnectionHandler.OnClosed(TransportConnection connection, CloseReason reason, Exception? error)
    {
        if (connection != _transport || State == LinkState.Closed) return;
        End(reason switch
        {
            CloseReason.ConnectFailed => $"connecting failed: {(error as SocketException)?.Message ?? error?.Message}",
            CloseReason.Remote => "the broker closed the connection",
            CloseReason.HandlerFailed => $"the generator failed: {error}",
            _ => $"the connection was lost: {error?.Message ?? reason.ToString()}",
        });
    }

    /// <summary>CONNACK has come and is good: the role goes on, and calls <see cref="BecomeReady"/> when it is through.</summary>
    protected virtual void OnConnected() => BecomeReady();

    /// <summary>A packet that only the role understands.</summary>
    protected abstract void OnPacket(in PacketFrame frame, ReadOnlySpan<byte> packet, long now);

    /// <summary>Takes from the input's beginning what is known without parsing.</summary>
    /// <returns>How many bytes that was.</returns>
    protected virtual int TakeExpected(ReadOnlySpan<byte> input, long now) => 0;

    protected virtual void OnOutputDrained()
    {
    }

    protected void BecomeReady()
    {
        State = LinkState.Ready;
        Owner.Loop.Cancel(_timer!);
        Owner.OnReady(this);
    }

    /// <summary>The broker's fault: the connection ends and counts as failed or lost.</summary>
    protected void Fail(Violation violation) => Fail($"the broker sent what it must not: {violation.Describe(Settings.Version)}");

    protected void Fail(string why, ConnackCode? refusal = null)
    {
        TransportConnection? transport = _transport;
        End(why, refusal);
        transport?.Abort();
    }

    private void Receive(in PacketFrame frame, ReadOnlySpan<byte> packet, long now)
    {
        switch (frame.Type)
        {
            case PacketType.Connack when State == LinkState.AwaitingConnack:
                OnConnack(frame, packet, now);
                break;
            case PacketType.Pingresp:
                break;
            case PacketType.Disconnect when Settings.Version == ProtocolVersion.V5:
                Fail(DisconnectPacket.TryRead(frame, packet, Settings.Version, out DisconnectPacket disconnect, out Violation? violation)
                    ? $"the broker disconnected: {disconnect.ReasonCode.Name()} (reason code 0x{(byte)disconnect.ReasonCode:X2})"
                    : violation!.Describe(Settings.Version));
                break;
            default:
                if (State >= LinkState.Preparing) OnPacket(frame, packet, now);
                else Fail($"the broker sent {frame.Type.Name()} before CONNACK");
                break;
        }
    }

    private void OnConnack(in PacketFrame frame, ReadOnlySpan<byte> packet, long now)
    {
        if (!ConnackPacket.TryRead(frame, packet, Settings.Version, out ConnackPacket connack, out Violation? violation))
        {
            Fail(violation!);
            return;
        }
        if (connack.Code != 0)
        {
            var code = new ConnackCode(connack.Code, Settings.Version);
            Fail($"the broker refused the connection: {code}", code);
            return;
        }
        ConnectedAt = now;
        Limits = connack.Properties.IsEmpty ? ConnectionLimits.Default : ConnectionLimits.From(connack.Properties);
        IsSessionPresent = connack.SessionPresent;
        State = LinkState.Preparing;
        Owner.OnConnected(this);
        OnConnected();
    }

    private void End(string why, ConnackCode? refusal = null)
    {
        if (State == LinkState.Closed) return;
        LinkState state = State;
        Close();
        Owner.OnEnded(this, state, why, refusal);
    }

    private void Close()
    {
        State = LinkState.Closed;
        if (_timer is not null) Owner.Loop.Cancel(_timer);
    }

    private sealed class HandshakeTimer(BenchConnection connection) : LoopTimer
    {
        protected override void OnDue(EventLoop loop) => connection.Fail(connection.State switch
        {
            LinkState.Connecting => "connecting took too long",
            LinkState.AwaitingConnack => "no CONNACK came in time",
            _ => "no SUBACK came in time",
        });
    }
}
