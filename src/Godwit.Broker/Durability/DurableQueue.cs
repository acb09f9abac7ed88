// The queue of a persistent session (or of a shared subscription) in the store. Its owner keeps the first messages in memory; when those
// become many, what follows is in the store alone and is read when its turn comes. So a long queue costs disk, not memory.
using Godwit.Broker.Routing;
using Godwit.Broker.Sessions;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Broker.Durability;

/// <summary>Who takes messages that were read from the store.</summary>
internal interface IQueueOwner
{
    /// <summary>The next messages in order, on the owner's loop. Where PUBREC had come there is no message.</summary>
    void OnRead(List<Delivery> deliveries);

    /// <summary>Something was committed since the owner asked with <see cref="StoreLog.Wait(IQueueOwner)"/>.</summary>
    void OnStored();
}

/// <summary>A queue's places in the store: gives the numbers, notes additions and removals down, reads what is not in memory.</summary>
/// <param name="log">The loop's log.</param>
/// <param name="owner">Who has the queue.</param>
/// <param name="number">Its number in the store.</param>
internal sealed class DurableQueue(StoreLog log, IQueueOwner owner, long number)
{
    /// <summary>Messages that are in memory too, and their bytes.</summary>
    private const int MostInMemory = 512, MostBytesInMemory = 1024 * 1024;

    /// <summary>Messages in memory when that is short.</summary>
    private const int FewInMemory = 16;

    private const int RetryMilliseconds = 100;

    private long _lastInMemory;
    private bool _isReading, _isOver;

    public long Number => number;

    /// <summary>The last place given.</summary>
    public long LastSequence { get; private set; }

    /// <summary>The last place whose message has been sent to the client.</summary>
    public long SentSequence { get; set; }

    /// <summary>Messages that are in the store only, behind those in memory.</summary>
    public long StoredOnly { get; private set; }

    /// <summary>Their bytes.</summary>
    public long StoredOnlyBytes { get; private set; }

    /// <summary>The packet identifier of a place: always the same one, so that it survives a crash without being written. <c>[MQTT-4.4.0-1]</c></summary>
    public static ushort PacketIdOf(long sequence) => (ushort)((sequence - 1) % ushort.MaxValue + 1);

    /// <summary>What the store had when the broker started.</summary>
    public void Restore(long count, long bytes, long lastSequence, long sentSequence)
    {
        (StoredOnly, StoredOnlyBytes, LastSequence, SentSequence) = (count, bytes, lastSequence, sentSequence);
        Count(count, bytes);
    }

    /// <summary>Gives a message the next place and has it stored.</summary>
    /// <param name="delivery">The delivery, whose message has a record.</param>
    public Delivery Add(in Delivery delivery)
    {
        Publication publication = delivery.Publication!;
        publication.Record!.AddShare();
        long sequence = ++LastSequence;
        long ticket = log.Add(
            new StoreOperation
            {
                Kind = StoreOperationKind.AddDelivery,
                Queue = number,
                Sequence = sequence,
                Item = publication,
                QoS = delivery.QoS,
                Retain = delivery.Retain,
                Size = delivery.Size,
                Identifiers = delivery.Identifiers,
            },
            publication.Record!.IsSynced ? AcknowledgementLevel.Fsync : AcknowledgementLevel.Os);
        return delivery with { Sequence = sequence, Ticket = ticket };
    }

    /// <summary>A message is done with: its place becomes free. Never written at all if the writer has not come to it.</summary>
    public void Remove(in Delivery delivery)
    {
        if (delivery.Sequence == 0) return;
        MessageRecord? record = delivery.Publication?.Record;
        if (TryTakeBack(delivery)) log.Shard.Settle(record!);
        else log.Add(new StoreOperation { Kind = StoreOperationKind.RemoveDelivery, Queue = number, Sequence = delivery.Sequence, Item = record });
    }

    /// <summary>
    /// Makes as if a message had never been added, if the writer has not come to it. The share of its record becomes the caller's.
    /// </summary>
    public bool TryTakeBack(in Delivery delivery) => delivery is { Ticket: not 0, Publication: not null } && log.TryAnnul(delivery.Ticket);

    /// <summary>PUBREC has come. The place stays until PUBCOMP, so that PUBREL can be sent again after a crash.</summary>
    public long Release(in Delivery delivery, AcknowledgementLevel level) => log.Add(
        new StoreOperation { Kind = StoreOperationKind.ReleaseDelivery, Queue = number, Sequence = delivery.Sequence, Item = delivery.Publication!.Record },
        level);

    /// <summary>Whether the owner has so much in memory that what comes is left in the store.</summary>
    /// <param name="count">Messages of the queue in memory.</param>
    /// <param name="bytes">Their bytes.</param>
    public bool IsMemoryFull(int count, long bytes) =>
        StoredOnly > 0 || count >= MostInMemory || bytes >= MostBytesInMemory || (log.Shard.Memory.IsShort && count >= FewInMemory);

    /// <summary>A message that has been added is not kept in memory. From then on none is, until all have been read.</summary>
    public void LeaveInStore(in Delivery delivery)
    {
        if (StoredOnly++ == 0) _lastInMemory = delivery.Sequence - 1;
        StoredOnlyBytes += delivery.Size;
        Count(1, delivery.Size);
    }

    /// <summary>Asks for the next messages that are in the store only, unless there are many in memory; <see cref="IQueueOwner.OnRead"/> brings them.</summary>
    /// <param name="count">Messages of the queue in memory.</param>
    public void Read(int count)
    {
        if (_isReading || StoredOnly == 0 || count >= MostInMemory / 2) return;
        _isReading = true;
        log.Read(new QueueRead(this, _lastInMemory, log.Clock));
    }

    /// <summary>The messages have been read.</summary>
    public void OnRead(QueueRead read)
    {
        if (_isOver) return;
        if (read.IsToRepeat)
        {
            log.Shard.Loop.Schedule(new CallbackTimer(_ => log.Read(read)), log.Shard.Loop.Now + RetryMilliseconds);
            return;
        }
        _isReading = false;
        if (read.Deliveries.Count == 0) Forget();
        foreach (Delivery delivery in read.Deliveries)
        {
            long size = StoredOnly == 1 ? StoredOnlyBytes : delivery.Size; // what is released has become smaller, but nothing is nothing
            StoredOnly--;
            StoredOnlyBytes -= size;
            Count(-1, -size);
            _lastInMemory = delivery.Sequence;
        }
        owner.OnRead(read.Deliveries);
    }

    /// <summary>The queue is over: its owner has it removed from the store.</summary>
    public void End()
    {
        _isOver = true;
        Forget();
    }

    private void Forget()
    {
        Count(-StoredOnly, -StoredOnlyBytes);
        StoredOnly = StoredOnlyBytes = 0;
    }

    private void Count(long messages, long bytes)
    {
        log.Shard.Counters.QueuedMessages += messages;
        log.Shard.Counters.QueuedBytes += bytes;
    }
}
