// A listener with layers over memory pairs, turned by hand: every split of the input, no waiting.
using System.Net;
using System.Text;
using Godwit.Testing;
using Godwit.Transport.Opening;

namespace Godwit.Transport.Tests;

internal sealed class LayeredPair
{
    private readonly EventLoopGroup _group;

    /// <param name="options">The listener's layers.</param>
    /// <param name="chunk">Bytes that one receive returns at most.</param>
    /// <param name="server">Gets OnOpened when all layers are open; null for one of its own.</param>
    /// <param name="client">How the client connects.</param>
    /// <param name="former">Whose loop, clock and log to use: a loop is dear where there are millions of pairs.</param>
    public LayeredPair(LayerOptions options, int chunk = int.MaxValue, TestHandler? server = null, ConnectOptions? client = null, LayeredPair? former = null)
    {
        Server = server ?? new TestHandler();
        (Time, Log) = former is null ? (new ManualTimeProvider(), new TestLog()) : (former.Time, former.Log);
        _group = former?._group ?? EventLoopGroup.Manual(Time, 1, Log);
        var entrance = new ListenerEntrance(new ListenOptions { Layers = options }, new FixedAcceptor(Server), new IPEndPoint(IPAddress.Loopback, 1));
        EventLoop loop = _group.Loops[0];
        (Connection, ServerConnection) = MemoryConnection.CreatePair(
            loop, ClientOpening.Wrap(Client, client ?? new ConnectOptions()), loop, entrance.CreateHandler(loop), new MemoryPairOptions { InputChunk = chunk });
        Run();
    }

    public ManualTimeProvider Time { get; }

    public TestLog Log { get; }

    public TestHandler Client { get; } = new();

    /// <summary>The real handler: gets OnOpened when all layers are open.</summary>
    public TestHandler Server { get; }

    public TransportConnection Connection { get; }

    public TransportConnection ServerConnection { get; }

    public string LogText => string.Join('\n', Log.Entries.Select(entry => entry.Message));

    /// <summary>Without the test's synchronisation context, as on a loop's own thread: with one, tasks go on elsewhere.</summary>
    public void Run()
    {
        SynchronizationContext? context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        _group.RunUntilIdle();
        SynchronizationContext.SetSynchronizationContext(context);
    }

    public void Send(ReadOnlySpan<byte> bytes)
    {
        Connection.Write(bytes);
        Run();
    }

    public void Send(string text) => Send(Encoding.Latin1.GetBytes(text));

    public void Pass(TimeSpan time)
    {
        Time.Advance(time);
        Run();
    }

    private sealed class FixedAcceptor(IConnectionHandler handler) : IConnectionAcceptor
    {
        public IConnectionHandler Accept(EventLoop loop) => handler;
    }
}
