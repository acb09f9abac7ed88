using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;

namespace Godwit.Broker.Control;

/// <summary><c>sessions</c>: all, or those that are connected, away, or away for some time.</summary>
internal sealed class SessionWalk(BrokerState broker, ControlReply reply, ControlPage page, bool? connected, long? awaySeconds)
    : ControlWalk(broker, reply, page)
{
    // Buckets of the table looked at in one turn; each has about one session.
    private const int Most = 256;

    // A place is a bucket and, rarely, so many of its sessions.
    private const long MostInBucket = 1000;

    protected override bool Visit(Shard shard)
    {
        Func<long, DateTimeOffset> clock = shard.Loop.Clock();
        long? leftBefore = awaySeconds is { } seconds ? shard.Loop.Now - seconds * 1000 : null;
        for (int i = 0; i < Most && Bucket < shard.SessionBuckets; i++)
        {
            if (Page.IsFull) return false;
            SessionSummary[] wanted = [.. shard.SessionsIn(Bucket).Where(session =>
                (connected is null || session.Connection is not null == connected) && (leftBefore is null || (session.Connection is null && session.Since <= leftBefore)))
                .Skip((int)(Place % MostInBucket)).Select(session => SessionSummary.Of(session, clock))];
            int added = Page.Add(wanted, ControlJson.Instance.SessionSummary);
            if (added < wanted.Length)
            {
                Place += added; // the client takes so small packets that it has to be within a bucket
                return false;
            }
            Place = (Bucket + 1) * MostInBucket;
        }
        return Bucket >= shard.SessionBuckets;
    }

    // A bucket is told as a whole if possible: what is between two buckets moves neither forth nor back.
    private int Bucket => (int)Math.Min(Place / MostInBucket, int.MaxValue);
}
