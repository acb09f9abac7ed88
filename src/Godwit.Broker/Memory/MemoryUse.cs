namespace Godwit.Broker.Memory;

/// <summary>How near the broker is to its memory budget.</summary>
public enum MemoryStage
{
    /// <summary>There is room.</summary>
    Normal,

    /// <summary>Four fifths are used: who publishes much that has to be kept is read from more slowly.</summary>
    Slow,

    /// <summary>Nearly all is used: the broker gives up what it can do without, in the documented order, and takes on nothing new.</summary>
    Shed,
}

/// <summary>What the broker's memory is used for, in bytes: counted where it is known, estimated otherwise.</summary>
public sealed record MemoryUse
{
    /// <summary>What may be used; 0 without a budget.</summary>
    public long Budget { get; init; }

    /// <summary>How near that is.</summary>
    public MemoryStage Stage { get; init; }

    /// <summary>Retained messages and the tree of their topics.</summary>
    public long Retained { get; init; }

    /// <summary>Messages that wait for sessions or are in flight, each counted once, and their places.</summary>
    public long Queued { get; init; }

    /// <summary>Buffers with input or output in them, and what waits for those who trace.</summary>
    public long Buffers { get; init; }

    /// <summary>Buffers kept for reuse.</summary>
    public long SpareBuffers { get; init; }

    /// <summary>Sessions and subscriptions.</summary>
    public long Sessions { get; init; }

    /// <summary>Connections, without their buffers.</summary>
    public long Connections { get; init; }

    /// <summary>Messages on their way between event loops.</summary>
    public long Mail { get; init; }

    /// <summary>Messages that wait for the store.</summary>
    public long Store { get; init; }

    /// <summary>The loss ledger.</summary>
    public long Losses { get; init; }

    /// <summary>What the host has found in use beyond all of this (<see cref="MqttBroker.SetOtherMemory"/>).</summary>
    public long Other { get; init; }

    /// <summary>All of it.</summary>
    public long Used => Retained + Queued + Buffers + SpareBuffers + Sessions + Connections + Mail + Store + Losses + Other;

    /// <summary>The kinds by their names in <c>$SYS</c> and log.</summary>
    internal (string Name, long Bytes)[] Kinds =>
    [
        ("retained", Retained), ("queued", Queued), ("buffers", Buffers), ("spare-buffers", SpareBuffers), ("sessions", Sessions),
        ("connections", Connections), ("mail", Mail), ("store", Store), ("losses", Losses), ("other", Other),
    ];
}
