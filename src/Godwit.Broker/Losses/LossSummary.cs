// Once a minute the log says what was not delivered: one line for each reason, with the client that lost most; and how many sessions had
// to go. Each shard sums up for itself, on its own loop; the first one puts the parts together. A quiet minute leaves no line.
using System.Text;
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Transport;
using Microsoft.Extensions.Logging;

namespace Godwit.Broker.Losses;

/// <summary>What was lost for one reason since the log told of it last.</summary>
/// <param name="Count">Messages.</param>
/// <param name="Clients">Clients, as far as they have entries of their own.</param>
/// <param name="Worst">The client that lost most.</param>
/// <param name="WorstCount">How many it lost.</param>
/// <param name="WorstTopic">The topic prefix below which it lost most of them.</param>
internal sealed record RecentLosses(long Count, int Clients, string Worst, long WorstCount, string WorstTopic)
{
    /// <summary>What two shards have lost; a client belongs to one of them.</summary>
    public RecentLosses Plus(RecentLosses other)
    {
        RecentLosses worst = other.WorstCount > WorstCount ? other : this;
        return worst with { Count = Count + other.Count, Clients = Clients + other.Clients };
    }

    /// <summary>Takes what a ledger has not reported yet, by reason.</summary>
    public static Dictionary<DropReason, RecentLosses> Take(LossLedger ledger)
    {
        var entries = ledger.Entries.Where(e => e.Count > e.Reported).ToLookup(e => e.Reason);
        Dictionary<DropReason, RecentLosses> result = entries.ToDictionary(reason => reason.Key, Sum);
        foreach (LossEntry entry in entries.SelectMany(reason => reason)) entry.Reported = entry.Count;
        return result;
    }

    private static RecentLosses Sum(IEnumerable<LossEntry> entries)
    {
        (string Client, long Count, LossEntry Most)[] clients = [.. entries.GroupBy(e => e.Client)
            .Select(client => (client.Key, client.Sum(Recent), client.MaxBy(Recent)!))];
        (string worst, long count, LossEntry most) = clients.MaxBy(c => c.Client == Loss.Others ? 0 : c.Count);
        return new RecentLosses(clients.Sum(c => c.Count), clients.Length, worst, count, Encoding.UTF8.GetString(most.Prefix));

        static long Recent(LossEntry entry) => entry.Count - entry.Reported;
    }
}

internal sealed class LossSummary(BrokerState broker, TimeSpan interval) : LoopTimer
{
    private readonly Dictionary<DropReason, RecentLosses> _sums = [];
    private long _since;
    private int _missing, _removed;

    private EventLoop Home => broker.Shards[0].Loop;

    /// <summary>Begins, on the first shard's loop, and goes on by itself.</summary>
    public void Start()
    {
        _since = Home.Now;
        Schedule();
    }

    /// <summary>The loops have stopped: tells what has not been told.</summary>
    public void Finish()
    {
        foreach (Shard shard in broker.Shards) Add(RecentLosses.Take(shard.Losses));
        Write();
    }

    protected override void OnDue(EventLoop loop)
    {
        Schedule();
        if (_missing > 0) return; // a loop is so busy that it has not answered since the last time
        _missing = broker.Shards.Length;
        foreach (Shard shard in broker.Shards)
        {
            shard.Loop.PostOrRun(() =>
            {
                Dictionary<DropReason, RecentLosses> part = RecentLosses.Take(shard.Losses);
                Home.PostOrRun(() => OnPart(part));
            });
        }
    }

    private void Schedule() => Home.Schedule(this, Home.Now + (long)interval.TotalMilliseconds);

    private void OnPart(Dictionary<DropReason, RecentLosses> part)
    {
        Add(part);
        if (--_missing == 0) Write();
    }

    private void Add(Dictionary<DropReason, RecentLosses> part)
    {
        foreach ((DropReason reason, RecentLosses losses) in part)
            _sums[reason] = _sums.TryGetValue(reason, out RecentLosses? sum) ? sum.Plus(losses) : losses;
    }

    private void Write()
    {
        long seconds = (Home.Now - _since + 999) / 1000;
        foreach ((DropReason reason, RecentLosses sum) in _sums.OrderByDescending(s => s.Value.Count))
        {
            LogLevel level = reason.IsUsual() ? LogLevel.Information : LogLevel.Warning;
            broker.Log.Losses(level, seconds, sum.Count, reason.Name(), reason.Text(), sum.Clients, sum.Worst, sum.WorstCount, sum.WorstTopic);
        }
        int removed = broker.Shards.Sum(shard => shard.Counters.SessionsRemoved);
        if (removed > _removed) broker.Log.SessionsRemoved(seconds, removed - _removed, broker.Shards[0].Options.MaximumOfflineSessions);
        _removed = removed;
        _sums.Clear();
        _since = Home.Now;
    }
}
