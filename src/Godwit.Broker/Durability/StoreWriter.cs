// The one thread that writes. It takes the batches of all loops that are there, writes them in one transaction and sends them back, so
// that the loops can acknowledge. While the store fails it keeps what it has, tries again every second, and takes no more: the loops
// hold their next batches, and publishers who would fill those are not read or are refused.
using System.Diagnostics;
using Godwit.Broker.Routing;
using Godwit.Broker.Storage;
using Godwit.Transport;

namespace Godwit.Broker.Durability;

internal sealed class StoreWriter(IBrokerStore store, BrokerState broker, StoreClock clock, int delayMilliseconds)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly OperationWriter _operations = new(store, broker, clock);
    private readonly List<(StoreLog Log, StoreOperation Operation)> _ready = []; // of units that have been released
    private readonly HashSet<long> _endedQueues = []; // of sessions that ended while a unit was held
    private readonly List<MessageRecord>[] _settled = [.. Enumerable.Range(0, broker.Shards.Length).Select(_ => new List<MessageRecord>())];
    private readonly HashSet<StoreLog> _informed = [];
    private List<StoreBatch> _submitted = [], _batches = [];
    private Thread? _thread;
    private volatile string? _failure;
    private string? _damage;
    private bool _isWoken, _isStopping; // under the gate
    private bool _hasEnded = true; // perhaps: an earlier broker may have left something
    private readonly List<StoreUnit> _held = [];
    private readonly Dictionary<(bool IsReceived, long Queue, long Number), StoreUnit> _heldPlaces = [];

    public StoreClock Clock => clock;

    /// <summary>How long operations are collected before the writer gets them, unless it is busy for longer.</summary>
    public int DelayMilliseconds => delayMilliseconds;

    /// <summary>What is wrong with the store, in a sentence; null while it works.</summary>
    public string? Failure => _failure;

    /// <summary>Reads what was there when the broker stopped, and goes on from there. The loops do not run yet.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public void Restore()
    {
        long start = Stopwatch.GetTimestamp();
        var loader = new StoreLoader(broker, clock);
        StoreCounters counters = store.Load(loader);
        loader.Finish();
        _operations.LastMessage = counters.LastMessage;
        broker.ContinueQueues(counters.LastQueue);
        broker.Log.Restored(
            store.Description, loader.Sessions, loader.QueuedMessages, loader.RetainedMessages, (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    /// <summary>Starts the thread.</summary>
    public void Start()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "godwit store" };
        _thread.Start();
    }

    /// <summary>Writes what is left, if the store can, and ends the thread. The loops have stopped and flushed.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopping = true;
            Wake();
        }
        if (_thread is not null) _thread.Join();
        else RunOnce();
        if (_batches.Count > 0) broker.Log.StoreGivenUp(store.Description, _batches.Sum(batch => batch.Count));
    }

    /// <summary>Takes a batch: on any thread.</summary>
    public void Submit(StoreBatch batch)
    {
        lock (_gate)
        {
            _submitted.Add(batch);
            Wake();
        }
    }

    /// <summary>Writes what has been submitted. What the thread does; for tests without one.</summary>
    /// <returns>Whether something was committed.</returns>
    public bool RunOnce()
    {
        List<StoreBatch> taken;
        bool isStopping;
        lock (_gate)
        {
            isStopping = _isStopping;
            taken = _submitted;
            _submitted = [];
        }
        foreach (StoreBatch batch in taken)
        {
            TakeIn(batch);
            _batches.Add(batch);
        }
        if (_batches.Count == 0 && (!_hasEnded || isStopping || _failure is not null)) return false;
        try
        {
            if (_batches.Count > 0) Write();
            else RemoveEnded();
        }
        catch (Exception e) // of the store, or a defect of ours: whatever it is, nothing has been promised yet
        {
            OnFailed(e);
            return false;
        }
        OnCommitted();
        return true;
    }

    private void Run()
    {
        while (true)
        {
            bool isStopping;
            lock (_gate)
            {
                // While the store fails, what comes meanwhile waits for the next try too.
                if (_failure is not null && !_isStopping) Monitor.Wait(_gate, RetryInterval);
                else while (!_isWoken) Monitor.Wait(_gate);
                _isWoken = false;
                isStopping = _isStopping;
            }
            while (RunOnce())
            {
            }
            if (isStopping) return;
        }
    }

    private void Wake()
    {
        _isWoken = true;
        Monitor.Pulse(_gate);
    }

    // What belongs to a unit that other loops have not finished yet, or that has to come after such a one, waits with it.
    private void TakeIn(StoreBatch batch)
    {
        if (!batch.HasUnits && _held.Count == 0) return;
        for (int i = 0; i < batch.Count; i++)
        {
            ref readonly StoreOperation operation = ref batch.Operations[i];
            switch (operation.Kind)
            {
                case StoreOperationKind.AddDelivery or StoreOperationKind.AddReceived:
                    if (((Publication)operation.Item!).Record!.Unit is not { IsReleased: false } unit) break;
                    if (unit.Held.Count == 0) _held.Add(unit);
                    _heldPlaces[PlaceOf(operation)] = unit;
                    unit.Held.Add((batch.Log, batch.Hold(i)));
                    break;
                case StoreOperationKind.RemoveDelivery or StoreOperationKind.ReleaseDelivery or StoreOperationKind.RemoveReceived:
                    // A client may be faster than the loops; what is to be removed has to be there first.
                    if (_heldPlaces.TryGetValue(PlaceOf(operation), out StoreUnit? holder)) holder.Held.Add((batch.Log, batch.Hold(i)));
                    break;
                case StoreOperationKind.EndPart:
                    StoreUnit ended = ((MessageRecord)operation.Item!).Unit!;
                    ended.EndPart();
                    for (StoreUnit? next = ended; next is not null && next.TryRelease(); next = next.Next) Release(next);
                    break;
                case StoreOperationKind.RemoveSession when _held.Count > 0:
                    _endedQueues.Add(operation.Queue);
                    break;
            }
        }
    }

    private void Release(StoreUnit unit)
    {
        _held.Remove(unit);
        foreach ((_, StoreOperation operation) in unit.Held) _heldPlaces.Remove(PlaceOf(operation));
        _ready.AddRange(unit.Held);
        unit.Held.Clear();
    }

    // Places in queues and packet identifiers are numbers of the same session.
    private static (bool IsReceived, long Queue, long Number) PlaceOf(in StoreOperation operation) =>
        (operation.Kind is StoreOperationKind.AddReceived or StoreOperationKind.RemoveReceived, operation.Queue, operation.Sequence);

    private void Write()
    {
        bool isSynced = _ready.Exists(ready => ready.Operation.Item is Publication { Record.Unit.IsSynced: true });
        foreach (StoreBatch batch in _batches) isSynced |= batch.IsSynced;
        store.Begin(isSynced);
        _operations.Begin();
        foreach ((_, StoreOperation operation) in _ready) Count(operation);
        foreach (StoreBatch batch in _batches)
        {
            foreach (ref readonly StoreOperation operation in batch.Operations) Count(operation);
        }
        foreach ((_, StoreOperation operation) in _ready)
        {
            if (!_endedQueues.Contains(operation.Queue)) _operations.Execute(operation);
        }
        foreach (StoreBatch batch in _batches)
        {
            foreach (ref readonly StoreOperation operation in batch.Operations)
            {
                _operations.Execute(operation);
                _hasEnded |= operation.Kind is StoreOperationKind.RemoveSession or StoreOperationKind.RemoveSharedQueue;
            }
        }
        store.Commit();
    }

    private void Count(in StoreOperation operation)
    {
        if (operation.Kind == StoreOperationKind.AddDelivery && !_endedQueues.Contains(operation.Queue)) _operations.Count(operation);
    }

    private void OnCommitted()
    {
        if (_failure is not null)
        {
            _failure = null;
            broker.Log.StoreRecovered(store.Description);
        }
        foreach ((StoreLog log, StoreOperation operation) in _ready)
        {
            Settle(operation);
            _informed.Add(log);
        }
        foreach (StoreBatch batch in _batches)
        {
            foreach (ref readonly StoreOperation operation in batch.Operations) Settle(operation);
            foreach (QueueRead read in batch.Reads) Read(read);
        }
        for (int i = 0; i < _settled.Length; i++)
        {
            if (_settled[i].Count == 0) continue;
            broker.Shards[i].Loop.Post(new SettledRecords([.. _settled[i]]));
            _settled[i].Clear();
        }
        foreach (StoreLog log in _informed) log.Shard.Loop.Post(log);
        foreach (StoreBatch batch in _batches) batch.Log.Shard.Loop.Post(batch);
        _informed.Clear();
        _ready.Clear();
        _batches.Clear();
        if (_held.Count == 0) _endedQueues.Clear();
    }

    // A piece at a time, while there is nothing else to do: nobody waits for it.
    private void RemoveEnded()
    {
        store.Begin(isSynced: false);
        _hasEnded = store.RemoveEnded();
        store.Commit();
    }

    private long FirstHeld(long queue)
    {
        long first = long.MaxValue;
        foreach (StoreUnit unit in _held)
        {
            foreach ((_, StoreOperation operation) in unit.Held)
            {
                if (operation.Kind == StoreOperationKind.AddDelivery && operation.Queue == queue) first = Math.Min(first, operation.Sequence);
            }
        }
        return first;
    }

    private void Read(QueueRead read)
    {
        read.Read(store, FirstHeld(read.Queue));
        if (read.Failure is not { Failure: StoreFailure.Damaged } damage || damage.Message == _damage) return;
        _damage = damage.Message;
        broker.Log.StoreDamaged(damage.Message); // it is tried again and again, and said once
    }

    // What the transaction held belongs to the loops again, message by message.
    private void Settle(in StoreOperation operation)
    {
        if (operation.Kind is not (StoreOperationKind.AddDelivery or StoreOperationKind.AddReceived or StoreOperationKind.Retain)) return;
        if (((Publication)operation.Item!).Record is not { } record) return;
        // What is retained is stored without waiting for the rest.
        if (operation.Kind != StoreOperationKind.Retain) record.IsStored = true;
        if (record.Settle() && record.Publisher is { } publisher) _settled[publisher.Shard.Index].Add(record);
    }

    private void OnFailed(Exception e)
    {
        try
        {
            store.Rollback();
        }
        catch (StoreException)
        {
            // The store is in trouble already, and the first error says more.
        }
        if (_failure != e.Message) broker.Log.StoreFailed(store.Description, e.Message, e is StoreException ? null : e);
        _failure = e.Message;
    }
}

/// <summary>Messages whose last share was settled on another thread than their publisher's.</summary>
internal sealed class SettledRecords(MessageRecord[] records) : ILoopWork
{
    public void Run(EventLoop loop)
    {
        foreach (MessageRecord record in records) record.Publisher?.Acknowledger.OnSettled(record);
    }
}
