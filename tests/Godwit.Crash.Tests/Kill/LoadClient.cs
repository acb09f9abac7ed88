// A client that comes back: it connects to the broker that is running, keeps its part of the session over all connections, and loses
// each when the broker dies. One task runs it, so it needs no locks.
using System.Net.Sockets;

namespace Godwit.Crash.Tests.Kill;

/// <summary>A broker from its start to its death, as the clients see it.</summary>
internal sealed class BrokerLife
{
    private readonly TaskCompletionSource<int> _port = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isEnding;

    /// <summary>Where it listens, once it does; 0 if it does not come to that.</summary>
    public Task<int> Port => _port.Task;

    /// <summary>Whether the test is about to kill it: then connections may break.</summary>
    public bool IsEnding => _isEnding;

    public void Listen(int port) => _port.SetResult(port);

    public void End()
    {
        _isEnding = true;
        _port.TrySetResult(0);
    }
}

internal abstract class LoadClient(KillRun run, string clientId, ProtocolVersion version, int seed)
{
    private bool _hasSession;

    protected KillRun Run => run;

    protected string ClientId => clientId;

    protected ProtocolVersion Version => version;

    protected Random Random { get; } = new(seed);

    protected WireConnection Connection { get; private set; } = null!;

    /// <summary>Whether the client means to break its connection now.</summary>
    protected virtual bool WantsToLeave => false;

    /// <summary>How long the client stays away at most before it comes back.</summary>
    protected virtual int MaximumAwayMilliseconds => 0;

    protected virtual bool CleanStart => false;

    /// <summary>Connects again and again until the run is over.</summary>
    public async Task RunAsync()
    {
        while (!run.IsOver)
        {
            if (MaximumAwayMilliseconds > 0 && !run.IsEnding) await Task.Delay(Random.Next(MaximumAwayMilliseconds));
            BrokerLife life = run.Life;
            int port = await life.Port;
            if (port == 0) continue;
            bool left = false;
            try
            {
                using (Connection = await WireConnection.OpenAsync(port, version)) left = await TalkAsync();
            }
            catch (Exception lost) when (lost is SocketException or OperationCanceledException)
            {
            }
            if (!left && !life.IsEnding && !run.IsOver) run.Fail($"{clientId}: the broker has closed the connection");
        }
    }

    /// <summary>The broker has the session, and told whether it had it before.</summary>
    protected abstract void OnConnected(bool sessionPresent);

    protected abstract void OnPacket(in PacketFrame frame, ReadOnlySpan<byte> packet);

    /// <summary>All that has come is handled.</summary>
    protected virtual void OnTurn()
    {
    }

    protected void Write(PacketType type, ushort packetId) => Connection.Write(Packets.Ack(type, packetId));

    // Returns whether the client broke the connection itself.
    private async Task<bool> TalkAsync()
    {
        bool isConnected = false;
        Connection.Write(Packets.Connect(version, clientId, CleanStart, properties: CleanStart || version != ProtocolVersion.V5 ? "" : "11 FF FF FF FF"));
        do
        {
            await Connection.FlushAsync();
            if (!await Connection.ReceiveAsync(run.Over)) return false;
            Handle(ref isConnected);
        }
        while (!WantsToLeave || run.IsEnding);
        return true;
    }

    private void Handle(ref bool isConnected)
    {
        while (Connection.TryRead(out PacketFrame frame, out ReadOnlySpan<byte> packet))
        {
            if (isConnected)
            {
                OnPacket(frame, packet);
                continue;
            }
            Assert.Equal((PacketType.Connack, 0), (frame.Type, packet[frame.HeaderLength + 1]));
            bool sessionPresent = packet[frame.HeaderLength] == 1;
            if (_hasSession && !sessionPresent) run.Fail($"{clientId}: its session is gone");
            _hasSession = !CleanStart;
            isConnected = true;
            OnConnected(sessionPresent);
        }
        if (isConnected) OnTurn();
    }
}
