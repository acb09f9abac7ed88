// A client on a loop that the test turns by hand, against peers that do what the test says, byte by byte. No threads, no real time.
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Client.Tests;

internal sealed class Script
{
    private readonly ManualTimeProvider _time = new();
    private readonly EventLoopGroup _loops;

    public Script(MqttClientOptions? options = null, int topicAliasMaximum = 0)
    {
        _loops = EventLoopGroup.Manual(_time);
        Client = new MqttClient((options ?? new MqttClientOptions()) with
        {
            ClientId = "c",
            TopicAliasMaximum = topicAliasMaximum,
            Loop = _loops.Loops[0],
            Connector = Connect,
        });
    }

    public MqttClient Client { get; }

    /// <summary>The other end of each connection that the client has made.</summary>
    public List<Peer> Peers { get; } = [];

    /// <summary>Why the latest connection ended.</summary>
    public Disconnection? LastCause => Client.LastChange.Cause;

    /// <summary>The other end of the latest connection.</summary>
    public Peer Peer => Peers[^1];

    /// <summary>CONNACK without anything special.</summary>
    public string Connack => Client.Options.Version == ProtocolVersion.V5 ? "20 03 00 00 00" : "20 02 00 00";

    /// <summary>CONNACK of a server that has the session.</summary>
    public string ConnackWithSession => Client.Options.Version == ProtocolVersion.V5 ? "20 03 01 00 00" : "20 02 01 00";

    /// <summary>A client that is connected; CONNECT has been taken from its peer.</summary>
    public static Script Connected(MqttClientOptions? options = null, string? connack = null)
    {
        var script = new Script(options);
        Task<ConnectResult> connecting = script.Client.ConnectAsync();
        script.Run();
        script.Peer.Take();
        script.Send(connack ?? script.Connack);
        Assert.Equal(ConnectionState.Connected, script.Client.State);
        Assert.False(connecting.IsFaulted);
        return script;
    }

    /// <summary>Turns the loop until nothing happens.</summary>
    public void Run() => _loops.RunUntilIdle();

    /// <summary>Publishes; the task may be left alone.</summary>
    public Task<PublishResult> PublishAsync(string topic, ReadOnlyMemory<byte> payload, QoS qos = QoS.AtMostOnce, bool retain = false, CancellationToken cancellationToken = default) =>
        Client.PublishAsync(topic, payload, qos, retain, cancellationToken).AsTask();

    /// <inheritdoc cref="PublishAsync(string, ReadOnlyMemory{byte}, QoS, bool, CancellationToken)"/>
    public Task<PublishResult> PublishAsync(MqttMessage message) => Client.PublishAsync(message).AsTask();

    /// <summary>Moves the clock, then turns.</summary>
    public void Advance(TimeSpan time)
    {
        _time.Advance(time);
        Run();
    }

    /// <summary>The peer sends; the client handles it.</summary>
    public void Send(string hex)
    {
        Peer.Send(hex);
        Run();
    }

    /// <summary>Checks what the client has sent since the last look.</summary>
    public void Expect(string hex)
    {
        Run();
        Assert.Equal(Hex.Text(Hex.Bytes(hex)), Hex.Text(Peer.Take()));
    }

    /// <summary>Turns the loop until the task has ended; for what goes on elsewhere in between.</summary>
    public async Task<T> WaitAsync<T>(Task<T> task)
    {
        await UntilAsync(() => task.IsCompleted);
        return await task.Soon();
    }

    /// <summary>Turns the loop until it holds.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Clients.Patience);
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            Run();
            await Task.Yield();
        }
    }

    /// <summary>Disposes of the client and gives the messages that were still to be read.</summary>
    public async Task<List<MqttMessage>> EndAsync()
    {
        Task disposing = Client.DisposeAsync().AsTask();
        await UntilAsync(() => disposing.IsCompleted);
        return await Client.AllAsync();
    }

    /// <summary>The network fails; the client connects again and gets this answer. CONNECT has been taken from the new peer.</summary>
    public void Reconnect(string connack)
    {
        int before = Peers.Count;
        Peer.Reset();
        Run();
        Advance(Client.Options.Reconnect.MaximumDelay);
        Assert.Equal(before + 1, Peers.Count);
        Peer.Take();
        Send(connack);
    }

    private void Connect(EventLoop loop, IConnectionHandler handler)
    {
        var peer = new Peer();
        Peers.Add(peer);
        peer.End = MemoryConnection.CreatePair(loop, handler, loop, peer).B;
    }
}

/// <summary>The server's end of a scripted connection.</summary>
internal sealed class Peer : IConnectionHandler
{
    private readonly List<byte> _received = [];

    public TransportConnection End { get; set; } = null!;

    public CloseReason? Closed { get; private set; }

    public byte[] Take()
    {
        byte[] bytes = [.. _received];
        _received.Clear();
        return bytes;
    }

    public void Send(string hex) => End.Write(Hex.Bytes(hex));

    public void Close() => End.Close();

    public void Reset() => MemoryConnection.Reset(End);

    public void OnOpened(TransportConnection connection)
    {
    }

    public int OnReceived(TransportConnection connection, ReadOnlySpan<byte> input)
    {
        _received.AddRange(input);
        return input.Length;
    }

    public void OnOutputDrained(TransportConnection connection)
    {
    }

    public void OnMoved(TransportConnection connection)
    {
    }

    public void OnClosed(TransportConnection connection, CloseReason reason, Exception? error) => Closed = reason;
}
