// The first handler of a connection on a listener with layers: one stage after the other takes its part of the input, all within one
// deadline, and then the real handler takes over. It is its own timer.
using System.Net;
using Godwit.Transport.Tls;
using Godwit.Transport.WebSockets;

namespace Godwit.Transport.Opening;

internal sealed class OpeningHandler(ListenerEntrance entrance) : LoopTimer, IConnectionHandler
{
    private const int RefusalLinger = 1000;

    private readonly Queue<OpeningStage> _stages = new();
    private BufferedConnection _connection = null!;
    private OpeningStage? _stage;
    private bool _isOver;

    public BufferedConnection Connection => _connection;

    public LayerOptions Options => entrance.Layers;

    public PeerInfo Peer => _connection.Peer;

    public void OnOpened(TransportConnection connection)
    {
        _connection = (BufferedConnection)connection;
        connection.Loop.Schedule(this, connection.Loop.Now + (long)Options.Timeout.TotalMilliseconds);
        connection.Peer.OpeningSince = connection.Loop.Now;
        if (Options.ExpectsProxyHeader) Add(new ProxyStage());
        if (Options.IsAny)
        {
            Add(new SniffStage(Options.Tls, Options.WebSocket ?? new WebSocketServerOptions()));
        }
        else
        {
            if (Options.Tls is { } tls) Add(new TlsStage(tls));
            if (Options.WebSocket is { } webSocket) Add(new UpgradeStage(webSocket));
        }
        Proceed();
    }

    public int OnReceived(TransportConnection connection, ReadOnlySpan<byte> input)
    {
        int consumed = 0;
        while (!_isOver && consumed < input.Length)
        {
            OpeningStage stage = _stage!;
            consumed += stage.OnReceived(this, input[consumed..]);
            if (_stage == stage || _connection.HasNewFilter) break;
        }
        return connection.IsClosing ? input.Length : consumed;
    }

    public void OnOutputDrained(TransportConnection connection)
    {
    }

    public void OnMoved(TransportConnection connection)
    {
    }

    public void OnClosed(TransportConnection connection, CloseReason reason, Exception? error)
    {
        if (reason == CloseReason.ProtocolError && error is not null) Log(error.Message);
        Leave();
    }

    /// <summary>Adds a stage behind those that are there.</summary>
    public void Add(OpeningStage stage) => _stages.Enqueue(stage);

    /// <summary>The stage is through.</summary>
    public void Proceed()
    {
        _connection.Arrival?.Progress();
        if (_stages.TryDequeue(out _stage))
        {
            _stage.Begin(this);
            return;
        }
        Leave();
        _connection.HandOverTo(entrance.CreateRealHandler(_connection.Loop));
    }

    /// <summary>A trusted proxy has said where the client is.</summary>
    /// <returns>False if clients from there may not stay: the caller lets go of the connection.</returns>
    public bool TryAdmit(IPAddress client)
    {
        if (client.IsIPv4MappedToIPv6) client = client.MapToIPv4();
        return Options.Trusts(client) || _connection.Arrival is not { } arrival || arrival.TryAdmit(_connection.Loop, client);
    }

    /// <summary>Closes the connection without a word; who has decided that counts it.</summary>
    public void TurnAway()
    {
        Leave();
        _connection.Abort();
    }

    /// <summary>Closes the connection; what has been written before goes out.</summary>
    /// <param name="reason">What was seen, and what to do: a sentence for the log.</param>
    public void Refuse(string reason)
    {
        Log(reason);
        Leave();
        _connection.Close(RefusalLinger);
    }

    protected internal override void OnDue(EventLoop loop) =>
        Refuse($"nothing that could be used within {Options.Timeout.TotalSeconds:0.###} s ({_stage!.AwaitedThing} was awaited); the connection is closed.");

    private void Log(string reason) => entrance.LogRefusal(_connection.Loop.Logger, _connection.RemoteEndPoint, reason);

    private void Leave()
    {
        if (_isOver) return;
        _isOver = true;
        _connection.Loop.Cancel(this);
    }
}
