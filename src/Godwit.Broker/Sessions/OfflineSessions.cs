// The sessions of a shard whose clients are away, in the order of leaving, and the rule which of them have to go when there are too many in
// the whole broker: first those whose client has never come back, the one that is away for longest before the others; then the rest in the
// same order. So a flood of random client identifiers pushes itself out, and not the sessions of those who come back.
//
// Shards do not wait for each other: each tells how long its first one has been away, whoever finds that there are too many asks the shard
// with the longest to remove it. If several find that at once there may be a few too many for a moment, never too few.
using Godwit.Transport;

namespace Godwit.Broker.Sessions;

internal sealed class OfflineSessions(Shard shard) : ILoopWork
{
    // Sessions that one turn removes: each may have a queue to be counted.
    private const int MostRemoved = 16;

    // In Order: behind every session that nobody has come back to.
    private const long ReturnedLast = 1L << 62;

    private Chain _once, _returned;
    private long _order = long.MaxValue;
    private bool _isOver;

    /// <summary>Where this shard's first candidate stands among all; to be read on any thread.</summary>
    public long Order => Volatile.Read(ref _order);

    /// <summary>A client has gone, its session stays.</summary>
    public void Add(ClientSession session)
    {
        ChainOf(session).Append(session);
        _isOver |= Interlocked.Increment(ref shard.Broker.OfflineSessions) > shard.Options.MaximumOfflineSessions;
        UpdateOrder();
    }

    /// <summary>The client has come back, or the session has ended. Nothing happens if it was not here.</summary>
    public void Remove(ClientSession session)
    {
        if (!ChainOf(session).TryRemove(session)) return;
        Interlocked.Decrement(ref shard.Broker.OfflineSessions);
        UpdateOrder();
    }

    /// <summary>At the end of a turn, when it is known who has come back at once, and everything published before is on its way.</summary>
    public void EndTurn()
    {
        if (!_isOver) return;
        _isOver = false;
        if (IsOver) shard.Broker.Shards.MinBy(other => other.Offline.Order)!.Offline.Post();
    }

    /// <summary>Removes what is too much, as far as it is this shard's turn.</summary>
    public void Run(EventLoop loop)
    {
        for (int i = 0; i < MostRemoved && IsOver && (_once.First ?? _returned.First) is { } session; i++)
        {
            if (shard.Broker.Shards.Any(other => other.Offline.Order < Order)) break;
            shard.Counters.SessionsRemoved++;
            session.PublishWill(); // the session ends before the delay does
            shard.End(session, DropReason.SessionRemoved);
        }
        _isOver = IsOver;
    }

    private void Post() => shard.Loop.Post(this);

    private bool IsOver => Volatile.Read(ref shard.Broker.OfflineSessions) > shard.Options.MaximumOfflineSessions;

    // What a session is does not change while its client is away.
    private ref Chain ChainOf(ClientSession session) => ref session.Connects > 1 ? ref _returned : ref _once;

    private void UpdateOrder() =>
        Volatile.Write(ref _order, _once.First?.Since ?? (_returned.First is { } session ? session.Since + ReturnedLast : long.MaxValue));

    /// <summary>Sessions in the order of leaving, linked by themselves.</summary>
    private struct Chain
    {
        public ClientSession? First { get; private set; }

        private ClientSession? _last;

        public void Append(ClientSession session)
        {
            session.LeftBefore = _last;
            if (_last is null) First = session;
            else _last.LeftAfter = session;
            _last = session;
        }

        public bool TryRemove(ClientSession session)
        {
            if (session.LeftBefore is null && First != session) return false;
            if (session.LeftBefore is { } before) before.LeftAfter = session.LeftAfter;
            else First = session.LeftAfter;
            if (session.LeftAfter is { } after) after.LeftBefore = session.LeftBefore;
            else _last = session.LeftBefore;
            session.LeftBefore = session.LeftAfter = null;
            return true;
        }
    }
}
