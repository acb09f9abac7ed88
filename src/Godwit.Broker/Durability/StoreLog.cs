// What one loop has to store. Operations are noted down in a batch, which goes to the writer a moment later, and never while the one
// before is still there: so the batches grow with the load, and what is finished meanwhile (a message that every client has
// acknowledged) is annulled and never written. Only the loop touches it.
using Godwit.Broker.Connections;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Broker.Durability;

internal sealed class StoreLog : LoopTimer, ILoopWork
{
    /// <summary>Operations and bytes of messages that may wait for the writer before publishers have to.</summary>
    private const int MaximumCount = 100_000, MaximumBytes = 64 * 1024 * 1024;

    private const int IndexBits = 24;

    private readonly Shard _shard;
    private readonly StoreWriter _writer;
    private readonly List<ClientConnection> _congested = [];
    private StoreBatch _open, _other;
    private List<IQueueOwner> _waiting = [], _informed = [];
    private long _generation = 1, _committed;
    private bool _isAway, _isDue;

    public StoreLog(Shard shard, StoreWriter writer)
    {
        _shard = shard;
        _writer = writer;
        _open = new StoreBatch(this);
        _other = new StoreBatch(this);
    }

    public Shard Shard => _shard;

    public StoreClock Clock => _writer.Clock;

    /// <summary>What is wrong with the store, in a sentence; null while it works.</summary>
    public string? Failure => _writer.Failure;

    /// <summary>Whether publishers have to wait until the writer has caught up.</summary>
    public bool IsCongested => _open.Count > MaximumCount || _open.Bytes > _shard.Broker.Memory.AtMost(MaximumBytes, 16);

    /// <summary>Bytes of messages that wait for the writer. From any thread.</summary>
    public long Bytes => _open.Bytes + _other.Bytes;

    /// <summary>Notes an operation down.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="level">Fsync if somebody waits until it is on disk.</param>
    /// <returns>A ticket for <see cref="TryAnnul"/>.</returns>
    public long Add(in StoreOperation operation, AcknowledgementLevel level = AcknowledgementLevel.Os)
    {
        long ticket = _generation << IndexBits | (uint)_open.Add(operation);
        if (level == AcknowledgementLevel.Fsync) _open.IsSynced = true;
        Schedule();
        return ticket;
    }

    /// <summary>Takes an operation back.</summary>
    /// <returns>False if the writer has it already.</returns>
    public bool TryAnnul(long ticket)
    {
        if (!IsOpen(ticket)) return false;
        _open.Annul((int)(ticket & (1 << IndexBits) - 1));
        return true;
    }

    /// <summary>Whether the writer has not got an operation yet: it may come after operations that other loops note down now.</summary>
    public bool IsOpen(long ticket) => ticket >> IndexBits == _generation;

    /// <summary>Whether an operation is committed.</summary>
    public bool IsCommitted(long ticket) => ticket >> IndexBits <= _committed;

    /// <summary>Sends an acknowledgement once everything noted down so far is stored; at once if the level does not ask for that.</summary>
    public void Acknowledge(ClientConnection connection, PacketType type, ushort packetId, ReasonCode code)
    {
        if (connection.Level == AcknowledgementLevel.Memory)
        {
            connection.SendAck(type, packetId, code);
            return;
        }
        _open.Acks.Add((connection, type, packetId, code));
        Schedule();
    }

    /// <summary>Does something once everything noted down so far is stored.</summary>
    public void WhenStored(AcknowledgementLevel level, Action action)
    {
        _open.Actions.Add(action);
        if (level == AcknowledgementLevel.Fsync) _open.IsSynced = true;
        Schedule();
    }

    /// <summary>Reads from a queue, behind everything noted down so far.</summary>
    public void Read(QueueRead read)
    {
        _open.Reads.Add(read);
        Schedule();
    }

    /// <summary>The first message of the queue may only be sent when it is stored: its owner is told of the next commit.</summary>
    public void Wait(IQueueOwner owner) => _waiting.Add(owner);

    /// <summary>A publisher is not read from until the writer has caught up.</summary>
    public void Wait(ClientConnection connection)
    {
        connection.Hold();
        _congested.Add(connection);
    }

    /// <summary>At the end of the broker, when the loop does not run any more: hands over what is left.</summary>
    public void Flush()
    {
        if (_open.Count > 0) _writer.Submit(_open);
    }

    /// <summary>A batch is committed.</summary>
    public void OnCommitted(StoreBatch batch)
    {
        _committed = batch.Generation;
        foreach ((ClientConnection connection, PacketType type, ushort packetId, ReasonCode code) in batch.Acks)
        {
            if (connection.Phase == ConnectionPhase.Connected) connection.SendAck(type, packetId, code);
        }
        foreach (Action action in batch.Actions) action();
        foreach (QueueRead read in batch.Reads) read.Finish();
        batch.Clear();
        _isAway = false;
        TellWaiting();
        if (_isDue) HandOver();
        if (IsCongested || _congested.Count == 0) return;
        ClientConnection[] congested = [.. _congested];
        _congested.Clear();
        foreach (ClientConnection connection in congested) connection.Release();
    }

    /// <summary>Something of another loop's batch was committed that a session here waits for.</summary>
    void ILoopWork.Run(EventLoop loop) => TellWaiting();

    protected override void OnDue(EventLoop loop)
    {
        _isDue = true;
        if (!_isAway) HandOver();
    }

    private void Schedule()
    {
        if (!IsScheduled && !_isDue) _shard.Loop.Schedule(this, _shard.Loop.Now + _writer.DelayMilliseconds);
    }

    private void HandOver()
    {
        _isDue = false;
        StoreBatch batch = _open;
        batch.Generation = _generation++;
        if (batch.IsVoid)
        {
            batch.Clear();
            return;
        }
        (_open, _other) = (_other, batch);
        _isAway = true;
        _writer.Submit(batch);
    }

    private void TellWaiting()
    {
        (_waiting, _informed) = (_informed, _waiting);
        foreach (IQueueOwner owner in _informed) owner.OnStored();
        _informed.Clear();
    }
}
