// A message that outlives the buffer it came in: retained, queued, in flight, a will, or on its way to another loop by reference.
using Godwit.Broker.Durability;
using Godwit.Broker.Telemetry;
using Godwit.Protocol;

namespace Godwit.Broker.Routing;

/// <summary>One application message, immutable and shared by everybody who waits for it.</summary>
internal sealed class Publication
{
    private readonly byte[] _head; // topic, then properties; then the payload unless it has a buffer of its own
    private readonly int _topicLength;
    private readonly int _propertiesLength;
    private MessageRecord? _record;
    private int _holders;

    /// <summary>Copies topic and properties, and the payload too unless <paramref name="ownedPayload"/> holds it already.</summary>
    /// <param name="view">The message.</param>
    /// <param name="ownedPayload">Its payload in a buffer that does not change.</param>
    /// <param name="publisherId">Who published it, if the view does not say.</param>
    public Publication(in PublicationView view, ReadOnlyMemory<byte>? ownedPayload, string? publisherId = null)
    {
        _topicLength = view.Topic.Length;
        _propertiesLength = view.Properties.Length;
        int headLength = _topicLength + _propertiesLength;
        _head = GC.AllocateUninitializedArray<byte>(ownedPayload is null ? headLength + view.Payload.Length : headLength);
        view.Topic.CopyTo(_head);
        view.Properties.CopyTo(_head.AsSpan(_topicLength));
        if (ownedPayload is { } payload)
        {
            Payload = payload;
        }
        else
        {
            view.Payload.CopyTo(_head.AsSpan(headLength));
            Payload = _head.AsMemory(headLength);
        }
        QoS = view.QoS;
        Retain = view.Retain;
        ExpiresAt = view.ExpiresAt;
        PublisherId = publisherId ?? view.Publisher?.ClientId;
    }

    /// <summary>The topic name.</summary>
    public ReadOnlySpan<byte> Topic => _head.AsSpan(0, _topicLength);

    /// <summary>The MQTT 5 properties that are passed on unchanged, encoded.</summary>
    public ReadOnlySpan<byte> Properties => _head.AsSpan(_topicLength, _propertiesLength);

    /// <summary>The application message.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>The QoS it was published with.</summary>
    public QoS QoS { get; }

    /// <summary>The RETAIN flag it was published with.</summary>
    public bool Retain { get; }

    /// <summary>When it expires, in loop milliseconds; <see cref="PublicationView.Never"/> if it does not.</summary>
    public long ExpiresAt { get; }

    /// <summary>The client identifier of who published it, for No Local; null for the broker's own.</summary>
    public string? PublisherId { get; }

    /// <summary>What store and acknowledgement know of it; null while neither has to do with it.</summary>
    public MessageRecord? Record
    {
        get => Volatile.Read(ref _record);
        init => _record = value;
    }

    /// <summary>Makes the record if there is none. Retained messages are given to sessions by several loops.</summary>
    public void MakeRecord(bool isSynced) => Interlocked.CompareExchange(ref _record, new MessageRecord(isSynced), null);

    /// <summary>Bytes it takes in memory, roughly: what queue limits count.</summary>
    public int Size => 96 + _topicLength + _propertiesLength + Payload.Length;

    /// <summary>Somebody keeps the message: the first one's shard counts its bytes. From any loop.</summary>
    public void Hold(Counters counters)
    {
        counters.HeldPlaces++;
        if (Interlocked.Increment(ref _holders) == 1) counters.HeldBytes += Size;
    }

    /// <summary>Ends a <see cref="Hold"/>; the last one's shard counts its bytes off, so that the sum over the shards is right.</summary>
    public void Unhold(Counters counters)
    {
        counters.HeldPlaces--;
        if (Interlocked.Decrement(ref _holders) == 0) counters.HeldBytes -= Size;
    }

    /// <summary>The message as the router takes it.</summary>
    public PublicationView View() => new()
    {
        Topic = Topic,
        Properties = Properties,
        Payload = Payload.Span,
        QoS = QoS,
        Retain = Retain,
        ExpiresAt = ExpiresAt,
        Kept = this,
        Level = Record?.Level ?? AcknowledgementLevel.Memory,
    };
}
