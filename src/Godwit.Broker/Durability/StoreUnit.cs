namespace Godwit.Broker.Durability;

/// <summary>
/// What must be stored in one transaction although several loops write it: a QoS 2 message's packet identifier, its body, and its places in
/// the queues. Were the identifier stored first, a crash would lose the message; were a place stored first, it would double it.
/// </summary>
/// <param name="isSynced">Whether the publisher waits until it is on disk.</param>
internal sealed class StoreUnit(bool isSynced)
{
    private int _missing = 1;

    /// <summary>Whether the publisher waits until it is on disk.</summary>
    public bool IsSynced => isSynced;

    /// <summary>For the writer: operations that wait until the unit is complete, with the log that made them.</summary>
    public List<(StoreLog Log, StoreOperation Operation)> Held { get; } = [];

    /// <summary>Whether other loops take part.</summary>
    public bool IsShared => Volatile.Read(ref _missing) > 1;

    /// <summary>Whether all loops that take part have handed over.</summary>
    public bool IsComplete => Volatile.Read(ref _missing) == 0;

    /// <summary>The message goes to another loop too. Only before the caller's own part is over.</summary>
    public void AddPart() => Interlocked.Increment(ref _missing);

    /// <summary>For the writer: a loop has handed over all it has to store of the message.</summary>
    /// <returns>Whether it was the last one.</returns>
    public bool EndPart() => Interlocked.Decrement(ref _missing) == 0;
}
