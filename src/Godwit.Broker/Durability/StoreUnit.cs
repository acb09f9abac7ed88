namespace Godwit.Broker.Durability;

/// <summary>
/// What must be stored in one transaction although several loops write it: a QoS 2 message's packet identifier, its body, and its places in
/// the queues. Were the identifier stored first, a crash would lose the message; were a place stored first, it would double it.
/// </summary>
/// <param name="isSynced">Whether the publisher waits until it is on disk.</param>
internal sealed class StoreUnit(bool isSynced)
{
    private int _missing = 1;
    private volatile bool _isReleased;

    /// <summary>Whether the publisher waits until it is on disk.</summary>
    public bool IsSynced => isSynced;

    /// <summary>For the writer: operations that wait until the unit is complete, with the log that made them.</summary>
    public List<(StoreLog Log, StoreOperation Operation)> Held { get; } = [];

    /// <summary>Whether other loops take part.</summary>
    public bool IsShared => Volatile.Read(ref _missing) > 1;

    /// <summary>
    /// The unit of the same publisher before this one, if that is to be stored first: otherwise a crash between them would leave the later
    /// message only, and the earlier one, sent again, would come behind it.
    /// </summary>
    public StoreUnit? Previous { get; private set; }

    /// <summary>The one after it.</summary>
    public StoreUnit? Next { get; private set; }

    /// <summary>Whether it may be stored: all loops that take part have handed over, and those before it have been released.</summary>
    public bool IsReleased => _isReleased;

    /// <summary>The message goes to another loop too. Only before the caller's own part is over.</summary>
    public void AddPart() => Interlocked.Increment(ref _missing);

    /// <summary>It is stored after another one. Only before the caller's own part is over.</summary>
    public void Follow(StoreUnit previous)
    {
        Previous = previous;
        previous.Next = this;
    }

    /// <summary>For the writer: a loop has handed over all it has to store of the message.</summary>
    public void EndPart() => Interlocked.Decrement(ref _missing);

    /// <summary>For the writer: lets it be stored.</summary>
    /// <returns>False if that has to wait.</returns>
    public bool TryRelease()
    {
        if (_isReleased || Volatile.Read(ref _missing) > 0 || Previous is { IsReleased: false }) return false;
        _isReleased = true;
        Previous = null; // otherwise each would keep all before it
        return true;
    }
}
