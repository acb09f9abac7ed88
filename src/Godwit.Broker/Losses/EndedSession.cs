using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Protocol;
using Godwit.Session;

namespace Godwit.Broker.Losses;

/// <summary>Counts what a session leaves behind when it ends.</summary>
internal static class EndedSession
{
    /// <summary>
    /// Messages counted by topic: less than a millisecond's work. Of those beyond only the number is counted, so that a session with
    /// millions of them does not hold up its loop.
    /// </summary>
    public const int MostByTopic = 16_384;

    /// <summary>The loops have stopped: counts what waits for sessions and shared subscriptions in memory only.</summary>
    public static void CountStopped(Shard shard)
    {
        foreach (ClientSession session in shard.Sessions)
        {
            if (session.Durable is null) session.DropAll(DropReason.BrokerStopped);
            foreach (Subscription subscription in session.Subscriptions)
            {
                if (subscription.Member is { Group: { QueueNumber: 0 } group }) group.DropAll(DropReason.BrokerStopped);
            }
        }
    }

    /// <summary>Counts the messages that still wait, and those in flight that the client has not acknowledged.</summary>
    /// <param name="session">The session that ends.</param>
    /// <param name="reason">What is counted for those that wait.</param>
    /// <param name="queue">Those that wait; what is counted by topic is taken out.</param>
    /// <param name="inFlight">Those in flight. A message whose PUBREC has come has arrived.</param>
    public static void Count(ClientSession session, DropReason reason, DeliveryQueue? queue, OutboundFlow<Delivery>? inFlight)
    {
        if (queue is not null)
        {
            for (int i = 0; i < MostByTopic && queue.Count > 0; i++) session.DropWaiting(reason, queue.Dequeue());
            if (queue.Count > 0) session.Shard.Losses.Add(session.Account, reason, queue.Count, queue.Bytes);
        }
        if (inFlight is null) return;
        foreach (InFlightMessage<Delivery> entry in inFlight)
        {
            if (!entry.IsPubrel) session.Drop(DropReason.Unacknowledged, entry.Message);
        }
    }
}
