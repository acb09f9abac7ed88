using Godwit.Broker.Connections;
using Godwit.Protocol;
using Godwit.Transport;

namespace Godwit.Broker.Durability;

/// <summary>
/// What one loop has to store, collected until the writer takes it, and what is to happen once it is stored. Goes to the writer as a whole
/// and comes back to be used again.
/// </summary>
internal sealed class StoreBatch(StoreLog log) : ILoopWork
{
    private const int OperationsKept = 16 * 1024;

    private StoreOperation[] _operations = new StoreOperation[64];
    private int _annulled;

    /// <summary>The log that it belongs to.</summary>
    public StoreLog Log { get; } = log;

    public ReadOnlySpan<StoreOperation> Operations => _operations.AsSpan(0, Count);

    public int Count { get; private set; }

    /// <summary>Bytes of the messages it holds.</summary>
    public long Bytes { get; private set; }

    /// <summary>The log's number for it.</summary>
    public long Generation { get; set; }

    /// <summary>Whether something in it has to be on disk before it is acknowledged.</summary>
    public bool IsSynced { get; set; }

    /// <summary>Whether some of it may have to wait for other loops (<see cref="StoreUnit"/>).</summary>
    public bool HasUnits { get; private set; }

    /// <summary>Whether there is nothing to write and nobody waits.</summary>
    public bool IsVoid => Count == _annulled && Acks.Count == 0 && Actions.Count == 0 && Reads.Count == 0;

    /// <summary>Acknowledgements that are sent once it is committed.</summary>
    public List<(ClientConnection Connection, PacketType Type, ushort PacketId, ReasonCode Code)> Acks { get; } = [];

    /// <summary>What else happens then.</summary>
    public List<Action> Actions { get; } = [];

    /// <summary>Queues to be read from then.</summary>
    public List<QueueRead> Reads { get; } = [];

    public int Add(in StoreOperation operation)
    {
        if (Count == _operations.Length) Array.Resize(ref _operations, Count * 2);
        _operations[Count] = operation;
        if (operation.Kind is StoreOperationKind.AddDelivery or StoreOperationKind.Retain) Bytes += operation.Size;
        HasUnits |= operation.Kind == StoreOperationKind.EndPart;
        return Count++;
    }

    public void Annul(int index)
    {
        ref StoreOperation operation = ref _operations[index];
        Bytes -= operation.Size;
        operation = default;
        _annulled++;
    }

    /// <summary>Takes an operation out that has to wait.</summary>
    public StoreOperation Hold(int index)
    {
        StoreOperation operation = _operations[index];
        _operations[index] = default;
        return operation;
    }

    /// <summary>Empty again.</summary>
    public void Clear()
    {
        if (_operations.Length > OperationsKept) _operations = new StoreOperation[64]; // a burst's memory is given back
        else Array.Clear(_operations, 0, Count);
        Count = _annulled = 0;
        Bytes = 0;
        IsSynced = HasUnits = false;
        Acks.Clear();
        Actions.Clear();
        Reads.Clear();
    }

    /// <summary>On the loop: it is committed.</summary>
    public void Run(EventLoop loop) => Log.OnCommitted(this);
}
