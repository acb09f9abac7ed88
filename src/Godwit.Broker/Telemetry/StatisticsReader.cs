using Godwit.Broker.Limits;
using Godwit.Broker.Sessions;

namespace Godwit.Broker.Telemetry;

/// <summary>Sums the shards' counters. They are read without locks: each is right, together they are of nearly the same moment.</summary>
internal static class StatisticsReader
{
    public static BrokerStatistics Read(BrokerState state)
    {
        Counters[] all = [.. state.Shards.Select(s => s.Counters)];
        Dictionary<DropReason, long> drops = DropReasons.All.ToDictionary(r => r, r => all.Sum(c => c.Drops[r]));
        int retained = state.Retained.Count;
        long retainedBytes = state.Retained.Bytes;
        return new BrokerStatistics
        {
            MessagesReceived = all.Sum(c => c.MessagesReceived),
            MessagesSent = all.Sum(c => c.MessagesSent),
            PublishReceived = all.Sum(c => c.PublishReceived),
            PublishSent = all.Sum(c => c.PublishSent),
            PublishBytesReceived = all.Sum(c => c.PublishBytesReceived),
            PublishBytesSent = all.Sum(c => c.PublishBytesSent),
            BytesReceived = all.Sum(c => c.BytesReceived),
            BytesSent = all.Sum(c => c.BytesSent),
            Dropped = DropReasons.All.Where(r => r.IsDelivery() && !r.IsUsual()).Sum(r => drops[r]),
            Undelivered = DropReasons.All.Where(r => r.IsDelivery()).Sum(r => drops[r]),
            DroppedByReason = drops,
            SocketsOpened = all.Sum(c => c.SocketsOpened),
            RefusedByReason = RefusalReasons.All.ToDictionary(r => r, r => state.Door.Refusals[r]),
            ConnectsAccepted = all.Sum(c => c.ConnectsAccepted),
            ClientsConnected = all.Sum(c => c.ClientsConnected),
            Sessions = all.Sum(c => c.SessionsTotal),
            SessionsExpired = all.Sum(c => c.SessionsExpired),
            SessionsRemoved = all.Sum(c => c.SessionsRemoved),
            Subscriptions = state.Subscriptions.Count,
            SharedSubscriptions = all.Sum(c => c.SharedMembers),
            RetainedMessages = retained,
            RetainedBytes = retainedBytes,
            Memory = state.Memory.Read(),
            StoredMessages = retained + all.Sum(c => c.QueuedMessages),
            StoredBytes = retainedBytes + all.Sum(c => c.QueuedBytes),
        };
    }
}
