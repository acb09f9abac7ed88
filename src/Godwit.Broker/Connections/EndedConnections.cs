using Godwit.Broker.Losses;

namespace Godwit.Broker.Connections;

/// <summary>How a connection of a client ended.</summary>
/// <param name="ConnectedAt">When it began.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="Reason">Why.</param>
public sealed record EndedConnection(DateTimeOffset ConnectedAt, DateTimeOffset EndedAt, EndReason Reason);

/// <summary>
/// The last connections of a shard that have ended. One ring for all clients: with a history in each session, those who never had trouble
/// would pay for it a million times.
/// </summary>
internal sealed class EndedConnections
{
    /// <summary>How many are kept; a third of a megabyte with usual client identifiers.</summary>
    public const int Most = 4096;

    private Entry[] _ring = [];
    private int _count, _next;

    /// <summary>A connection has ended; times in loop milliseconds.</summary>
    public void Add(string clientId, long connectedAt, long endedAt, EndReason reason)
    {
        if (_next == _ring.Length && _ring.Length < Most) Array.Resize(ref _ring, Math.Max(16, _ring.Length * 2));
        if (_next == Most) _next = 0;
        _ring[_next++] = new Entry(LossAccount.Cut(clientId)!, connectedAt, endedAt, reason);
        _count = Math.Max(_count, _next);
    }

    /// <summary>The last ones of a client, the newest first.</summary>
    public List<EndedConnection> Find(string clientId, int most, Func<long, DateTimeOffset> clock)
    {
        List<EndedConnection> found = [];
        clientId = LossAccount.Cut(clientId)!;
        for (int i = 1; i <= _count && found.Count < most; i++)
        {
            ref Entry entry = ref _ring[(_next - i + _count) % _count];
            if (entry.ClientId == clientId) found.Add(new EndedConnection(clock(entry.ConnectedAt), clock(entry.EndedAt), entry.Reason));
        }
        return found;
    }

    private record struct Entry(string ClientId, long ConnectedAt, long EndedAt, EndReason Reason);
}
