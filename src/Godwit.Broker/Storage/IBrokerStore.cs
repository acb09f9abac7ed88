// The port to a durable store. What is written, when it is committed and who is told is decided in Durability/; a store puts rows where
// it is told and nothing else. One thread at a time calls it (the writer's), so an implementation needs no locks.
namespace Godwit.Broker.Storage;

/// <summary>
/// Where sessions, queues and retained messages live beyond the process. All writes belong to a transaction: between <see cref="Begin"/>
/// and <see cref="Commit"/> or <see cref="Rollback"/>. A write may replace what is there and a removal may find nothing: neither is an error.
/// Each method throws <see cref="StoreException"/> when the medium fails; the transaction can then only be rolled back.
/// </summary>
public interface IBrokerStore : IDisposable
{
    /// <summary>Where the store is, for people: a path.</summary>
    string Description { get; }

    /// <summary>Reads what was there when the broker stopped. Called once, before anything is written.</summary>
    /// <param name="reader">Is told of everything.</param>
    /// <returns>The highest numbers in use, so that new ones can go on from there.</returns>
    StoreCounters Load(IStoreReader reader);

    /// <summary>Opens a transaction.</summary>
    /// <param name="isSynced">Whether its commit is to wait until the disk has it.</param>
    void Begin(bool isSynced);

    /// <summary>Ends the transaction: from now on its writes survive the death of this process, and the loss of power if they were synced.</summary>
    void Commit();

    /// <summary>Ends the transaction as if it had not been. Also after an error.</summary>
    void Rollback();

    /// <summary>Keeps a message.</summary>
    /// <param name="id">Its number: never used before.</param>
    /// <param name="message">The message; read during the call only.</param>
    /// <param name="references">In how many queues it stands.</param>
    void AddMessage(long id, in StoredMessage message, int references);

    /// <summary>A kept message stands in more queues.</summary>
    /// <returns>False if it is not there: with its last reference it has gone.</returns>
    bool AddReferences(long id, int count);

    /// <summary>Puts a message at the end of a queue. The message has been kept and its references are counted already.</summary>
    void AddDelivery(in StoredDelivery delivery);

    /// <summary>Takes a message out of a queue; with the last reference the message goes too.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="sequence">Its place.</param>
    /// <param name="messageId">The message; 0 if it has gone already (<see cref="ReleaseDelivery"/>).</param>
    void RemoveDelivery(long queue, long sequence, long messageId);

    /// <summary>PUBREC has come: the place in the queue stays until PUBCOMP, the message is not needed for it any more.</summary>
    void ReleaseDelivery(long queue, long sequence, long messageId);

    /// <summary>Reads from a queue, in order.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="after">Only places behind this one.</param>
    /// <param name="maximumCount">At most so many.</param>
    /// <param name="maximumBytes">No more once their sizes have reached this; at least one is read.</param>
    /// <param name="reader">Is given each.</param>
    void ReadQueue(long queue, long after, int maximumCount, long maximumBytes, IQueueReader reader);

    /// <summary>Keeps a session or replaces what is known of it.</summary>
    void PutSession(StoredSession session);

    /// <summary>Removes a session with its subscriptions, identifiers, will and queue; of a long queue a part, the rest with <see cref="RemoveEnded"/>.</summary>
    void RemoveSession(long queue);

    /// <summary>Keeps a subscription or replaces its options.</summary>
    /// <param name="queue">The session.</param>
    /// <param name="filter">The filter in UTF-8, <c>$share/NAME/</c> included.</param>
    /// <param name="options">The Subscription Options byte (MQTT 5 section 3.8.3.1).</param>
    /// <param name="identifier">The Subscription Identifier; 0 for none.</param>
    void PutSubscription(long queue, ReadOnlySpan<byte> filter, byte options, uint identifier);

    /// <summary>Removes a subscription.</summary>
    void RemoveSubscription(long queue, ReadOnlySpan<byte> filter);

    /// <summary>Keeps the identifier of a QoS 2 message that has come from a session and whose PUBREL has not.</summary>
    void AddReceived(long queue, ushort packetId);

    /// <summary>PUBREL has come.</summary>
    void RemoveReceived(long queue, ushort packetId);

    /// <summary>Keeps a session's will.</summary>
    /// <param name="queue">The session.</param>
    /// <param name="will">The will.</param>
    /// <param name="message">Its message; read during the call only.</param>
    void PutWill(long queue, StoredWill will, in StoredMessage message);

    /// <summary>The will was published or is not to be.</summary>
    void RemoveWill(long queue);

    /// <summary>Keeps the queue of a shared subscription.</summary>
    /// <param name="queue">Its number.</param>
    /// <param name="shareName">The ShareName.</param>
    /// <param name="filter">The filter behind it.</param>
    void PutSharedQueue(long queue, string shareName, ReadOnlySpan<byte> filter);

    /// <summary>Removes a shared subscription's queue.</summary>
    void RemoveSharedQueue(long queue);

    /// <summary>
    /// Removes some more of what <see cref="RemoveSession"/> and <see cref="RemoveSharedQueue"/> have left of long queues. A store that removes
    /// them at once has nothing to do here.
    /// </summary>
    /// <returns>Whether there was something to remove.</returns>
    bool RemoveEnded();

    /// <summary>Keeps a topic's retained message, in place of an earlier one.</summary>
    void PutRetained(in StoredMessage message);

    /// <summary>Removes a topic's retained message.</summary>
    void RemoveRetained(ReadOnlySpan<byte> topic);
}

/// <summary>The highest numbers a store has in use; 0 where there are none.</summary>
/// <param name="LastQueue">Of sessions and shared queues.</param>
/// <param name="LastMessage">Of messages.</param>
public readonly record struct StoreCounters(long LastQueue, long LastMessage);

/// <summary>Is told of what a store holds, each session before what belongs to it. Times are Unix milliseconds.</summary>
public interface IStoreReader
{
    /// <summary>A session. Those that began earlier come first.</summary>
    void OnSession(StoredSession session);

    /// <summary>A subscription of a session; see <see cref="IBrokerStore.PutSubscription"/>.</summary>
    void OnSubscription(long queue, ReadOnlySpan<byte> filter, byte options, uint identifier);

    /// <summary>The identifier of a QoS 2 message whose PUBREL has not come.</summary>
    void OnReceived(long queue, ushort packetId);

    /// <summary>A will that is still to be published.</summary>
    void OnWill(long queue, StoredWill will, in StoredMessage message);

    /// <summary>A shared subscription's queue.</summary>
    void OnSharedQueue(long queue, string shareName, ReadOnlySpan<byte> filter);

    /// <summary>What waits in a queue that is not empty.</summary>
    void OnQueue(StoredQueue queue);

    /// <summary>A retained message.</summary>
    void OnRetained(in StoredMessage message);
}

/// <summary>Is given what stands in a queue, in order.</summary>
public interface IQueueReader
{
    /// <summary>One place of the queue. The message is valid during the call; it is empty where the delivery has been received (PUBREC).</summary>
    void OnDelivery(in StoredDelivery delivery, in StoredMessage message);
}
