using Godwit.Broker;
using Godwit.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Godwit.Scale;

/// <summary>A broker with one loop and its clients on this thread, without sockets: nothing but the broker's own work and memory.</summary>
internal sealed class InMemoryBroker : IDisposable
{
    private readonly EventLoopGroup _loops = EventLoopGroup.Manual(TimeProvider.System);

    public InMemoryBroker()
    {
        Broker = new MqttBroker(new BrokerOptions { Listeners = [], SysInterval = TimeSpan.Zero }, NullLoggerFactory.Instance, _loops);
    }

    public MqttBroker Broker { get; }

    public BrokerState State => Broker.State;

    public Shard Shard => Broker.State.Shards[0];

    public T Connect<T>(T client) where T : LoadClient
    {
        MemoryConnection.CreatePair(_loops.Loops[0], client, _loops.Loops[0], Broker.State.AcceptorFor(null).Accept(_loops.Loops[0]));
        Run();
        return client;
    }

    public void Run() => _loops.RunUntilIdle();

    public void Dispose() => Broker.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
