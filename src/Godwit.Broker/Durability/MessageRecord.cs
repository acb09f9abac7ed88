// What the broker has promised about a message. While its publisher waits for an acknowledgement, everybody who is responsible for the
// message holds a share: the publisher's own turn, each loop it is on its way to, and each persistent session until the message is
// stored for it or the client has it. The last share to be settled lets the acknowledgement go.
using Godwit.Broker.Connections;

namespace Godwit.Broker.Durability;

/// <summary>A message as store and acknowledgement know it. Made with one share, that of whoever publishes.</summary>
internal sealed class MessageRecord
{
    private int _shares = 1;
    private volatile bool _isStored;

    /// <summary>A message that nobody has stored yet.</summary>
    /// <param name="isSynced">Whether its publisher waits until it is on disk.</param>
    public MessageRecord(bool isSynced) => IsSynced = isSynced;

    /// <summary>A message that comes from the store.</summary>
    public MessageRecord(long id)
    {
        Id = id;
        _isStored = MayBeStored = true;
    }

    /// <summary>Whether its publisher waits until it is on disk.</summary>
    public bool IsSynced { get; }

    /// <summary>What its publisher still waits for; <see cref="AcknowledgementLevel.Memory"/> once that is for nothing.</summary>
    public AcknowledgementLevel Level =>
        IsSettled ? AcknowledgementLevel.Memory : IsSynced ? AcknowledgementLevel.Fsync : AcknowledgementLevel.Os;

    /// <summary>Whether nobody is responsible any more.</summary>
    public bool IsSettled => Volatile.Read(ref _shares) == 0;

    /// <summary>Whose acknowledgement waits; null if nobody's does.</summary>
    public ClientConnection? Publisher { get; private set; }

    /// <summary>The acknowledgement's place in the order of its connection.</summary>
    public long Ticket { get; private set; }

    /// <summary>A QoS 2 message of a persistent session, until all that belongs to it can be stored at once; otherwise null.</summary>
    public StoreUnit? Unit { get; set; }

    /// <summary>Whether it has been committed at least once with everything that belongs to it.</summary>
    public bool IsStored
    {
        get => _isStored;
        set => _isStored = value;
    }

    /// <summary>For the writer: its number in the store; 0 before it is given one.</summary>
    public long Id { get; set; }

    /// <summary>For the writer: whether the store has been told of it. It may have gone again with its last reference.</summary>
    public bool MayBeStored { get; set; }

    /// <summary>For the writer: references that the current transaction adds.</summary>
    public int NewReferences { get; set; }

    /// <summary>Somebody else becomes responsible too. Only while the caller's own share is not settled.</summary>
    public void AddShare() => Interlocked.Increment(ref _shares);

    /// <summary>Another loop becomes responsible for its part of the message; <see cref="Shard.Leave"/> ends that.</summary>
    public void Join()
    {
        AddShare();
        Unit?.AddPart();
    }

    /// <summary>A share is settled.</summary>
    /// <returns>Whether it was the last one: then the publisher is to be told.</returns>
    public bool Settle() => Interlocked.Decrement(ref _shares) == 0;

    /// <summary>Says whose acknowledgement waits; before the publisher's own share is settled.</summary>
    public void Await(ClientConnection publisher, long ticket)
    {
        Publisher = publisher;
        Ticket = ticket;
    }

    /// <summary>The acknowledgement is not needed any more.</summary>
    public void Forget() => Publisher = null;
}
