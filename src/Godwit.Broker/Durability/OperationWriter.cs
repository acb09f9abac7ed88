using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Broker.Storage;

namespace Godwit.Broker.Durability;

/// <summary>Writes operations into the open transaction. A message is stored with its first place in a queue, once.</summary>
internal sealed class OperationWriter(IBrokerStore store, BrokerState broker, StoreClock clock)
{
    private readonly List<MessageRecord> _counted = [];

    /// <summary>The highest message number given.</summary>
    public long LastMessage { get; set; }

    /// <summary>A transaction begins, perhaps again after a failure.</summary>
    public void Begin()
    {
        foreach (MessageRecord record in _counted) record.NewReferences = 0;
        _counted.Clear();
    }

    /// <summary>Counts how often the transaction refers to a message, before any of it is executed.</summary>
    public void Count(in StoreOperation operation)
    {
        MessageRecord record = ((Publication)operation.Item!).Record!;
        if (record.NewReferences++ == 0) _counted.Add(record);
    }

    /// <summary>Writes one operation.</summary>
    /// <exception cref="StoreException">The store fails.</exception>
    public void Execute(in StoreOperation operation)
    {
        long queue = operation.Queue, sequence = operation.Sequence;
        switch (operation.Kind)
        {
            case StoreOperationKind.AddDelivery:
                AddDelivery(operation);
                break;
            case StoreOperationKind.RemoveDelivery:
                store.RemoveDelivery(queue, sequence, (operation.Item as MessageRecord)?.Id ?? 0);
                break;
            case StoreOperationKind.ReleaseDelivery:
                store.ReleaseDelivery(queue, sequence, ((MessageRecord)operation.Item!).Id);
                break;
            case StoreOperationKind.PutSession:
                store.PutSession((StoredSession)operation.Item!);
                break;
            case StoreOperationKind.RemoveSession:
                store.RemoveSession(queue);
                break;
            case StoreOperationKind.PutSubscription:
                store.PutSubscription(queue, (byte[])operation.Item!, (byte)operation.Size, (uint)sequence);
                break;
            case StoreOperationKind.RemoveSubscription:
                store.RemoveSubscription(queue, (byte[])operation.Item!);
                break;
            case StoreOperationKind.AddReceived:
                store.AddReceived(queue, (ushort)sequence);
                break;
            case StoreOperationKind.RemoveReceived:
                store.RemoveReceived(queue, (ushort)sequence);
                break;
            case StoreOperationKind.PutWill:
                (Will will, long? dueAt) = (WillToStore)operation.Item!;
                store.PutWill(queue, new StoredWill(will.DelaySeconds, will.ExpirySeconds, clock.ToUnix(dueAt)), clock.ToStore(will.Publication));
                break;
            case StoreOperationKind.RemoveWill:
                store.RemoveWill(queue);
                break;
            case StoreOperationKind.PutSharedQueue:
                var group = (SharedGroup)operation.Item!;
                store.PutSharedQueue(queue, group.ShareName, group.Filter);
                break;
            case StoreOperationKind.RemoveSharedQueue:
                store.RemoveSharedQueue(queue);
                break;
            case StoreOperationKind.Retain:
                Retain((Publication)operation.Item!);
                break;
        }
    }

    private void AddDelivery(in StoreOperation operation)
    {
        var publication = (Publication)operation.Item!;
        MessageRecord record = publication.Record!;
        if (record.NewReferences > 0)
        {
            if (record.Id == 0) record.Id = ++LastMessage;
            if (!record.MayBeStored || !store.AddReferences(record.Id, record.NewReferences))
                store.AddMessage(record.Id, clock.ToStore(publication), record.NewReferences);
            record.MayBeStored = true;
            record.NewReferences = 0;
        }
        store.AddDelivery(new StoredDelivery
        {
            Queue = operation.Queue,
            Sequence = operation.Sequence,
            MessageId = record.Id,
            QoS = operation.QoS,
            Retain = operation.Retain,
            Size = operation.Size,
            Identifiers = operation.Identifiers,
        });
    }

    // Two loops may retain for one topic, and their batches come in any order: what counts is what is retained now.
    private void Retain(Publication changed)
    {
        if (broker.Retained.Find(changed.Topic, 0) is { } current) store.PutRetained(clock.ToStore(current));
        else store.RemoveRetained(changed.Topic);
    }
}
