// After traces have begun or ended: looks at all connections again, loop by loop, some in each turn so that it holds nobody up.
using Godwit.Transport;

namespace Godwit.Broker.Tracing;

/// <param name="broker">The broker.</param>
/// <param name="done">Called on the last loop, when all have been looked at.</param>
internal sealed class TraceSweep(BrokerState broker, Action? done = null) : ILoopWork
{
    private const int MostInTurn = 256;

    private int _shard, _place = int.MaxValue;

    /// <summary>Begins. From any thread.</summary>
    public void Start() => broker.Shards[0].Loop.Post(this);

    // From the end: who leaves makes the last one move to his place, which has been seen. Who comes meanwhile is looked at when he comes.
    public void Run(EventLoop loop)
    {
        Shard shard = broker.Shards[_shard];
        for (int i = 0; i < MostInTurn; i++)
        {
            _place = Math.Min(_place, shard.Connections.Count) - 1;
            if (_place >= 0)
            {
                ConnectionTap.Review(shard.Connections[_place], isNew: false);
                continue;
            }
            _place = int.MaxValue;
            if (++_shard == broker.Shards.Length)
            {
                done?.Invoke();
                return;
            }
            break;
        }
        broker.Shards[_shard].Loop.Post(this);
    }
}
