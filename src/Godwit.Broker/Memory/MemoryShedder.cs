// What a shard gives up when the budget is used: first what costs nobody anything, then what the least is lost by. docs/memory.md has the order;
// what is not taken on meanwhile is decided where it comes in (MemoryGuard.IsShedding).
using Godwit.Broker.Connections;
using Godwit.Broker.Sessions;

namespace Godwit.Broker.Memory;

internal sealed class MemoryShedder(Shard shard)
{
    // Sessions and connections that one step looks at: some ten microseconds' work.
    private const int MostSessions = 1000, MostConnections = 1000;

    // Queues and buffers of less are not worth it.
    private const int SmallestQueue = 4 * 1024, SmallestBuffer = 64 * 1024;

    private int _bucket;
    private long _largeQueue;
    private bool _hasDropped;

    /// <summary>Gives up about as much as is asked for, or begins to.</summary>
    /// <param name="excess">Bytes in use beyond where shedding ends.</param>
    public void Shed(long excess)
    {
        excess = (excess + shard.Broker.Shards.Length - 1) / shard.Broker.Shards.Length;
        long spare = shard.Loop.SpareBufferBytes + shard.Loop.SharedBufferBytes.Spare;
        shard.Loop.DropSpareBuffers();
        excess -= spare;
        if (excess > 0) excess -= ShortenQueues(excess);
        if (excess > 0) CloseSlow(excess);
    }

    // The longest queues first: of those above a size the older half goes; the size is halved whenever all have been seen in vain.
    private long ShortenQueues(long excess)
    {
        if (_largeQueue < SmallestQueue) _largeQueue = shard.Broker.Memory.Limit / 16;
        long freed = 0;
        int buckets = shard.SessionBuckets;
        for (int seen = 0; seen < MostSessions && freed < excess;)
        {
            if (_bucket >= buckets)
            {
                _bucket = 0;
                if (!_hasDropped) _largeQueue /= 2;
                _hasDropped = false;
                if (_largeQueue < SmallestQueue) return freed;
            }
            foreach (ClientSession session in shard.SessionsIn(_bucket++))
            {
                seen++;
                if (session.BytesInMemory < _largeQueue) continue;
                freed += session.Deliveries.ShedOldest(session.BytesInMemory / 2);
                _hasDropped = true;
            }
            seen++;
        }
        return freed;
    }

    // Clients that have much unread, or send a large packet slowly. Their sessions stay, if they outlive a connection.
    private void CloseSlow(long excess)
    {
        ClientConnection[] largest =
        [
            .. shard.Connections.Where(c => Buffered(c) >= SmallestBuffer).Take(MostConnections).OrderByDescending(Buffered),
        ];
        foreach (ClientConnection connection in largest)
        {
            if (excess <= 0) break;
            excess -= Buffered(connection);
            connection.EndAtOnce(EndReason.MemoryShort);
        }
    }

    private static long Buffered(ClientConnection connection) => (long)connection.Transport.PendingOutput + connection.Transport.PendingInput;
}
