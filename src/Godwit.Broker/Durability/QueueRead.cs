using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Broker.Storage;

namespace Godwit.Broker.Durability;

/// <summary>A part of a queue that is read from the store by the writer and then given to its owner, on the owner's loop.</summary>
internal sealed class QueueRead(DurableQueue queue, long after, StoreClock clock) : IQueueReader
{
    private const int MaximumCount = 512;
    private const long MaximumBytes = 1024 * 1024;

    private long _before;

    /// <summary>What was read, in order.</summary>
    public List<Delivery> Deliveries { get; } = [];

    /// <summary>Whether it has to be tried again a little later.</summary>
    public bool IsToRepeat { get; private set; }

    /// <summary>Why the store could not be read; null if it could.</summary>
    public StoreException? Failure { get; private set; }

    /// <summary>The queue.</summary>
    public long Queue => queue.Number;

    /// <summary>On the writer's thread.</summary>
    /// <param name="store">The store.</param>
    /// <param name="before">The first place that is still to be written; what stands behind it has to wait.</param>
    public void Read(IBrokerStore store, long before)
    {
        Deliveries.Clear();
        Failure = null;
        _before = before;
        try
        {
            store.ReadQueue(queue.Number, after, MaximumCount, MaximumBytes, this);
            IsToRepeat = Deliveries.Count == 0 && before != long.MaxValue;
        }
        catch (StoreException failure)
        {
            Failure = failure;
            IsToRepeat = true;
        }
    }

    /// <summary>On the loop.</summary>
    public void Finish() => queue.OnRead(this);

    public void OnDelivery(in StoredDelivery delivery, in StoredMessage message)
    {
        if (delivery.Sequence >= _before) return;
        Publication? publication = delivery.MessageId == 0 ? null : clock.FromStore(message, delivery.MessageId);
        Deliveries.Add(new Delivery(publication, delivery.QoS, delivery.Retain, delivery.Identifiers, null) { Sequence = delivery.Sequence });
    }
}
