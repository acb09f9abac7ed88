using Godwit.Protocol;

namespace Godwit.Broker.Durability;

/// <summary>What is to be written; the comment says what <see cref="StoreOperation.Item"/> is.</summary>
internal enum StoreOperationKind : byte
{
    /// <summary>Nothing any more: annulled.</summary>
    None,

    /// <summary>A <see cref="Routing.Publication"/> takes its place in a queue.</summary>
    AddDelivery,

    /// <summary>A place in a queue becomes free. The <see cref="MessageRecord"/>, or null after PUBREC.</summary>
    RemoveDelivery,

    /// <summary>PUBREC has come for a place in a queue. The <see cref="MessageRecord"/>.</summary>
    ReleaseDelivery,

    /// <summary>A <see cref="Storage.StoredSession"/>.</summary>
    PutSession,

    /// <summary>A session and all that belongs to it goes.</summary>
    RemoveSession,

    /// <summary>A subscription: its filter; the size is the options byte, the sequence the identifier.</summary>
    PutSubscription,

    /// <summary>A subscription goes: its filter.</summary>
    RemoveSubscription,

    /// <summary>The identifier (the sequence) of a QoS 2 message that has come. The <see cref="Routing.Publication"/>.</summary>
    AddReceived,

    /// <summary>PUBREL has come for an identifier (the sequence).</summary>
    RemoveReceived,

    /// <summary>A <see cref="WillToStore"/>.</summary>
    PutWill,

    /// <summary>A session's will goes.</summary>
    RemoveWill,

    /// <summary>The queue of a <see cref="Routing.SharedGroup"/>.</summary>
    PutSharedQueue,

    /// <summary>A shared subscription's queue goes.</summary>
    RemoveSharedQueue,

    /// <summary>The retained message of a topic has changed. The <see cref="Routing.Publication"/> that changed it.</summary>
    Retain,

    /// <summary>A loop has handed over all that belongs to a <see cref="MessageRecord"/>'s unit.</summary>
    EndPart,
}

/// <summary>One write, as a loop notes it down.</summary>
internal struct StoreOperation
{
    public StoreOperationKind Kind;
    public QoS QoS;
    public bool Retain;
    public int Size;
    public long Queue;
    public long Sequence;
    public object? Item;
    public uint[]? Identifiers;
}

/// <summary>A will with the time it is due; null while the client is connected.</summary>
internal sealed record WillToStore(Sessions.Will Will, long? DueAt);
