// Has the store keep a session, its subscriptions and its will as they are now. Nothing happens for a session that is not stored.
using Godwit.Broker.Durability;
using Godwit.Broker.Routing;
using Godwit.Broker.Storage;

namespace Godwit.Broker.Sessions;

internal static class SessionSaving
{
    /// <summary>Has the store keep what the session is now.</summary>
    /// <param name="session">The session.</param>
    /// <param name="level">Fsync if somebody waits until it is on disk.</param>
    public static void Save(this ClientSession session, AcknowledgementLevel level)
    {
        if (session.Durable is not { } queue) return;
        StoreLog store = session.Shard.Store!;
        var stored = new StoredSession(
            queue.Number, session.ClientId, session.Identity.UserName, session.ExpiryInterval, session.CreatedAt, store.Clock.UnixNow,
            session.Connection is not null, queue.SentSequence);
        store.Add(new StoreOperation { Kind = StoreOperationKind.PutSession, Queue = queue.Number, Item = stored }, level);
        if (session.Will is { } will) session.SaveWill(will, null, level);
        else store.Add(new StoreOperation { Kind = StoreOperationKind.RemoveWill, Queue = queue.Number });
    }

    /// <summary>Has the store keep a subscription as it is now.</summary>
    public static void Save(this ClientSession session, Subscription subscription)
    {
        if (session.Durable is not { } queue) return;
        session.Shard.Store!.Add(new StoreOperation
        {
            Kind = StoreOperationKind.PutSubscription,
            Queue = queue.Number,
            Item = subscription.Filter,
            Size = subscription.Options.Encoded,
            Sequence = subscription.Identifiers?[0] ?? 0,
        });
    }

    /// <summary>Has the store forget a subscription.</summary>
    public static void Unsave(this ClientSession session, Subscription subscription)
    {
        if (session.Durable is { } queue)
            session.Shard.Store!.Add(new StoreOperation { Kind = StoreOperationKind.RemoveSubscription, Queue = queue.Number, Item = subscription.Filter });
    }

    /// <summary>Has the store keep the will of a session that it has.</summary>
    public static void SaveWill(this ClientSession session, Will will, long? dueAt, AcknowledgementLevel level) => session.Shard.Store!.Add(
        new StoreOperation { Kind = StoreOperationKind.PutWill, Queue = session.Durable!.Number, Item = new WillToStore(will, dueAt) }, level);
}
