// Disconnects who is there and has been banned: each loop looks at some of its connections in each turn, so that it holds nobody up.
using Godwit.Broker.Connections;
using Godwit.Transport;

namespace Godwit.Broker.Limits;

internal sealed class BanSweep(Shard shard) : ILoopWork
{
    private const int MostInTurn = 1000;

    private int _place = int.MaxValue;

    /// <summary>Begins on all loops. From any thread.</summary>
    public static void Start(BrokerState broker)
    {
        if (broker.Door.Bans.IsEmpty) return;
        foreach (Shard shard in broker.Shards) shard.Loop.Post(new BanSweep(shard));
    }

    // From the end: who leaves makes the last one move to his place, which has been seen. Who comes meanwhile is asked when he comes.
    public void Run(EventLoop loop)
    {
        for (int i = 0; i < MostInTurn; i++)
        {
            _place = Math.Min(_place, shard.Connections.Count) - 1;
            if (_place < 0) return;
            ClientConnection connection = shard.Connections[_place];
            if (shard.Broker.Door.FindBan(connection.ClientId, connection.UserName, connection) is { } ban)
                connection.End(EndReason.Banned, reasonString: ban.Detail);
        }
        loop.Post(this);
    }
}
