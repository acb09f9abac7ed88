// The broker's memory budget: sums what the shards count, without locks, and decides how near the limit is. Shards read it while they work,
// a thousand times a second at most, so the path of a message has no counter that loops share.
using Godwit.Broker.Telemetry;
using Godwit.Transport;

namespace Godwit.Broker.Memory;

internal sealed class MemoryBudget(BrokerState broker)
{
    // Percent of the budget at which a stage begins, and below which it ends.
    private const int SlowAt = 80, SlowUntil = 75, ShedAt = 95, ShedUntil = 90;

    // Bytes of live heap, as docs/performance.md has measured them ("Many of everything"), where nothing counts them.
    private const int RetainedNode = 250, Place = 90, Session = 320, Subscription = 260, Connection = 1100, LossEntry = 1000;

    private long _other;
    private long _garbage;
    private int _stage;

    /// <summary>What may be used; 0 for no limit.</summary>
    public long Limit { get; } = broker.Options.MemoryBudget;

    public MemoryStage Stage => (MemoryStage)Volatile.Read(ref _stage);

    /// <summary>What is in use beyond what the broker counts.</summary>
    public long Other
    {
        get => Volatile.Read(ref _other);
        set => Volatile.Write(ref _other, value);
    }

    /// <summary>Where slowing down ends and shedding begins.</summary>
    public long ShedThreshold => Limit / 100 * ShedAt;

    /// <summary>Where shedding ends.</summary>
    public long ShedTarget => Limit / 100 * ShedUntil;

    /// <summary>A part of the budget, for a bound that is not to take more of it.</summary>
    public long AtMost(long bytes, int part) => Limit == 0 ? bytes : Math.Min(bytes, Limit / part);

    public MemoryUse Read()
    {
        long places = 0, held = 0, sessions = 0, shared = 0, connections = 0, mail = 0, store = 0, losses = 0, buffers = 0, spare = 0;
        foreach (Shard shard in broker.Shards)
        {
            Counters counters = shard.Counters;
            places += counters.HeldPlaces;
            held += counters.HeldBytes;
            sessions += counters.SessionsTotal;
            shared += counters.SharedMembers;
            connections += shard.Connections.Count;
            mail += shard.MailInTransit;
            store += shard.Store?.Bytes ?? 0;
            losses += shard.Losses.Size;
            buffers += shard.Loop.BufferBytes;
            spare += shard.Loop.SpareBufferBytes;
        }
        (long largeInUse, long largeSpare) = broker.Shards[0].Loop.SharedBufferBytes;
        return new MemoryUse
        {
            Budget = Limit,
            Stage = Stage,
            Retained = broker.Retained.Bytes + (long)broker.Retained.Count * RetainedNode,
            Queued = held + places * Place,
            Buffers = buffers + largeInUse + broker.Traces.Active.Sum(trace => trace.Waiting),
            SpareBuffers = spare + largeSpare,
            Sessions = sessions * Session + (broker.Subscriptions.Count + shared) * Subscription,
            Connections = connections * Connection,
            Mail = mail,
            Store = store,
            Losses = losses * LossEntry,
            Other = Other,
        };
    }

    /// <summary>Reads what is used and moves to the stage that follows from it.</summary>
    public MemoryUse Update()
    {
        MemoryUse use = Read();
        MemoryStage before = Stage, stage = Next(before, use.Used);
        if (stage == before) return use;
        use = use with { Stage = stage };
        if (Interlocked.CompareExchange(ref _stage, (int)stage, (int)before) == (int)before) broker.MemoryReport.OnStage(before, use);
        return use;
    }

    /// <summary>
    /// Buffers have been let go of. Only a full collection frees them, and for such large objects none may come before the heap is at its
    /// limit: so one is asked for, in the background, when they make up a part of the budget.
    /// </summary>
    public void OnGarbage(long bytes)
    {
        if (Interlocked.Add(ref _garbage, bytes) < Limit / 8 || Interlocked.Exchange(ref _garbage, 0) == 0) return;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
    }

    private MemoryStage Next(MemoryStage stage, long used)
    {
        if (Limit == 0) return MemoryStage.Normal;
        if (used >= ShedThreshold || (stage == MemoryStage.Shed && used >= ShedTarget)) return MemoryStage.Shed;
        if (used >= Limit / 100 * SlowAt || (stage != MemoryStage.Normal && used >= Limit / 100 * SlowUntil)) return MemoryStage.Slow;
        return MemoryStage.Normal;
    }
}
