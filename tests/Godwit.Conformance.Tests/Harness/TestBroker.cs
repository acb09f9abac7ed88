// A broker on loops without threads, on a clock that the test moves. Whatever a test does is followed through to its end before the
// next line runs, so nothing here waits and nothing depends on timing.
using System.Net;
using Godwit.Broker;
using Godwit.Broker.Listening;
using Godwit.Broker.Sessions;
using Godwit.Broker.Storage;
using Godwit.Broker.Telemetry;
using Godwit.Transport;

namespace Godwit.Conformance.Tests.Harness;

internal sealed class TestBroker : IDisposable
{
    private readonly ManualTimeProvider _time;
    private readonly EventLoopGroup _loops;
    private readonly EventLoopGroup _clients;
    private int _accepted;
    private bool _isKilled;

    /// <param name="loops">The broker's event loops; sessions and publishers on different ones talk by mail.</param>
    /// <param name="configure">Changes the options, which are the defaults without listeners and without $SYS.</param>
    /// <param name="store">Where the broker stores, and what it starts with; null for nowhere.</param>
    /// <param name="time">The clock; null for one of its own.</param>
    public TestBroker(int loops = 1, Func<BrokerOptions, BrokerOptions>? configure = null, IBrokerStore? store = null, ManualTimeProvider? time = null)
    {
        _time = time ?? new ManualTimeProvider();
        Store = store ?? (HasStore ? new MemoryStore() : null);
        BrokerOptions options = new() { Listeners = [], SysInterval = TimeSpan.Zero, Store = Store, CommitDelay = TimeSpan.Zero };
        _loops = EventLoopGroup.Manual(_time, loops);
        _clients = EventLoopGroup.Manual(_time);
        Broker = new MqttBroker(configure?.Invoke(options) ?? options, Log, _loops);
        Broker.Restore();
    }

    /// <summary>What the broker stores in; null for nowhere.</summary>
    public IBrokerStore? Store { get; }

    /// <summary>Whether each broker has a store, as in the project that runs all of these tests on brokers that have one.</summary>
#if STORED
    public static bool HasStore => true;
#else
    public static bool HasStore => false;
#endif

    public MqttBroker Broker { get; }

    public TestLog Log { get; } = new();

    /// <summary>Whether the store does not get to write for the time being.</summary>
    public bool IsWriterStalled { get; set; }

    /// <summary>Loops that do not get to run for the time being, as if they were busy with something else.</summary>
    public HashSet<int> StalledLoops { get; } = [];

    public BrokerStatistics Statistics => Broker.Statistics;

    /// <summary>A client identifier beginning with <paramref name="name"/> whose session lives on the given loop (modulo how many there are).</summary>
    public string ClientId(string name, int loop)
    {
        BrokerState state = Broker.State;
        for (int i = 0; ; i++)
        {
            string id = i == 0 ? name : name + i;
            if (state.HomeOf(id) == state.Shards[loop % state.Shards.Length]) return id;
        }
    }

    /// <summary>The session of a client; null if there is none.</summary>
    public ClientSession? Session(string clientId) => Broker.State.HomeOf(clientId).FindSession(clientId);

    /// <summary>Opens a connection and sends nothing.</summary>
    /// <param name="version">How the client's packets are built and read.</param>
    /// <param name="inputChunk">Bytes that one receive returns at most, on both sides: 1 splits packets in all places.</param>
    /// <param name="transitLimit">Bytes under way in each direction before the sender has to wait.</param>
    public TestClient Open(ProtocolVersion version = ProtocolVersion.V311, int inputChunk = int.MaxValue, int transitLimit = 64 * 1024)
    {
        EventLoop loop = _loops.Loops[_accepted++ % _loops.Loops.Count];
        var client = new TestClient(this, version);
        var options = new MemoryPairOptions { InputChunk = inputChunk, TransitLimit = transitLimit };
        MemoryConnection.CreatePair(_clients.Loops[0], client, loop, Broker.State.AcceptorFor(null).Accept(loop), options);
        Run();
        return client;
    }

    /// <summary>The door of a listener for clients that come from somewhere: <see cref="OpenFrom"/>.</summary>
    public ListenerGate Listen(ListenerOptions? listener = null)
    {
        listener ??= new ListenerOptions(new IPEndPoint(IPAddress.Any, 1883));
        TlsServer? tls = listener.Tls is { } options ? new TlsServer(options) : null;
        var entrance = new Entrance(listener, Broker.State.Options.EffectiveAcknowledgement(listener), tls);
        return new ListenerGate(listener.ToListen(tls, Broker.State.Options, Broker.State.Door), Broker.State.AcceptorFor(entrance), listener.EndPoint);
    }

    /// <summary>As a listener does when somebody connects from an address: null if the connection is closed without being looked at.</summary>
    public TestClient? OpenFrom(ListenerGate door, string address, ProtocolVersion version = ProtocolVersion.V311)
    {
        EventLoop loop = _loops.Loops[_accepted++ % _loops.Loops.Count];
        if (door.TryEnter(loop, IPAddress.Parse(address)) is not { } arrival) return null;
        var client = new TestClient(this, version);
        MemoryConnection.CreatePair(_clients.Loops[0], client, loop, arrival.Entrance.CreateHandler(loop), new MemoryPairOptions { Arrival = arrival });
        Run();
        return client;
    }

    /// <summary>
    /// A connected client: CONNECT, made by <see cref="Packets.Connect"/>, has been sent and accepted, and what came behind CONNACK is
    /// <paramref name="afterConnack"/>, or nothing.
    /// </summary>
    public TestClient Connect(
        string clientId, bool cleanSession = true, ushort keepAlive = 0, TestWill? will = null, ProtocolVersion version = ProtocolVersion.V311,
        bool sessionPresent = false, string properties = "", int inputChunk = int.MaxValue, string[]? afterConnack = null)
    {
        TestClient client = Open(version, inputChunk);
        client.Send(Packets.Connect(version, clientId, cleanSession, keepAlive, will, properties: properties));
        List<string> received = client.Take();
        Assert.NotEmpty(received);
        Assert.StartsWith($"CONNACK {(sessionPresent && version != ProtocolVersion.V31 ? "01" : "00")} 00", received[0]);
        Assert.Equal(afterConnack ?? [], received[1..]);
        return client;
    }

    /// <summary>Moves the clock, at most a second at a time, and lets everything that is due happen.</summary>
    public void Advance(TimeSpan time)
    {
        Run();
        for (TimeSpan left = time; left > TimeSpan.Zero; left -= TimeSpan.FromSeconds(1))
        {
            _time.Advance(left < TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1));
            Run();
        }
    }

    /// <summary>Lets everything happen that follows from what was done. An error that the broker logs fails the test.</summary>
    public void Run()
    {
        for (bool busy = true; busy;)
        {
            busy = false;
            foreach (EventLoop loop in _loops.Loops.Where(loop => !StalledLoops.Contains(loop.Index))) busy |= loop.Turn(0);
            foreach (EventLoop loop in _clients.Loops) busy |= loop.Turn(0);
            if (!busy && !IsWriterStalled) busy = Broker.State.Writer?.RunOnce() ?? false;
        }
        Log.ThrowIfError();
    }

    /// <summary>The process dies here and now: nothing more of it is written. What the store then has is up to the test.</summary>
    public void Kill() => _isKilled = true;

    public void Dispose()
    {
        if (_isKilled) return;
        Broker.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _clients.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
